"""The vendor's own clients cannot tell the fake from the vendor: tardis-dev 5 and tardis-client.

Run by ``pytest -m peers tests/core/sources``; the first time that sets up their environment below
``.bench``, from the package index.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.faketardis import EMPTY_DAY, FakeTardis, Kind, Origin, RawMessage, faults
from support.faketardis.authority import make_authority
from support.vendorfiles import csv_text, line

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.peers

_ROOT = Path(__file__).resolve().parents[3]
_CLIENTS = Path(faults.__file__).with_name("official_clients.py")
_DAYS = [date(2024, 7, 20) + timedelta(days=n) for n in range(14)]
_TYPES = (DataType.TRADES, DataType.QUOTES)
_FROM, _TO = "2020-03-01T00:00:00", "2020-03-01T00:10:00"


def path_of(data_type: str, day: date, symbol: str = "BTC-USD") -> str:
    return f"deribit/{data_type}/{day:%Y/%m/%d}/{symbol}.csv.gz"


def named(folder: Path, data_type: str, day: date, symbol: str = "BTC-USD") -> Path:
    """Give the path under which tardis-dev puts a file."""
    return folder / f"deribit_{data_type}_{day}_{symbol}.csv.gz"


@pytest.fixture(scope="module")
def python() -> Path:
    """Set up the environment of the clients if need be; give its Python."""
    ask = "from peers import Peer; print(Peer('tardis', 'Tardis clients', 'tardis').python())"
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "packaging" / "bench")}
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(told.stdout.strip())


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    """Serve two weeks of two types of one symbol, which hold different rows, and a day without any."""
    for data_type in _TYPES:
        for day in _DAYS:
            path = tmp_path / "files" / path_of(data_type, day)
            path.parent.mkdir(parents=True)
            rows = [line(data_type, symbol="BTC-USD", timestamp=str(n)) for n in range(day.day)]
            path.write_bytes(gzip.compress(csv_text(data_type, rows), mtime=0))
    with FakeTardis(tmp_path / "files") as fake:
        fake.put(path_of(DataType.TRADES, _DAYS[5]), EMPTY_DAY)
        yield fake


def calls(python: Path, *made: dict[str, Any], **environment: str) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [python, "-W", "ignore", _CLIENTS],
        input=json.dumps(made),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    results: list[dict[str, Any]] = json.loads(ran.stdout)
    return results


def download(fake: FakeTardis, to: Path, first: date, end: date, **more: Any) -> dict[str, Any]:
    return {
        "do": "download",
        "endpoint": fake.datasets_url,
        "exchange": "deribit",
        "data_types": _TYPES,
        "symbols": ["btc/usd"],
        "from_date": str(first),
        "to_date": str(end),
        "download_dir": str(to),
        "api_key": "secret",
        **more,
    }


def body_of(fake_folder: Path, data_type: str, day: date) -> bytes:
    if (data_type, day) == (DataType.TRADES, _DAYS[5]):
        return EMPTY_DAY
    return (fake_folder / path_of(data_type, day)).read_bytes()


def test_tardis_dev_downloads_all_days_of_all_types(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    (result,) = calls(python, download(fake, tmp_path / "got", _DAYS[0], _DAYS[-1] + timedelta(days=1)))
    assert result == {"value": None}
    for data_type in _TYPES:
        for day in _DAYS:
            got = named(tmp_path / "got", data_type, day).read_bytes()
            assert got == body_of(tmp_path / "files", data_type, day)
    assert len(list((tmp_path / "got").iterdir())) == len(_TYPES) * len(_DAYS)
    assert set(fake.downloads.values()) == {1}
    first_two = [request.name for request in fake.requests[:2]]
    assert first_two == [path_of(DataType.TRADES, _DAYS[-1]), path_of(DataType.TRADES, _DAYS[0])]
    assert {request.headers["user-agent"].partition("/")[0] for request in fake.requests} == {"tardis-dev"}
    assert len({request.connection for request in fake.requests}) < len(fake.requests)


def test_tardis_dev_without_a_key_gets_only_the_first_of_a_month(
    python: Path, fake: FakeTardis, tmp_path: Path
) -> None:
    first = date(2024, 8, 1)
    free = download(fake, tmp_path / "got", first, first + timedelta(days=1), api_key="")
    closed = download(fake, tmp_path / "got", first, first + timedelta(days=2), api_key="")
    assert calls(python, free, closed) == [{"value": None}, {"error": "HTTPError", "code": 401}]
    for data_type in _TYPES:
        assert named(tmp_path / "got", data_type, first).read_bytes() == body_of(
            tmp_path / "files", data_type, first
        )
    assert len(fake.requests) == 3, "what exists is not asked for again, and 401 ends it all"


def test_tardis_dev_overcomes_what_a_retry_cures(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    kinds = (
        *(Kind.LOST_QUERY, Kind.RATE_LIMIT, Kind.SERVER_ERROR, Kind.BAD_GATEWAY),
        *(Kind.SHORT, Kind.RESET, Kind.HANG_UP, Kind.STALLED, Kind.SILENT),
    )
    harmless = (Kind.MEMBERS, Kind.CHUNKED, Kind.DRIP)
    days = _DAYS[1 : 1 + len(kinds) + len(harmless)]
    for day, kind in zip(days, (*kinds, *harmless), strict=True):
        fake.plan(path_of(DataType.QUOTES, day), [kind])
    wanted = download(fake, tmp_path / "got", _DAYS[0], _DAYS[-1], data_types=["quotes"], timeout=1)
    assert calls(python, wanted) == [{"value": None}]
    for day in _DAYS[:-1]:
        got = named(tmp_path / "got", DataType.QUOTES, day).read_bytes()
        assert gzip.decompress(got) == gzip.decompress(body_of(tmp_path / "files", DataType.QUOTES, day))
    again = {request.name for request in fake.requests if request.query == {"retryAttempt": "1"}}
    faulted = {path_of(DataType.QUOTES, day): kind for day, kind in zip(days, kinds, strict=False)}
    # A connection that ends before the answer, and has served before, is replaced by aiohttp itself.
    assert {name for name, kind in faulted.items() if kind is not Kind.HANG_UP} <= again <= set(faulted)
    asked = Counter(request.name for request in fake.requests)
    assert {name for name, count in asked.items() if count == 2} == set(faulted)
    assert set(fake.downloads.values()) == {1}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.BAD_REQUEST, 400),
        (Kind.UNAUTHORIZED, 401),
        (Kind.FORBIDDEN, 403),
        (Kind.NOT_FOUND, 404),
        (Kind.QUOTA, 429),
    ],
)
def test_tardis_dev_gives_up_at_once(
    python: Path, fake: FakeTardis, tmp_path: Path, kind: Kind, code: int
) -> None:
    fake.plan("*", [kind])
    wanted = download(fake, tmp_path / "got", _DAYS[0], _DAYS[2])
    assert calls(python, wanted) == [{"error": "HTTPError", "code": code}]
    assert len(fake.requests) == 1


def test_tardis_dev_keeps_what_is_damaged(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    """As the vendor's client does with the vendor's server: nothing in the answer tells of the damage."""
    kinds = (Kind.TRUNCATED, Kind.BAD_CRC, Kind.HTML, Kind.JSON, Kind.NOTHING, Kind.NOISE)
    for day, kind in zip(_DAYS, kinds, strict=False):
        fake.plan(path_of(DataType.QUOTES, day), [kind])
    wanted = download(fake, tmp_path / "got", _DAYS[0], _DAYS[len(kinds)], data_types=["quotes"])
    assert calls(python, wanted) == [{"value": None}]
    for day in _DAYS[: len(kinds)]:
        kept = named(tmp_path / "got", DataType.QUOTES, day).read_bytes()
        assert kept != body_of(tmp_path / "files", DataType.QUOTES, day)


def test_tardis_dev_goes_where_a_redirect_leads(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    fake.plan("*", [Kind.REDIRECT])
    wanted = download(fake, tmp_path / "got", _DAYS[0], _DAYS[1], data_types=["quotes"])
    assert calls(python, wanted) == [{"value": None}]
    (seen,) = fake.requests_to(Origin.ELSEWHERE)
    assert (seen.is_complete, seen.key) == (True, None)


def test_tardis_dev_trusts_a_private_authority(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    with FakeTardis(tmp_path / "files", tls=authority) as safe:
        wanted = download(safe, tmp_path / "got", _DAYS[0], _DAYS[3])
        assert calls(python, wanted, SSL_CERT_FILE=str(authority.ca_file)) == [{"value": None}]
        assert safe.downloads.total() == 6


def test_tardis_dev_reads_the_metadata(python: Path, fake: FakeTardis) -> None:
    endpoint = {"endpoint": fake.api_url}
    wanted = {"type": ["perpetual"], "quoteCurrency": "USD"}
    details, every, one, none, symbols, closed = calls(
        python,
        {"do": "details", "exchange": "deribit", **endpoint},
        {"do": "instruments", "exchange": "deribit", "filter": wanted, "api_key": "secret", **endpoint},
        {"do": "instruments", "exchange": "deribit", "symbol": "BTC-USD", "api_key": "secret", **endpoint},
        {"do": "instruments", "exchange": "deribit", "symbol": "ETH/USD", "api_key": "secret", **endpoint},
        {
            "do": "symbols",
            "exchanges": ["deribit"],
            "filter": wanted,
            "selector": "datasetId",
            "api_key": "secret",
            **endpoint,
        },
        {"do": "instruments", "exchange": "deribit", **endpoint},
    )
    datasets = details["value"]["datasets"]
    assert datasets["exportedUntil"] == f"{_DAYS[-1] + timedelta(days=1)}T00:00:00.000Z"
    assert datasets["symbols"][0]["dataTypes"] == ["quotes", "trades"]
    assert every["value"] == [one["value"]]
    assert (none["code"], closed["code"]) == (404, 401)
    assert symbols["value"] == [{"exchange": "deribit", "symbols": ["BTC-USD"]}]


def raw_messages() -> list[RawMessage]:
    """Make ten minutes of two channels: an empty minute, and one with two ends of the connection."""
    messages = []
    for n in range(600):
        minute, second = divmod(n, 60)
        if minute == 4:
            continue
        channel = "trade" if n % 3 else "orderBookL2"
        symbol = "XBTUSD" if n % 2 else "ETHUSD"
        text = json.dumps({"table": channel, "data": [{"symbol": symbol, "n": n}]}, separators=(",", ":"))
        messages.append(RawMessage(f"2020-03-01T00:{minute:02}:{second:02}.{n:07}Z", channel, symbol, text))
    gone = RawMessage("2020-03-01T00:07:30.9000000Z")
    return sorted([*messages, gone, gone], key=lambda one: one.local_timestamp)


def wanted_of(channels: dict[str, list[str]]) -> list[list[str]]:
    return [
        [one.local_timestamp, one.message]
        for one in raw_messages()
        if one.channel is not None and (not channels or one.symbol in channels.get(one.channel, ()))
    ]


_FILTERS = {"trade": ["XBTUSD", "ETHUSD"], "orderBookL2": ["XBTUSD"]}


@pytest.mark.parametrize("compression", ["zstd", "gzip"])
def test_tardis_dev_replays_the_raw_feed(
    python: Path, fake: FakeTardis, tmp_path: Path, compression: str
) -> None:
    fake.feed.serve("bitmex", raw_messages())
    fake.feed.suggested_minutes = 3
    replay = {
        "do": "dev_replay",
        "endpoint": fake.api_url,
        "exchange": "bitmex",
        "from_date": _FROM,
        "to_date": _TO,
        "compression": compression,
        "with_disconnects": True,
    }
    some, every = calls(
        python,
        replay | {"filters": _FILTERS, "cache_dir": str(tmp_path / "some")},
        replay | {"filters": {}, "cache_dir": str(tmp_path / "every")},
    )
    assert [one for one in some["value"] if one] == wanted_of(_FILTERS)
    assert [one for one in every["value"] if one] == wanted_of({})
    assert some["value"].count(None) == every["value"].count(None) == 1, "two ends in a row count once"
    asked = [(r.query["offset"], r.query.get("sliceSize")) for r in fake.requests if "filters" in r.query]
    assert asked[:2] == [("9", None), ("0", None)]
    assert sorted(asked[2:]) == [("1", "3"), ("4", "3"), ("7", "2")]


def test_tardis_dev_needs_the_size_of_a_slice_and_the_right_to_both_ends(
    python: Path, fake: FakeTardis, tmp_path: Path
) -> None:
    fake.feed.serve("bitmex", raw_messages())
    replay = {
        "do": "dev_replay",
        "endpoint": fake.api_url,
        "exchange": "bitmex",
        "filters": {},
        "from_date": _FROM,
        "to_date": _TO,
        "cache_dir": str(tmp_path / "cache"),
    }
    fake.plan("data-feeds/*", [Kind.NO_SLICE_SIZE])
    sizeless, closed, unknown = calls(
        python,
        replay,
        replay | {"to_date": "2020-03-02T00:01:00"},
        replay | {"exchange": "nowhere"},
    )
    assert sizeless["error"] == "KeyError"
    assert (closed["code"], unknown["code"]) == (401, 404)


def client_replay(fake: FakeTardis, cache: Path, **more: Any) -> dict[str, Any]:
    return {
        "do": "client_replay",
        "client": {"endpoint": fake.api_url.removesuffix("/v1"), "cache_dir": str(cache)},
        "exchange": "bitmex",
        "from_date": _FROM,
        "to_date": _TO,
        "filters": _FILTERS,
        "with_disconnects": True,
        **more,
    }


def test_tardis_client_replays_the_raw_feed(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    fake.feed.serve("bitmex", raw_messages())
    some, every = calls(
        python,
        client_replay(fake, tmp_path / "some"),
        client_replay(fake, tmp_path / "every", filters={}),
    )
    assert [one for one in some["value"] if one] == wanted_of(_FILTERS)
    assert [one for one in every["value"] if one] == wanted_of({})
    assert every["value"].count(None) == 2, "this client hands on each of them"
    assert len(fake.requests) == 20
    assert {request.headers["authorization"] for request in fake.requests} == {""}


def test_tardis_client_overcomes_what_a_retry_cures(python: Path, fake: FakeTardis, tmp_path: Path) -> None:
    fake.feed.serve("bitmex", raw_messages())
    kinds = (Kind.LOST_QUERY, Kind.SERVER_ERROR, Kind.SHORT, Kind.RESET, Kind.HANG_UP, Kind.MEMBERS)
    fake.plan("data-feeds/*", kinds)
    got, closed = calls(
        python,
        client_replay(fake, tmp_path / "got", filters={}),
        client_replay(fake, tmp_path / "closed", from_date="2020-03-02", to_date="2020-03-02T00:02:00"),
    )
    assert [one for one in got["value"] if one] == wanted_of({})
    assert closed == {"error": "HTTPError", "code": 401}
    assert [request.fault for request in fake.requests[: len(kinds)]] == list(kinds)
