"""The card of savings over a real home: figures that were counted, and words where there are none."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from support.accessibility import nameless_controls
from support.fetchhistory import hold_fetched, record_fetched, record_requests
from support.storedhome import KEY, START_US, StoredHome, day

from tickreel.fetch.economics import PriceTable, Rates
from tickreel.fetch.economics.pricefile import save_prices
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.zone import Zone
from tickreel.store import open_cache
from tickreel.store.records.usage import DayOfUse, UsageMeter
from tickreel_desktop.savings import SavingsCard, SavingsFigures, read_figures
from tickreel_desktop.savings.rests import rest_rows
from tickreel_desktop.savings.spark import HitRateLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


@pytest.fixture
def card(qtbot: QtBot, theme: Theme) -> SavingsCard:
    made = SavingsCard(theme)
    qtbot.addWidget(made)
    made.resize(1600, 76)
    made.show()
    return made


def figures_of(home: Path) -> SavingsFigures:
    with open_cache(home) as cache:
        return read_figures(cache)


def shown(card: SavingsCard) -> list[str]:
    return [tile.text() for tile in (card.calls, card.transfer, card.money, card.waiting)]


def test_a_fresh_home_says_so_and_shows_no_zero(stored: StoredHome, card: SavingsCard, qtbot: QtBot) -> None:
    stored.store(0)
    card.show_figures(figures_of(stored.root))
    assert shown(card) == [
        "Vendor calls avoided Nothing fetched yet imports do not count",
        "Transfer avoided Nothing fetched yet imports do not count",
        "Money avoided Set your plan no price is set",
        "Waiting avoided Nothing fetched yet imports do not count",
    ]
    assert card.rate_text() == "No reads yet"
    assert card.latency.text() == "Local no reads yet; Origin nothing fetched yet"
    assert nameless_controls(card) == []
    with qtbot.waitSignal(card.plan_requested):
        assert card.money._link is not None
        QTest.mouseClick(card.money._link, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(card.assumptions_requested):
        QTest.mouseClick(card.info_button, Qt.MouseButton.LeftButton)


def test_what_was_counted_is_shown(stored: StoredHome, card: SavingsCard) -> None:
    stored.disk.clock_us = stored.disk.now_us() + US_PER_DAY
    hold_fetched(stored, 0, source_bytes=3_000_000)
    record_fetched(stored.database, 5.0, 3.0)
    record_requests(stored.database, "2026-01", 4, 3_000_000)
    save_prices(stored.root, PriceTable(rates=Rates(usd_per_request=0.5)), stored.disk)
    meter = UsageMeter(stored.database, stored.disk)
    for _ in range(3):
        meter.hit(KEY, day(0), 2_000_000)
    meter.miss()
    meter.close()
    with open_cache(stored.root) as cache:
        card.show_figures(read_figures(cache))
    assert shown(card) == [
        "Vendor calls avoided 3 of 7 in all",
        "Transfer avoided 9.0 MB size of the vendor's files",
        "Money avoided $1.50 at your prices",
        "Waiting avoided 24 s at 8.0 s a day fetched",
    ]
    assert card.latency.text().startswith("Local 2")
    assert "Origin 5.0 s p50, 5.0 s p99" in card.latency.text()
    assert card.calls.accessibleName() == shown(card)[0]


def test_a_wrong_price_table_counts_no_money_and_is_told(stored: StoredHome, card: SavingsCard) -> None:
    stored.store(0)
    (stored.root / "prices.toml").write_text("[rates]\nusd_per_gb = 'much'\n")
    card.show_figures(figures_of(stored.root))
    assert card.money.text() == "Money avoided – the price table is wrong"
    assert "usd_per_gb" in card.money.toolTip()


def test_three_tiles_are_kept_where_there_is_little_room(card: SavingsCard, qtbot: QtBot) -> None:
    parts = (card.calls, card.transfer, card.money, card.waiting, card.latency, card.line)
    assert all(part.isVisible() for part in parts)
    card.resize(1000, 76)
    qtbot.waitUntil(card.is_narrow)
    assert [part.isVisible() for part in parts] == [True, False, True, False, False, True]
    assert card.info_button.geometry().right() < 1000


def test_days_without_a_read_part_the_line_and_each_day_can_be_pointed_at(theme: Theme, qtbot: QtBot) -> None:
    line = HitRateLine(theme)
    qtbot.addWidget(line)
    today = day_of(START_US)
    days = [
        DayOfUse(today - timedelta(days=back), hits, misses)
        for back, hits, misses in ((40, 1, 9), (29, 1, 1), (3, 9, 1), (2, 8, 2), (0, 19, 1))
    ]
    line.show_days(tuple(days), today)
    assert [[place for place, _ in run] for run in line.runs()] == [[0], [26, 27], [29]]
    assert line.accessibleDescription() == ("Reads on 4 of the last 30 days, 50.0 % to 95.0 %, last 95.0 %")
    said: list[str] = []
    line.pointed.connect(said.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left):
        QTest.keyClick(line, key)
    assert said == [
        f"{today}: 95.0 %, 19 of 20 days read were held",
        f"{today - timedelta(days=2)}: 80.0 %, 8 of 10 days read were held",
        f"{today - timedelta(days=29)}: 50.0 %, 1 of 2 days read were held",
    ]
    line.show_days((), today)
    assert said[-1] == ""
    assert line.accessibleDescription() == "No reads in the last 30 days"


def test_the_shared_cache_has_a_row_once_it_was_asked(
    stored: StoredHome, card: SavingsCard, theme: Theme, tmp_path: Path
) -> None:
    stored.store(0)
    with open_cache(stored.root) as cache:
        cache.note_shared([], 1)
        card.show_figures(read_figures(cache))
        assert "Shared nothing brought yet" in card.latency.text()
        cache.note_shared([200_000_000] * 98 + [2_000_000_000] * 2, 0)
        figures = read_figures(cache)
    card.show_figures(figures)
    assert re.search(r"Shared \d+ ms p50, [12]\.\d s p99", card.latency.text()), card.latency.text()
    rows = {name: value for name, value, _ in rest_rows(figures, Zone())}
    assert rows["Shared cache latency"].endswith("p99")
    for label in card.latency.findChildren(QLabel):
        if label.isVisible():
            assert label.height() >= label.sizeHint().height()
