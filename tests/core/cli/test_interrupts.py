"""Ctrl-C and sudden death: exit 130, nothing half done, and the next start is clean."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from support.vendorfiles import START_US, csv_text, l2_line, line, write_csv

from tickreel.cli.progress import Progress
from tickreel.errors import Cancelled
from tickreel.market.types import DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="these need named pipes and POSIX signals")
pty = pytest.importorskip("pty")

TRADES = DataType.TRADES
HANG_S = 300


@contextmanager
def running(*words: object, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "tickreel", *map(str, words)], **streams)
    try:
        yield process
    finally:
        process.kill()
        process.wait(HANG_S)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def text() -> bytes:
    """Give a file of trades that is more than one block of the reader long."""
    return csv_text(TRADES, [line(TRADES, START_US + n * 500_000, id=f"{n:040d}") for n in range(120_000)])


def begun_import(path: Path, text: bytes, home: Path) -> int:
    """Feed the pipe *path* until the program has taken its first rows; give the writing end."""
    writer = os.open(path, os.O_WRONLY)  # waits until the program opens it
    fed = 0
    while fed < len(text) * 9 // 10:
        fed += os.write(writer, text[fed : fed + 65_536])
    give_up_s = time.monotonic() + HANG_S
    while not list((home / "staging").glob("*/*.tick")):  # it reads ahead of what it stores
        assert time.monotonic() < give_up_s, "no rows were taken"
        time.sleep(0.01)
    return writer


def assert_clean(home: Path) -> None:
    with open_cache(home) as cache:
        assert cache.all_days() == []
    assert list((home / "staging").iterdir()) == []
    assert [path for path in (home / "segments").rglob("*") if path.is_file()] == []


def test_ctrl_c_during_an_import_ends_with_130_and_a_clean_store(
    cli: Any, home: Path, tmp_path: Path, text: bytes
) -> None:
    pipe = tmp_path / "trades.csv"
    os.mkfifo(pipe)
    words = ("import", pipe, "--type", "trades", "--json")
    with running(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        writer = begun_import(pipe, text, home)
        process.send_signal(signal.SIGINT)
        os.close(writer)  # only now may the program see that the file ends
        out, err = process.communicate(timeout=HANG_S)
    assert (process.returncode, out, err) == (130, b"", b"tickreel: cancelled\n")
    assert_clean(home)
    pipe.unlink()
    pipe.write_bytes(text)
    assert cli("import", pipe, "--type", "trades", "--json").json[0]["result"] == "stored"


def test_a_killed_import_leaves_nothing_that_the_next_start_does_not_clear(
    cli: Any, home: Path, tmp_path: Path, text: bytes
) -> None:
    pipe = tmp_path / "trades.csv"
    os.mkfifo(pipe)
    with running("import", pipe, "--type", "trades") as process:
        writer = begun_import(pipe, text, home)
        process.kill()
        process.wait(HANG_S)
        os.close(writer)
    assert list((home / "staging").iterdir()), "it died with its work half done"
    assert cli("datasets", "--json").json == []
    assert_clean(home)
    pipe.unlink()
    pipe.write_bytes(text)
    (entry,) = cli("import", pipe, "--type", "trades", "--json").json
    assert (entry["result"], entry["rows"]) == ("stored", 120_000)
    back = cli("rows", "binance-futures", "BTCUSDT", "trades", "2024-07-23", "2024-07-24")
    assert back.raw == text


def test_ctrl_c_during_a_paced_replay_ends_with_130_and_no_output(cli: Any, tmp_path: Path) -> None:
    rows = [l2_line(START_US + n * 10**9, "bid", "10", "1", snapshot=n == 0) for n in range(80)]
    cli("import", write_csv(tmp_path / "a.csv", DataType.INCREMENTAL_BOOK_L2, rows))
    ours, theirs = pty.openpty()
    words = ("replay", "binance-futures", "BTCUSDT", "2024-07-23", "2024-07-24", "--speed", "1")
    try:
        with running(*words, stdout=subprocess.PIPE, stderr=theirs) as process:
            os.close(theirs)
            shown = b""
            while b"BTCUSDT  0 %  2024-07-23T00:00:0" not in shown:
                shown += os.read(ours, 4096)  # the line of progress says that it plays
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=HANG_S)
            assert (process.returncode, out) == (130, b"")
            ended = shown
            while b"cancelled" not in ended:
                ended += os.read(ours, 4096)
    finally:
        os.close(ours)
    last = ended.decode().split("\r")[-2]
    assert last == "tickreel: cancelled", "on a line of its own, where the progress was"


def test_ctrl_c_while_rows_are_printed_ends_with_130(cli: Any, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text)
    cli("import", path, "--type", "trades")
    words = ("rows", "binance-futures", "BTCUSDT", "trades", "2024-07-23", "2024-07-24")
    with running(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert process.stdout.read(1)  # more than a pipe holds is still to come
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANG_S)
    assert (process.returncode, err) == (130, b"tickreel: cancelled\n")


def test_the_first_ctrl_c_unwinds_the_second_interrupts_and_after_the_work_it_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Progress(quiet=True) as progress:
        progress.report(1, 2)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Cancelled):
            progress.report(2, 2)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_progress_is_drawn_on_a_terminal_only_and_not_when_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def drawn(*, is_terminal: bool, quiet: bool) -> str:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
        with Progress(quiet=quiet) as progress:
            progress.begin("file.csv")
            progress.report(1, 4)
        return capsys.readouterr().err

    assert drawn(is_terminal=False, quiet=False) == ""
    assert drawn(is_terminal=True, quiet=True) == ""
    line_and_end = drawn(is_terminal=True, quiet=False)
    assert "file.csv" in line_and_end
    assert line_and_end.endswith("\r")
