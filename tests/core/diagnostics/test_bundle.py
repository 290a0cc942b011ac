"""The bundle holds what helps, and the preview is the bundle."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from faults.homes import opened, store_part
from keyring.backend import KeyringBackend

from tickreel import logs
from tickreel.diagnostics import BundleFile, preview, save
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.standing import StandingOrders
from tickreel.fetch.states import FetchState
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.session import Session
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator


def texts(home: Path) -> dict[str, str]:
    return {file.name: file.text for file in preview(home)}


def parts(home: Path) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in texts(home).items() if name.endswith(".json")}


class _Memory(KeyringBackend):
    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        return "TD.kept-in-the-store" if username == "tardis" else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def kept_key() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(_Memory())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


def test_a_home_that_is_not_there_gives_what_there_is_and_stays_so(home: Path) -> None:
    found = parts(home)
    assert list(found) == ["environment.json", "doctor.json", "settings.json", "catalog.json", "jobs.json"]
    assert found["environment.json"]["versions"]["numpy"]
    assert found["catalog.json"] == {"statistics": None, "datasets": []}
    assert not home.exists()


def test_figures_of_what_is_held_are_told_and_no_rows(home: Path) -> None:
    with opened(home) as cache:
        store_part(cache)
    found = parts(home)
    assert found["catalog.json"]["statistics"]["datasets"] == 1
    (dataset,) = found["catalog.json"]["datasets"]
    assert dataset["rows"] == found["catalog.json"]["statistics"]["rows"] > 0
    assert found["doctor.json"][0]["name"] == "python"


def test_jobs_are_told_with_why_their_days_failed(home: Path) -> None:
    key = DatasetKey("binance", "BTCUSDT", DataType.TRADES)
    start_us = day_start_us(date(2024, 3, 14))
    span = (start_us, start_us + US_PER_DAY)
    request = FetchRequest((("binance", "BTCUSDT"),), (key.type,), *span)
    with open_cache(home) as cache, closing(cache.connect()) as database:
        queue = FetchQueue(database, cache.disk.now_us)
        job_id = queue.submit(request, [(key, span)])
        (taken,) = queue.take(1)
        reason = "http://bob:hunter2@proxy answered 407"
        assert queue.move(taken.day.id, FetchState.FAILED, reason=reason)
        StandingOrders(database, cache.disk.now_us).add(key, date(2024, 3, 1))
    found = parts(home)["jobs.json"]
    assert [(job["id"], job["state"]) for job in found["jobs"]] == [(job_id, "failed")]
    (day,) = found["failed_days"]
    assert (day["day"], day["reason"]) == (
        "binance BTCUSDT trades 2024-03-14",
        "http://***@proxy answered 407",
    )
    assert found["standing_orders"][0]["what"] == "binance BTCUSDT trades"


def test_what_cannot_be_gathered_is_told_in_its_place(home: Path) -> None:
    home.mkdir()
    (home / "catalog.sqlite").write_bytes(b"this is no database, however long one looks at it" * 100)
    found = parts(home)
    assert "catalog" in found["catalog.json"]["problem"]
    assert "problem" in found["jobs.json"]
    assert "settings" in found["settings.json"]


def test_settings_tell_where_they_come_from_and_no_user_or_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_PROXY", "http://bob:hunter2@proxy:3128")
    found = {each["key"]: each for each in parts(home)["settings.json"]["settings"]}
    proxy = found["network.proxy"]
    assert proxy == {
        "key": "network.proxy",
        "value": "http://***@proxy:3128",
        "source": "environment",
        "where": "TICKREEL_PROXY",
    }
    everything = "".join(texts(home).values())
    assert "hunter2" not in everything
    assert "bob" not in everything


def test_the_log_is_cleaned_also_of_keys_that_only_the_store_knows(
    home: Path, kept_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: home.parent)
    folder = logs.logs_dir(home)
    folder.mkdir(parents=True)
    (folder / "tickreel.log").write_text(f"asked with TD.kept-in-the-store\nread {home}/a\n", "utf-8")
    assert texts(home)["logs/tickreel.log"] == "asked with ***\nread ~/home/a\n"


def test_of_a_long_log_the_end_is_taken_from_a_whole_line_on(home: Path) -> None:
    folder = logs.logs_dir(home)
    folder.mkdir(parents=True)
    lines = [f"{number:08} a line of the log" for number in range(20_000)]
    (folder / "tickreel.log").write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    (folder / "tickreel.log.1").write_text("older\n", "utf-8")
    found = texts(home)
    first, second, *_, last = found["logs/tickreel.log"].splitlines()
    assert first.endswith("bytes before this are left out)")
    assert second in lines
    assert last == lines[-1]
    assert "logs/tickreel.log.1" not in found


def test_a_short_log_is_followed_by_the_one_before_and_by_crashes_and_marks(home: Path) -> None:
    folder = logs.logs_dir(home)
    folder.mkdir(parents=True)
    for name in ("tickreel.log", "tickreel.log.1", "crash.log"):
        (folder / name).write_text(f"{name}\n", "utf-8")
    Session(home).begin()
    assert list(texts(home))[5:] == [
        "logs/tickreel.log",
        "logs/tickreel.log.1",
        "logs/crash.log",
        "desktop/session.json",
    ]


def test_the_preview_is_exactly_what_is_written(home: Path, tmp_path: Path) -> None:
    folder = logs.logs_dir(home)
    folder.mkdir(parents=True)
    (folder / "tickreel.log").write_bytes(b"broken \xff text\r\n")
    files = preview(home)
    path = tmp_path / "out.zip"
    save(files, path)
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        written = {info.filename: bundle.read(info) for info in bundle.infolist()}
    assert written == {file.name: file.text.encode() for file in files}
    assert [file.size_bytes for file in files] == [len(data) for data in written.values()]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.glob("*.part")] == []


def test_a_place_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    files = (BundleFile("a.json", "{}"),)
    with pytest.raises(UsageError, match="is a folder"):
        save(files, tmp_path)
    with pytest.raises(EnvironmentProblem, match=r"missing.*cannot be written"):
        save(files, tmp_path / "missing" / "out.zip")
    old = tmp_path / "old.zip"
    old.write_text("old")
    with pytest.raises(AttributeError):
        save([None], old)  # type: ignore[list-item]
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]
