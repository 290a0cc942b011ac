"""The Analysis panel in the whole window, over a real cache and a model on a real socket."""

from __future__ import annotations

import asyncio
import json
import shlex
from contextlib import closing
from datetime import date
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls
from support.analysisdesk import MODEL, NOW_S, analysis_over, asked, use_model
from support.desks import until
from support.fakechat import FakeChat, answer_of, refuses, sends, stalls, streams
from support.feeds import EXCHANGE, SPAN_US, SYMBOL, feed_files
from support.qtloop import run_on_qt
from support.vendorfiles import START_US

from tickreel.analysis import FIGURES, Group, analyze
from tickreel.analysis.history import Mark, Query, find_history
from tickreel.analysis.prices import price_of
from tickreel.logs import hide
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import open_cache
from tickreel_desktop.analysis import PriceDialog
from tickreel_desktop.analysis.preview_tables import WordsTable
from tickreel_desktop.analysis.scope import GROUP_NAMES
from tickreel_desktop.analysis.spending import at_most
from tickreel_desktop.analysis.states import Way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from support.fakechat import Reply, Request, Wire

    from tickreel.analysis.history import Kept
    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk

SECRET = "sk-panel-0123456789abcdef"
_BEGUN = b'data: {"choices": [{"delta": {"content": "So"}}]}\n\n'
NOW_US = START_US + NOW_S * 1_000_000


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def entries(cache: Cache, **wanted: Any) -> list[Kept]:
    with closing(cache.connect()) as database:
        return find_history(database, Query(**wanted))


def sent_figures(request: Request) -> list[str]:
    (window,) = json.loads(request.body["messages"][1]["content"])["windows"]
    return [row[1] for row in window["figures"]]


def selected(desk: Desk) -> tuple[int, int] | None:
    return desk.replay.shared.selection


def chip_groups(desk: Desk) -> set[Group]:
    names = {name: group for group, name in GROUP_NAMES.items()}
    return {names[text] for text in desk.analysis.chips.texts() if text in names}


def test_the_offline_analyst_answers_and_its_figures_lead_to_their_moment(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            panel, player = desk.analysis, desk.opener.player
            assert player is not None
            assert panel.chips.texts()[:2] == [f"{EXCHANGE} {SYMBOL}", "00:00:00 to 00:00:40"]
            talk = await asked(desk)
            assert talk.analysis is not None
            kept = talk.analysis.kept
            assert (kept.call.model, kept.to_us) == ("offline", NOW_US + 1), "nothing later than the replay"
            assert panel.result.text().startswith("The mid ended at")
            told = panel.result.account.text()
            assert told == f"{EXCHANGE} {SYMBOL}. Offline analyst, by rules on this machine, free."
            assert len(panel.result.cards) == len(talk.analysis.answer.findings) > 0
            await until(lambda: len(desk.replay.panels.heatmap._canvas.marks) == len(panel.result.cards))
            marks = desk.replay.panels.heatmap._canvas.marks
            assert [mark.text for mark in marks] == [str(n + 1) for n in range(len(marks))]
            player.seek(START_US)
            await until(lambda: player.frame is not None and player.frame.at_us == START_US)
            panel.result.prose.figure_chosen.emit("f004")  # mid_last, at the end of the window
            await until(lambda: player.frame is not None and player.frame.at_us == kept.to_us - 1)
            assert selected(desk) is None
            panel.result.prose.figure_chosen.emit("f007")  # spread_mean, of all of it
            assert selected(desk) == (kept.from_us, kept.to_us)
            snapshot = talk.analysis.snapshot
            assert snapshot is not None
            low_us = snapshot.moments["f005"]
            assert kept.from_us < low_us < kept.to_us - 1
            panel.result.prose.figure_chosen.emit("f005")  # mid_low, at a moment of its own
            await until(lambda: player.frame is not None and player.frame.at_us == low_us)
            assert selected(desk) is None
            player.seek(START_US)
            await until(lambda: player.frame is not None and player.frame.at_us == START_US)
            panel.result.cards[0].show_button.click()
            await until(lambda: player.frame is not None and player.frame.at_us == kept.to_us - 1)
            assert nameless_controls(desk.window) == []

    run_on_qt(qapp, journey())


def test_the_chips_are_exactly_what_is_sent(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                chips, field = desk.analysis.chips, desk.analysis.ask.field
                await until(lambda: "Trades" in chips.texts())
                await asked(desk)
                for text in ("Book, top 5", "Movement", "Walls and sweeps"):
                    chips.remove(text)
                field.setText("Who carries it?")
                await asked(desk)
                first, second = fake.requests
                for request, groups in ((first, set(GROUP_NAMES)), (second, chip_groups(desk))):
                    told = {Group.WINDOW, *groups}
                    possible = {each.name for each in FIGURES if each.group in told}
                    sent = sent_figures(request)
                    assert set(sent) <= possible
                    assert {each.group for each in FIGURES if each.name in sent} == told
                    # Nothing of the names and times is among the bytes.
                    for secret in (EXCHANGE, SYMBOL, "2024", str(START_US)[:6]):
                        assert secret.encode() not in request.raw
                assert chip_groups(desk) == {Group.SPREAD, Group.FLOW, Group.TRADES, Group.HEALTH}
                assert second.body["messages"][2]["content"] == "Who carries it?"
                field.setText("--who's it?")
                words = shlex.split(desk.analysis_control.command() or "")
                assert words[-1] == "--ask=--who's it?"
                assert len(first.body["messages"]) == 2

        run_on_qt(qapp, journey())


def test_taking_away_what_it_is_about_leaves_nothing_to_send(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            panel = desk.analysis
            panel.chips.remove(f"{EXCHANGE} {SYMBOL}")
            assert panel.obstacles.text().startswith("Nothing is in view")
            assert not panel.ask.send_button.isEnabled()
            assert not desk.actions["analysis.ask"].isEnabled()
            desk.scope.take_dataset(is_in=True)
            assert panel.ask.send_button.isEnabled()
            assert panel.obstacles.text() == ""
            await desk.opener.close()
            await until(lambda: desk.scope.subject is None)
            assert panel._stack.currentWidget() is panel._empty
            desk.window.go_to("data")
            await until(lambda: desk.data.selected_row is not None)
            desk.analysis_control.view.look()
            subject = desk.scope.subject
            assert subject is not None
            assert (subject.symbol, subject.to_us - subject.from_us) == (SYMBOL, 86_400_000_000)

    run_on_qt(qapp, journey())


def test_what_is_previewed_is_what_is_sent_and_holds_no_key(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_API_KEY", SECRET)
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                control = desk.analysis_control
                control.conversation.shows_first = True
                desk.analysis.ask.field.setText(f"Is {SECRET} fine?")
                desk.analysis.ask.send_button.click()
                await until(lambda: control.preview is not None)
                preview = control.preview
                assert preview is not None
                assert fake.requests == [], "the first call to a server is shown before"
                assert preview.send_button.text().startswith("Send, at most $")
                assert any(part.startswith("Trades ") for part in preview.facts.parts())
                before = preview.sent_text()
                preview.part_removed.emit(Group.MOVEMENT)
                await until(lambda: preview.sent_text() != before)
                assert "Movement" not in desk.analysis.chips.texts()
                text = preview.sent_text()
                assert preview.tabs.tabText(preview.tabs.currentIndex()).startswith("Figures "), "to be read"
                bytes_tab = preview.tabs.indexOf(preview.body)
                assert preview.tabs.tabText(bytes_tab) == "Exact bytes"
                (told,) = json.loads(json.loads(text)["messages"][1]["content"])["windows"]
                table = preview.tabs.currentWidget()
                assert isinstance(table, WordsTable)
                cells = [table.model().index(row, 3).data() for row in range(table.rowCount())]
                assert cells == [row[0] for row in told["figures"]], "the table is what is sent"
                QTest.mouseClick(
                    preview.tabs.tabBar(),
                    Qt.MouseButton.LeftButton,
                    pos=preview.tabs.tabBar().tabRect(bytes_tab).center(),
                )
                assert preview.body.isVisible()
                shown = preview.body.toPlainText()
                preview.copy_button.click()
                assert QGuiApplication.clipboard().text() == text
                assert nameless_controls(preview) == []
                preview.send_button.click()
                await until(lambda: bool(fake.requests) and control.conversation.is_idle)
                (request,) = fake.requests
                assert request.raw == text.encode(), "to the byte"
                assert request.headers["authorization"] == f"Bearer {SECRET}"
                kept = control.conversation.analysis
                assert kept is not None
                control.conversation.before.export(kept.kept, tmp_path / "a.md")
                control.conversation.before.export(kept.kept, tmp_path / "a.json")
                await until(lambda: (tmp_path / "a.md").exists() and (tmp_path / "a.json").exists())
                for told in (text, shown, request.raw.decode()):
                    assert SECRET not in told
                assert "Is *** fine?" in text

        run_on_qt(qapp, journey())
    from tickreel.diagnostics import preview as bundle

    for path in (*(each for each in cache.home.rglob("*") if each.is_file()), *tmp_path.glob("a.*")):
        assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in repr(bundle(cache.home))


def test_stop_closes_the_socket_and_the_part_that_came_is_kept_and_paid(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat(stalls(), streams()) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, talk = desk.analysis, desk.analysis_control.conversation
                panel.ask.field.setFocus()
                QTest.keyClick(panel.ask.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
                await until(lambda: "It begins" in panel.result.text())
                assert panel.result.tag.text() == "streaming"
                assert panel.ask.stop_button.isVisible()
                assert not panel.ask.send_button.isVisible()
                QTest.keyClick(panel.ask.field, Qt.Key.Key_Escape)
                await until(lambda: talk.is_idle)
                assert fake.requests[0].closed.wait(30)
                (kept,) = entries(cache)
                assert (kept.call.state, kept.call.tokens and kept.call.tokens.is_estimated) == (
                    "stopped",
                    True,
                )
                assert kept.call.nano_usd > 0
                assert "It begins" in kept.partial
                assert panel.result.tag.text() == "stopped by you"
                assert "It begins" in panel.result.text()
                assert "estimated" in panel.result.account.text()
                await until(lambda: bool(panel.earlier.rows))
                assert "Stopped after" in panel.earlier.rows[0].accessibleName()
                desk.actions["analysis.again"].trigger()
                await until(lambda: talk.analysis is not None and talk.is_idle and panel.result.is_complete)
                assert len(fake.requests) == 2
                assert panel.result.cards

        run_on_qt(qapp, journey())


def test_an_answer_is_that_of_its_own_call_though_others_are_made_meanwhile(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    may_answer = Event()

    async def when_told(request: Request, wire: Any) -> None:
        while not may_answer.is_set():
            await asyncio.sleep(0.01)
        await streams()(request, wire)

    with FakeChat(when_told, streams(), stalls(), streams()) as fake:
        use_model(cache, fake.url)

        async def another(from_us: int) -> None:
            """Analyse another window of the same symbol, as a replay does beside the panel."""
            span = from_us, from_us + 10_000_000
            await asyncio.to_thread(analyze, cache, EXCHANGE, SYMBOL, *span)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, talk = desk.analysis, desk.analysis_control.conversation
                panel.ask.send_button.click()
                await until(lambda: len(fake.requests) == 1)
                await another(START_US)
                may_answer.set()
                await until(lambda: talk.is_idle and panel.result.is_complete)
                assert talk.analysis is not None
                assert (talk.analysis.kept.from_us, talk.analysis.kept.to_us) == (START_US, NOW_US + 1)
                assert talk.analysis.kept == entries(cache)[-1]
                desk.scope.take_group(Group.HEALTH, is_in=False)
                panel.ask.send_button.click()
                await until(lambda: "It begins" in panel.result.text())
                await another(START_US + 10_000_000)
                desk.actions["analysis.stop"].trigger()
                await until(lambda: talk.is_idle)
                assert panel.result.tag.text() == "stopped by you"
                assert "It begins" in panel.result.text()
                assert talk.analysis is None

        run_on_qt(qapp, journey())


def test_who_stops_before_anything_was_sent_sends_nothing(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                talk = desk.analysis_control.conversation
                desk.analysis.ask.send_button.click()
                desk.actions["analysis.stop"].trigger()
                await until(lambda: talk.is_idle)
                assert (fake.requests, entries(cache)) == ([], [])
                assert desk.analysis.ask.send_button.isVisible()
                await asked(desk)
                assert len(fake.requests) == 1

        run_on_qt(qapp, journey())


def test_what_streams_is_shown_no_more_than_twenty_times_a_second(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    words = " ".join(f"word{n}" for n in range(400))
    said = json.dumps({"windows": [{"window": "w1", "summary": words, "findings": []}]})
    with FakeChat(streams(said, pieces=400)) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                prose = desk.analysis.result.prose
                ticks, before = [], prose.renders
                desk.analysis_control.conversation.caller._timer.timeout.connect(lambda: ticks.append(1))
                await asked(desk)
                # One for each tick at most; one at the beginning, two at the end.
                assert prose.renders - before <= len(ticks) + 3 < 400
                assert prose.toPlainText() == words

        run_on_qt(qapp, journey())


def test_a_key_that_an_answer_says_again_is_never_drawn(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    secret = "sk-very-secret-0123456789"
    hide(secret)
    words = f"The key that you sent is {secret}, which is " + " ".join(f"word{n}" for n in range(60))
    said = json.dumps({"windows": [{"window": "w1", "summary": words, "findings": []}]})

    async def slowly(_: Request, wire: Wire) -> None:
        await wire.head()
        for start in range(0, len(said), 3):
            await wire.text(said[start : start + 3])
            await asyncio.sleep(0.005)
        await wire.event("[DONE]")
        await wire.end()

    with FakeChat(slowly) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                drawn: list[str] = []
                prose = desk.analysis.result.prose
                prose.document().contentsChanged.connect(lambda: drawn.append(prose.toPlainText()))
                await asked(desk)
                assert len({text for text in drawn if 20 < len(text) < len(words)}) > 5, "it streamed"
                assert not [text for text in drawn if "sk-very" in text]
                assert prose.toPlainText() == words.replace(secret, "***")

        run_on_qt(qapp, journey())


@pytest.mark.parametrize(
    ("reply", "told", "way"),
    [
        (refuses(401, "bad key"), "HTTP 401, bad key", Way.KEY),
        (refuses(404, {"error": "no such model"}), "HTTP 404, no such model", Way.RETRY),
        (sends(b"<html>a</html>", kind="text/html"), "a web page", Way.RETRY),
        (
            sends(_BEGUN, cuts=True),
            "connection broke",
            Way.RETRY,
        ),
    ],
)
def test_what_fails_says_why_and_what_to_do(
    qapp: QApplication, cache: Cache, tmp_path: Path, reply: Reply, told: str, way: Way
) -> None:
    with FakeChat(reply, streams()) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel = desk.analysis
                talk = await asked(desk)
                assert told in panel.obstacles.text()
                assert panel.obstacles.obstacle is not None
                assert panel.obstacles.obstacle.way is way
                assert talk.analysis is None
                talk.renew()
                await until(lambda: bool(panel.earlier.rows))
                assert told in panel.obstacles.text(), "it stays until something else is done"
                if way is Way.RETRY:
                    panel.obstacles.press()
                    await until(
                        lambda: talk.analysis is not None and talk.is_idle and panel.result.is_complete
                    )
                    assert panel.obstacles.text() == ""
                else:
                    panel.obstacles.press()
                    assert desk.settings_control.dialog.isVisible()
                    desk.settings_control.dialog.reject()

        run_on_qt(qapp, journey())


def test_a_wait_is_counted_down_and_can_be_stopped(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    with FakeChat(refuses(429, "slow down", Retry_After="90")) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, talk = desk.analysis, desk.analysis_control.conversation
                panel.ask.send_button.click()
                await until(lambda: "429" in panel.obstacles.text())
                assert "try 2 of 6" in panel.obstacles.text()
                assert panel.result.tag.text() == "waiting"
                panel.obstacles.press()
                await until(lambda: talk.is_idle)
                assert len(fake.requests) == 1
                (kept,) = entries(cache)
                assert (kept.call.state, kept.call.nano_usd) == ("stopped", 0)

        run_on_qt(qapp, journey())


def test_a_cap_and_an_unknown_price_send_nothing(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url, is_priced=False, cap_day_usd=0.000001)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, talk = desk.analysis, desk.analysis_control.conversation
                assert "The price of fake-1 is not known" in panel.obstacles.text()
                panel.obstacles.press()
                dialog = desk.window.findChild(PriceDialog)
                assert isinstance(dialog, PriceDialog)
                QTest.keyClicks(dialog.sent, "1.5")
                assert dialog.command.command() == f"tickreel llm price {MODEL} 1.5"
                dialog.keep_button.click()
                await until(lambda: talk.choice.is_priced)
                with closing(cache.connect()) as database:
                    assert price_of(database, MODEL) is not None
                await until(lambda: panel.obstacles.text() == "")
                await asked(desk)
                assert "for this UTC day" in panel.obstacles.text()
                assert panel.obstacles.obstacle is not None
                assert panel.obstacles.obstacle.way is Way.CAPS
                assert fake.requests == []
                panel.obstacles.press()
                assert desk.settings_control.dialog.isVisible()
                desk.settings_control.dialog.reject()

        run_on_qt(qapp, journey())


def test_without_a_key_or_a_network_the_panel_says_so(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickreel.analysis.limits.MOST_TRIES", 1)
    with FakeChat() as fake:
        url = fake.url
        use_model(cache, url)

        async def answer() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                await asked(desk)

        run_on_qt(qapp, answer())

    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            panel, talk = desk.analysis, desk.analysis_control.conversation
            desk.scope.take_group(Group.HEALTH, is_in=False)  # another question than before
            await asked(desk)
            assert "cannot be reached" in panel.obstacles.text()
            assert "1 answer about this window is here." in panel.obstacles.text()
            panel.obstacles.press()
            await until(lambda: len(panel.history.model.entries) > 0)
            use_model(cache, "https://api.deepseek.com/v1")
            talk.renew()
            await until(lambda: talk.choice.host == "api.deepseek.com")
            panel.show_work()
            talk._has_failed = False
            talk._show_standing_obstacle()
            assert panel.obstacles.text().startswith("No key for api.deepseek.com. The offline analyst")
            assert talk.request() is not None
            assert talk.choice.asked == "offline"
            panel.obstacles.press()
            await until(desk.settings_control.dialog.isVisible)
            assert desk.settings_control.dialog.llm_key_row.isVisibleTo(desk.settings_control.dialog)
            desk.settings_control.dialog.reject()

    run_on_qt(qapp, journey())


def test_odd_numbers_are_marked_and_a_truncated_answer_says_so(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    def reply_with(request: Request, wire: Any) -> Any:
        whole = json.loads(answer_of(request))
        finding = whole["windows"][0]["findings"][0]
        finding["text"] = "It sits 7.2 bps under mid."
        return streams(json.dumps(whole), finish="length")(request, wire)

    with FakeChat(reply_with, streams('{"windows": [{"window": "w1", "summary": "It is')) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                result = desk.analysis.result
                await asked(desk)
                (card,) = result.cards
                assert card.match.text() == "1 figure has no source, marked in the text"
                assert card.text.links() == ["odd:0"]
                assert "cut at its greatest length" in result.problems.text()
                desk.scope.take_group(Group.HEALTH, is_in=False)
                await asked(desk)
                assert "broken JSON" in result.problems.text()
                assert result.cards == []

        run_on_qt(qapp, journey())


def test_marks_that_follow_each_other_fast_are_all_kept(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    def reply_with(request: Request, wire: Any) -> Any:
        whole = json.loads(answer_of(request))
        findings = whole["windows"][0]["findings"]
        findings.append(findings[0] | {"text": "It leans on."})
        return streams(json.dumps(whole))(request, wire)

    with FakeChat(reply_with) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                await asked(desk)
                talk = desk.analysis_control.conversation
                first, second = desk.analysis.result.cards
                for button in (first.pin, second.pin, first.up, second.down):
                    button.click()
                wanted = {0: Mark(is_pinned=True, rating=1), 1: Mark(is_pinned=True, rating=-1)}
                await until(lambda: talk.analysis is not None and talk.analysis.kept.marks == wanted)
                (kept,) = entries(cache)
                assert kept.marks == wanted
                assert [one.pin.isChecked() for one in (first, second)] == [True, True]
                assert (first.up.isChecked(), second.down.isChecked()) == (True, True)

        run_on_qt(qapp, journey())


def test_what_was_found_before_is_searched_opened_pinned_and_stale_when_the_day_changed(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, talk = desk.analysis, desk.analysis_control.conversation
                desk.analysis.ask.field.setText("And the spread?")
                await asked(desk)
                await asked(desk)
                assert len(fake.requests) == 1
                assert panel.result.tag.text() == "from store"
                await until(lambda: len(panel.earlier.rows) == 2)
                assert "free, from store" in panel.earlier.rows[0].accessibleName()
                panel.result.cards[0].pin.click()
                panel.result.cards[0].up.click()
                await until(lambda: all(one.marks for one in entries(cache)))
                await until(lambda: entries(cache)[0].marks[0].rating == 1)
                assert {one.marks[0].is_pinned for one in entries(cache)} == {True}
                await until(lambda: len(desk.replay.transport.overview._findings) == 1)
                panel.history_button.click()
                page = panel.history
                await until(lambda: len(page.model.entries) == 2)
                page.field.setText("nowhere")
                await until(lambda: len(page.model.entries) == 0)
                page.field.setText("spread")
                page.pinned.setChecked(True)
                await until(lambda: len(page.model.entries) == 2)
                path, _ = feed_files(tmp_path, messages=500)
                cache.import_file(path, replace=True)
                page.field.setText("the spread")
                await until(lambda: any(one.is_stale for one in page.model.entries))
                assert "stale" in page.model.index(0, 1).data()
                page.open_button.click()
                await until(lambda: not panel.history_button.isChecked())
                await until(lambda: panel.result.tag.text().startswith("stale") and panel.result.is_complete)
                assert talk.analysis is not None
                assert talk.analysis.figures is None
                assert panel.result.prose.links() == [], "no figure that nobody can show"
                assert panel.result.cards[0].pin.isChecked()

        run_on_qt(qapp, journey())


def test_in_a_narrow_window_the_ladder_gives_way_and_comes_back(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            ladder = desk.replay.panels.ladder
            assert desk.window.width() == 1280
            await until(lambda: not ladder.isVisible())
            desk.actions["panel.analysis"].trigger()
            await until(ladder.isVisible)
            desk.window.resize(1920, 1000)
            desk.window.show_panel("analysis")
            await until(lambda: ladder.isVisible() and desk.analysis.isVisible())

    run_on_qt(qapp, journey())


def test_the_day_that_is_selected_in_data_is_analysed_and_a_figure_opens_its_replay(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            await desk.opener.close()
            desk.window.go_to("data")
            desk.window.show_panel("analysis")
            await until(lambda: desk.scope.subject is not None)
            assert "23\u00a0Jul\u00a0UTC" in desk.analysis.chips.texts()
            talk = await asked(desk)
            assert talk.analysis is not None
            assert talk.analysis.kept.to_us - talk.analysis.kept.from_us == 86_400_000_000
            assert talk.analysis.snapshot is not None
            assert talk.analysis.snapshot["trades"] == SPAN_US // 1_000_000
            assert "tickreel analyze" in (desk.analysis_control.command() or "")
            desk.analysis.result.prose.figure_chosen.emit("f003")
            await until(lambda: desk.opener.player is not None and desk.window.front == "replay")

    run_on_qt(qapp, journey())


def test_days_that_are_chosen_in_data_go_as_windows_of_one_call_that_is_priced_before(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    (tmp_path / "next").mkdir()
    for path in feed_files(tmp_path / "next", shift_us=US_PER_DAY):
        cache.import_file(path.rename(path.with_name(path.name.replace("07-23", "07-24"))))
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, control = desk.analysis, desk.analysis_control
                desk.window.go_to("data")
                desk.window.show_panel("analysis")
                desk.data.select(DatasetKey(EXCHANGE, SYMBOL, DataType.INCREMENTAL_BOOK_L2))
                calendar = desk.data.detail.calendar
                await until(lambda: calendar.day_at(date(2024, 7, 23)) is not None)
                calendar.show_opened(date(2024, 7, 23))
                await until(lambda: "23\u00a0Jul\u00a0UTC" in panel.chips.texts())
                QTest.keyClick(calendar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
                chip = "23\u00a0Jul\u00a0UTC to 24\u00a0Jul\u00a0UTC, 2 windows"
                await until(lambda: chip in panel.chips.texts())
                assert control.command() is None, "a line has one window"
                control.conversation.shows_first = True
                panel.ask.send_button.click()
                await until(lambda: control.preview is not None)
                preview = control.preview
                assert preview is not None
                assert fake.requests == []
                assert any(part.startswith("2 windows ") for part in preview.facts.parts())
                worst_usd = preview.prepared.preview.worst_usd
                assert worst_usd is not None
                assert preview.send_button.text() == f"Send, at most {at_most(worst_usd)}"
                text = preview.sent_text()
                told = json.loads(json.loads(text)["messages"][1]["content"])["windows"]
                table = preview.tabs.currentWidget()
                assert isinstance(table, WordsTable)
                cells = [
                    (table.model().index(row, 4).data(), table.model().index(row, 3).data())
                    for row in range(table.rowCount())
                ]
                assert cells == [(one["window"], row[0]) for one in told for row in one["figures"]]
                assert [one["window"] for one in told] == ["w1", "w2"]
                preview.send_button.click()
                await until(lambda: bool(fake.requests) and control.conversation.is_idle)
                assert [request.raw for request in fake.requests] == [text.encode()], "to the byte"
                kept = entries(cache)
                days = [(one.from_us - START_US) // US_PER_DAY for one in kept]
                assert (days, {one.call.id for one in kept}) == ([0, 1], {kept[0].call.id})
                assert 0 < kept[0].call.usd <= worst_usd
                shown = control.conversation.analysis
                assert shown is not None
                assert shown.kept.from_us == kept[1].from_us, "the last day is shown, the others are listed"
                assert ", window 2 of 2 of one call. " in panel.result.account.text()
                await until(lambda: len(panel.earlier.rows) == 2)

        run_on_qt(qapp, journey())
