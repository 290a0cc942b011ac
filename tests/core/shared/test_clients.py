"""Clients of a Cluster, here of one node: what they connect is let go of, and no call sleeps in vain."""

from __future__ import annotations

import threading
import time
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
import redis
from support.redisserver import LoneNode
from support.shareddesk import line_to

from tickreel.shared.trouble import LineFailed, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.shared.line import Line

_HANG_S = 30.0


@pytest.fixture(scope="module")
def one_node() -> Iterator[LoneNode]:
    node = LoneNode()
    yield node
    node.close()


@pytest.fixture
def node(one_node: LoneNode) -> LoneNode:
    one_node.wait_for_state("ok")
    with one_node.admin() as admin:
        admin.flushall()
    return one_node


@pytest.fixture
def line(node: LoneNode) -> Iterator[Line]:
    line = line_to(node.url, failures=1_000)
    yield line
    line.close()


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def trouble_of(work: Callable[[], object]) -> Trouble:
    with pytest.raises(LineFailed) as failed:
        work()
    return failed.value.trouble


def piped(client: Any) -> list[Any]:
    pipe = client.pipeline(transaction=False)
    for number in range(20):
        pipe.get(f"key:{number}")
    found: list[Any] = pipe.execute()
    return found


def test_all_that_was_connected_is_let_go_of_also_what_listens(node: LoneNode) -> None:
    line = line_to(node.url)
    line.write(lambda client: client.set("a", 1))
    assert line.is_cluster
    threads = [threading.Thread(target=lambda: line.read(piped)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listener = line.subscribing().pubsub()
    listener.ssubscribe("changes")
    assert node.clients() != []
    line.renew()
    until(lambda: node.clients() == [])
    assert line.read(piped) == [None] * 20
    assert node.clients() != []
    line.close()
    until(lambda: node.clients() == [])
    with pytest.raises(LineFailed):
        line.ping_s()
    with pytest.raises(redis.ConnectionError):  # nor does anybody come back by a client of before
        listener.ssubscribe("others")
    listener.close()
    assert node.clients() == []


def test_a_call_that_is_under_way_keeps_its_connections_when_others_get_new_ones(
    line: Line, node: LoneNode
) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    found: list[object] = []

    def slowly(client: Any) -> object:
        client.set("a", b"1")
        begun.set()
        assert goes_on.wait(_HANG_S)
        return client.get("a")

    thread = threading.Thread(target=lambda: found.append(line.read(slowly)))
    thread.start()
    assert begun.wait(_HANG_S)
    line.renew()
    assert line.read(lambda client: client.get("a")) == b"1"
    goes_on.set()
    thread.join()
    assert found == [b"1"]


def test_a_cluster_that_is_down_is_named_without_a_sleep_and_asked_again(
    line: Line, node: LoneNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    def alone(client: Any) -> object:
        return client.get("a")

    assert (line.read(alone), line.read(piped)) == (None, [None] * 20)
    node.lose_slots()
    try:
        for _ in range(2):
            assert trouble_of(lambda: line.read(alone)) is Trouble.CLUSTER_DOWN
            assert trouble_of(lambda: line.read(piped)) is Trouble.CLUSTER_DOWN
            line.renew()  # who comes then is told that nobody has any slot
    finally:
        node.own_slots()
    assert slept == []
    assert (line.read(alone), line.read(piped)) == (None, [None] * 20)
