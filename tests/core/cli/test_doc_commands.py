"""Every command line of the pages and the README runs as it stands, on a home with the sample.

Lines that say how such lines are made, with words in capitals for values, run with the values of
:data:`KNOWN`; where a form has others, or leaves words open, its command, verbs and options must exist.
What is not run is listed with its reason. What takes seconds is run by ``make long``.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from importlib import import_module
from typing import TYPE_CHECKING, cast

import pytest
from support.docpages import CommandLine, all_pages, command_lines, examples, file_name
from support.faketardis import FakeTardis
from support.fetchdesk import hurry, write_days
from support.vendorfiles import csv_text, l2_line, packed

from tickreel.cli.main import COMMANDS, main
from tickreel.market.time import day_start_us
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.cli.main import Command, Verbs

KNOWN = {
    "EXCHANGE": "tickreel-sim",
    "SYMBOL": "BTCUSDT",
    "TYPE": "trades",
    "FROM": "2025-03-14T15:00",
    "TO": "2025-03-14T15:05",
    "FOLDER": "copy",
    "FILE": "events.npz",
    "KEY": "replay.speed",
    "STRATEGY": "twap",
    "TEXT": "'who sold'",
    "M": "offline",
    "SYMBOLS": "tickreel-sim:BTCUSDT",
}
FETCHED = {"EXCHANGE": "binance-futures", "FROM": "2024-07-01", "TO": "2024-07-04"}
"""What a line names that asks the vendor, here a stand-in."""

NOT_RUN = {
    r"tickreel key set": "asks for a secret at the terminal; tests/core/cli/test_main.py",
    r"tickreel key check": "its answer hangs on the key at hand; tests/core/sources/test_access.py",
    r"tickreel settings set shared.url": "names the server of a desk, which every line after it would ask",
    r"tickreel warm |.*--tier shared": "needs a Redis server; tests/core/cli/test_warm.py",
    r"tickreel serve": "serves until it is ended; tests/core/server",
    r"tickreel bench": "measures for minutes; tests/core/cli/test_bench.py",
    r"tickreel jobs run --watch": "goes on until it is ended; tests/core/cli/test_fetch.py",
    r".* --source machine": "needs a tardis-machine; tests/core/fetch",
}
SLOW = re.compile(
    r"tickreel (backtest|sweep|runs \w+ RUN|fetch (?!.*--dry-run)|jobs keep|replay .*--analyze)"
)
"""Takes a second or more, or needs what such a line has left."""

PAGES = all_pages()
LINES = {page: command_lines(page, text) for page, text in PAGES.items() if page != "commands"}
"""But for the page that is written from the parser itself; tests/core/test_reference.py."""
ALL = [line for lines in LINES.values() for line in lines]


def why_not_run(line: CommandLine) -> str:
    return next((reason for form, reason in NOT_RUN.items() if re.match(form, line.text)), "")


def runnable(page: str) -> list[CommandLine]:
    known = KNOWN | {"RUN": ""}
    return [line for line in LINES[page] if not line.is_form(known) and not why_not_run(line)]


def pages_with(*, is_slow: bool) -> list[str]:
    return [p for p in LINES if any(bool(SLOW.match(line.text)) is is_slow for line in runnable(p))]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sample") / "home"
    with open_cache(home) as cache:
        store_sample(cache, UNWATCHED)
    return home


@pytest.fixture
def place(tmp_path: Path, home: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to type in, a home with the sample, the strategies of the pages, and a vendor."""
    shutil.copytree(sample, home)
    monkeypatch.chdir(tmp_path)
    hurry(monkeypatch)
    for number, day in enumerate(write_days(tmp_path / "vendor", 31)):
        start_us = day_start_us(day)
        sides = (("bid", "99.9"), ("ask", "100.1"))
        rows = [l2_line(start_us + number, side, price, "1", snapshot=True) for side, price in sides]
        path = tmp_path / f"vendor/binance-futures/incremental_book_L2/{day:%Y/%m/%d}/BTCUSDT.csv.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packed(csv_text(DataType.INCREMENTAL_BOOK_L2, rows), path.name))
    with FakeTardis(tmp_path / "vendor") as fake:
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        yield tmp_path


class Typist:
    """Types lines one after the other, as they stand."""

    def __init__(self, place: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        self._place = place
        self._captured = capsysbinary

    def type(self, line: CommandLine) -> None:
        known = KNOWN | (FETCHED if re.match(r"tickreel (fetch|jobs)", line.text) else {})
        words = line.words(known)
        for place in (number for number, word in enumerate(words) if word == "RUN"):
            words[place] = self._newest_run(but=words)
        target = words.pop() if ">" in words else None
        out = self._said(line, [word for word in words if word != ">"])
        if target is not None:
            (self._place / target).write_bytes(out)

    def _said(self, line: CommandLine | str, words: list[str]) -> bytes:
        self._captured.readouterr()
        code = main(words)
        out, err = self._captured.readouterr()
        assert code == 0, f"{line} ended with {code}: {err.decode()}"
        return out

    def _newest_run(self, but: list[str]) -> str:
        runs = json.loads(self._said("the list of runs", ["runs", "list", "--json"]))
        newest = max(runs, key=lambda run: (run["id"] not in but, run["created_us"]))
        return str(newest["id"])


@pytest.mark.parametrize("page", pages_with(is_slow=False))
def test_the_quick_commands_of_a_page_run(
    page: str, place: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    typist = Typist(place, capsysbinary)
    for line in runnable(page):
        if not SLOW.match(line.text):
            typist.type(line)


@pytest.mark.long
@pytest.mark.parametrize("page", pages_with(is_slow=True))
def test_all_commands_of_a_page_run_one_after_the_other(
    page: str, place: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    for example in examples(PAGES[page]):
        if name := file_name(example):
            (place / name).write_text(example, encoding="utf-8")
    typist = Typist(place, capsysbinary)
    for line in runnable(page):
        typist.type(line)


def test_what_is_not_run_is_still_on_a_page() -> None:
    assert [form for form in NOT_RUN if not any(re.match(form, line.text) for line in ALL)] == []


@pytest.mark.parametrize("page", [page for page, lines in LINES.items() if lines])
def test_every_command_verb_and_option_of_a_page_exists(page: str) -> None:
    wrong = [str(line) for line in LINES[page] if (problem := _unknown(line)) and problem]
    assert wrong == []


def _unknown(line: CommandLine) -> str:
    """Say what of a line there is not; empty where all of it is there."""
    name, _, rest = line.text.removeprefix("tickreel ").partition(" ")
    if name not in COMMANDS:
        return name
    module = import_module(COMMANDS[name][0])
    options = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", rest))
    if not hasattr(module, "VERBS"):
        parser = argparse.ArgumentParser()
        cast("Command", module).add_arguments(parser)
        return _missing(options, [parser])
    choices = rest.split(" | ") if " | " in rest else rest.split()[0].split("|")
    verbs = [choice.split()[0] for choice in choices]
    parsers = []
    for verb in verbs:
        if verb not in module.VERBS:
            return verb
        parser = argparse.ArgumentParser()
        cast("Verbs", import_module(module.VERBS[verb][0])).add_arguments(verb, parser)
        parsers.append(parser)
    return _missing(options, parsers)


def _missing(options: set[str], parsers: list[argparse.ArgumentParser]) -> str:
    known = {"--json", "--quiet", "--home"}
    for parser in parsers:
        known |= {text for action in parser._actions for text in action.option_strings}
    return " ".join(sorted(options - known))
