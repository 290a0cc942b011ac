"""The doctor looks at machine and home, and says what to do about what is wrong."""

from __future__ import annotations

import errno
import importlib.util
import re
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from faults.homes import DAY, NEXT_DAY, opened, store_part

from tickreel.doctor import LIBRARIES, QT_SYSTEM_LIBRARIES, Check, Report, Status, examine
from tickreel.settings import load, settings_path
from tickreel.store.care.verification import quarantine

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

ROOT = Path(__file__).resolve().parents[2]


def _by_name(report: Report) -> Mapping[str, Check]:
    return {check.name: check for check in report.checks}


def test_a_fresh_home_is_fine_and_is_not_made(home: Path) -> None:
    checks = _by_name(examine(home))
    assert {"python", "platform", "libraries", "home", "disk", "file system", "settings", "desktop"} <= set(
        checks
    )
    assert checks["home"].status is Status.OK
    assert "numpy" in checks["libraries"].detail
    assert not home.exists()


def test_a_file_where_the_home_should_be_is_an_error_with_what_to_do(home: Path) -> None:
    home.write_text("", encoding="utf-8")
    report = examine(home)
    check = _by_name(report)["home"]
    assert check.status is Status.ERROR
    assert "TICKREEL_HOME" in check.advice
    assert report.status is Status.ERROR


def test_problems_of_the_settings_are_a_warning_that_names_them(home: Path) -> None:
    home.mkdir()
    settings_path(home).write_text("[appearance]\ntheme = 'pink'\n", encoding="utf-8")
    check = _by_name(examine(home))["settings"]
    assert check.status is Status.WARNING
    assert "appearance.theme" in check.detail


def test_settings_that_cannot_be_read_are_an_error_for_nothing_connects(home: Path) -> None:
    home.mkdir()
    settings_path(home).write_text("[appearance\n", encoding="utf-8")
    check = _by_name(examine(home))["settings"]
    assert check.status is Status.ERROR
    assert "nothing connects" in check.advice


def test_a_file_of_authorities_that_is_not_there_is_an_error(home: Path) -> None:
    home.mkdir()
    settings_path(home).write_text(f"[network]\nca_file = '{home / 'ca.pem'}'\n", encoding="utf-8")
    check = _by_name(examine(home))["settings"]
    assert (check.status, "network.ca_file names" in check.detail) == (Status.ERROR, True)
    (home / "ca.pem").touch()
    assert _by_name(examine(home))["settings"].status is Status.OK


def test_a_policy_is_named_with_what_it_locks(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[appearance]\ntheme = "light"\n[logs]\nlevel = "debug"\n', encoding="utf-8")
    monkeypatch.setitem(load.__globals__, "machine_policy_path", lambda _environ: policy)
    check = _by_name(examine(home))["settings"]
    assert (check.status, check.detail) == (Status.OK, f"understood; the policy {policy} locks 2 keys")


def test_a_bad_variable_is_told_and_not_raised(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_SCALE", "large")
    check = _by_name(examine(home))["settings"]
    assert check.status is Status.ERROR
    assert "TICKREEL_SCALE" in check.detail


def test_a_damaged_day_is_told_once_with_what_to_do(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        segment_id = store_part(store, NEXT_DAY)
        quarantine(store.catalog, store.database, segment_id, 1)
    report = examine(home)
    assert [check.name for check in report.checks if check.status is not Status.OK] == ["store"]
    store_check = _by_name(report)["store"]
    assert "1 day damaged" in store_check.detail
    assert "tickreel datasets --days" in store_check.advice


def test_segments_that_the_catalog_does_not_know_are_told(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        with store.database.writing() as connection:
            connection.execute("DELETE FROM segment")
            connection.execute("DELETE FROM day")
    found = _by_name(examine(home))["store"]
    assert found.detail == "nothing is held yet, 1 sealed segment not in the catalog"
    assert "tickreel cache rebuild" in found.advice


def test_a_catalog_that_is_gone_is_an_error_and_nothing_is_said_of_the_store(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
    for path in home.glob("catalog.sqlite*"):
        path.unlink()
    checks = _by_name(examine(home))
    assert checks["catalog"].status is Status.ERROR
    assert "tickreel cache rebuild" in checks["catalog"].advice
    assert "store" not in checks


def test_a_home_that_can_only_be_read_is_a_warning_and_its_store_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(home) as store:
        store_part(store, DAY)

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    checks = _by_name(examine(home))
    assert checks["home"].status is Status.WARNING
    assert "can be read, but not written: Read-only file system" in checks["home"].detail
    assert checks["store"].status is Status.OK
    assert checks["store"].detail.startswith("1 dataset, ")


def test_a_report_is_as_grave_as_its_gravest_check() -> None:
    ok, warning = Check("a", Status.OK, ""), Check("b", Status.WARNING, "")
    assert Report((ok,)).status is Status.OK
    assert Report((ok, warning, ok)).status is Status.WARNING


def test_whatever_is_not_fine_says_what_to_do(home: Path) -> None:
    checks = examine(home).checks
    assert checks
    for check in checks:
        assert check.detail
        assert check.status is Status.OK or check.advice


def test_setting_up_installs_every_library_that_the_doctor_looks_for() -> None:
    script = ROOT / "packaging" / "setup_venv.py"
    spec = importlib.util.spec_from_file_location("setup_venv", script)
    assert spec is not None
    assert spec.loader is not None
    setup_venv = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup_venv)
    assert set(QT_SYSTEM_LIBRARIES.values()) <= set(setup_venv.SYSTEM_PACKAGES)


def test_the_doctor_looks_for_every_library_that_the_program_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w-]", line)[0] for line in project["dependencies"]}
    assert set(LIBRARIES) == needed
