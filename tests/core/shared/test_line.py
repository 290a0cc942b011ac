"""The line to a real server: what goes wrong has a name, takes one deadline at most, and ends by itself."""

from __future__ import annotations

import socket
import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from support.faketardis.authority import make_authority
from support.redisserver import RedisServer, free_port
from support.shareddesk import line_to

from tickreel.shared.breaker import Breaker, BreakerState
from tickreel.shared.trouble import LineFailed, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.shared.line import Line

_HANG_S = 30.0
_BUSY = "local t = redis.call('TIME')[1] while redis.call('TIME')[1] - t < 3 do end"


def trouble_of(line: Line) -> Trouble:
    """Call once, and name what went wrong."""
    with pytest.raises(LineFailed) as failed:
        line.ping_s()
    line.close()
    return failed.value.trouble


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def works(line: Line) -> bool:
    try:
        return line.ping_s() >= 0
    except LineFailed:
        return False


def test_a_server_answers_by_port_and_by_socket(server: RedisServer) -> None:
    for url in (server.url, server.unix_url):
        line = line_to(url)
        assert line.ping_s() > 0
        assert line.view().state == "ok"
        assert not line.is_cluster
        line.close()


def test_nobody_there_is_unreachable_and_named_with_what_to_do() -> None:
    line = line_to(f"redis://127.0.0.1:{free_port()}")
    assert trouble_of(line) is Trouble.UNREACHABLE
    assert "firewall" in Trouble.UNREACHABLE.advice
    assert line.view().state == "error"


def test_a_socket_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    assert trouble_of(line_to(f"unix://{tmp_path}/none")) is Trouble.UNREACHABLE


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    assert trouble_of(line_to("redis://no.such.host.invalid")) is Trouble.UNREACHABLE


def test_two_servers_that_are_no_cluster_are_refused_with_the_reason(server: RedisServer) -> None:
    with RedisServer() as other:
        line = line_to(f"redis://127.0.0.1:{server.port},127.0.0.1:{other.port}")
        with pytest.raises(LineFailed, match="hash slots") as failed:
            line.ping_s()
        assert failed.value.trouble is Trouble.SEVERAL_SERVERS
        line.close()


def test_passwords_and_rights_each_have_a_name() -> None:
    rules = ("desk on >word ~tickreel:* &tickreel:* +@all", "guest on >word ~other:* +get +ping +info")
    with RedisServer(password="secret", users=rules) as server:
        assert trouble_of(line_to(server.url)) is Trouble.NO_AUTH
        assert trouble_of(line_to(server.url, password="wrong")) is Trouble.WRONG_PASSWORD
        assert trouble_of(line_to(server.url, password="word", username="nobody")) is Trouble.WRONG_PASSWORD
        for given in ({"password": "secret"}, {"password": "word", "username": "desk"}):
            line = line_to(server.url, **given)
            assert line.ping_s() > 0
            line.close()
        line = line_to(server.url, password="word", username="guest")
        with pytest.raises(LineFailed) as failed:
            line.write(lambda client: client.set("tickreel:x", 1))
        assert failed.value.trouble is Trouble.NO_PERMISSION
        line.close()


def test_tls_is_checked_against_the_private_authority(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    with RedisServer(authority=authority) as server:
        line = line_to(server.url, ca_file=str(authority.ca_file))
        assert line.ping_s() > 0
        line.close()
        assert trouble_of(line_to(server.url)) is Trouble.TLS  # nobody knows the authority
        plain = line_to(server.url.replace("rediss", "redis"), timeout_s=2.0)
        assert trouble_of(plain) in (Trouble.CUT, Trouble.NOT_REDIS)


def test_tls_where_the_server_speaks_none_is_named(server: RedisServer) -> None:
    assert trouble_of(line_to(server.url.replace("redis", "rediss"), timeout_s=2.0)) is Trouble.TLS


def test_what_does_not_speak_redis_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            while True:
                try:
                    connection, _ = other.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1_000)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert trouble_of(line_to(f"redis://127.0.0.1:{other.getsockname()[1]}")) is Trouble.NOT_REDIS
        other.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_a_server_that_stands_still_takes_a_deadline_and_then_nothing(server: RedisServer) -> None:
    line = line_to(server.url, timeout_s=0.3, failures=2, recovery_s=1.0)
    line.ping_s()
    server.pause()
    try:
        for _ in range(2):
            with pytest.raises(LineFailed) as failed:
                line.ping_s()
            assert failed.value.trouble is Trouble.SILENT
            assert failed.value.was_asked
        assert line.view().state == "open"
        with pytest.raises(LineFailed) as refused:
            line.ping_s()
        assert not refused.value.was_asked
        assert 0 < line.view().breaker.tries_in_s <= 1
    finally:
        server.go_on()
    until(lambda: works(line))
    assert line.view().breaker.state is BreakerState.CLOSED
    assert line.view().state == "ok"
    line.close()


def test_a_server_that_is_killed_and_comes_back_empty_is_used_again() -> None:
    with RedisServer() as server:
        line = line_to(server.url, failures=1, recovery_s=0.2)
        line.write(lambda client: client.set("tickreel:x", "1"))
        server.kill()
        assert not works(line)
        server.start()
        until(lambda: works(line))
        assert line.read(lambda client: client.get("tickreel:x")) is None
        line.close()


def test_a_script_that_keeps_the_server_busy_is_named(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.config_set("busy-reply-threshold", 50)
        thread = threading.Thread(target=lambda: admin.eval(_BUSY, 0))
        thread.start()
        line = line_to(server.url, failures=100)
        told: set[Trouble] = set()

        def is_named() -> bool:
            try:
                line.ping_s()
            except LineFailed as failed:
                told.add(failed.trouble)
            return Trouble.BUSY in told

        until(is_named)
        thread.join()
        line.close()


def test_a_replica_refuses_writes_by_its_name_and_still_serves_reads(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.set("tickreel:x", "1")
    with RedisServer({"replicaof": f"127.0.0.1 {server.port}"}) as replica:
        line = line_to(replica.url, failures=1)
        until(lambda: line.read(lambda client: client.get("tickreel:x")) == b"1")
        with pytest.raises(LineFailed) as failed:
            line.write(lambda client: client.set("tickreel:x", "2"))
        assert failed.value.trouble is Trouble.READ_ONLY
        with pytest.raises(LineFailed) as refused:
            line.write(lambda client: client.set("tickreel:x", "2"))
        assert not refused.value.was_asked
        assert line.read(lambda client: client.get("tickreel:x")) == b"1"
        assert line.view().writes.state is BreakerState.OPEN
        assert line.view().state == "ok"
        line.close()


def test_a_full_server_refuses_writes_by_its_name_and_still_serves_reads() -> None:
    with RedisServer({"maxmemory": "2mb", "maxmemory-policy": "noeviction"}) as server:
        line = line_to(server.url, failures=2)
        number = 0

        def put() -> None:
            nonlocal number
            number += 1
            line.write(lambda client: client.set(f"tickreel:{number}", b"x" * 100_000))

        def fill() -> None:
            while number < 100:
                put()

        with pytest.raises(LineFailed) as failed:
            fill()
        assert failed.value.trouble is Trouble.OUT_OF_MEMORY
        assert "maxmemory" in failed.value.trouble.advice
        assert line.read(lambda client: client.get("tickreel:1")) == b"x" * 100_000
        line.close()


def test_slowness_opens_the_breaker_and_one_call_alone_tries_again() -> None:
    breaker = Breaker(failures=2, recovery_s=0.05, slow_s=0.01)

    def late() -> int:
        sleep(0.02)
        return 7

    answers = [breaker.call(late, lambda _: True) for _ in range(2)]
    assert answers == [7, 7]  # what came late is no worse for that
    assert breaker.view().trouble is Trouble.SLOW
    with pytest.raises(LineFailed):
        breaker.call(lambda: 7, lambda _: True)
    until(lambda: breaker.view().state is BreakerState.HALF_OPEN)
    asked: list[int] = []
    entered, leave = threading.Event(), threading.Event()

    def probe() -> int:
        asked.append(1)
        entered.set()
        leave.wait(_HANG_S)
        raise ConnectionError("still away")

    def call() -> None:
        with pytest.raises(LineFailed):
            breaker.call(probe, lambda _: True)

    first = threading.Thread(target=call)
    first.start()
    assert entered.wait(_HANG_S)
    call()  # not let through while the other tries
    leave.set()
    first.join()
    assert asked == [1]
    assert breaker.view().state is BreakerState.OPEN
    until(lambda: breaker.view().state is BreakerState.HALF_OPEN)
    assert breaker.call(lambda: 7, lambda _: True) == 7
    assert breaker.view().state is BreakerState.CLOSED
