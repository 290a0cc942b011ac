"""What whoever asks for a fetch may choose: what is left out, when it begins, and what is asked before."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from support.faketardis import Kind
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, asked, day_text, fetch_desk, hurry, path_of, write_days

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.states import FetchState
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import DayRange, DayState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.fetchdesk import Desk

    from tickreel.fetch.preflight import FetchPlan

KEY = DatasetKey(EXCHANGE, SYMBOL, DataType.TRADES)
_SECOND = FIRST + timedelta(days=1)
_OUTAGE = {
    "from": f"{_SECOND}T02:00:00.000Z",
    "to": f"{_SECOND}T08:00:00.000Z",
    "status": "wontfix",
    "details": "connection lost",
}


@pytest.fixture
def desk(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    hurry(monkeypatch)
    write_days(tmp_path / "vendor", 3)
    with fetch_desk(tmp_path / "vendor", home, exchanges={EXCHANGE: {"incidentReports": [_OUTAGE]}}) as made:
        yield made


def actions(plan: FetchPlan) -> list[Action]:
    return [item.action for item in plan.items]


def test_a_day_of_an_outage_is_named_and_left_out_only_when_that_is_asked(desk: Desk) -> None:
    plan = desk.plan(asked(3))
    assert actions(plan) == [Action.FETCH] * 3
    assert [bool(item.flaw) for item in plan.items] == [False, True, False]
    left = desk.fetch(asked(3, leave_out_bad=True))
    assert actions(left) == [Action.FETCHED, Action.LEFT, Action.FETCHED]
    assert left.items[1].reason == (
        "known to be bad: the vendor reports an incident of 6.0 h (connection lost)"
    )
    assert not desk.fake.downloads[path_of(_SECOND)]


def test_a_day_whose_file_was_refused_is_known_to_be_bad_until_it_comes_well(desk: Desk) -> None:
    desk.fake.plan(path_of(FIRST), [Kind.TRUNCATED] * 3)
    assert desk.fetch(asked(1)).items[0].action is Action.FAILED
    plan = desk.plan(asked(1, leave_out_bad=True))
    assert actions(plan) == [Action.LEFT]
    assert "the file was refused here" in plan.items[0].reason
    assert actions(desk.fetch(asked(1))) == [Action.FETCHED]
    assert actions(desk.plan(asked(1, refetch=True, leave_out_bad=True))) == [Action.REPLACE]


def test_a_day_held_in_part_is_left_alone_when_that_is_asked(desk: Desk, tmp_path: Path) -> None:
    part = tmp_path / f"{EXCHANGE}_trades_{FIRST}_{SYMBOL}.csv"
    part.write_bytes(b"\n".join(day_text(FIRST).splitlines()[:2]) + b"\n")
    desk.cache.import_file(part)
    assert desk.cache.days(EXCHANGE, SYMBOL, "trades")[0].state is DayState.PARTIAL
    assert actions(desk.plan(asked(1))) == [Action.REPLACE]
    plan = desk.plan(asked(1, keep_partial=True))
    assert actions(plan) == [Action.LEFT]
    assert (plan.days["left"], plan.requests) == (1, 0)


def test_days_are_pinned_where_that_is_asked_those_held_at_once_and_others_as_they_come(desk: Desk) -> None:
    def pinned() -> list[bool]:
        return [day.pinned for day in desk.cache.days(EXCHANGE, SYMBOL, "trades")]

    desk.fetch(asked(1))
    assert pinned() == [False]
    with desk.service() as service:
        job_id = service.submit(desk.plan(asked(3, pin=True)))
        assert job_id is not None
        assert pinned() == [True], "what is held waits for nothing"
        asyncio.run(service.work(job_id))
    assert pinned() == [True, True, True]
    desk.cache.life.pins.unpin(DayRange(KEY, FIRST, FIRST))
    assert actions(desk.fetch(asked(1, pin=True))) == [Action.HAVE]
    assert pinned() == [True, True, True], "also where nothing is left to fetch"


def test_a_day_that_two_jobs_want_is_pinned_if_one_of_them_wants_that(desk: Desk) -> None:
    with desk.service() as service:
        plain = service.submit(desk.plan(asked(2)))
        service.submit(desk.plan(asked(1, pin=True)))
        assert plain is not None
        asyncio.run(service.work(plain))
    assert [day.pinned for day in desk.cache.days(EXCHANGE, SYMBOL, "trades")] == [True, False]


def test_a_job_may_be_queued_paused_and_begins_when_it_is_resumed(desk: Desk) -> None:
    with desk.service() as service:
        job_id = service.submit(desk.plan(asked(2)), paused=True)
        assert job_id is not None
        assert service.queue.job(job_id).state is FetchState.PAUSED
        assert service.queue.is_idle()
        asyncio.run(service.work_all())
        assert not desk.fake.downloads
        assert service.queue.on_the_way(asked(2).datasets()[0]) == {FIRST, _SECOND}
        assert service.control.resume(job_id) == 2
        asyncio.run(service.work(job_id))
        assert service.queue.job(job_id).state is FetchState.DONE


def test_jobs_change_places_with_their_neighbours_that_have_not_ended(desk: Desk) -> None:
    with desk.service() as service:
        request = asked(1)
        wanted = [(request.datasets()[0], span) for span in request.spans()]
        one, ended, two, three = (service.queue.submit(request, wanted) for _ in range(4))
        service.control.cancel(ended)
        assert service.control.shift(two, up=True)
        assert [job.id for job in service.queue.jobs() if job.id != ended] == [two, one, three]
        assert not service.control.shift(two, up=True)
        assert service.control.shift(two, up=False)
        assert [job.id for job in service.queue.jobs() if job.id != ended] == [one, two, three]


def test_offline_what_was_read_before_serves_and_nobody_is_asked(desk: Desk) -> None:
    with desk.service() as service:
        assert service.kept_exchanges() is None
        assert asyncio.run(service.renew_exchanges()).names == (EXCHANGE,)
        assert asyncio.run(service.renew_exchange(EXCHANGE)).incidents
        count = len(desk.fake.requests)
        plan = asyncio.run(service.preflight(asked(3), is_offline=True))
        assert (actions(plan), plan.is_fresh, plan.accesses) == ([Action.FETCH] * 3, True, None)
        assert len(desk.fake.requests) == count
        with desk.fake.down(), pytest.raises(EnvironmentProblem, match=r"127\.0\.0\.1"):
            asyncio.run(service.renew_exchanges())
        kept = service.kept_exchanges()
        assert kept is not None
        assert kept.names == (EXCHANGE,)


def test_what_the_key_includes_is_asked_once_for_many_plans(desk: Desk) -> None:
    with desk.service() as service:
        for _ in range(3):
            plan = asyncio.run(service.preflight(asked(2)))
        assert plan.accesses is not None
        assert [request.path for request in desk.fake.requests].count("/v1/api-key-info") == 1


def test_choices_are_kept_with_the_job_and_those_of_earlier_versions_have_none() -> None:
    request = asked(1, leave_out_bad=True, keep_partial=True, pin=True)
    assert FetchRequest.from_json(request.to_json()) == request
    older = asked(1).to_json().replace(',"leave_out_bad":false,"keep_partial":false,"pin":false', "")
    assert FetchRequest.from_json(older) == asked(1)
