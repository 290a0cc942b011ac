"""Fetching end to end, over a socket: never twice, never silently, never lost."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from support.faketardis import CURABLE, EMPTY_DAY, Fault, Kind, Origin
from support.fetchdesk import (
    EXCHANGE,
    FIRST,
    SYMBOL,
    Desk,
    asked,
    asked_range,
    day_text,
    fetch_desk,
    hurry,
    path_of,
    write_days,
)
from support.vendorfiles import line

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.fetch.ownership import Ownership
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.states import FetchState
from tickreel.market.time import day_start_us
from tickreel.market.types import DataType
from tickreel.store import DayState, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.fetch.preflight import FetchPlan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vendor"


@pytest.fixture
def desk(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    hurry(monkeypatch)
    write_days(folder, 3)
    with fetch_desk(folder, home) as desk:
        yield desk


def actions(plan: FetchPlan) -> list[Action]:
    return [item.action for item in plan.items]


def states(desk: Desk) -> list[DayState]:
    return [day.state for day in desk.cache.days(EXCHANGE, SYMBOL, "trades")]


def text_of(desk: Desk, day: date) -> list[str]:
    frame = desk.cache.frame(EXCHANGE, SYMBOL, "trades", day, day + timedelta(days=1))
    return [str(each) for each in frame["id"]]


def test_days_are_fetched_once_and_come_back_as_they_are(desk: Desk) -> None:
    plan = desk.fetch(asked(3))
    assert actions(plan) == [Action.FETCHED] * 3
    assert states(desk) == [DayState.PRESENT] * 3
    for number in range(3):
        day = FIRST + timedelta(days=number)
        assert text_of(desk, day) == [f"{day.toordinal()}-{row}" for row in range(3)]
    (first, *_) = desk.cache.days(EXCHANGE, SYMBOL, "trades")
    body = (desk.fake.downloads, first.source, first.source_bytes)
    packed = len(gzip.compress(day_text(FIRST), mtime=0))
    assert body[1:] == (Source.TARDIS, packed)
    again = desk.fetch(asked(3))
    assert actions(again) == [Action.HAVE] * 3
    assert dict(desk.fake.downloads) == {path_of(FIRST + timedelta(days=n)): 1 for n in range(3)}
    assert not list((desk.cache.home / "downloads").iterdir())


@pytest.mark.parametrize("kind", sorted(CURABLE))
def test_whatever_time_cures_ends_with_the_right_rows(desk: Desk, kind: Kind) -> None:
    desk.fake.plan(path_of(FIRST), [Fault(kind, retry_after_s=0 if kind is Kind.RATE_LIMIT else None)])
    assert actions(desk.fetch(asked(2))) == [Action.FETCHED] * 2
    assert text_of(desk, FIRST) == [f"{FIRST.toordinal()}-{row}" for row in range(3)]
    assert not list((desk.cache.home / "downloads").iterdir())


@pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.BAD_CRC, Kind.HTML, Kind.JSON, Kind.NOISE])
def test_a_file_that_is_never_right_fails_with_its_evidence_and_leaves_no_day(desk: Desk, kind: Kind) -> None:
    desk.fake.plan(path_of(FIRST), [kind], last_stays=True)
    plan = desk.fetch(asked(2))
    assert actions(plan) == [Action.FAILED, Action.FETCHED]
    assert "never right" in plan.items[0].reason
    assert [day.day for day in desk.cache.days(EXCHANGE, SYMBOL, "trades")] == [FIRST + timedelta(days=1)]
    with desk.service() as service:
        (job,) = service.queue.jobs()
        failed = next(day for day in service.queue.days(job.id) if day.state is FetchState.FAILED)
    assert failed.attempts == 3
    assert failed.evidence is not None
    assert failed.evidence.stat().st_size > 0


def test_rows_in_disorder_are_refused_with_their_number(desk: Desk, folder: Path) -> None:
    start = day_start_us(FIRST)
    rows = (line(DataType.TRADES, start + 50, id="1"), line(DataType.TRADES, start + 40, id="2"))
    text = "\n".join((day_text(FIRST).decode().splitlines()[0], *rows, "")).encode()
    desk.fake.put(path_of(FIRST), gzip.compress(text, mtime=0))
    plan = desk.fetch(asked(1))
    assert actions(plan) == [Action.FAILED]
    assert "row 2" in plan.items[0].reason
    assert states(desk) == []


def test_an_empty_day_is_present_without_rows(desk: Desk) -> None:
    desk.fake.put(path_of(FIRST), EMPTY_DAY)
    header = day_text(FIRST).splitlines(keepends=True)[0]
    desk.fake.put(path_of(FIRST + timedelta(days=1)), gzip.compress(header, mtime=0))
    assert actions(desk.fetch(asked(2))) == [Action.FETCHED] * 2
    held = desk.cache.days(EXCHANGE, SYMBOL, "trades")
    assert [(day.state, day.rows) for day in held] == [(DayState.PRESENT, 0)] * 2
    assert actions(desk.fetch(asked(2))) == [Action.HAVE] * 2


def test_a_day_that_is_declared_and_not_found_is_suspicious_and_not_absent(desk: Desk) -> None:
    desk.fake.put(path_of(FIRST + timedelta(days=1)), None)
    plan = desk.fetch(asked(3))
    assert actions(plan) == [Action.FETCHED, Action.FAILED, Action.FETCHED]
    assert "inside what it declares" in plan.items[1].reason
    assert states(desk) == [DayState.PRESENT, DayState.PRESENT]


def test_what_the_vendor_does_not_list_is_absent_and_not_asked_for(desk: Desk) -> None:
    desk.fake.listing(
        EXCHANGE, SYMBOL, availableSince="2024-07-02T00:00:00.000Z", availableTo="2024-07-03T00:00:00.000Z"
    )
    plan = desk.fetch(asked(3))
    assert actions(plan) == [Action.ABSENT, Action.FETCHED, Action.ABSENT]
    span = "from 2024-07-02T00:00:00.000000Z to 2024-07-03T00:00:00.000000Z"
    assert plan.items[0].reason == f"the vendor has trades of {SYMBOL} {span}, not of that day"
    assert states(desk) == [DayState.ABSENT, DayState.PRESENT, DayState.ABSENT]
    assert [request.path for request in desk.fake.requests if request.path.endswith(".csv.gz")] == [
        f"/v1/{path_of(FIRST + timedelta(days=1))}"
    ]


def test_what_is_not_published_yet_is_pending_until_it_is(desk: Desk, folder: Path) -> None:
    desk.fake.exported_until = "2024-07-02T00:00:00.000Z"
    plan = desk.fetch(asked(3))
    assert actions(plan) == [Action.FETCHED, Action.PENDING, Action.PENDING]
    assert states(desk) == [DayState.PRESENT, DayState.PENDING, DayState.PENDING]
    desk.fake.exported_until = None
    for stored in (desk.cache.home / "metadata").iterdir():
        stored.unlink()  # what was read of the vendor's lists is old now
    assert actions(desk.fetch(asked(3))) == [Action.HAVE, Action.FETCHED, Action.FETCHED]


def test_without_a_key_the_first_of_a_month_is_fetched_and_the_rest_is_denied(
    folder: Path, home: Path
) -> None:
    write_days(folder, 2)
    with fetch_desk(folder, home, key=None) as desk:
        plan = desk.fetch(asked(2))
        assert actions(plan) == [Action.FETCHED, Action.DENIED]
        assert [item.free for item in plan.items] == [True, False]
        assert "free without a key" in plan.items[1].reason
        assert all(not request.key for request in desk.fake.requests)


def test_a_refused_key_fails_once_and_is_not_tried_again(desk: Desk) -> None:
    desk.fake.plan(path_of(FIRST), [Kind.UNAUTHORIZED], last_stays=True)
    assert actions(desk.fetch(asked(1))) == [Action.FAILED]
    assert len([request for request in desk.fake.requests if request.path.endswith(".csv.gz")]) == 1


def test_a_day_held_in_part_is_replaced_and_its_parts_go_to_the_trash(desk: Desk, tmp_path: Path) -> None:
    whole = day_text(FIRST).decode().splitlines(keepends=True)
    part = tmp_path / "part.csv"
    part.write_text("".join(whole[:2]))
    desk.cache.import_file(part, type="trades")
    assert states(desk) == [DayState.PARTIAL]
    assert desk.plan(asked(2)).days["partial"] == 1
    assert actions(desk.fetch(asked(1))) == [Action.FETCHED]
    assert states(desk) == [DayState.PRESENT]
    assert [entry.rows for entry in desk.cache.life.trash.entries()] == [1]


def test_the_same_rows_of_a_day_held_in_part_complete_it(desk: Desk, tmp_path: Path) -> None:
    start = day_start_us(FIRST)
    rows = "\n".join(
        (day_text(FIRST).decode().splitlines()[0], line(DataType.TRADES, start + 3_600_000_000, id="1"), "")
    )
    part = tmp_path / "part.csv"
    part.write_text(rows)
    desk.cache.import_file(part, type="trades")
    desk.fake.put(path_of(FIRST), gzip.compress(rows.encode(), mtime=0))
    assert actions(desk.fetch(asked(1))) == [Action.FETCHED]
    assert states(desk) == [DayState.PRESENT]
    assert actions(desk.fetch(asked(1))) == [Action.HAVE]


def test_a_day_asked_for_again_that_differs_is_a_new_version_and_that_is_said(desk: Desk) -> None:
    desk.fetch(asked(2))
    changed = day_text(FIRST, rows=5)
    desk.fake.put(path_of(FIRST), gzip.compress(changed, mtime=0))
    plan = desk.fetch(asked(2, refetch=True))
    assert actions(plan) == [Action.FETCHED] * 2
    assert "in the trash" in plan.items[0].reason
    assert plan.items[1].reason == "the same rows as were held"
    assert len(text_of(desk, FIRST)) == 5
    (entry,) = desk.cache.life.trash.entries()
    assert (entry.day, entry.rows) == (FIRST, 3)


def test_symbols_are_found_however_they_are_typed(desk: Desk) -> None:
    assert actions(desk.fetch(asked(1, "btcusdt"))) == [Action.FETCHED]
    assert states(desk) == [DayState.PRESENT]
    assert actions(desk.fetch(asked(1, "btcusdt"))) == [Action.HAVE]


def test_an_exchange_is_found_in_capitals_and_a_type_that_is_not_there_names_the_others(desk: Desk) -> None:
    start = day_start_us(FIRST)
    named = ((EXCHANGE.upper(), SYMBOL),)
    request = FetchRequest(named, (DataType.QUOTES,), start, start + 1)
    desk.fake.listing(EXCHANGE, SYMBOL, dataTypes=["trades"])
    (item,) = desk.plan(request).items
    assert (item.key.exchange, item.action) == (EXCHANGE, Action.ABSENT)
    assert item.reason == f"the vendor has no quotes of {SYMBOL}; it has trades"


def test_an_exchange_that_there_is_not_is_refused(desk: Desk) -> None:
    request = asked(1)
    wrong = type(request)((("binance-future", SYMBOL),), request.types, request.from_us, request.to_us)
    with pytest.raises(UsageError, match="binance-future"):
        desk.plan(wrong)


def test_estimates_come_from_what_was_fetched_and_from_nothing_else(desk: Desk) -> None:
    first = desk.plan(asked(3))
    assert (first.estimated_bytes, first.estimated_seconds, first.disk_free_after_bytes) == (None, None, None)
    assert first.requests == first.days["fetch"] == 3
    desk.fetch(asked(1))
    second = desk.plan(asked(3))
    size = len(gzip.compress(day_text(FIRST), mtime=0))
    assert second.estimated_bytes == 2 * size
    assert second.estimated_seconds is not None
    assert second.estimated_seconds > 0
    assert second.disk_free_after_bytes is not None
    assert second.disk_free_after_bytes < second.disk_free_bytes


def test_nothing_is_downloaded_to_plan(desk: Desk) -> None:
    desk.plan(asked(3))
    assert not [request for request in desk.fake.requests if request.path.endswith(".csv.gz")]


def test_without_the_vendor_the_lists_of_before_serve(desk: Desk) -> None:
    desk.plan(asked(1))
    with desk.fake.down():
        plan = desk.plan(asked(3))
    assert actions(plan) == [Action.FETCH] * 3
    assert plan.metadata_age_us is not None


def test_a_cancelled_job_stops_its_download_and_leaves_nothing(desk: Desk) -> None:
    desk.fake.plan(path_of(FIRST), [Fault(Kind.DRIP, pause_s=0.5)])

    async def cancel_while_it_drips() -> None:
        with desk.service() as service:
            job_id = service.submit(await service.preflight(asked(1)))
            assert job_id is not None
            work = asyncio.create_task(service.work(job_id))
            while not service.progress() or not max(service.progress().values())[0]:
                await asyncio.sleep(0.01)
            service.control.cancel(job_id)
            await asyncio.wait_for(work, 20)
            assert service.queue.job(job_id).days == {FetchState.CANCELLED: 1}

    asyncio.run(cancel_while_it_drips())
    assert states(desk) == []
    assert not list((desk.cache.home / "downloads").iterdir())


def test_a_fetcher_that_is_stopped_leaves_its_days_queued(desk: Desk) -> None:
    desk.fake.plan(path_of(FIRST), [Fault(Kind.DRIP, pause_s=0.5)])

    async def stop_while_it_drips() -> int:
        with desk.service() as service:
            job_id = service.submit(await service.preflight(asked(1)))
            assert job_id is not None
            work = asyncio.create_task(service.work(job_id))
            while not service.progress() or not max(service.progress().values())[0]:
                await asyncio.sleep(0.01)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            assert service.queue.job(job_id).days == {FetchState.QUEUED: 1}
            return job_id

    job_id = asyncio.run(stop_while_it_drips())
    with desk.service() as service:
        asyncio.run(asyncio.wait_for(service.work(job_id), 20))
        assert service.queue.job(job_id).days == {FetchState.DONE: 1}


def test_a_whole_file_that_a_dead_process_left_is_not_downloaded_again(desk: Desk) -> None:
    with desk.service() as service:
        job_id = service.submit(asyncio.run(service.preflight(asked(1))))
        assert job_id is not None
        (taken,) = service.queue.take(1)
        day = taken.day
        downloads = desk.cache.home / "downloads"
        downloads.mkdir()
        (downloads / f"{day.id}.csv.gz").write_bytes(gzip.compress(day_text(FIRST), mtime=0))
        (downloads / "999.csv.gz").write_bytes(b"of nobody")
        (downloads / f"{day.id}.part").write_bytes(b"half")
        asyncio.run(asyncio.wait_for(service.work(job_id), 20))
        assert service.queue.job(job_id).days == {FetchState.DONE: 1}
        assert not list(downloads.iterdir())
    assert not desk.fake.downloads


def test_what_a_killed_fetch_left_is_told_and_the_same_request_shares_its_days(desk: Desk) -> None:
    request = asked(3)
    with desk.service() as service:
        job_id = service.submit(asyncio.run(service.preflight(request)))
        assert job_id is not None
        service.queue.take(1)  # and whoever took it is killed
        other = service.submit(asyncio.run(service.preflight(asked(2))))
    with desk.service() as service:
        job, days = service.job(job_id)
        assert (job.state, job.days, job.interrupted) == (FetchState.QUEUED, {FetchState.QUEUED: 3}, 1)
        assert days[0].reason == "interrupted; goes on when a fetch starts"
        assert [(one.id, one.interrupted) for one in service.jobs()] == [(job_id, 1), (other, 1)]
        ownership = Ownership(desk.cache.home)
        assert ownership.take()
        assert service.job(job_id)[0].state is FetchState.RUNNING  # somebody may be at it
        ownership.release()
    assert actions(desk.fetch(request)) == [Action.FETCHED] * 3
    with desk.service() as service:
        assert [one.id for one in service.queue.jobs()] == [job_id, other, 3]
        assert service.queue.is_ended(job_id), "its days have come for the other"
    assert sum(desk.fake.downloads.values()) == 3


def test_two_services_share_one_queue_and_no_day_is_fetched_twice(desk: Desk) -> None:
    async def both() -> None:
        with desk.service() as one, desk.service() as other:
            jobs = [one.submit(await one.preflight(asked(3))), other.submit(await other.preflight(asked(2)))]
            assert None not in jobs
            await asyncio.wait_for(
                asyncio.gather(*(s.work(j) for s, j in zip((one, other), jobs, strict=True) if j)), 30
            )

    asyncio.run(both())
    assert set(desk.fake.downloads.values()) == {1}
    assert states(desk) == [DayState.PRESENT] * 3


def test_a_standing_order_fetches_what_the_vendor_publishes(desk: Desk) -> None:
    desk.fake.exported_until = "2024-07-02T00:00:00.000Z"
    with desk.service() as service:
        (key,) = asked(1).datasets()
        service.standing.add(key, FIRST)
        (job,) = asyncio.run(service.check_standing())
        asyncio.run(asyncio.wait_for(service.work(job), 20))
        assert asyncio.run(service.check_standing()) == []
        desk.fake.exported_until = None
        for stored in (desk.cache.home / "metadata").iterdir():
            stored.unlink()
        (job,) = asyncio.run(service.check_standing())
        assert service.queue.job(job).total == 2
        asyncio.run(asyncio.wait_for(service.work_all(), 20))
        (order,) = service.standing.all()
        assert (order.problem, order.until_us) == ("", day_start_us(date(2024, 7, 4)))
    assert states(desk) == [DayState.PRESENT] * 3
    assert set(desk.fake.downloads.values()) == {1}


def test_a_day_that_failed_is_left_alone_by_its_standing_order_for_a_day(desk: Desk) -> None:
    desk.fake.plan(path_of(FIRST), [Kind.UNAUTHORIZED], last_stays=True)
    with desk.service() as service:
        (key,) = asked(1).datasets()
        service.standing.add(key, FIRST)
        asyncio.run(service.check_standing())
        asyncio.run(asyncio.wait_for(service.work_all(), 20))
        assert asyncio.run(service.check_standing()) == []


def test_files_are_fetched_from_a_place_without_lists_and_a_404_is_not_taken_for_absent(
    desk: Desk,
) -> None:
    desk.environ["TICKREEL_TARDIS_API_URL"] = f"{desk.fake.datasets_url}/nowhere"
    plan = desk.fetch(asked(4))
    assert actions(plan) == [Action.FETCHED] * 3 + [Action.FAILED]
    assert "what it has could not be read" in plan.items[3].reason
    assert plan.notes
    assert states(desk) == [DayState.PRESENT] * 3


def trade(at: str, number: int, symbol: str = SYMBOL) -> str:
    """Write a normalized trade as tardis-machine does."""
    return (
        f'{{"type":"trade","symbol":"{symbol}","exchange":"{EXCHANGE}","id":"{number}","price":1.5,'
        f'"amount":2,"side":"buy","timestamp":"{at[:-4]}Z","localTimestamp":"{at}"}}'
    )


def test_a_range_from_a_machine_becomes_a_part_of_its_day_and_the_whole_day_replaces_it(desk: Desk) -> None:
    times = [f"2024-07-01T00:1{minute}:30.000123Z" for minute in range(5)]
    desk.fake.machine.serve(EXCHANGE, [trade(at, number) for number, at in enumerate(times)])
    start_us = day_start_us(FIRST)
    request = asked_range(start_us + 11 * 60_000_000 + 5, start_us + 14 * 60_000_000)
    assert actions(desk.fetch(request)) == [Action.FETCHED]
    (day,) = desk.cache.days(EXCHANGE, SYMBOL, "trades")
    assert (day.state, day.source, day.rows) == (DayState.PARTIAL, Source.TARDIS_MACHINE, 3)
    assert text_of(desk, FIRST) == ["1", "2", "3"]
    assert not [one for one in desk.fake.requests if one.path.endswith(".csv.gz")]
    assert actions(desk.fetch(request)) == [Action.HAVE]
    assert actions(desk.fetch(replace(request, to_us=request.to_us - 1))) == [Action.HAVE]
    assert actions(desk.plan(replace(request, to_us=request.to_us + 1))) == [Action.FETCH]
    again = desk.fetch(replace(request, refetch=True))
    assert [(item.action, item.reason) for item in again.items] == [
        (Action.FETCHED, "the same rows as were held")
    ]
    assert len(desk.cache.days(EXCHANGE, SYMBOL, "trades")[0].parts) == 1
    assert actions(desk.fetch(asked(1))) == [Action.FETCHED]
    assert states(desk) == [DayState.PRESENT]
    assert [entry.rows for entry in desk.cache.life.trash.entries()] == [3]


def test_a_machine_that_does_not_answer_is_told_before_the_fetch(desk: Desk) -> None:
    start_us = day_start_us(FIRST)
    assert desk.plan(asked_range(start_us, start_us + 60_000_000)).notes == ()
    desk.environ["TICKREEL_TARDIS_MACHINE_URL"] = "http://127.0.0.1:9"
    plan = desk.plan(asked_range(start_us, start_us + 60_000_000))
    assert actions(plan) == [Action.FETCH]
    assert "tardis-machine at 127.0.0.1:9: the connection failed" in plan.notes[0]


def test_a_machine_that_fails_on_the_way_leaves_nothing_and_is_asked_again(desk: Desk) -> None:
    start_us = day_start_us(FIRST)
    lines = [trade(f"2024-07-01T00:00:{second:02}.000000Z", second) for second in range(60)]
    desk.fake.machine.serve(EXCHANGE, lines)
    desk.fake.plan("replay-normalized", [Kind.LATE_ERROR, Kind.RESET])
    assert actions(desk.fetch(asked_range(start_us, start_us + 60_000_000))) == [Action.FETCHED]
    assert desk.cache.days(EXCHANGE, SYMBOL, "trades")[0].rows == 60
    asked_for = [one.path for one in desk.fake.requests_to(Origin.MACHINE)]
    assert asked_for == ["/health-check", *["/replay-normalized"] * 3]


def test_a_range_without_rows_says_whether_others_came(desk: Desk) -> None:
    start_us = day_start_us(FIRST)
    desk.fake.machine.serve(EXCHANGE, [])
    plan = desk.fetch(asked_range(start_us, start_us + 60_000_000))
    assert (actions(plan), plan.items[0].reason) == ([Action.FETCHED], "no rows lie in the range")
    assert states(desk) == []


def test_a_range_of_a_day_that_is_held_is_not_asked_for(desk: Desk) -> None:
    desk.fetch(asked(1))
    start_us = day_start_us(FIRST)
    at = "2024-07-01T08:00:00.500000Z"
    desk.fake.machine.serve(EXCHANGE, [trade(at, 7)])
    plan = desk.fetch(asked_range(start_us, start_us + 86_400_000_000))
    assert actions(plan) == [Action.HAVE]


def test_each_kind_of_trouble_has_its_own_tries(desk: Desk) -> None:
    desk.fake.plan(path_of(FIRST), [Kind.HANG_UP, Kind.HANG_UP, Kind.TRUNCATED, Kind.NOT_FOUND])
    limits = [Fault(Kind.RATE_LIMIT, retry_after_s=0)] * 11
    desk.fake.plan(path_of(FIRST + timedelta(days=1)), [*limits, Kind.SERVER_ERROR])
    assert actions(desk.fetch(asked(2))) == [Action.FETCHED] * 2


def test_a_symbol_that_the_vendor_does_not_list_is_refused_and_nothing_is_recorded(desk: Desk) -> None:
    with pytest.raises(UsageError, match="lists no BTCUSD of binance-futures: did you mean BTCUSDT"):
        desk.plan(asked(1, "BTCUSD"))
    assert desk.cache.datasets() == []


def test_from_an_old_list_no_day_is_taken_for_absent(desk: Desk) -> None:
    desk.fake.listing(EXCHANGE, SYMBOL, availableTo="2024-07-02T00:00:00.000Z")
    assert actions(desk.plan(asked(2))) == [Action.FETCH, Action.ABSENT]
    (kept,) = (desk.cache.home / "metadata").glob(f"{EXCHANGE}.json")
    said = json.loads(kept.read_text())
    kept.write_text(json.dumps({**said, "fetched_us": said["fetched_us"] - 10**12}))
    desk.fake.plan(f"exchanges/{EXCHANGE}", [Kind.SERVER_ERROR], last_stays=True)
    assert actions(desk.fetch(asked(2))) == [Action.FETCHED] * 2


def test_a_day_that_came_by_another_way_meanwhile_is_neither_fetched_nor_replaced(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes(day_text(FIRST, rows=7))
    with desk.service() as service:
        job_id = service.submit(asyncio.run(service.preflight(asked(2))))
        assert job_id is not None
        desk.cache.import_file(file, type="trades", complete=True)
        asyncio.run(asyncio.wait_for(service.work(job_id), 20))
        days = service.queue.days(job_id)
    assert [day.reason for day in days] == ["it is here already", ""]
    held = desk.cache.days(EXCHANGE, SYMBOL, "trades")
    assert [(day.source, day.rows) for day in held] == [(Source.IMPORT, 7), (Source.TARDIS, 3)]
    assert set(desk.fake.downloads) == {path_of(FIRST + timedelta(days=1))}


def test_retries_beyond_the_calls_of_the_plan_fail_and_say_why(desk: Desk) -> None:
    (desk.cache.home / "prices.toml").write_text('[plan]\nname = "tiny"\ncalls_per_month = 4\n')
    # Two of them for the lists: of the exchange, and of what the key includes.
    desk.fake.plan(path_of(FIRST), [Kind.SERVER_ERROR])
    plan = desk.fetch(asked(2))
    assert sorted(actions(plan)) == [Action.FAILED, Action.FETCHED]
    assert "tiny" in next(item.reason for item in plan.items if item.action is Action.FAILED)
    assert len([one for one in desk.fake.requests if one.path.endswith(".csv.gz")]) == 2


def test_what_was_begun_for_another_job_comes_to_its_end(desk: Desk) -> None:
    async def work() -> None:
        with desk.service() as service:
            first = service.submit(await service.preflight(asked(1)))
            other = service.submit(await service.preflight(asked(1, first=FIRST + timedelta(days=1))))
            assert first is not None
            assert other is not None
            await asyncio.wait_for(service.work(first), 20)
            assert service.queue.is_ended(other)

    desk.fake.plan(path_of(FIRST + timedelta(days=1)), [Fault(Kind.DRIP, pause_s=0.05)])
    asyncio.run(work())
    assert set(desk.fake.downloads.values()) == {1}


def test_a_standing_order_does_not_ask_twice_and_leaves_alone_what_was_cancelled(desk: Desk) -> None:
    with desk.service() as service:
        (key,) = asked(1).datasets()
        service.standing.add(key, FIRST)
        (job,) = asyncio.run(service.check_standing())
        assert asyncio.run(service.check_standing()) == []
        service.control.cancel(job)
        assert asyncio.run(service.check_standing()) == []


def test_each_list_is_asked_for_once_in_a_check_of_all_orders_and_counts(desk: Desk) -> None:
    with desk.service() as service:
        for key in asked(1, SYMBOL, "ETHUSDT").datasets():
            service.standing.add(key, FIRST)
        asyncio.run(service.check_standing())
        lists = [one.path for one in desk.fake.requests]
        assert sorted(lists) == ["/v1/api-key-info", f"/v1/exchanges/{EXCHANGE}"]
        assert service.budget().calls == 2


def test_while_the_vendor_is_held_it_is_asked_only_by_the_users_own_act(desk: Desk) -> None:
    with desk.service() as service:
        (key,) = asked(1).datasets()
        service.standing.add(key, FIRST)
        service.queue.hold.extend(desk.cache.disk.now_us() + 10**9, "the vendor's quota is used up")
        assert asyncio.run(service.check_standing()) == []
        (order,) = service.standing.all()
        assert (order.checked_us, desk.fake.requests) == (None, [])
        asyncio.run(service.preflight(asked(1)))
        assert desk.fake.requests


def test_lists_are_calls_of_the_plan_and_those_of_before_serve_when_it_is_spent(desk: Desk) -> None:
    (desk.cache.home / "prices.toml").write_text('[plan]\nname = "tiny"\ncalls_per_month = 1\n')
    with desk.service() as service:
        plan = asyncio.run(service.preflight(asked(1)))
        assert [one.path for one in desk.fake.requests] == [f"/v1/exchanges/{EXCHANGE}"]
        assert "the plan tiny allows" in plan.notes[0]
        with pytest.raises(EnvironmentProblem, match="or change the plan") as refused:
            asyncio.run(service.check())
        assert "--allow-over-budget" not in str(refused.value)
        plan = asyncio.run(service.preflight(asked(1), allow_over_budget=True))
        assert plan.notes == ()
        assert service.budget().calls == len(desk.fake.requests) == 2


def test_a_call_that_never_reached_the_vendor_is_none_of_the_plan(desk: Desk) -> None:
    desk.environ["TICKREEL_TARDIS_API_URL"] = desk.environ["TICKREEL_TARDIS_DATASETS_URL"] = (
        "http://127.0.0.1:9/v1"
    )
    with desk.service() as service:
        job_id = service.submit(asyncio.run(service.preflight(asked(1))))
        assert job_id is not None
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(service.work(job_id), 0.5))
        (day,) = service.queue.days(job_id)
        assert day.attempts > 0
        assert service.budget().calls == 0


def test_a_standing_order_says_what_the_key_does_not_include(folder: Path, home: Path) -> None:
    write_days(folder, 3)
    with fetch_desk(folder, home, key=None) as desk, desk.service() as service:
        (key,) = asked(1).datasets()
        service.standing.add(key, FIRST)
        (job,) = asyncio.run(service.check_standing())
        assert service.queue.job(job).total == 1
        (order,) = service.standing.all()
    assert order.problem.startswith("2 days are not fetched: only the first day of a month")
