"""What is held of a selection, and the ranges and commands that stand for it."""

from __future__ import annotations

import shlex
from datetime import date
from typing import TYPE_CHECKING

import pytest
from support.caredays import KEY, fill, held, nth, span

from tickreel.cli.main import main
from tickreel.store import open_cache
from tickreel.store.library.forms import RowsForm
from tickreel_desktop.care.commands import cache_command, export_commands, trash_command
from tickreel_desktop.care.survey import days_words, in_pieces, look, ranges_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        yield opened


def run(command: str) -> None:
    for line in command.split(" && "):
        program, *words = shlex.split(line)
        assert program == "tickreel"
        assert main(words) == 0


def test_a_selection_is_summed_up_by_what_may_become_of_it(cache: Cache) -> None:
    cache.life.pins.pin(span(0, 1))
    cache.life.pins.pin(span(1, 2), "run 7")
    found = look(cache, [span(0, 2), span(2, 9)])
    assert [day.day for day in found.days] == [nth(number) for number in range(4)], "each once"
    assert [day.day for day in found.pinned] == [nth(0), nth(1), nth(2)]
    assert [day.day for day in found.pinned_by_hand] == [nth(0), nth(1)]
    assert [day.day for day in found.pinned_by_others] == [nth(1), nth(2)]
    assert found.others_words() == "run 7"
    assert [day.day for day in found.own] == [nth(3)]
    assert found.bytes > 0


def test_days_are_gathered_into_unbroken_ranges_and_cut_again(cache: Cache) -> None:
    cache.life.trash.put(span(1, 1))
    found = look(cache, [span(0, 9)])
    assert ranges_of(found.days) == [span(0, 0), span(2, 3)]
    assert in_pieces([span(0, 4), span(7, 7)], 2) == [span(0, 1), span(2, 3), span(4, 4), span(7, 7)]
    assert (days_words(1), days_words(1200)) == ("1 day", "1\u2009200 days")
    assert in_pieces([], 2) == []


def test_the_commands_do_what_the_window_does(cache: Cache, tmp_path: Path) -> None:
    run(cache_command("pin", [span(0, 0), span(2, 2)]))
    assert [day.day for day in look(cache, [span(0, 3)]).pinned_by_hand] == [nth(0), nth(2)]
    run(cache_command("unpin", [span(0, 2)]))
    assert look(cache, [span(0, 3)]).pinned == ()
    run(cache_command("expire", [span(0, 0)], "--at", "2030-01-01"))
    run(cache_command("evict", [span(0, 1)]))
    assert held(cache) == [2, 3]
    first, second = cache.life.trash.entries()
    run(trash_command("restore", [first.id]))
    run(trash_command("purge", [second.id]))
    assert (held(cache), cache.life.trash.entries()) == ([0, 2, 3], [])
    run(cache_command("evict", [span(0, 3)], "--for-good"))
    assert held(cache) == [3]
    run(cache_command("verify", [span(3, 3)], "--deep"))
    plan, _ = cache.plan_export([span(2, 3)], RowsForm.CSV, is_per_day=False)
    (command,) = export_commands(plan, str(tmp_path))
    run(command)
    written = tmp_path / plan.files[0].name
    assert written.name == "binance-futures_trades_2024-07-25_2024-07-26_BTCUSDT.csv"
    kept = written.read_bytes()
    written.unlink()
    cache.export(plan, tmp_path)
    assert written.read_bytes() == kept
    assert date(2024, 7, 25) == plan.missing[0].day
    assert str(KEY.type) in command
