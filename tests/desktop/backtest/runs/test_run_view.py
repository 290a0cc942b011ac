"""A run in view: what is drawn and written is what its files and its card say, and all parts are linked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.accessibility import nameless_controls
from support.desks import until
from support.qtloop import run_on_qt

from tickreel.backtest.runs.records import RunRecords
from tickreel.backtest.runs.run import Run
from tickreel.market.time import format_us
from tickreel_desktop.backtest.keeper import RunsKeeper
from tickreel_desktop.backtest.run import RunView
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QApplication
    from support.runshome import RunsHome

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.charts import Layer, TimeChart
    from tickreel_desktop.backtest.run.array_table import ArrayTable
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


pytestmark = pytest.mark.long


@pytest.fixture
def shows(qapp: QApplication, theme: Theme, zone: DisplayZone, runs: Runs) -> Callable[..., None]:
    """Give what shows a run in a view of 1080 x 900, does something with it, and takes it down."""

    def show(
        run_id: str, act: Callable[[RunView], Awaitable[None]], size: tuple[int, int] = (1080, 900)
    ) -> None:
        async def journey() -> None:
            failures: list[BaseException] = []
            tasks = Tasks(failures.append)
            keeper = RunsKeeper(runs.cache)
            await keeper.begin()
            view = RunView(theme, zone, keeper, tasks)
            view.resize(*size)
            view.show()
            try:
                view.show_run(run_id)
                await until(lambda: view.record is not None or bool(failures))
                assert not failures
                await act(view)
                assert not failures
            finally:
                await tasks.close()
                await keeper.close()
                view.close()
                view.deleteLater()

        run_on_qt(qapp, journey())

    return show


def layer(chart: TimeChart, name: str) -> Layer:
    (found,) = (each for each in chart.layers if each.name == name)
    return found


def texts(table: ArrayTable, column: int) -> list[str]:
    return [str(table.rows.index(row, column).data()) for row in range(table.rows.rowCount())]


def digits(text: str) -> str:
    return text.replace("\u2009", "").replace("\u2212", "-").replace("+", "")


def test_the_curves_are_those_of_the_stored_table(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    run = runs.run(made.maker)
    equity = run.equity

    async def act(view: RunView) -> None:
        charts = view.overview.charts
        drawn = layer(charts.equity, "Equity")
        assert drawn.at_us.tolist() == equity["time_us"].tolist()
        assert drawn.values.tolist() == equity["equity"].tolist()
        assert drawn.values[-1] == run.metrics["pnl"]
        free = layer(charts.equity, "No fees")
        assert np.allclose(free.values, equity["equity"] + equity["fees"])
        position = layer(charts.position, "Position")
        assert position.values.tolist() == equity["position"].tolist()
        falls = layer(charts.drawdown, "Drawdown")
        worst = falls.values[falls.at_us == run.metrics["max_drawdown_to_us"]]
        assert worst[0] == pytest.approx(-100 * run.metrics["max_drawdown_share"])
        (mark,) = charts.drawdown.marks
        assert mark.at_us == run.metrics["max_drawdown_to_us"]
        middle_us = int(equity["time_us"].iloc[len(equity) // 2])
        view.span.set_cursor(middle_us)
        value = float(equity["equity"].iloc[len(equity) // 2])
        assert digits(charts.equity.read_out().splitlines()[-1]) == f"Equity  {value:.2f}"
        pixels = charts.equity.grab().toImage()
        place = charts.equity.place()
        x = round(place.x_of(middle_us)) + 3
        at_us = place.instant_at(x)
        y = place.y_of(float(np.interp(at_us, equity["time_us"], equity["equity"])))
        accent = view._theme.colour("accent")
        reached = [down for down in range(pixels.height()) if pixels.pixelColor(x, down) == accent]
        assert min(abs(down - y) for down in reached) <= 2

    shows(made.maker, act)


def test_the_band_spans_all_its_runs(shows: Callable[..., None], runs: Runs, made: RunsHome) -> None:
    beside = [Run(runs.cache.home, one) for one in runs.records.runs(made.band)]
    ends = sorted(run.metrics["pnl"] for run in beside)

    async def act(view: RunView) -> None:
        band = layer(view.overview.charts.equity, "Band")
        low, high = band.told(int(band.at_us[-1]))
        assert (low, high) == (ends[0], ends[-1])
        figure = view.overview.figures.figures[0]
        assert [float(digits(part)) for part in figure.rests_on.split(" to ")] == pytest.approx(
            [ends[0], ends[-1]], abs=0.01
        )
        assert "9 latency and queue models, min to max" in view.overview.charts.equity_head.key_names()

    shows(made.maker, act)


def test_figures_and_head_are_those_of_the_card(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    card = runs.run(made.maker).card

    async def act(view: RunView) -> None:
        figures = {each.caption: each.value for each in view.overview.figures.figures}
        assert digits(figures["Net PnL"]) == f"{card.metrics['pnl']:.2f} USDT"
        assert digits(figures["Trades"]) == str(card.total_trades)
        assert digits(figures["Max drawdown"]) == f"{-100 * card.metrics['max_drawdown_share']:.2f} %"
        assert digits(figures["Fees paid"]) == f"{-card.metrics['fees']:.2f} USDT"
        assert view.head.state.text() == "complete"
        assert view.head.tags() == ("pinned", "kept")
        told = view.head.told.text()
        for digest in (card.data_sha256, card.strategy["sha256"], card.settings_sha256):
            assert digest is not None
            assert digest[:6] in told
        assert view.banner.text() == "the one to beat"
        assert json.loads(view.card.text.toPlainText()) == json.loads(json.dumps(card.to_form()))
        assert view.tabs.tabText(1).replace("\u2009", "") == f"Trades {card.total_trades}"
        values = dict(zip(texts(view.assumptions.table, 0), texts(view.assumptions.table, 1), strict=True))
        assert values["Parameter lean_ticks"] == "1"
        assert values["Latency of orders"] == "constant, latency 5.0 ms"
        assert card.data[0]["rows_sha256"] in values.values()

    shows(made.maker, act)


def test_cells_of_trades_and_orders_are_those_of_the_stored_tables(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    run = runs.run(made.maker)
    fills, orders = run.fills, run.orders

    async def act(view: RunView) -> None:
        table = view.trades.table
        names = [column.title for column in table.rows.columns]
        assert table.rows.rowCount() == len(fills) == run.card.total_trades
        for row in (0, len(fills) // 2, len(fills) - 1):
            fill = fills.iloc[row]
            cells = {name: str(table.rows.index(row, place).data()) for place, name in enumerate(names)}
            assert cells["Time" if "Time" in cells else names[0]].startswith(format_us(fill["time_us"])[:10])
            assert cells["Side"].endswith(fill["side"])
            assert float(digits(cells["Price"])) == fill["price"]
            assert float(digits(cells["Size"])) == pytest.approx(fill["amount"], abs=0.0006)
            assert cells["Role"] == ("maker" if fill["is_maker"] else "taker")
            assert float(digits(cells["Fee, USDT"])) == pytest.approx(fill["fee"], abs=0.006)
            assert cells["Order"] == str(fill["order"])
        record = view.record
        assert record is not None
        assert record.fills is not None
        gains = record.fills.gain[np.isfinite(record.fills.gain)]
        assert gains.sum() == pytest.approx(run.metrics["realised"])
        assert len(gains) == run.metrics["closing_fills"]
        total = record.fills.pnl.sum()
        assert total == pytest.approx(run.metrics["realised"] - run.metrics["fees"])
        sent = view.orders.table.rows
        assert sent.rowCount() == len(orders)
        titles = [column.title for column in sent.columns]
        status = [str(sent.index(row, titles.index("Status")).data()) for row in range(50)]
        assert status == orders["status"].head(50).tolist()

    shows(made.maker, act)


def test_a_chosen_part_filters_the_tables_and_a_trade_moves_the_cursor(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    fills = runs.run(made.maker).fills
    from_us, to_us = int(fills["time_us"].iloc[10]), int(fills["time_us"].iloc[29])
    inside = int(((fills["time_us"] >= from_us) & (fills["time_us"] <= to_us)).sum())

    async def act(view: RunView) -> None:
        brief = view.overview.trades
        view.span.choose((from_us, to_us))
        assert brief.table.rows.rowCount() == view.trades.table.rows.rowCount() == inside
        assert f"{inside} of" in brief.title.caption()
        brief.table.selectRow(3)
        assert view.span.cursor_us == int(fills["time_us"].iloc[13])
        asked: list[tuple[str, int]] = []
        view.why_asked.connect(lambda run_id, order: asked.append((run_id, order)))
        brief.why_button.click()
        assert asked == [(made.maker, int(fills["order"].iloc[13]))]
        view.span.choose(None)
        assert brief.table.rows.rowCount() == len(fills)
        view.overview.charts.equity.pointed.emit(to_us)
        assert brief.table.rows.place_at(brief.table.currentIndex().row()) in range(29, 32)
        brief.table.sortByColumn(3, brief.table.horizontalHeader().sortIndicatorOrder())
        prices = [float(digits(text)) for text in texts(brief.table, 3)]
        assert prices == sorted(prices) or prices == sorted(prices, reverse=True)

    shows(made.maker, act)


def test_gains_by_hour_day_and_symbol_add_up_to_the_whole(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    pnl = runs.run(made.pair).metrics["pnl"]

    async def act(view: RunView) -> None:
        for _, chart in (view.pnl_by.day, view.pnl_by.hour, view.pnl_by.symbol):
            assert sum(bar.value for bar in chart.bars) == pytest.approx(pnl)
        assert [bar.words for bar in view.pnl_by.symbol[1].bars] == [
            "tickreel-sim:BTCUSDT",
            "tickreel-sim:ETHUSDT",
        ]
        charts = view.overview.charts
        charts.instrument.setCurrentIndex(2)
        equity = runs.run(made.pair).equity
        own = equity[equity["instrument"] == "tickreel-sim:ETHUSDT"]
        assert np.allclose(layer(charts.equity, "Equity").values[-1], own["equity"].iloc[-1])

    shows(made.pair, act)


def test_a_recorded_series_is_drawn_as_it_was_recorded(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    run = runs.run(made.maker)
    (name,) = run.card.series
    recorded = run.series(name)

    async def act(view: RunView) -> None:
        await until(lambda: bool(view.series.chart.layers))
        (drawn,) = view.series.chart.layers
        assert drawn.values.tolist() == recorded["value"].tolist()

    shows(made.maker, act)


def test_a_failed_run_says_why_and_shows_what_there_is(
    shows: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    failure = runs.run(made.failed).card.failure

    async def act(view: RunView) -> None:
        assert view.head.state.text() == "failed"
        assert failure is not None
        assert "ZeroDivisionError" in view.banner.text()
        assert f"failing.py:{failure.line}" in view.banner.text()
        assert texts(view.log.table, 2) == ["begun"]
        assert "printed by the strategy" in view.log.output.toPlainText()
        assert not view.head.replay_button.isEnabled(), "it sent no order"

    shows(made.failed, act)


def test_a_cancelled_run_ends_where_it_was_cancelled(shows: Callable[..., None], made: RunsHome) -> None:
    async def act(view: RunView) -> None:
        assert view.head.state.text() == "cancelled"
        (gap,) = view.overview.charts.equity.gaps
        assert gap.word == "not played"
        assert view.record is not None
        assert gap.from_us == view.record.card.reached_us

    shows(made.cancelled, act)


def test_a_run_whose_files_were_changed_is_told_of(
    shows: Callable[..., None], made: RunsHome, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(view: RunView) -> None:
        changed = replace(runs.records.run(made.lean), files={"equity.parquet": "0" * 64})
        with monkeypatch.context() as patch:  # other processes read the same files
            patch.setattr(RunRecords, "run", lambda _records, _run_id: changed)
            view.show_run(made.lean)
            await until(lambda: view.record is None)
        assert "was changed since run" in view.obstacle
        view.show_run(made.lean)
        await until(lambda: view.record is not None)
        assert view.obstacle == ""

    shows(made.maker, act)


def test_there_is_room_for_what_is_needed_on_a_small_screen(
    shows: Callable[..., None], made: RunsHome
) -> None:
    async def act(view: RunView) -> None:
        assert not view.overview.trades.isVisible()
        assert view.overview.charts.position.isVisible()
        assert view.width() == 640
        for chart in view.overview.charts.charts:
            assert chart.accessibleName()
            assert chart.words() != "Nothing is drawn."
        assert nameless_controls(view) == []

    shows(made.maker, act, (640, 640))
