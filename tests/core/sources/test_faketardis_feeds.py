"""The stand-in for the raw feed and for tardis-machine: slices by the minute, and normalized replays."""

from __future__ import annotations

import gzip
import json
import ssl
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zstandard
from support.faketardis import FakeTardis, Fault, Kind, MadeSource, RawMessage
from support.faketardis.damage import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

_USUAL_TRUST = ssl.create_default_context()  # made once: it takes longer than most answers
_KEY = {"Authorization": "Bearer secret"}
_OPTIONS = {
    "exchange": "bitmex",
    "from": "2019-04-01T00:00",
    "to": "2019-04-01T00:02",
    "dataTypes": ["trade", "book_snapshot_2_1s"],
}


@pytest.fixture
def fake() -> Iterator[FakeTardis]:
    with FakeTardis(MadeSource([], lambda _: None)) as fake:
        yield fake


def get(url: str, *, headers: dict[str, str] = _KEY, params: dict[str, str] | None = None) -> httpx.Response:
    return httpx.get(url, headers=headers, params=params, verify=_USUAL_TRUST)


def slice_of(url: str, **params: str) -> tuple[httpx.Headers, bytes]:
    """Ask for a slice or a file; give the bytes as they came, however they are said to be encoded."""
    accepted = {"Accept-Encoding": params.pop("accept", "gzip")}
    with httpx.stream("GET", url, headers=_KEY | accepted, params=params, verify=_USUAL_TRUST) as answer:
        return answer.headers, b"".join(answer.iter_raw())


def raw_minute(
    minute: int, *seconds: float, channel: str = "trade", symbol: str = "XBTUSD"
) -> list[RawMessage]:
    return [
        RawMessage(
            f"2020-03-01T00:{minute:02}:{second:010.7f}Z", channel, symbol, f'{{"n":{minute},"s":{second}}}'
        )
        for second in seconds
    ]


def test_slices_of_the_raw_feed(fake: FakeTardis) -> None:
    gone = RawMessage("2020-03-01T00:00:30.0000000Z")
    messages = [
        *raw_minute(0, 1.5, 40),
        gone,
        *raw_minute(2, 0, 59.9999999),
        *raw_minute(2, 7, channel="quote"),
        *raw_minute(2, 8, symbol="ETHUSD"),
    ]
    fake.feed.serve("bitmex", messages)
    fake.feed.suggested_minutes = 5
    url = f"{fake.api_url}/data-feeds/bitmex"
    trades = json.dumps([{"channel": "trade", "symbols": ["XBTUSD"]}])
    asked = {"from": "2020-03-01T00:00:00.000Z", "sliceSize": "3", "filters": trades}
    multi = {"compression": "zstd-multiframe"}
    for accepted, more in (("gzip, deflate", {}), ("zstd, gzip", {}), ("gzip", multi)):
        headers, body = slice_of(url, accept=accepted, **asked, **more)
        text = unpacked(body)
        assert headers["Content-Encoding"] == ("zstd" if more else accepted.partition(",")[0])
        assert headers["X-Slice-Size"] == "3"
        assert headers["X-Suggested-Slice-Size"] == "5"
        assert text.splitlines()[0] == b'2020-03-01T00:00:01.5000000Z {"n":0,"s":1.5}'
        assert [len(line) > 0 for line in text.splitlines()] == [True, False, True, True, True]
        is_one_frame = zstandard.ZstdDecompressor().decompressobj().decompress(body) == text if more else True
        assert is_one_frame is not bool(more)
    _, minute = slice_of(url, **{"from": "2020-03-01T00:00:00", "offset": "2"})
    assert len(gzip.decompress(minute).splitlines()) == 4
    _, empty = slice_of(url, **{"from": "2020-03-01", "offset": "1"})
    assert gzip.decompress(empty) == b""
    fake.plan("data-feeds/*", [Kind.NO_SLICE_SIZE])
    assert "X-Slice-Size" not in get(url, params={"from": "2020-03-01"}).headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"from": "yesterday"}, 400),
        ({"from": "2020-03-01", "offset": "x"}, 400),
        ({"from": "2020-03-01", "sliceSize": "0"}, 400),
        ({"from": "2020-03-01", "filters": '{"channel":1}'}, 400),
        ({"from": "2020-03-01", "compression": "lzma"}, 400),
        ({"from": "2020-03-01", "offset": "1440"}, 401),
        ({"from": "2020-02-29", "offset": "1440"}, 200),
    ],
)
def test_slices_are_refused(fake: FakeTardis, query: dict[str, str], status: int) -> None:
    fake.feed.serve("bitmex", raw_minute(0, 1))
    answer = get(f"{fake.api_url}/data-feeds/bitmex", params=query, headers={"Authorization": ""})
    assert answer.status_code == status
    assert ("ISO 8601 format" in answer.text) is (query.get("from", "x") in ("x", "yesterday"))
    assert get(f"{fake.api_url}/data-feeds/nowhere", params={"from": "2020-03-01"}).status_code == 404


def normalized(kind: str, second: float, **more: Any) -> str:
    stamp = f"2019-04-01T00:00:{second:09.6f}Z"
    message = {"type": kind, "symbol": "XBTUSD", "exchange": "bitmex", "timestamp": stamp}
    return json.dumps(message | {"localTimestamp": stamp} | more)


def test_the_machine_replays_what_was_asked_for(fake: FakeTardis) -> None:
    trades = [normalized("trade", n / 20, price=n, amount=1, side="buy") for n in range(1000)]
    books = [normalized("book_snapshot", n / 20 + 0.01, name="book_snapshot_2_1s") for n in range(100)]
    other = [normalized("trade", 1, symbol="ETHUSD"), normalized("quote", 2)]
    gone = [normalized("disconnect", 3)]
    late = [normalized("trade", 1).replace("T00:00", "T00:02")]
    lines = sorted(
        [*trades, *books, *other, *gone, *late], key=lambda text: json.loads(text)["localTimestamp"]
    )
    fake.machine.serve("bitmex", lines)
    url = f"{fake.machine_url}/replay-normalized"
    answer = get(url, params={"options": json.dumps(_OPTIONS | {"symbols": ["xbtusd"]})})
    assert answer.headers["Content-Type"] == "application/x-json-stream"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert sorted(answer.text.splitlines()) == sorted([*trades, *books])
    assert answer.text.splitlines() == [text for text in lines if text in {*trades, *books}]
    several = [_OPTIONS | {"dataTypes": ["quote"], "withDisconnectMessages": True}, _OPTIONS]
    merged = get(url, params={"options": json.dumps(several)}).text.splitlines()
    stamps = [json.loads(text)["localTimestamp"] for text in merged]
    assert stamps == sorted(stamps)
    assert Counter(json.loads(text)["type"] for text in merged) == {
        "trade": 1001,
        "book_snapshot": 100,
        "quote": 1,
        "disconnect": 1,
    }
    nothing = get(url, params={"options": json.dumps(_OPTIONS | {"to": "2019-04-01 00:00:59"})})
    assert (nothing.status_code, nothing.content) == (200, b"")


def test_the_machine_fails_before_and_after_the_first_byte(fake: FakeTardis) -> None:
    fake.machine.serve("bitmex", [normalized("trade", n / 20, price=n) for n in range(1000)])
    url = f"{fake.machine_url}/replay-normalized"
    bad = [{}, {"exchange": "x"}, _OPTIONS | {"from": "soon"}, _OPTIONS | {"to": "2019-03-31"}]
    for options in (*bad, _OPTIONS | {"dataTypes": []}):
        answer = get(url, params={"options": json.dumps(options)})
        assert (answer.status_code, list(answer.json())) == (500, ["message"])
    fake.machine.key = None
    march = {"options": json.dumps(_OPTIONS | {"from": "2019-03-31T23:00"})}
    assert get(url, params=march).status_code == 401
    assert get(url, params=march).json()["url"].endswith("/bitmex")
    good = {"options": json.dumps(_OPTIONS)}
    fake.plan("replay-normalized", [Kind.TOO_MANY, Fault(Kind.LATE_ERROR, at=0.3), Kind.SHORT])
    assert set(get(url, params=good).json()) == {"responseText", "message", "url"}
    answer = get(url, params=good)
    *lines, end = answer.text.split("\n")
    assert answer.status_code == 200
    assert {json.loads(text)["type"] for text in lines} == {"trade"}
    assert "type" not in json.loads(end)
    assert 250 < len(lines) < 350
    with pytest.raises(httpx.RemoteProtocolError):
        get(url, params=good)
    assert get(f"{fake.machine_url}/health-check").json()["status"] == "Healthy"
