"""Leases on a real server: one holder at a time, replaced when it dies, held off when it is late."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import date
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from support.redisserver import RedisServer
from support.shareddesk import line_to

from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.leases import Held, Lease, Leases
from tickreel.shared.naming import DayKeys
from tickreel.shared.trouble import LineFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.shared.line import Line

KEY = DatasetKey("binance", "BTCUSDT", DataType.TRADES)
DAY = date(2024, 7, 23)
_HANG_S = 30.0


@pytest.fixture
def line(server: RedisServer) -> Iterator[Line]:
    line = line_to(server.url)
    yield line
    line.close()


@pytest.fixture
def open_leases(line: Line) -> Iterator[Callable[..., Leases]]:
    opened: list[Leases] = []

    def open_them(lease_s: float = 5.0) -> Leases:
        opened.append(Leases(line, lease_s=lease_s))
        return opened[-1]

    yield open_them
    for leases in opened:
        leases.close()


def claim(leases: Leases) -> Lease:
    found = leases.claim(KEY, DAY)
    assert isinstance(found, Lease)
    return found


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def test_one_has_it_and_others_see_who_and_how_far(open_leases: Callable[..., Leases]) -> None:
    here, there = open_leases(0.4), open_leases()
    lease = claim(here)
    held = there.claim(KEY, DAY)
    assert isinstance(held, Held)
    assert "process" in str(held)
    lease.tell(50, 200)

    def is_told() -> bool:
        seen = there.claim(KEY, DAY)
        return isinstance(seen, Held) and (seen.done_bytes, seen.total_bytes) == (50, 200)

    until(is_told)
    assert str(there.claim(KEY, DAY)).endswith(", 25 %")
    assert isinstance(there.claim(KEY, date(2024, 7, 24)), Lease)
    lease.release()
    lease.release()
    assert claim(there).token > lease.token


def test_a_lease_is_kept_for_as_long_as_its_holder_lives(open_leases: Callable[..., Leases]) -> None:
    here, there = open_leases(0.3), open_leases()
    claim(here)
    ends_s = monotonic() + 1.2
    while monotonic() < ends_s:
        assert isinstance(there.claim(KEY, DAY), Held)
        sleep(0.05)


def test_a_holder_that_is_killed_is_replaced(server: RedisServer, open_leases: Callable[..., Leases]) -> None:
    program = (
        "import sys, time; from datetime import date\n"
        "from support.shareddesk import line_to\n"
        "from tickreel.market.types import DatasetKey, DataType\n"
        "from tickreel.shared.leases import Leases\n"
        "leases = Leases(line_to(sys.argv[1]), lease_s=1.0)\n"
        "print(leases.claim(DatasetKey('binance', 'BTCUSDT', DataType.TRADES), date(2024, 7, 23)).token)\n"
        "sys.stdout.flush(); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, server.url], stdout=subprocess.PIPE, cwd="tests", text=True
    ) as other:
        assert other.stdout is not None
        token = int(other.stdout.readline())
        leases = open_leases()
        assert isinstance(leases.claim(KEY, DAY), Held)
        sleep(1.3)  # longer than a lease
        assert isinstance(leases.claim(KEY, DAY), Held)
        other.kill()
        other.wait()
    found: list[Lease | Held] = []

    def is_replaced() -> bool:
        found.append(leases.claim(KEY, DAY))
        return isinstance(found[-1], Lease)

    until(is_replaced)
    lease = found[-1]
    assert isinstance(lease, Lease)
    assert lease.token > token


def test_who_lost_it_neither_renews_nor_releases_what_another_has(
    server: RedisServer, open_leases: Callable[..., Leases]
) -> None:
    here, there = open_leases(60.0), open_leases()
    lost = claim(here)
    keys = DayKeys(KEY, DAY)
    with server.admin() as admin:
        admin.delete(keys.lease)
        other = claim(there)
        lost.release()
        assert isinstance(here.claim(KEY, DAY), Held)
        assert int(admin.get(keys.fence) or 0) == other.token


def test_tokens_grow_even_where_the_last_one_was_evicted(
    server: RedisServer, open_leases: Callable[..., Leases]
) -> None:
    leases = open_leases()
    tokens = []
    with server.admin() as admin:
        for _ in range(5):
            lease = claim(leases)
            tokens.append(lease.token)
            lease.release()
            admin.delete(DayKeys(KEY, DAY).fence)
        assert tokens == sorted(set(tokens))
        admin.set(DayKeys(KEY, DAY).fence, str(tokens[-1] + 10**12))  # of a server whose clock was ahead
        assert claim(leases).token == tokens[-1] + 10**12 + 1


def test_of_many_threads_exactly_one_gets_it(open_leases: Callable[..., Leases]) -> None:
    all_leases = [open_leases() for _ in range(16)]
    found: list[Lease | Held] = []
    start = threading.Barrier(16)

    def ask(leases: Leases) -> None:
        start.wait(_HANG_S)
        found.append(leases.claim(KEY, DAY))

    threads = [threading.Thread(target=ask, args=(leases,)) for leases in all_leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Lease) for one in found) == 1


@pytest.mark.parametrize("value", [b"", b"garbage", b"7|garbage", b"7|" + b"\xc1" * 40])
def test_what_anybody_wrote_there_holds_the_day_without_a_name(
    server: RedisServer, open_leases: Callable[..., Leases], value: bytes
) -> None:
    with server.admin() as admin:
        admin.set(DayKeys(KEY, DAY).lease, value, px=500)
    leases = open_leases()
    assert str(leases.claim(KEY, DAY)) == "another machine"
    until(lambda: isinstance(leases.claim(KEY, DAY), Lease))


def test_without_a_server_a_claim_fails_by_its_name() -> None:
    with RedisServer() as server:
        line = line_to(server.url)
        leases = Leases(line, lease_s=0.2)
        lease = claim(leases)
        server.kill()
        sleep(0.3)  # it is renewed in vain
        with pytest.raises(LineFailed):
            leases.claim(KEY, DAY)
        lease.release()
        leases.close()
        line.close()
