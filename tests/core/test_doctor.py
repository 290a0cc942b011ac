"""The doctor looks at machine and home, and says what to do about what is wrong."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.doctor import QT_SYSTEM_LIBRARIES, Check, Report, Status, examine
from tickreel.settings import settings_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest


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


def test_a_bad_variable_is_told_and_not_raised(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_SCALE", "large")
    check = _by_name(examine(home))["settings"]
    assert check.status is Status.ERROR
    assert "TICKREEL_SCALE" in check.detail


def test_further_checks_come_last_and_count(home: Path) -> None:
    store = Check("store", Status.ERROR, "segment 7 is damaged", "Run: tickreel cache verify")
    report = examine(home, [lambda: store])
    assert report.checks[-1] is store
    assert report.status is Status.ERROR


def test_a_report_is_as_grave_as_its_gravest_check() -> None:
    ok, warning = Check("a", Status.OK, ""), Check("b", Status.WARNING, "")
    assert Report((ok,)).status is Status.OK
    assert Report((ok, warning, ok)).status is Status.WARNING


def test_whatever_is_not_fine_says_what_to_do(home: Path) -> None:
    for check in examine(home).checks:
        assert check.detail
        assert check.status is Status.OK or check.advice


def test_setting_up_installs_every_library_that_the_doctor_looks_for() -> None:
    script = Path(__file__).resolve().parents[2] / "packaging" / "setup_venv.py"
    spec = importlib.util.spec_from_file_location("setup_venv", script)
    assert spec is not None
    assert spec.loader is not None
    setup_venv = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup_venv)
    assert set(QT_SYSTEM_LIBRARIES.values()) <= set(setup_venv.SYSTEM_PACKAGES)
