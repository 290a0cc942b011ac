"""What is shown of one instrument, and how it is worded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtTest import QAbstractItemModelTester
from support.instruments import EXCHANGE, SYMBOL, version

from tickreel.instruments.facts import FACTS
from tickreel.instruments.instrument import Evidence, FactSource
from tickreel.instruments.table import Known
from tickreel.market.time import day_start_us
from tickreel.market.types import DataType
from tickreel.market.zone import UTC_ZONE, Zone
from tickreel_desktop.instruments.commands import fetch_command, infer_command, set_command
from tickreel_desktop.instruments.fact_model import FactColumn, FactTableModel
from tickreel_desktop.instruments.list_model import InstrumentListModel, InstrumentNames
from tickreel_desktop.instruments.sheet import make_sheet
from tickreel_desktop.instruments.timeline_model import TimelineModel
from tickreel_desktop.instruments.words import fact_title, missing_text, time_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tickreel_desktop.zone import DisplayZone

MARCH = day_start_us(date(2025, 3, 1))
RESTS_ON = Evidence(DataType.TRADES, 1200, 1200)
VENDOR = version({"tick": 0.5, "type": "perpetual"}, FactSource.VENDOR, number=1)
INFERRED = version({"tick": 0.1}, FactSource.INFERRED, number=2, span=(MARCH, None), evidence=RESTS_ON)
TYPED = version({"tick": 0.25}, number=3, span=(MARCH, None))
WITHDRAWN = version({"tick": None}, number=4, span=(MARCH, None))


def test_a_fact_stands_beside_what_others_say_otherwise() -> None:
    sheet = make_sheet(EXCHANGE, SYMBOL, [VENDOR, INFERRED, TYPED], None)
    line = sheet.line("tick")
    assert line.span is not None
    assert (line.span.value, line.span.from_us, line.span.version.source) == (0.25, MARCH, FactSource.TYPED)
    assert line.others == ((FactSource.VENDOR, 0.5), (FactSource.INFERRED, 0.1))
    same = version({"type": "perpetual"}, FactSource.TYPED, number=5)
    assert make_sheet(EXCHANGE, SYMBOL, [VENDOR, same], None).line("type").others == ()


def test_what_a_backtest_needs_depends_on_what_it_is() -> None:
    assert "multiplier" in make_sheet(EXCHANGE, SYMBOL, [VENDOR], None).missing
    assert "tick" not in make_sheet(EXCHANGE, SYMBOL, [VENDOR], None).missing
    spot = make_sheet(EXCHANGE, SYMBOL, [version({"type": "spot"}, FactSource.VENDOR)], None)
    assert spot.missing == ("quote", "tick", "lot", "maker_fee", "taker_fee")
    assert missing_text(("multiplier",)) == (
        "A backtest needs what is not known yet: multiplier. Ask the vendor or enter it."
    )
    assert missing_text(()) == ""


def test_the_timeline_has_all_that_was_said_and_which_of_it_holds() -> None:
    sheet = make_sheet(EXCHANGE, SYMBOL, [VENDOR, INFERRED, TYPED, WITHDRAWN], None)
    told = [(one.value, one.version.source, one.holds) for one in sheet.sayings("tick")]
    assert told == [
        (None, FactSource.TYPED, False),
        (0.25, FactSource.TYPED, False),
        (0.1, FactSource.INFERRED, False),
        (0.5, FactSource.VENDOR, True),
    ]
    assert sheet.own_span("tick") is None
    assert sheet.sayings("lot") == []


def test_the_tables_are_models_as_qt_wants_them(qapp: QApplication, zone: DisplayZone) -> None:
    sheet = make_sheet(EXCHANGE, SYMBOL, [VENDOR, INFERRED, TYPED], None)
    facts = FactTableModel(zone, lambda: TYPED.recorded_us + 180_000_000)
    timeline = TimelineModel(zone, lambda: TYPED.recorded_us)
    testers = [QAbstractItemModelTester(model) for model in (facts, timeline)]
    facts.show_sheet(sheet)
    timeline.show_sayings("tick", sheet.sayings("tick"))
    row = facts.row_of("tick")
    assert row is not None
    assert [facts.index(row, column).data() for column in FactColumn] == [
        "Tick",
        "0.25",
        "typed in",
        "3 min ago",
        "2025-03-01",
        "further notice",
        "vendor 0.5, inferred 0.1",
    ]
    assert facts.index(facts.row_of("multiplier") or 0, 1).data() == "not known, needed"
    facts.show_sheet(None)
    assert (facts.rowCount(), timeline.rowCount(), len(testers)) == (0, 3, 2)


def test_every_fact_has_a_title() -> None:
    assert [fact_title(name) for name in ("id", "maker_fee", "expiry_us")] == ["Id", "Maker fee", "Expiry"]
    assert len({fact_title(name) for name in FACTS}) == len(FACTS)


def test_times_are_spelled_as_shortly_as_they_are_read_back() -> None:
    zone = Zone.named("Europe/Berlin")
    for one, at_us in (
        (UTC_ZONE, MARCH),
        (zone, MARCH),
        (zone, MARCH - 3_600_000_000),
        (UTC_ZONE, MARCH + 7),
    ):
        assert one.parse(time_text(at_us, one)) == at_us
    assert time_text(MARCH, UTC_ZONE) == "2025-03-01"
    assert time_text(MARCH, zone) == "2025-03-01 01:00:00"


def test_commands_do_the_same() -> None:
    named = ("deribit", "BTC-28MAR25-100000-C")
    assert set_command(named, "tick", 0.0005, MARCH, MARCH + 1_000_000) == (
        "tickreel instruments set deribit BTC-28MAR25-100000-C tick=0.0005 "
        "--from 2025-03-01 --to 2025-03-01T00:00:01Z"
    )
    assert set_command(named, "base", None, None, None).endswith(" base=")
    assert infer_command(named, MARCH, MARCH + 86_400_000_000, allow_missing=True).endswith(
        "2025-03-01 2025-03-02 --allow-missing"
    )
    assert fetch_command("deribit", None) == "tickreel instruments fetch deribit"


def test_held_instruments_stand_first_and_all_words_filter(qapp: QApplication) -> None:
    known = [
        Known("aax", (FactSource.VENDOR,), ["BTCUSDT", "XY"]),
        Known("aax", (FactSource.TYPED,), ["OF"]),
        Known("okex", (FactSource.TYPED, FactSource.VENDOR), ["BTC-USDT"]),
    ]
    names = InstrumentNames(known, {("okex", "BTC-USDT"), ("zz", "NEW")})
    assert list(zip(names.symbols, names.exchanges, names.states, strict=True)) == [
        ("BTC-USDT", "okex", "held, typed in, vendor"),
        ("NEW", "zz", "held, no source yet"),
        ("BTCUSDT", "aax", "vendor"),
        ("OF", "aax", "typed in"),
        ("XY", "aax", "vendor"),
    ]
    model = InstrumentListModel()
    tester = QAbstractItemModelTester(model)
    model.replace(names)
    model.set_filter("btc VENDOR")
    assert [model.row_at(row).exchange for row in range(model.rowCount())] == ["okex", "aax"]
    assert (model.position_of("aax", "BTCUSDT"), model.position_of("zz", "NEW")) == (1, None)
    model.set_filter("nexo")
    assert (model.rowCount(), model.count, tester is None) == (0, 5, False)
