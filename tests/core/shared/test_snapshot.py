"""What a card of the shared cache shows, and the test of a connection step by step."""

from __future__ import annotations

from datetime import date
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from support.redisserver import RedisCluster, RedisServer, free_port
from support.shareddesk import line_to, stored_day

from tickreel import open_cache
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.fetch.filling import WarmResult
from tickreel.fetch.sharing import SharedService
from tickreel.fetch.warming import WarmRequest
from tickreel.jobs import Job, JobRunner, State
from tickreel.settings import SharedSettings
from tickreel.shared.naming import CHANNEL
from tickreel.shared.opening import supply_of
from tickreel.shared.trial import TrialOutcome, TrialStep, try_out
from tickreel.shared.trouble import TierState, Trouble
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.fetch.warming import WarmReport
    from tickreel.progress import Monitor
    from tickreel.shared.trial import Tried
    from tickreel.store import Cache

_SECRET = "quite-a-secret"


@pytest.fixture
def desk(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Set the server as the shared cache of every home."""
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "1")
    return server


@pytest.fixture
def cache(home: Path, desk: RedisServer) -> Iterator[Cache]:
    with open_cache(home) as cache:
        yield cache


def outcomes(tried: list[Tried]) -> dict[TrialStep, TrialOutcome]:
    assert [one.step for one in tried] == list(TrialStep)
    return {one.step: one.outcome for one in tried}


def first_failure(tried: list[Tried]) -> Tried:
    return next(one for one in tried if one.outcome is TrialOutcome.FAILED)


def test_without_a_shared_cache_it_is_off_and_says_what_to_set(home: Path) -> None:
    with open_cache(home) as cache:
        service = SharedService(cache)
        assert not service.is_set
        for snapshot in (service.glance(), service.look()):
            assert snapshot.state is TierState.OFF
            assert snapshot.address is None
            assert "shared.url" in snapshot.advice
        with pytest.raises(EnvironmentProblem, match="no shared cache is set"):
            service.whereabouts({})


def test_one_that_is_set_and_not_used_is_off_by_its_address(
    home: Path, desk: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_TIERS", "local")
    with open_cache(home) as cache:
        snapshot = SharedService(cache).look()
        assert (snapshot.state, snapshot.address) == (TierState.OFF, desk.url)
        assert "shared.tiers" in snapshot.advice


def test_a_sound_one_tells_its_figures_and_no_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RedisServer({"maxmemory": "50mb"}, password=_SECRET) as server:
        url = server.url.replace("://", f"://:{_SECRET}@")
        monkeypatch.setenv("TICKREEL_REDIS_URL", url)
        with open_cache(home) as cache:
            service = SharedService(cache)
            day = stored_day(cache, rows=40_000)
            days = DayRange(day.key, day.day, day.day)
            assert service.warm(WarmRequest((days,), asks_vendor=False)).days[0].result is WarmResult.PUT
            snapshot = service.look()
            assert snapshot.state is TierState.OK
            assert (snapshot.address, snapshot.is_cluster) == (server.url, False)
            assert snapshot.latency_s is not None
            assert 0 < snapshot.latency_s < 1
            facts = snapshot.server
            assert facts is not None
            assert facts.most_bytes == 50 * 1024 * 1024
            assert facts.used_bytes is not None
            assert facts.used_bytes > day.bytes
            assert facts.keys == 3 + 2 + 2  # record, table, index; two chunks; two of the list of datasets
            assert "allkeys-lru" in snapshot.advice
            assert snapshot.hit_rate is None
            assert _SECRET not in repr(snapshot)
            with open_cache(home.parent / "another") as another:
                key = day.key
                another.arrow(key.exchange, key.symbol, key.type, str(day.day), day.last_local_us or 0)
                assert SharedService(another).look().hit_rate == 1.0


def test_a_server_that_is_away_opens_the_breaker_and_one_look_finds_it_back(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_FAILURES", "2")
    monkeypatch.setenv("TICKREEL_REDIS_RECOVERY_S", "0.3")
    with RedisServer() as server:
        monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
        service = SharedService(cache)
        service.renew()
        assert service.look().state is TierState.OK
        server.kill()
        looks = [service.look() for _ in range(3)]
        # The first look asks more than one thing, and may by itself see as many failures as open the breaker.
        assert looks[0].state in (TierState.ERROR, TierState.OPEN)
        assert [one.state for one in looks[1:]] == [TierState.OPEN, TierState.OPEN]
        assert looks[-1].trouble is Trouble.UNREACHABLE
        assert looks[-1].tries_in_s is not None
        assert 0 < looks[-1].tries_in_s <= 0.3
        assert "left alone" in service.glance().told
        assert looks[-1].advice == Trouble.UNREACHABLE.advice
        server.start()
        ends_s = monotonic() + 30
        while service.look().state is not TierState.OK:
            assert monotonic() < ends_s
        assert service.glance().told == ""


def test_a_full_server_is_told_as_one_that_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RedisServer({"maxmemory": "1mb", "maxmemory-policy": "noeviction"}) as server:
        monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
        with open_cache(home) as cache:
            service = SharedService(cache)
            day = stored_day(cache)
            (warmed,) = service.warm(
                WarmRequest((DayRange(day.key, day.day, day.day),), asks_vendor=False)
            ).days
            assert warmed.result is WarmResult.FAILED
            assert "maxmemory" in warmed.error
            snapshot = service.look()
            assert (snapshot.state, snapshot.trouble) == (TierState.ERROR, Trouble.OUT_OF_MEMORY)
            assert "days are read" in snapshot.told


def test_settings_of_now_are_gone_by_after_a_renewal(
    cache: Cache, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SharedService(cache)
    first = supply_of(cache)
    assert first is not None
    with RedisServer() as another:
        monkeypatch.setenv("TICKREEL_REDIS_URL", another.url)
        service.renew()
        assert service.look().address == another.url
        ends_s = monotonic() + 30
        with another.admin() as admin:
            while not admin.pubsub_numsub(CHANNEL)[0][1]:  # it listens
                assert monotonic() < ends_s
        assert first.days_there({}) == set()  # whoever still had it finds nothing, and no error
        monkeypatch.setenv("TICKREEL_REDIS_URL", "redis://127.0.0.1:notaport/0")
        with pytest.raises(UsageError):
            service.renew()
        assert service.look().state is TierState.ERROR
        assert supply_of(cache) is None
        with another.admin() as admin:
            while admin.pubsub_numsub(CHANNEL)[0][1]:  # and listens no more
                assert monotonic() < ends_s
    monkeypatch.delenv("TICKREEL_REDIS_URL")
    service.renew()
    assert service.look().state is TierState.OFF


def test_days_of_many_datasets_are_found_in_two_calls(cache: Cache, server: RedisServer) -> None:
    service = SharedService(cache)
    held = [stored_day(cache, rows=2_000, symbol=f"S{number}") for number in range(30)]
    supply = supply_of(cache)
    assert supply is not None
    for day in held[::2]:
        supply.share(day)
    with server.admin() as admin:  # one of them is evicted in part
        admin.delete(next(iter(admin.scan_iter(match="tickreel:1:{*:S0:*}:*:0"))))
        before = admin.info("stats")["total_reads_processed"]
        nowhere = date(2030, 1, 1)
        found = service.whereabouts({day.key: [day.day, nowhere] for day in held})
        # A read of the server is a batch that came over the wire; the other is of the question itself.
        assert admin.info("stats")["total_reads_processed"] - before <= 4
    assert {keys.key.symbol for keys in found.found} == {f"S{number}" for number in range(2, 30, 2)}
    assert {keys.day for keys in found.found} == {held[0].day}
    assert (found.unknown, found.trouble) == (0, None)
    assert all(record.is_whole and record.rows == 2_000 for record in found.found.values())


def test_where_nobody_answers_days_are_unknown_after_one_deadline(cache: Cache, server: RedisServer) -> None:
    service = SharedService(cache)
    service.look()
    days = [date.fromordinal(730_000 + number) for number in range(2_000)]
    day = stored_day(cache, rows=100)
    server.pause()
    try:
        found = service.whereabouts({day.key: days})
    finally:
        server.go_on()
    assert (found.unknown, found.trouble) == (2_000, Trouble.SILENT)
    counts = service.glance().counts
    assert counts is not None
    assert counts.failures == 1  # one deadline, however many calls it would have taken


def test_a_warm_is_a_job_that_tells_its_bytes_and_can_be_cancelled(cache: Cache) -> None:
    service = SharedService(cache)
    day = stored_day(cache, rows=400_000)
    days = DayRange(day.key, day.day, day.day)
    seen: list[tuple[int, int | None, str]] = []
    runner = JobRunner(lambda job: seen.append((job.progress.done, job.progress.total, job.progress.note)))
    job = runner.submit("warm", "Warm", lambda monitor: service.warm(WarmRequest((days,), False), monitor))
    job.join(60)
    assert job.state is State.SUCCEEDED
    assert job.result is not None
    assert [one.result for one in job.result.days] == [WarmResult.PUT]
    assert job.progress.total == day.bytes
    assert any("BTCUSDT" in note for _, _, note in seen)

    (dropped,) = service.drop(days)
    assert dropped.was_there
    assert (dropped.rows, service.drop(days)[0].was_there) == (day.rows, False)
    assert not service.whereabouts({day.key: [day.day]}).found

    def cancelled(monitor: Monitor) -> WarmReport:
        assert isinstance(monitor, Job)
        runner.cancel(monitor)
        return service.warm(WarmRequest((days,), asks_vendor=False), monitor)

    job = runner.submit("warm", "Warm", cancelled)
    job.join(60)
    assert job.state is State.CANCELLED
    assert not service.whereabouts({day.key: [day.day]}).found
    runner.shutdown()


def test_every_step_of_a_sound_connection_is_good_and_nothing_stays_there(server: RedisServer) -> None:
    tried = try_out(line_to(server.url))
    found = outcomes(tried)
    assert found.pop(TrialStep.ENCRYPTED) is TrialOutcome.SKIPPED
    assert set(found.values()) == {TrialOutcome.GOOD}
    with server.admin() as admin:
        assert admin.dbsize() == 0


def test_the_step_that_fails_is_named_and_the_later_ones_are_skipped() -> None:
    tried = try_out(line_to(f"redis://127.0.0.1:{free_port()}/0"))
    assert first_failure(tried).step is TrialStep.REACHED
    assert first_failure(tried).told == "unreachable"
    assert set(outcomes(tried[:0] + tried).values()) == {TrialOutcome.FAILED, TrialOutcome.SKIPPED}
    with RedisServer(password=_SECRET) as server:
        tried = try_out(line_to(server.url))
        assert outcomes(tried)[TrialStep.REACHED] is TrialOutcome.GOOD
        assert first_failure(tried).step is TrialStep.SIGNED_IN
        assert "TICKREEL_REDIS_PASSWORD" in first_failure(tried).advice
        tried = try_out(line_to(server.url, password=_SECRET))
        assert TrialOutcome.FAILED not in outcomes(tried).values()
    with RedisServer() as server:
        tried = try_out(line_to(server.url.replace("redis:", "rediss:")))
        assert first_failure(tried).step is TrialStep.ENCRYPTED


def test_each_right_that_lacks_is_found_by_its_step() -> None:
    all_rights = f"on >{_SECRET} ~tickreel:* &tickreel:* +@all"
    for lacks, step in (
        ("-set", TrialStep.WRITES),
        ("-getrange", TrialStep.READS),
        ("-eval", TrialStep.LEASES),
        ("-publish", TrialStep.MESSAGES),
        ("-subscribe", TrialStep.MESSAGES),
    ):
        with RedisServer(users=(f"some {all_rights} {lacks}",)) as server:
            tried = try_out(line_to(server.url, username="some", password=_SECRET))
            assert first_failure(tried).step is step, lacks
            assert first_failure(tried).told == "noperm"
            assert lacks[1:] in first_failure(tried).advice.lower()


def test_settings_that_are_not_saved_are_tried_and_leave_the_cache_alone(
    cache: Cache, server: RedisServer
) -> None:
    service = SharedService(cache)
    with RedisServer(password=_SECRET) as another:
        tried = service.try_out(SharedSettings(url=another.url), _SECRET)
        assert TrialOutcome.FAILED not in outcomes(tried).values()
        tried = service.try_out(SharedSettings(url=another.url), "wrong")
        assert first_failure(tried).told == "wrongpass"
    assert service.look().address == server.url
    with pytest.raises(UsageError):
        service.try_out(SharedSettings(url="redis://host:notaport"))


@pytest.mark.cluster
def test_a_cluster_is_tried_step_by_step_as_well() -> None:
    with RedisCluster() as cluster:
        tried = try_out(line_to(cluster.url))
        found = outcomes(tried)
        assert found.pop(TrialStep.ENCRYPTED) is TrialOutcome.SKIPPED
        assert set(found.values()) == {TrialOutcome.GOOD}
        assert "3 primaries" in tried[-1].told
