"""The server on real sockets: what clients of tardis-machine rely on, and what hostile ones try."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pyarrow as pa
import pytest
import websockets
from support.served import parsed, played_lines, running_server, store_messages

from tickreel import open_cache
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.market.time import parse_instant
from tickreel.market.types import DataType
from tickreel.server import ServerPlan
from tickreel.server.sockets import FINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.served import RunningServer

    from tickreel.store import Cache

DAY = {"exchange": "bitmex", "symbols": ["XBTUSD"], "from": "2024-03-01", "to": "2024-03-02"}
TRADES = DAY | {"dataTypes": ["trade"]}
BOOK = DAY | {"dataTypes": ["book_change"]}
L2 = DataType.INCREMENTAL_BOOK_L2
COUNT = 30_000


def stamp(step: int) -> str:
    return f"2024-03-01T{step // 3600:02}:{step // 60 % 60:02}:{step % 60:02}.000000Z"


def messages() -> Iterator[dict[str, Any]]:
    """Make a book and a trade every second from midnight on."""
    common = {"symbol": "XBTUSD", "exchange": "bitmex"}
    for step in range(COUNT):
        times = {"timestamp": stamp(step), "localTimestamp": stamp(step)}
        level = {"price": 100 - step % 7, "amount": step + 1}
        asks = [{"price": 101, "amount": 5}] if step == 0 else []
        yield (
            common | {"type": "book_change", "isSnapshot": step == 0, "bids": [level], "asks": asks} | times
        )
        yield common | {"type": "trade", "id": str(step), "price": 100, "amount": 1, "side": "buy"} | times


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    with open_cache(tmp_path_factory.mktemp("home")) as opened:
        store_messages(opened, "bitmex", [DataType.TRADES, L2], messages())
        yield opened


@pytest.fixture(scope="module")
def running(cache: Cache) -> Iterator[RunningServer]:
    with running_server(cache) as server:
        yield server


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False, timeout=60)


def problem(response: httpx.Response) -> str:
    body = response.json()
    assert list(body) == ["message"]
    return str(body["message"])


async def frames_of(url: str) -> tuple[list[str], int, str]:
    """Read a WebSocket to its end; give its messages, the code and the reason."""
    found: list[str] = []
    async with connected(url) as client:
        with suppress(websockets.ConnectionClosed):
            while True:
                found.append(str(await client.recv()))
    assert client.close_code is not None
    return found, client.close_code, client.close_reason or ""


def test_a_replay_is_lines_of_json(running: RunningServer, cache: Cache) -> None:
    response = get(running.replay(TRADES))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/x-json-stream")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.content == played_lines(cache, TRADES)
    assert len(response.text.splitlines()) == COUNT


def test_a_path_may_end_in_a_slash_and_options_may_stand_in_the_address_as_they_are(
    running: RunningServer,
) -> None:
    text = json.dumps(TRADES | {"to": "2024-03-01T00:01:00Z"}, separators=(",", ":"))
    answer = asked(running.server.port, f"/replay-normalized/?options={text}")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b'"type":"trade"') == 60


def test_nothing_in_the_range_is_an_empty_answer(running: RunningServer) -> None:
    for end in ("2024-03-01", "2024-03-01T00:00:59"):
        response = get(running.replay(TRADES | {"to": end}))
        assert (response.status_code, response.content) == (200, b"")


def test_health(running: RunningServer) -> None:
    said = get(f"{running.http}/health-check/").json()
    assert list(said) == ["status", "uptimeHours", "timestampMs", "memoryInfo"]
    assert said["status"] == "Healthy"
    assert abs(said["timestampMs"] / 1000 - time.time()) < 60
    assert list(said["memoryInfo"]) == ["rssMB", "heapTotalMB", "heapUsedMB", "externalMB"]


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (TRADES | {"from": "sdf"}, 500, 'Invalid "from" argument: sdf'),
        (TRADES | {"exchange": "nowhere", "symbols": []}, 500, "bitmex"),
        (TRADES | {"dataTypes": ["trade_bar_x"]}, 500, "invalid data type: trade_bar_x"),
        (TRADES | {"symbols": ["ETHUSD"]}, 404, "bitmex ETHUSD trades"),
        (TRADES | {"to": "2024-03-04"}, 404, "2024-03-02 (missing)"),
        (TRADES | {"dataTypes": ["liquidation"]}, 404, "bitmex XBTUSD liquidations"),
    ],
)
def test_what_cannot_be_served_is_told_before_the_first_byte(
    running: RunningServer, options: object, status: int, words: str
) -> None:
    response = get(running.replay(options))
    assert response.status_code == status
    assert words in problem(response)
    _, code, reason = asyncio.run(frames_of(running.socket(options)))
    assert code == 1011
    assert len(reason.encode()) <= 123
    assert problem(response).startswith(reason)


@pytest.mark.parametrize(
    "query", ["", "?options=", "?options=%7B", "?options=%FF%FE", "?opt=%7B%7D", "?" + "a=1&" * 50]
)
def test_malformed_queries_are_refused(running: RunningServer, query: str) -> None:
    response = get(f"{running.http}/replay-normalized{query}")
    assert response.status_code == 500
    assert problem(response)


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/../../etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/replay", "/%00"]
)
def test_other_paths_hold_nothing(running: RunningServer, path: str) -> None:
    answer = asked(running.server.port, path)
    assert answer.split(b" ")[1] in (b"404", b"400")
    assert b"root:" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_only_get_is_answered(running: RunningServer, method: str) -> None:
    response = httpx.request(method, running.replay(TRADES), trust_env=False)
    assert response.status_code == 404


def test_giant_options_are_refused_and_the_server_lives(running: RunningServer) -> None:
    many = TRADES | {"symbols": ["X" * 50 + str(number) for number in range(900)]}
    assert get(running.replay(many)).status_code == 404  # 60 KB of symbols that are not held
    giant = TRADES | {"symbols": ["X" * 1_000_000]}
    with socket.create_connection(("127.0.0.1", running.server.port)) as plain:
        plain.sendall(f"GET /replay-normalized?options={quote(json.dumps(giant))}".encode()[:200_000])
        answer = plain.recv(4096)
    assert answer.split(b" ")[1] in (b"400", b"414", b"431")
    assert get(f"{running.http}/health-check").status_code == 200


def test_both_ports_speak_websocket_and_the_second_nothing_else(running: RunningServer, cache: Cache) -> None:
    expected = played_lines(cache, TRADES).decode().splitlines()
    for port in (running.server.port, running.server.socket_port):
        assert asyncio.run(frames_of(running.socket(TRADES, port=port))) == (expected, 1000, FINISHED)
    response = get(f"http://127.0.0.1:{running.server.socket_port}/health-check")
    assert response.status_code == 426


def test_an_unknown_path_of_websocket_is_closed_as_a_breach_of_policy(running: RunningServer) -> None:
    address = f"ws://127.0.0.1:{running.server.socket_port}/ws-replay"
    found, code, _ = asyncio.run(frames_of(address))
    assert (found, code) == ([], 1008)


def asked(port: int, target: str) -> bytes:
    """Send a request byte by byte as it is given here, and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: plain.recv(65536), b""))


async def said(client: websockets.ClientConnection, **command: object) -> dict[str, Any]:
    """Say something, and give the answer; messages before it are passed over."""
    await client.send(json.dumps(command))
    while True:
        answer = json.loads(await client.recv())
        if answer["type"] == "control":
            return dict(answer)


def connected(url: str) -> websockets.connect:
    return websockets.connect(url, max_size=None, proxy=None)


def test_a_client_steps_seeks_and_asks_for_the_state(running: RunningServer, cache: Cache) -> None:
    async def talk() -> None:
        async with connected(running.socket(BOOK, more="&paused=true")) as client:
            assert (await said(client, op="status"))["localTimestamp"] == "2024-02-29T23:59:59.999999Z"
            assert (await said(client, op="step", messages=2))["paused"] is True
            steps = [json.loads(await client.recv()) for _ in range(2)]
            assert [step["localTimestamp"] for step in steps] == [stamp(0), stamp(1)]
            moved = await said(client, op="seek", at="2024-03-01T02:00:00")
            assert moved["op"] == "seek"
            await said(client, op="step")
            book = json.loads(await client.recv())
            assert book["isSnapshot"] is True
            assert book["localTimestamp"] == "2024-03-01T02:00:00.000000Z"
            told = await said(client, op="hash")
            before_us = parse_instant("2024-03-01T02:00:00")
            (hashed,) = told["books"]
            assert hashed["stateHash"] == cache.book("bitmex", "XBTUSD", before_us).state_hash()

    asyncio.run(talk())


@pytest.mark.long
def test_a_paced_replay_keeps_to_its_speed_and_pauses(running: RunningServer) -> None:
    async def talk() -> None:
        async with connected(running.socket(TRADES, more="&speed=50")) as client:
            began_s = time.monotonic()
            for _ in range(31):
                await client.recv()
            took_s = time.monotonic() - began_s
            assert took_s > 0.5  # 30 seconds of the market at 50 times its speed
            await said(client, op="pause")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.recv(), 0.3)
            assert (await said(client, op="speed", speed="max"))["speed"] == "max"
            await client.send('{"op":"resume"}')
            rest = [json.loads(await client.recv()) for _ in range(1000)]
            assert sum(one["type"] == "trade" for one in rest) >= 999

    asyncio.run(talk())


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '{"op":"jump"}', '{"op":"step","messages":0}', '{"op":"seek","at":"x"}'),
        '{"op":"speed","speed":-1}',
    ],
)
def test_a_command_that_cannot_be_read_changes_nothing(running: RunningServer, text: str) -> None:
    async def talk() -> None:
        async with connected(running.socket(TRADES, more="&paused=true")) as client:
            await client.send(text)
            answer = json.loads(await client.recv())
            assert (answer["type"], answer["op"]) == ("control", "error")
            assert (await said(client, op="status"))["paused"] is True

    asyncio.run(talk())


def test_a_hundred_clients_at_once_get_everything(running: RunningServer, cache: Cache) -> None:
    short = TRADES | {"to": "2024-03-01T00:10"}
    expected = played_lines(cache, short)

    async def all_of_them() -> list[bytes]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:
            sockets = asyncio.gather(*(frames_of(running.socket(short)) for _ in range(50)))
            answers = await asyncio.gather(*(client.get(running.replay(short)) for _ in range(50)))
            framed = ["\n".join([*found, ""]).encode() for found, _, _ in await sockets]
        return [*framed, *(answer.content for answer in answers)]

    assert set(asyncio.run(all_of_them())) == {expected}


def test_a_slow_reader_is_waited_for_and_holds_nobody_up(running: RunningServer, cache: Cache) -> None:
    expected = played_lines(cache, BOOK)
    assert len(expected) > 4_000_000
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", running.server.port))
        target = running.replay(BOOK).removeprefix(running.http)
        slow.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert slow.recv(100)
        assert get(running.replay(BOOK)).content == expected
        deadline_s = time.monotonic() + 30
        while not any(client.is_waiting for client in running.server.traffic.clients):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        answer = bytearray()
        while piece := slow.recv(1 << 16):
            answer += piece
    assert answer.endswith(b"0\r\n\r\n")
    assert expected[-400:-1] in answer


def test_a_client_that_goes_away_is_let_go(running: RunningServer) -> None:
    def drop(kind: str) -> None:
        with socket.socket() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            plain.connect(("127.0.0.1", running.server.port))
            if kind == "http":
                target = running.replay(BOOK).removeprefix(running.http)
                upgrade = ""
            else:
                target = running.socket(BOOK).removeprefix(f"ws://127.0.0.1:{running.server.port}")
                upgrade = (
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                )
            plain.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n".encode())
            assert plain.recv(100)

    for kind in ("http", "socket") * 3:
        drop(kind)
    deadline_s = time.monotonic() + 30
    while running.server.traffic.clients:
        assert time.monotonic() < deadline_s, running.server.traffic
        time.sleep(0.02)
    assert get(f"{running.http}/health-check").status_code == 200


def test_rows_come_as_an_arrow_stream(running: RunningServer, cache: Cache) -> None:
    address = f"{running.http}/rows?exchange=bitmex&symbol=XBTUSD&type=trades&from=2024-03-01&to=2024-03-02"
    response = get(address)
    assert response.headers["Content-Type"] == "application/vnd.apache.arrow.stream"
    table = pa.ipc.open_stream(io.BytesIO(response.content)).read_all()
    assert table.equals(cache.arrow("bitmex", "XBTUSD", "trades", "2024-03-01", "2024-03-02"))
    some = pa.ipc.open_stream(io.BytesIO(get(f"{address}&columns=price,local_timestamp").content)).read_all()
    assert some.column_names == ["price", "local_timestamp"]
    none = pa.ipc.open_stream(io.BytesIO(get(address.replace("to=2024-03-02", "to=2024-03-01")).content))
    assert none.read_all().num_rows == 0


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("exchange=bitmex", 500, "lacks symbol, type, from, to"),
        ("exchange=bitmex&symbol=XBTUSD&type=x&from=2024-03-01&to=2024-03-02", 500, "not a data type"),
        ("RANGE&to=2024-03-02&rows=1", 500, "rows"),
        ("RANGE&to=2024-03-03", 404, "2024-03-02"),
        (
            "RANGE&to=2024-03-02&columns=x",
            500,
            "column x",
        ),
    ],
)
def test_rows_that_cannot_be_served_are_refused(
    running: RunningServer, query: str, status: int, words: str
) -> None:
    whole = query.replace("RANGE", "exchange=bitmex&symbol=XBTUSD&type=trades&from=2024-03-01")
    response = get(f"{running.http}/rows?{whole}")
    assert response.status_code == status
    assert words in problem(response)


def test_pages_and_names_of_others_are_refused(running: RunningServer) -> None:
    health = f"{running.http}/health-check"
    assert get(health, Origin="https://elsewhere.example").status_code == 403
    assert get(health, Host="elsewhere.example").status_code == 403
    assert get(health, Host=f"localhost:{running.server.port}").status_code == 200
    assert get(health, Origin=running.http).status_code == 200
    with pytest.raises(websockets.InvalidStatus) as error:
        asyncio.run(frames_at_origin(running.socket(TRADES), "https://elsewhere.example"))
    assert error.value.response.status_code == 403


async def frames_at_origin(url: str, origin: str) -> None:
    async with websockets.connect(url, proxy=None, origin=websockets.Origin(origin)) as client:
        await client.recv()


def test_other_machines_need_the_token(cache: Cache) -> None:
    with pytest.raises(UsageError, match="token"):
        _ = ServerPlan(address="0.0.0.0").gate
    with running_server(cache, ServerPlan(port=0, address="0.0.0.0", token="s3cret-token")) as running:
        health = f"http://127.0.0.1:{running.server.port}/health-check"
        refused = get(health)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert get(health, Authorization="Bearer wrong").status_code == 401
        assert get(f"{health}?token=wrong").status_code == 401
        assert get(health, Authorization="Bearer s3cret-token").status_code == 200
        assert get(f"{health}?token=s3cret-token").status_code == 200


def test_the_access_log_names_the_path_and_no_secret(cache: Cache, caplog: pytest.LogCaptureFixture) -> None:
    plan = ServerPlan(port=0, address="0.0.0.0", token="s3cret-token")
    with caplog.at_level("INFO"), running_server(cache, plan) as running:
        health = f"http://127.0.0.1:{running.server.port}/health-check?token=s3cret-token"
        get(health, Authorization="Bearer s3cret-token")
    logged = [record.getMessage() for record in caplog.records if record.name == "tickreel.server.access"]
    assert len(logged) == 1
    assert "GET /health-check 200" in logged[0]
    ours = [record for record in caplog.records if record.name.startswith("tickreel")]
    assert not any("s3cret" in record.getMessage() for record in ours)


def test_closing_tells_those_who_are_being_served(cache: Cache) -> None:
    with running_server(cache) as running:

        async def listen() -> tuple[int, str]:
            async with connected(running.socket(TRADES, more="&paused=true")) as client:
                await said(client, op="status")
                closing = asyncio.get_running_loop().run_in_executor(None, running.close)
                with pytest.raises(websockets.ConnectionClosed):
                    await client.recv()
                await closing
            return client.close_code or 0, client.close_reason or ""

        assert asyncio.run(listen()) == (1001, "the server is shutting down")


def test_an_http_replay_that_is_broken_off_ends_with_what_happened(cache: Cache) -> None:
    with running_server(cache) as running, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", running.server.port))
        target = running.replay([BOOK] * 8).removeprefix(running.http)
        slow.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
        deadline_s = time.monotonic() + 30
        while not any(client.is_waiting for client in running.server.traffic.clients):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        with ThreadPoolExecutor(1) as pool:
            closing = pool.submit(running.close)
            answer = bytearray()
            while piece := slow.recv(1 << 16):
                answer += piece
            closing.result(30)
    assert b'{"message":"the server is shutting down"}' in answer[-200:]


def test_a_port_in_use_is_refused_with_what_to_do(cache: Cache) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        plan = ServerPlan(port=taken.getsockname()[1])
        with pytest.raises(EnvironmentProblem, match="--port"), running_server(cache, plan):
            pass


def test_messages_are_in_order_and_both_kinds_are_merged(running: RunningServer) -> None:
    both = DAY | {"dataTypes": ["trade", "book_change"], "to": "2024-03-01T01:00"}
    told = parsed(get(running.replay(both)).text.splitlines())
    assert all(a["localTimestamp"] <= b["localTimestamp"] for a, b in pairwise(told))
    assert [one["type"] for one in told[:4]] == ["trade", "book_change"] * 2
    apart = [TRADES | {"to": "2024-03-01T01:00"}, BOOK | {"to": "2024-03-01T01:00"}]
    assert get(running.replay(apart)).text.splitlines() == get(running.replay(both)).text.splitlines()


def test_curl_reads_a_replay(running: RunningServer, cache: Cache) -> None:
    try:
        done = subprocess.run(
            [
                *("curl", "-sG", f"{running.http}/replay-normalized"),
                *("--data-urlencode", f"options={json.dumps(TRADES)}"),
            ],
            capture_output=True,
            check=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("curl is absent")
    assert done.stdout == played_lines(cache, TRADES)
