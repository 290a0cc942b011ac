"""The life of days by hand, through the real window over a real home."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QToolButton
from support.accessibility import nameless_controls
from support.caredays import KEY, ROWS, fill, held, nth, span
from support.desks import desk_over, until
from support.faketardis import FakeTardis
from support.fetchdesk import path_of
from support.qtloop import run_on_qt
from support.vendorfiles import START_US, line, write_csv

from tickreel.jobs import State
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.settings import load
from tickreel.store import open_cache
from tickreel.store.library import exporting, forms
from tickreel_desktop.care import deleting
from tickreel_desktop.care.checking import VerifyDialog
from tickreel_desktop.care.evict_dialog import EvictDialog
from tickreel_desktop.care.expiry import ExpiryDialog
from tickreel_desktop.care.export_dialog import ExportDialog
from tickreel_desktop.care.findings_dialog import FindingsDialog
from tickreel_desktop.care.question import Question
from tickreel_desktop.care.quota_dialog import QuotaDialog
from tickreel_desktop.components import Banner
from tickreel_desktop.components.toast import Toast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk

pytestmark = pytest.mark.long

D = TypeVar("D", bound=QDialog)


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        yield opened


@asynccontextmanager
async def data_desk(cache: Cache) -> AsyncIterator[Desk]:
    """Show Data, with the one dataset selected."""
    async with desk_over(cache) as desk:
        await until(lambda: desk.data.select(KEY))
        desk.data.take_focus()
        await until(desk.actions["data.evict"].isEnabled)
        yield desk


async def opened(kind: type[D]) -> D:
    """Wait for a dialog of a kind, whose controls must all have names."""

    def find() -> D | None:
        return next(
            (each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()),
            None,
        )

    await until(lambda: find() is not None)
    found = find()
    assert found is not None
    assert nameless_controls(found) == []
    return found


async def told(desk: Desk, words: str) -> Toast:
    """Wait for a message that says so."""

    def find() -> Toast | None:
        return next((each for each in toasts(desk) if words in each.message.heading), None)

    await until(lambda: find() is not None)
    found = find()
    assert found is not None
    return found


def toasts(desk: Desk) -> list[Toast]:
    return [each for each in desk.window.findChildren(Toast) if each.isVisible()]


def press(toast: Toast, text: str) -> None:
    next(each for each in toast.findChildren(QPushButton) if text in each.text()).click()


def pinned(cache: Cache) -> list[bool]:
    return [day.pinned for day in cache.days(KEY.exchange, KEY.symbol, KEY.type)]


def test_pins_are_set_and_taken_and_undone(qapp: QApplication, cache: Cache) -> None:
    cache.life.pins.pin(span(0, 0))
    cache.life.pins.pin(span(1, 1), "run 7")

    async def flow() -> None:
        async with data_desk(cache) as desk:
            assert desk.actions.command("data.pin") == (
                "tickreel cache pin binance-futures BTCUSDT trades 2024-07-23 2024-07-27"
            )
            desk.actions["data.pin"].trigger()
            toast = await told(desk, "3 days of binance-futures BTCUSDT trades pinned")
            assert "1 day of the selection: also pinned by run 7." in toast.message.text
            assert pinned(cache) == [True] * 4
            press(toast, "Undo")
            await until(lambda: desk.undo.redo_text == "Pin 3 days")
            assert pinned(cache) == [True, True, False, False]
            desk.actions["edit.redo"].trigger()
            await until(lambda: desk.undo.undo_text == "Pin 3 days")
            assert pinned(cache) == [True] * 4
            desk.actions["data.unpin"].trigger()
            toast = await told(desk, "4 days of binance-futures BTCUSDT trades unpinned")
            assert "1 day stays pinned by run 7." in toast.message.text
            assert pinned(cache) == [False, True, False, False]

    run_on_qt(qapp, flow())


def test_deleted_days_come_back_with_their_pins_and_times_and_go_again(
    qapp: QApplication, cache: Cache
) -> None:
    cache.life.pins.pin(span(2, 2))
    cache.life.expire(span(1, 1), 2_000_000_000_000_000)
    before = cache.all_days()

    async def flow() -> None:
        async with data_desk(cache) as desk:
            QTest.keyClick(desk.data.table, Qt.Key.Key_Delete)
            toast = await told(desk, "1 day is pinned: nothing was deleted")
            press(toast, "Unpin and delete 4 days")
            question = await opened(Question)
            assert "1 day of them was imported or made here" in question.text
            assert held(cache) == [0, 1, 2, 3], "nothing goes before the answer"
            question.do_button.click()
            toast = await told(desk, "4 days moved to the trash")
            assert held(cache) == []
            press(toast, "Undo")
            await until(lambda: held(cache) == [0, 1, 2, 3])
            await until(lambda: desk.undo.redo_text == "Delete 4 days")
            again = cache.all_days()
            assert [(day.rows_sha256, day.pinned, day.expires_us) for day in again] == [
                (day.rows_sha256, day.pinned, day.expires_us) for day in before
            ]
            desk.actions["edit.redo"].trigger()
            await until(lambda: held(cache) == [])
            await until(lambda: desk.undo.undo_text == "Delete 4 days")

    run_on_qt(qapp, flow())


def test_many_days_are_asked_about_and_a_deletion_is_cancelled_half_way(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.life.trash.purge(cache.life.trash.put(span(3, 3)))
    monkeypatch.setattr(deleting, "MOST_UNASKED", 2)
    monkeypatch.setattr("tickreel_desktop.care.deletion._AT_ONCE", 1)
    put = cache.life.trash.put
    moved = threading.Event()
    go_on = threading.Event()

    def put_slowly(days: object, reason: str = "by hand") -> object:
        found = put(days, reason)  # type: ignore[arg-type]
        moved.set()
        assert go_on.wait(30)
        return found

    async def flow() -> None:
        async with data_desk(cache) as desk:
            monkeypatch.setattr(cache.life.trash, "put", put_slowly)
            desk.actions["data.delete"].trigger()
            (await opened(Question)).do_button.click()
            await until(moved.is_set)
            (job,) = desk.runner.jobs
            assert (job.kind, job.state) == ("delete", State.RUNNING)
            desk.runner.cancel(job)
            go_on.set()
            toast = await told(desk, "1 day moved to the trash, then cancelled")
            assert held(cache) == [1, 2]
            press(toast, "Undo")
            await until(lambda: held(cache) == [0, 1, 2])

    run_on_qt(qapp, flow())


def test_a_preview_says_what_leaves_for_good_and_only_that_leaves(qapp: QApplication, cache: Cache) -> None:
    cache.life.pins.pin(span(0, 0))

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.evict"].trigger()
            dialog = await opened(EvictDialog)
            await until(lambda: dialog.plan is not None)
            assert dialog.heading().startswith("Evict 2 days, ")
            assert dialog.evict_button.text() == dialog.heading()
            assert dialog.command().endswith("2024-07-23 2024-07-27 --for-good")
            staying = next(each for each in dialog.view.findChildren(QToolButton) if "Stays" in each.text())
            staying.click()
            model = dialog.table.model()
            reasons = [model.index(row, 4).data() for row in range(model.rowCount())]
            assert reasons == ["pinned", "imported: it leaves by hand alone"]
            cache.life.pins.pin(span(1, 1))  # meanwhile
            dialog.evict_button.click()
            toast = await told(desk, "1 day evicted")
            assert "1 day changed meanwhile" in toast.message.text
            assert held(cache) == [0, 1, 3]
            assert cache.life.trash.entries() == []

    run_on_qt(qapp, flow())


def test_the_trash_restores_replaces_and_purges(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    cache.life.trash.put(span(0, 1))
    cache.life.trash.put(span(3, 3))
    noon_us = START_US + 43_200_000_000
    other = [line(DataType.TRADES, noon_us, id="other")]
    cache.import_file(write_csv(tmp_path / "other.csv", DataType.TRADES, other), type=DataType.TRADES)
    assert held(cache) == [0, 2]

    def rows() -> int:
        return cache.days(KEY.exchange, KEY.symbol, KEY.type)[0].rows

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.trash"].trigger()
            await until(
                lambda: (
                    desk.data_control.care.trash.dialog is not None
                    and desk.data_control.care.trash.dialog.isVisible()
                )
            )
            dialog = desk.data_control.care.trash.dialog
            assert dialog is not None
            assert nameless_controls(dialog) == []
            assert dialog.sums().startswith("3 versions, ")
            dialog.filter.setText("imported")
            assert [one.day for one in dialog.model.rows] == [nth(3)]
            dialog.filter.setText(nth(0).isoformat())
            dialog.table.selectAll()
            assert dialog.command() == f"tickreel cache restore --id {dialog.model.rows[0].id}"
            dialog.restore_button.click()
            await until(dialog.banner.isVisible)
            assert f"({ROWS} rows) overlaps what is held (1 rows stored" in dialog.banner.text()
            assert rows() == 1
            dialog.replace_button.click()
            toast = await told(desk, "1 day restored")
            assert toast.message.text == "What was here lies in the trash."
            assert rows() == ROWS
            toast.close_message()
            dialog.filter.clear()
            await until(lambda: len(dialog.model.rows) == 3)
            dialog.filter.setText(nth(1).isoformat())
            dialog.table.selectAll()
            dialog.restore_button.click()
            await until(lambda: held(cache) == [0, 1, 2])
            await told(desk, "1 day restored")
            desk.undo.undo()
            await until(lambda: held(cache) == [0, 2])
            await until(lambda: desk.undo.redo_text == "Restore 1 day")
            dialog.filter.setText("imported")
            await until(lambda: {one.day for one in dialog.model.rows} == {nth(0), nth(3)})
            dialog.table.selectAll()
            dialog.purge_button.click()
            question = await opened(Question)
            assert "2 versions below cannot be fetched again: their rows are lost for ever." in question.text
            question.do_button.click()
            await told(desk, "2 versions purged")
            assert [one.day for one in cache.life.trash.entries()] == [nth(1)]
            dialog.reject()

    run_on_qt(qapp, flow())


def test_a_verification_is_cancelled_and_damage_is_told_with_its_cure(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = type(cache).verify
    go_on = threading.Event()

    def verify_slowly(*args: object, **named: object) -> object:
        assert go_on.wait(30)
        return verify(*args, **named)  # type: ignore[arg-type]

    async def flow() -> None:
        async with data_desk(cache) as desk:
            monkeypatch.setattr(type(cache), "verify", verify_slowly)
            desk.actions["data.verify"].trigger()
            (await opened(VerifyDialog)).verify_button.click()
            await until(lambda: bool(desk.runner.jobs))
            desk.runner.cancel(desk.runner.jobs[0])
            go_on.set()
            await told(desk, "Verification cancelled")
            (path,) = (each for each in cache.home.rglob("*.tick") if each.stem == _segment_of(cache, 3))
            path.write_bytes(path.read_bytes()[:-1])
            desk.actions["data.verify"].trigger()
            dialog = await opened(VerifyDialog)
            dialog.deep.setChecked(True)
            dialog.verify_button.click()
            toast = await told(desk, "1 file of 4 damaged")
            press(toast, "Show what was found")
            findings = await opened(FindingsDialog)
            (cure,) = findings.model.rows
            assert (cure.finding.day, cure.words) == (nth(3), "import again")
            assert findings.import_button.isVisible()
            assert not findings.fetch_button.isVisible()
            findings.reject()

    run_on_qt(qapp, flow())


def test_a_damaged_day_that_was_fetched_is_fetched_again(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vendor"
    rows = [line(DataType.TRADES, START_US + row, id=f"again-{row}") for row in range(7)]
    write_csv(folder / path_of(nth(0)), DataType.TRADES, rows)
    (path,) = (each for each in cache.home.rglob("*.tick") if each.stem == _segment_of(cache, 0))
    path.write_bytes(path.read_bytes()[:-1])

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.verify"].trigger()
            (await opened(VerifyDialog)).verify_button.click()
            press(await told(desk, "1 file of 4 damaged"), "Show what was found")
            findings = await opened(FindingsDialog)
            assert findings.fetch_button.text() == "Fetch 1 day again"
            assert not findings.import_button.isVisible()
            findings.fetch_button.click()
            await told(desk, "1 day to fetch again")
            await until(lambda: _rows_of(cache, 0) == 7)

    with FakeTardis(folder) as fake:
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        run_on_qt(qapp, flow())


def test_what_was_evicted_can_be_fetched_again(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vendor"
    for number in range(2):
        at_us = START_US + number * US_PER_DAY
        rows = [line(DataType.TRADES, at_us + row, id=f"again-{row}") for row in range(7)]
        write_csv(folder / path_of(nth(number)), DataType.TRADES, rows)
    cache.life.pins.pin(span(2, 2))

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.evict"].trigger()
            dialog = await opened(EvictDialog)
            await until(lambda: dialog.plan is not None)
            dialog.evict_button.click()
            toast = await told(desk, "2 days evicted")
            assert held(cache) == [2, 3]
            press(toast, "Fetch 2 days again")
            await told(desk, "2 days to fetch again")
            await until(lambda: held(cache) == [0, 1, 2, 3])

    with FakeTardis(folder) as fake:
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        run_on_qt(qapp, flow())


def _rows_of(cache: Cache, number: int) -> int:
    day = cache.day(KEY.exchange, KEY.symbol, KEY.type, nth(number))
    return 0 if day is None or not day.state.is_held else day.rows


def _segment_of(cache: Cache, number: int) -> str:
    day = cache.day(KEY.exchange, KEY.symbol, KEY.type, nth(number))
    assert day is not None
    return day.parts[0].segment_id


def test_an_export_names_what_is_missing_or_there_and_leaves_nothing_when_cancelled(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.life.trash.put(span(1, 1))
    folder = tmp_path / "out"
    folder.mkdir()
    mine = folder / "binance-futures_trades_2024-07-25_BTCUSDT.csv"
    write = forms.write_rows
    half_way, go_on = threading.Event(), threading.Event()

    def write_slowly(*args: object) -> None:
        write(*args)  # type: ignore[arg-type]
        half_way.set()
        assert go_on.wait(30)

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.export"].trigger()
            dialog = await opened(ExportDialog)
            dialog.set_folder(str(folder))
            await until(lambda: dialog.caption() == "1 day is missing")
            assert not dialog.export_button.isEnabled()
            dialog.leave_out.setChecked(True)
            assert dialog.export_button.text() == "Export 3 files"
            monkeypatch.setattr(exporting, "write_rows", write_slowly)
            dialog.export_button.click()
            await until(half_way.is_set)
            assert [path.suffix for path in folder.iterdir()] == [".part"]
            desk.runner.cancel(desk.runner.jobs[-1])
            go_on.set()
            await told(desk, "Export cancelled")
            assert list(folder.iterdir()) == []
            mine.write_text("mine")
            desk.actions["data.export"].trigger()
            dialog = await opened(ExportDialog)
            dialog.first_field.setText("2024-07-25")
            dialog.first_field.textEdited.emit("2024-07-25")
            dialog.set_folder(str(folder))
            await until(lambda: dialog.caption() == "1 file is already there")
            dialog.replace.setChecked(True)
            commands = dialog.command().splitlines()
            assert commands[0].endswith(f"2024-07-25 2024-07-26 --format csv -o {mine}")
            dialog.export_button.click()
            await told(desk, "2 files exported")
            assert len(mine.read_text().splitlines()) == ROWS + 1
            assert len(list(folder.iterdir())) == 2

    run_on_qt(qapp, flow())


def test_a_quota_is_previewed_set_and_undone(qapp: QApplication, cache: Cache, home: Path) -> None:
    used = sum(day.bytes for day in cache.all_days())

    def quota() -> int | None:
        return load(home).values.store.quota_bytes

    async def flow() -> None:
        async with data_desk(cache) as desk:
            assert "No limit is set." in desk.data_control.care.quota.text_below()
            desk.data_control.care.quota.click()
            dialog = await opened(QuotaDialog)
            await until(lambda: dialog.heading() == "Without a limit, nothing would leave")
            dialog.field.setText(f"{used - 1} B")
            dialog.field.setModified(True)
            QTest.keyClick(dialog.field, Qt.Key.Key_Return)
            await until(lambda: "1 day would leave" in dialog.heading())
            assert dialog.command() == f"tickreel settings set store.quota_bytes {used - 1}"
            dialog.set_button.click()
            toast = await told(desk, "Quota set to")
            assert quota() == used - 1
            await until(lambda: "over it" in desk.data_control.care.quota.text_below())
            assert held(cache) == [0, 1, 2, 3], "setting it alone lets nothing leave"
            kept = next(one for one in desk.window.toasts.kept() if one.message is toast.message)
            assert "Undo" in [action.text for action in kept.actions()]
            desk.undo.did("Change the quota of something else", lambda: None, lambda: None)
            assert "Undo" not in [action.text for action in kept.actions()]
            desk.undo.undo()
            press(toast, "Evict now...")
            evict = await opened(EvictDialog)
            await until(lambda: evict.plan is not None and len(evict.plan.evict) == 1)
            evict.reject()
            desk.actions["edit.undo"].trigger()
            await until(lambda: quota() is None)
            await until(lambda: "No limit is set." in desk.data_control.care.quota.text_below())

    run_on_qt(qapp, flow())


def test_a_quota_that_the_policy_locks_is_shown_and_not_changed(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('reason = "desk storage"\n[store]\nquota_bytes = 2000000000000\n')
    monkeypatch.setattr("tickreel_desktop.settings.keeper.machine_policy_path", lambda _environ: policy)

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.quota"].trigger()
            dialog = await opened(QuotaDialog)
            assert not dialog.slider.isEnabled()
            assert not dialog.set_button.isVisible()
            (banner,) = dialog.findChildren(Banner)
            assert "desk storage" in banner.text()
            dialog.reject()

    run_on_qt(qapp, flow())


def test_a_time_is_set_for_what_can_be_fetched_again_and_undone(qapp: QApplication, cache: Cache) -> None:
    def times() -> list[int | None]:
        return [day.expires_us for day in cache.days(KEY.exchange, KEY.symbol, KEY.type)]

    async def flow() -> None:
        async with data_desk(cache) as desk:
            desk.actions["data.expire"].trigger()
            dialog = await opened(ExpiryDialog)
            QTest.keyClick(dialog.field, Qt.Key.Key_Backspace)
            assert not dialog.set_button.isEnabled()
            dialog.field.selectAll()
            QTest.keyClicks(dialog.field, "2030-01-01")
            assert dialog.command().endswith("2024-07-23 2024-07-26 --at 2030-01-01")
            dialog.set_button.click()
            toast = await told(desk, "3 days may leave from 2030-01-01 on")
            assert times() == [1_893_456_000_000_000] * 3 + [None]
            press(toast, "Undo")
            await until(lambda: times() == [None] * 4)

    run_on_qt(qapp, flow())


def test_what_changes_days_is_off_in_a_home_that_can_only_be_read(
    qapp: QApplication, cache: Cache, home: Path
) -> None:
    cache.life.trash.put(span(0, 0))
    cache.close()

    async def flow(reader: Cache) -> None:
        async with desk_over(reader) as desk:
            await until(lambda: desk.data.select(KEY))
            for name in ("pin", "unpin", "expire", "delete", "evict"):
                assert not desk.actions[f"data.{name}"].isEnabled()
                assert desk.actions.doing(f"data.{name}").reason == f"The home {home} can only be read"
            assert desk.actions["data.export"].isEnabled()
            desk.actions["data.trash"].trigger()
            await until(
                lambda: (
                    desk.data_control.care.trash.dialog is not None
                    and desk.data_control.care.trash.dialog.isVisible()
                )
            )
            dialog = desk.data_control.care.trash.dialog
            assert dialog is not None
            dialog.table.selectAll()
            assert not dialog.restore_button.isEnabled()
            assert dialog.caption() == f"The home {home} can only be read"
            dialog.reject()

    with open_cache(home, read_only=True) as reader:
        run_on_qt(qapp, flow(reader))
