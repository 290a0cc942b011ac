"""The stand-in for the vendor does what the vendor does, and goes wrong as it is told."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from support.faketardis import (
    CURABLE,
    EMPTY_DAY,
    FakeTardis,
    Fault,
    Kind,
    MadeSource,
    Origin,
    read_log,
)
from support.faketardis.authority import make_authority
from support.vendorfiles import START_US, csv_text, line, write_csv

from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator

_TESTS = Path(__file__).resolve().parents[2]
_KEY = {"Authorization": "Bearer secret"}
_USUAL_TRUST = ssl.create_default_context()  # made once: it takes longer than most answers
_DAY = "binance/trades/2024/07/23/NEXOUSDT.csv.gz"
_NEXT = "binance/trades/2024/07/24/NEXOUSDT.csv.gz"
_FIRST = "deribit/quotes/2024/08/01/OPTIONS.csv.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make three daily files of two exchanges; the rows of the first are too many for one packet."""
    files = tmp_path_factory.mktemp("files")
    rows = [line(DataType.TRADES, START_US + 7 * n, id=str(n * 7919)) for n in range(30_000)]
    write_csv(files / _DAY, DataType.TRADES, rows)
    write_csv(files / _NEXT, DataType.TRADES, [line(DataType.TRADES, START_US + US_PER_DAY)])
    write_csv(files / _FIRST, DataType.QUOTES, [line(DataType.QUOTES)])
    return files


@pytest.fixture
def fake(folder: Path) -> Iterator[FakeTardis]:
    with FakeTardis(folder) as fake:
        yield fake


def get(
    url: str,
    *,
    headers: dict[str, str] = _KEY,
    params: dict[str, str] | None = None,
    timeout_s: float = 20,
    verify: ssl.SSLContext = _USUAL_TRUST,
) -> httpx.Response:
    return httpx.get(
        url, headers=headers, params=params, timeout=timeout_s, verify=verify, follow_redirects=True
    )


def test_a_daily_file_is_served_as_the_bytes_that_lie_there(fake: FakeTardis, folder: Path) -> None:
    answer = get(f"{fake.datasets_url}/{_DAY}?retryAttempt=3")
    assert answer.content == (folder / _DAY).read_bytes()
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Content-Encoding" not in answer.headers
    request = fake.requests[-1]
    assert (request.name, request.query, request.status) == (_DAY, {"retryAttempt": "3"}, 200)
    assert (request.key, request.is_complete, request.sent_bytes) == ("secret", True, len(answer.content))
    assert fake.downloads == {_DAY: 1}


def test_without_a_key_only_the_first_of_a_month_is_open(fake: FakeTardis) -> None:
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer"}):
        assert get(f"{fake.datasets_url}/{_FIRST}", headers=headers).status_code == 200
        assert get(f"{fake.datasets_url}/{_DAY}", headers=headers).status_code == 401
    assert get(f"{fake.datasets_url}/{_DAY}", headers={"Authorization": "Bearer other"}).status_code == 401
    assert fake.downloads == {_FIRST: 3}


def test_a_plan_opens_what_it_names(fake: FakeTardis) -> None:
    one = {"exchange": "binance", "accessType": "symbols", "symbols": ["nexousdt"], "dataPlan": "solo"}
    fake.admission.access = [one | {"from": "2024-07-24T00:00:00.000Z", "to": "2024-08-01T00:00:00.000Z"}]
    assert get(f"{fake.api_url}/api-key-info").json() == fake.admission.access
    assert get(f"{fake.datasets_url}/{_DAY}").status_code == 401
    assert get(f"{fake.datasets_url}/{_NEXT}").status_code == 200
    assert get(f"{fake.datasets_url}/{_NEXT.replace('NEXO', 'BTC')}").status_code == 401
    fake.admission.access[0]["to"] = "2024-07-24T00:00:00.000Z"
    assert get(f"{fake.datasets_url}/{_NEXT}").status_code == 401, "the end does not belong to it"
    assert get(f"{fake.api_url}/instruments/binance").status_code == 401, "not in this plan"


def test_there_is_neither_head_nor_range(fake: FakeTardis, folder: Path) -> None:
    url = f"{fake.datasets_url}/{_DAY}"
    answer = httpx.head(url, headers=_KEY)
    assert (answer.status_code, answer.content) == (404, b"")
    answer = get(url, headers=_KEY | {"Range": "bytes=100-"})
    assert (answer.status_code, answer.content) == (200, (folder / _DAY).read_bytes())


@pytest.mark.parametrize(
    "path",
    [
        "binance/trades/2024/07/25/NEXOUSDT.csv.gz",
        "binance/trades/2024/13/45/NEXOUSDT.csv.gz",
        "binance/trades/2024/07/23/nexousdt.csv.gz",
        "binance/trades/2024/07/23/%2e%2e%2f23/NEXOUSDT.csv.gz",
        "binance/trades/2024/07/23/",
        "nothing",
    ],
)
def test_what_is_not_there_is_404(fake: FakeTardis, path: str) -> None:
    answer = get(f"{fake.datasets_url}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, 404)


def test_nothing_outside_the_folder_is_served(folder: Path) -> None:
    inside = folder / "deribit" / "quotes"
    assert (inside / ".." / _FIRST.removeprefix("deribit/")).is_file()
    with FakeTardis(inside) as fake:
        answer = get(f"{fake.datasets_url}/%2e%2e/{_FIRST.removeprefix('deribit/')}")
        assert answer.status_code == 404
        assert fake.requests[0].name.startswith("../")


def test_the_metadata_follows_from_the_files(fake: FakeTardis) -> None:
    answer = get(f"{fake.api_url}/exchanges", headers={})
    assert answer.headers["Content-Encoding"] == "gzip"
    exchanges = answer.json()
    assert [one["id"] for one in exchanges] == ["binance", "deribit"]
    details = get(f"{fake.api_url}/exchanges/binance", headers={}).json()
    assert details["availableSymbols"][0]["id"] == "nexousdt"
    assert details["datasets"]["exportedFrom"] == "2024-07-23T00:00:00.000Z"
    assert details["datasets"]["exportedUntil"] == "2024-07-25T00:00:00.000Z"
    assert details["datasets"]["symbols"] == [
        {
            "id": "NEXOUSDT",
            "type": "spot",
            "availableSince": "2024-07-23T00:00:00.000Z",
            "dataTypes": ["trades"],
        }
    ]
    grouped = get(f"{fake.api_url}/exchanges/deribit").json()
    assert [one["id"] for one in grouped["datasets"]["symbols"]] == ["OPTIONS"]
    assert grouped["availableSymbols"] == []
    assert get(f"{fake.api_url}/exchanges/nowhere").status_code == 404


def test_metadata_that_a_test_gives_wins(folder: Path) -> None:
    given = {"binance": {"delisted": True, "datasets": {"exportedUntil": "2024-07-24T00:00:00.000Z"}}}
    with FakeTardis(folder, exchanges=given) as fake:
        fake.listing("binance", "LUNAUSDT", availableTo="2022-05-13T00:00:00.000Z", dataTypes=["trades"])
        details = get(f"{fake.api_url}/exchanges/binance").json()
        assert details["delisted"]
        assert details["datasets"]["exportedUntil"] == "2024-07-24T00:00:00.000Z"
        luna, nexo = details["datasets"]["symbols"]
        assert (luna["id"], luna["availableTo"]) == ("LUNAUSDT", "2022-05-13T00:00:00.000Z")
        assert nexo["dataTypes"] == ["trades"]
        assert get(f"{fake.datasets_url}/{_NEXT}").status_code == 404, "not published"
        assert get(f"{fake.datasets_url}/{_DAY}").status_code == 200


def test_a_day_is_published_when_the_end_moves(fake: FakeTardis) -> None:
    fake.exported_until = "2024-07-24T00:00:00.000Z"
    assert get(f"{fake.datasets_url}/{_NEXT}").status_code == 404
    fake.exported_until = "2024-07-25"
    details = get(f"{fake.api_url}/exchanges/binance").json()
    assert details["datasets"]["exportedUntil"] == "2024-07-25T00:00:00.000Z"
    assert get(f"{fake.datasets_url}/{_NEXT}").status_code == 200


def test_files_are_lost_replaced_and_empty(fake: FakeTardis) -> None:
    fake.put(_DAY, None)
    fake.put(_NEXT, EMPTY_DAY)
    assert get(f"{fake.datasets_url}/{_DAY}").status_code == 404
    declared = get(f"{fake.api_url}/exchanges/binance").json()["datasets"]
    assert declared["symbols"][0]["availableSince"] == "2024-07-23T00:00:00.000Z", "still declared"
    assert gzip.decompress(get(f"{fake.datasets_url}/{_NEXT}").content) == b""


def test_instruments_are_filtered(fake: FakeTardis) -> None:
    url = f"{fake.api_url}/instruments/binance"
    assert get(url, headers={}).status_code == 401
    (nexo,) = get(url).json()
    assert (nexo["id"], nexo["datasetId"], nexo["quoteCurrency"]) == ("nexousdt", "NEXOUSDT", "USDT")
    assert get(f"{url}/nexousdt").json() == nexo
    assert get(f"{url}/btcusdt").status_code == 404
    own = [{"id": "a", "type": "spot", "availableSince": "2020-01-01"}, {"id": "b", "type": "future"}]
    fake.instruments["binance"] = own
    wanted = json.dumps({"type": ["spot", "option"]})
    assert get(url, params={"filter": wanted}).json() == own[:1]
    assert get(url, params={"filter": "nonsense"}).status_code == 400


_STATUSES = {
    Kind.BAD_REQUEST: 400,
    Kind.LOST_QUERY: 400,
    Kind.UNAUTHORIZED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.RATE_LIMIT: 429,
    Kind.QUOTA: 429,
    Kind.TOO_MANY: 429,
    Kind.SERVER_ERROR: 500,
    Kind.BAD_GATEWAY: 502,
}


@pytest.mark.parametrize("kind", _STATUSES)
def test_a_planned_status_comes_once(fake: FakeTardis, kind: Kind) -> None:
    fake.plan("binance/trades/*", [kind])
    answer = get(f"{fake.datasets_url}/{_DAY}")
    assert answer.status_code == _STATUSES[kind]
    assert answer.headers.get("Retry-After") == {Kind.RATE_LIMIT: "1", Kind.QUOTA: "21600"}.get(kind)
    assert ("ISO 8601 format" in answer.text) is (kind is Kind.LOST_QUERY)
    assert get(f"{fake.datasets_url}/{_DAY}").status_code == 200
    assert [(one.fault, one.is_complete) for one in fake.requests] == [(kind, False), (None, True)]


def test_what_is_no_data_comes_with_status_200(fake: FakeTardis) -> None:
    fake.plan(_DAY, [Kind.HTML, Kind.JSON, Kind.NOTHING, Kind.NOISE])
    answers = [get(f"{fake.datasets_url}/{_DAY}") for _ in range(4)]
    assert {answer.status_code for answer in answers} == {200}
    html, of_json, nothing, noise = answers
    assert html.text.startswith("<!DOCTYPE html>")
    assert "message" in of_json.json()
    assert nothing.content == b""
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(noise.content)
    assert not fake.downloads


def test_damaged_files_are_sent_whole(fake: FakeTardis, folder: Path) -> None:
    fake.plan(_DAY, [Fault(Kind.TRUNCATED, at=0.25), Kind.BAD_CRC])
    good = (folder / _DAY).read_bytes()
    truncated = get(f"{fake.datasets_url}/{_DAY}").content
    assert truncated == good[: len(good) // 4]
    bad_crc = get(f"{fake.datasets_url}/{_DAY}").content
    with pytest.raises(gzip.BadGzipFile, match="CRC"):
        gzip.decompress(bad_crc)
    assert zlib.decompressobj(31).decompress(bad_crc[:-8]) == gzip.decompress(good)
    assert not fake.downloads


def test_harmless_faults_bring_the_right_rows(fake: FakeTardis, folder: Path) -> None:
    fake.plan(_DAY, [Kind.MEMBERS, Kind.CHUNKED, Kind.ENCODED, Fault(Kind.DRIP, pause_s=0.001)])
    url = f"{fake.datasets_url}/{_DAY}"
    good = (folder / _DAY).read_bytes()
    members = get(url).content
    assert members != good
    assert gzip.decompress(members) == gzip.decompress(good)
    first = zlib.decompressobj(31)
    assert len(first.decompress(members)) < len(gzip.decompress(good))
    assert first.unused_data.startswith(b"\x1f\x8b")
    chunked = get(url)
    assert "Content-Length" not in chunked.headers
    assert chunked.content == good
    assert get(url).content == gzip.decompress(good), "httpx does as it is told"
    assert get(url).content == good
    assert fake.downloads == {_DAY: 4}


def broken_off(url: str) -> tuple[type[Exception], int | None]:
    """Tell how a download failed, and how many bytes came before; None if not even a status."""
    count = None
    try:
        with httpx.stream("GET", url, headers=_KEY, verify=_USUAL_TRUST) as answer:
            count = 0
            for piece in answer.iter_raw():
                count += len(piece)
    except httpx.TransportError as failure:
        return type(failure), count
    raise AssertionError("it came whole")


def test_a_body_breaks_off_in_every_way(fake: FakeTardis, folder: Path) -> None:
    good = (folder / _DAY).read_bytes()
    faults = [Fault(kind, at=0.5, hold_s=0.05) for kind in (Kind.SHORT, Kind.RESET, Kind.STALLED)]
    fake.plan(_DAY, [*faults, Kind.HANG_UP, Fault(Kind.SILENT, hold_s=0.05)])
    short, reset, stalled, hang_up, silent = (broken_off(f"{fake.datasets_url}/{_DAY}") for _ in range(5))
    assert short == (httpx.RemoteProtocolError, len(good) // 2)
    assert stalled == short
    assert reset[0] is httpx.ReadError
    assert reset[1] is not None
    assert reset[1] <= len(good) // 2
    assert hang_up == (httpx.ReadError, None)
    assert silent == (httpx.RemoteProtocolError, None)
    assert not fake.downloads
    assert get(f"{fake.datasets_url}/{_DAY}").content == good


@pytest.mark.parametrize("kind", [Kind.STALLED, Kind.SILENT])
def test_silence_lasts_until_the_client_leaves(fake: FakeTardis, kind: Kind) -> None:
    fake.plan(_DAY, [kind])
    with pytest.raises(httpx.ReadTimeout):
        get(f"{fake.datasets_url}/{_DAY}", timeout_s=0.2)
    assert fake.requests[0].fault is kind


def test_a_redirect_leads_to_another_origin_that_sees_all_headers(fake: FakeTardis, folder: Path) -> None:
    fake.plan(_DAY, [Kind.REDIRECT])
    answer = get(f"{fake.datasets_url}/{_DAY}")
    assert answer.content == (folder / _DAY).read_bytes()
    assert urlsplit(str(answer.url)).netloc != urlsplit(fake.datasets_url).netloc
    (seen,) = fake.requests_to(Origin.ELSEWHERE)
    assert seen.key is None, "httpx drops it"
    get(str(answer.url))
    assert fake.requests_to(Origin.ELSEWHERE)[-1].key == "secret", "what is sent is recorded"


def test_plans_are_used_up_in_order_and_may_stay(fake: FakeTardis) -> None:
    fake.plan("/v1/binance/*", [Kind.FORBIDDEN, None, Kind.SERVER_ERROR])
    fake.plan("*/quotes/*", [Kind.NOT_FOUND, Kind.TOO_MANY], last_stays=True)
    days = [get(f"{fake.datasets_url}/{_DAY}").status_code for _ in range(4)]
    assert days == [403, 200, 500, 200]
    assert [get(f"{fake.datasets_url}/{_FIRST}").status_code for _ in range(4)] == [404, 429, 429, 429]
    fake.heal()
    assert get(f"{fake.datasets_url}/{_FIRST}").status_code == 200


def test_a_seeded_share_goes_wrong_whatever_the_order(tmp_path: Path) -> None:
    paths = [f"binance/trades/2023/{n // 28 + 1:02}/{n % 28 + 1:02}/BTCUSDT.csv.gz" for n in range(300)]
    found = []
    for order in (paths, paths[::-1]):
        with FakeTardis(MadeSource(paths, lambda _: EMPTY_DAY)) as fake:
            fake.faulty(0.2, [Kind.FORBIDDEN, Kind.HTML, Kind.SHORT], seed=7)
            with httpx.Client(headers=_KEY, verify=_USUAL_TRUST) as client:
                for path in order:
                    try:
                        client.get(f"{fake.datasets_url}/{path}")
                    except httpx.TransportError:
                        assert fake.requests[-1].fault is Kind.SHORT
            found.append({request.name: request.fault for request in fake.requests})
            assert fake.downloads.total() == sum(fault is None for fault in found[-1].values())
    assert found[0] == found[1]
    kinds = Counter(found[0].values())
    assert set(kinds) == {None, Kind.FORBIDDEN, Kind.HTML, Kind.SHORT}
    assert 30 < len(paths) - kinds[None] < 90


def test_all_curable_faults_are_cured_by_asking_again(fake: FakeTardis, folder: Path) -> None:
    fake.plan(_DAY, [Fault(kind, hold_s=0.01, pause_s=0.001) for kind in CURABLE])
    good = gzip.decompress((folder / _DAY).read_bytes())
    got = []
    for _ in CURABLE:
        try:
            answer = get(f"{fake.datasets_url}/{_DAY}")
            got.append(answer.status_code == 200 and gzip.decompress(answer.content) == good)
        except (httpx.TransportError, httpx.DecodingError, OSError, EOFError):
            got.append(False)
    harmless = (Kind.MEMBERS, Kind.CHUNKED, Kind.DRIP, Kind.REDIRECT)
    assert [kind for kind, is_right in zip(CURABLE, got, strict=True) if is_right] == list(harmless)
    assert fake.downloads[_DAY] == len(harmless) + 1, "and ENCODED, which httpx has unpacked"
    assert gzip.decompress(get(f"{fake.datasets_url}/{_DAY}").content) == good


def test_a_connection_lives_on(fake: FakeTardis) -> None:
    fake.plan(_NEXT, [None, Kind.SERVER_ERROR, Kind.TRUNCATED, Kind.CHUNKED])
    with httpx.Client(headers=_KEY, verify=_USUAL_TRUST) as client:
        for _ in range(5):
            client.get(f"{fake.datasets_url}/{_NEXT}")
    assert len({request.connection for request in fake.requests}) == 1


async def _crowd(fake: FakeTardis, size: int) -> tuple[int, int]:
    """Let *size* requests hang; tell how many hung at once, and what one more got."""
    limits = httpx.Limits(max_connections=size + 1)
    async with httpx.AsyncClient(headers=_KEY, limits=limits, timeout=60, verify=_USUAL_TRUST) as client:
        hanging = [asyncio.create_task(client.get(f"{fake.datasets_url}/{_DAY}")) for _ in range(size)]
        while len(fake.requests) < size:
            await asyncio.sleep(0.01)
        one_more = await client.get(f"{fake.datasets_url}/{_NEXT}")
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
    return fake.most_at_once, one_more.status_code


def test_many_are_served_at_once(fake: FakeTardis) -> None:
    fake.plan(_DAY, [Kind.STALLED], last_stays=True)
    assert asyncio.run(_crowd(fake, 80)) == (81, 200)


def test_a_crowd_is_turned_away(fake: FakeTardis) -> None:
    fake.plan(_DAY, [Kind.SILENT], last_stays=True)
    fake.crowd_limit, fake.crowd_fault = 4, Fault(Kind.FORBIDDEN)
    assert asyncio.run(_crowd(fake, 4)) == (5, 403)
    assert [request.fault for request in fake.requests] == [Kind.SILENT] * 4 + [Kind.FORBIDDEN]


def test_a_slow_server_still_brings_it_all(fake: FakeTardis, folder: Path) -> None:
    fake.bytes_per_s, fake.latency_s = 4e6, 0.01
    assert get(f"{fake.datasets_url}/{_DAY}").content == (folder / _DAY).read_bytes()


def test_a_server_that_is_down_refuses_and_comes_back(fake: FakeTardis) -> None:
    url = f"{fake.datasets_url}/{_DAY}"
    with httpx.Client(headers=_KEY, verify=_USUAL_TRUST) as client:
        assert client.get(url).status_code == 200
        with fake.down(), pytest.raises(httpx.ConnectError):
            client.get(url)
        assert client.get(url).status_code == 200


def test_tls_is_by_a_private_authority(folder: Path, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    with FakeTardis(folder, tls=authority) as fake:
        url = f"{fake.datasets_url}/{_DAY}"
        assert url.startswith("https://")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            get(url)
        context = authority.client_context()
        fake.plan(_DAY, [Kind.SHORT, Kind.RESET, Kind.REDIRECT])
        for _ in range(2):
            with pytest.raises(httpx.TransportError):
                get(url, verify=context)
        assert get(url, verify=context).content == (folder / _DAY).read_bytes()
        assert [request.origin for request in fake.requests][-1] is Origin.ELSEWHERE


def test_what_is_no_http_is_refused(fake: FakeTardis) -> None:
    parts = urlsplit(fake.datasets_url)
    assert parts.hostname is not None
    assert parts.port is not None
    for sent, status in ((b"GARBAGE\r\n\r\n", b"400"), (b"GET /" + b"x" * 20_000, b"431")):
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as plain:
            plain.sendall(sent)
            assert plain.recv(1000).startswith(b"HTTP/1.1 " + status)
    assert get(f"{fake.datasets_url}/{_DAY}").status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="a process is told to end by SIGTERM")
def test_as_a_process_it_logs_what_others_downloaded(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "support.faketardis",
            folder,
            "--log",
            log,
            "--faulty",
            "1",
            "--kinds",
            "short",
        ],
        env={**os.environ, "PYTHONPATH": str(_TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            with pytest.raises(httpx.RemoteProtocolError):
                get(f"{told['datasets_url']}/{_NEXT}")
            assert get(f"{told['api_url']}/exchanges").status_code == 200
            first, second = read_log(log)
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
    assert (first["name"], first["fault"], first["is_complete"]) == (_NEXT, "short", False)
    assert (second["name"], second["is_complete"], second["has_key"]) == ("exchanges", True, True)
    assert "secret" not in log.read_text(encoding="utf-8")


def test_made_bodies_need_no_folder() -> None:
    text = csv_text(DataType.TRADES, [line(DataType.TRADES)])
    source = MadeSource([_DAY, _NEXT], lambda path: gzip.compress(text) if path == _DAY else None)
    with FakeTardis(source) as fake:
        assert gzip.decompress(get(f"{fake.datasets_url}/{_DAY}").content) == text
        assert get(f"{fake.datasets_url}/{_NEXT}").status_code == 404
        assert len(get(f"{fake.api_url}/exchanges").json()) == 1


def test_a_failure_of_the_fake_itself_is_not_passed_over() -> None:
    def fail(path: str) -> bytes:
        raise ZeroDivisionError(path)

    fake = FakeTardis(MadeSource([_DAY], fail))
    with pytest.raises(AssertionError, match="ZeroDivisionError"), fake, pytest.raises(httpx.TransportError):
        get(f"{fake.datasets_url}/{_DAY}")
