"""``tickreel doctor``: every check told, exit 1 for an error, nothing changed."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

from support.vendorfiles import MIXED, write_csv

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def checks(ran: Any) -> dict[str, dict[str, Any]]:
    for check in ran.json:
        assert list(check) == ["name", "status", "detail", "advice"]
        assert check["status"] in {"ok", "warning", "error"}
    return {check["name"]: check for check in ran.json}


def test_a_home_that_is_not_there_yet_is_good_and_stays_so(cli: Any, home: Path) -> None:
    ran = cli("doctor", "--json")
    found = checks(ran)
    assert ran.code == 0
    assert "is made at first use" in found["home"]["detail"]
    assert not home.exists()


def test_an_empty_home_is_good(cli: Any) -> None:
    assert cli("datasets").code == 0
    ran = cli("doctor", "--json")
    found = checks(ran)
    assert (ran.code, found["catalog"]["detail"]) == (0, "sound")
    assert (found["store"]["detail"], found["store"]["advice"]) == ("nothing is held yet", None)


def test_the_store_is_opened_and_counted(cli: Any, tmp_path: Path) -> None:
    cli("import", write_csv(tmp_path / "a.csv", DataType.TRADES, MIXED[DataType.TRADES]), "--type", "trades")
    found = checks(cli("doctor", "--json"))
    assert found["store"]["status"] == "ok"
    assert found["store"]["detail"].startswith("1 dataset, 3 rows, ")
    shown = cli("doctor")
    assert shown.code == 0
    assert shown.out.splitlines()[0].split() == ["CHECK", "STATUS", "DETAIL"]


def test_a_broken_catalog_is_an_error_with_advice(cli: Any, home: Path) -> None:
    home.mkdir()
    (home / "catalog.sqlite").write_bytes(b"this is no database, however long one looks at it" * 100)
    ran = cli("doctor", "--json")
    assert ran.code == 1
    assert ran.error == "tickreel: found wrong: catalog"
    found = checks(ran)
    assert found["catalog"]["status"] == "error"
    assert "`tickreel cache rebuild`" in found["catalog"]["detail"]
    assert "store" not in found, "nothing is said of what cannot be looked at"
    assert "backup" in cli("doctor").out


def test_a_bundle_for_support_holds_the_checks_and_no_password(
    cli: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_PROXY", "http://bob:hunter2@proxy:3128")
    path = tmp_path / "support.zip"
    ran = cli("doctor", "--bundle", path, "--json")
    found = checks(ran)
    assert ran.code == 0
    assert ran.error.startswith(f"tickreel: {path}: 5 files, ")
    assert "before you send it" in ran.error
    with zipfile.ZipFile(path) as bundle:
        written = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert [check["name"] for check in json.loads(written["doctor.json"])] == list(found)
    assert "hunter2" not in "".join(written.values())
    assert not home.exists()


def test_a_bundle_replaces_no_file_unless_told_to(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "support.zip"
    path.write_text("mine", encoding="utf-8")
    ran = cli("doctor", "--bundle", path)
    assert (ran.code, "--force" in ran.error, path.read_text(encoding="utf-8")) == (2, True, "mine")
    assert cli("doctor", "--bundle", path, "--force").code == 0
    assert zipfile.is_zipfile(path)


def test_a_bundle_that_cannot_be_written_fails_in_one_line(cli: Any, tmp_path: Path) -> None:
    ran = cli("doctor", "--bundle", tmp_path)
    assert (ran.code, ran.error) == (2, f"tickreel: {tmp_path} is a folder: name a file")
