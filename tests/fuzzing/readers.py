"""The files and answers that are fuzzed as text or JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeVar

from fuzzing.mutation import json_text, mutated, mutated_value
from fuzzing.target import Target

from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from pathlib import Path
    from random import Random

_T = TypeVar("_T")


def _of_bytes(*words: bytes) -> Callable[[Random, Sequence[bytes]], bytes]:
    def mutate(chance: Random, seeds: Sequence[bytes]) -> bytes:
        return mutated(chance.choice(seeds), chance, seeds, words)

    return mutate


def _of_json(chance: Random, seeds: Sequence[bytes]) -> bytes:
    text = json_text(mutated_value(json.loads(chance.choice(seeds)), chance))
    return mutated(text, chance, seeds) if chance.random() < 0.15 else text


# Settings and policy.

_SETTINGS = (
    b'schema_version = 1\n[store]\nquota_bytes = "2 GB"\n'
    b'[replay]\nspeed = 10\n[display]\nzone = "Europe/Berlin"\n',
    b'[llm]\nbase_url = "http://127.0.0.1:11434/v1"\nmodel = "qwen"\n[redis]\nurl = "redis://desk:6379/0"\n',
    b'home = "/srv/{user}"\nreason = "by the desk"\n'
    b'[network]\nproxy = "http://proxy:8080"\nreason = "no way out"\n',
)
_SETTING_WORDS = (
    b"[store]\n", b"reason = 5\n", b'home = "x"\n', b"schema_version = 99\n", b"= ", b"[[store]]\n", b"inf",
    b"nan", b"2024-07-23", b"'''", b'"""', b"[store.quota_bytes]\n", b"store = 5\n", b"true",
    b"1979-05-27T07:32:00Z",
)  # fmt: skip


def _settings_seeds() -> Sequence[bytes]:
    from tickreel.settings.table import SETTINGS

    keys = "".join(f"{each.key} = 1\n" for each in SETTINGS)
    return (*_SETTINGS, keys.encode())


def _read_settings(data: bytes, folder: Path) -> None:
    from tickreel.settings import load
    from tickreel.settings.file import save
    from tickreel.settings.places import settings_path

    settings_path(folder).write_bytes(data)
    nowhere = folder / "no-policy.toml"
    loaded = load(folder, environ={}, policy_path=nowhere)
    assert not (loaded.own and loaded.unread)
    try:
        save(folder, {"replay.speed": 25}, policy_path=nowhere)
    except UsageError:
        assert settings_path(folder).read_bytes() == data
        raise
    again = load(folder, environ={}, policy_path=nowhere)
    assert again.own.get("replay.speed") == 25
    kept = {key: value for key, value in loaded.own.items() if key != "replay.speed"}
    assert {key: again.own.get(key) for key in kept} == kept, "a change of one key changed another"


def _read_policy(data: bytes, folder: Path) -> None:
    from tickreel.settings import load

    policy = folder / "policy.toml"
    policy.write_bytes(data)
    loaded = load(folder / "empty", environ={}, policy_path=policy)
    assert all(isinstance(text, str) for text in loaded.reasons.values())


# The replay server.

_OPTIONS = [
    {
        "exchange": "bitmex", "symbols": ["XBTUSD"], "from": "2019-06-01", "to": "2019-06-01 00:01",
        "dataTypes": ["trade", "book_snapshot_5_grouped0.5_100ms", "quote_10s", "trade_bar_1.5vol"],
        "withDisconnectMessages": True, "exactTimes": False, "initialBook": True,
    }
]  # fmt: skip


def _read_options(data: bytes, _folder: Path) -> None:
    from tickreel.market.time import EARLIEST_US, LATEST_US
    from tickreel.server.options import MOST_OPTIONS, MOST_SYMBOLS, read_options

    # As it comes out of an address: bytes that are no UTF-8 are lone surrogates there.
    found = read_options(data.decode("utf-8", "surrogateescape"))
    assert 1 <= len(found) <= MOST_OPTIONS
    for option in found:
        assert EARLIEST_US - 60_000_000 <= option.from_us <= option.to_us <= LATEST_US
        assert option.exchange
        assert option.types
        assert len(option.symbols) <= MOST_SYMBOLS


_COMMANDS = (
    b'{"op":"pause"}', b'{"op":"speed","speed":"max"}', b'{"op":"speed","speed":10.5}',
    b'{"op":"step","messages":5}', b'{"op":"seek","at":"2024-07-23T00:01"}',
    b'{"op":"seek","at":1721692800000000}', b'{"op":"hash"}',
)  # fmt: skip


def _read_command(data: bytes, _folder: Path) -> None:
    from tickreel.market.time import parse_instant
    from tickreel.replay.speed import checked_speed
    from tickreel.server.commands import Seek, SetSpeed, read_command

    command = read_command(data)
    if isinstance(command, Seek):
        parse_instant(command.at)
    if isinstance(command, SetSpeed):
        speed = checked_speed(command.speed)
        assert speed is None or (speed > 0 and math.isfinite(speed))


def _read_host(data: bytes, _folder: Path) -> None:
    from tickreel.server.access import Gate

    host, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
    origin, _, bearer = rest.partition("\n")
    headers = {"Host": host, "Origin": origin, "Authorization": bearer}
    Gate(token="t0ken").check(headers, None)
    assert bearer.lower().startswith("bearer ")
    assert bearer.rstrip().endswith("t0ken")
    assert "evil" not in host.rpartition("@")[2].partition(":")[0]


# The answers of a model.

_EVENTS = (
    b'data: {"choices":[{"delta":{"content":'
    b'"{\\"windows\\": [{\\"window\\": \\"w1\\", \\"summary\\": \\"A\\"}]}"}}]}\n\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}\n\ndata: [DONE]\n\n',
    b': hello\r\nevent: x\r\ndata: {"choices":[{"delta":{"reasoning":"hm"}}]}\r\ndata:\r\n\r\n',
    b'data: {"error":{"message":"no"}}\n\n',
)


def _read_events(data: bytes, _folder: Path) -> None:
    from tickreel.analysis.chat import _event, _Malformed, _pieces
    from tickreel.analysis.sse import SseError, events

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for low in range(0, len(data), size):
            yield data[low : low + size]

    async def all_of(size: int) -> list[str] | str:
        try:
            return [one async for one in events(chunks(size))]
        except SseError as error:
            return str(error)

    whole, cut = _ended(all_of(1 << 20)), _ended(all_of(7))
    if isinstance(whole, list) and isinstance(cut, list):
        assert whole == cut, "where a packet ends changed what it says"
    for text in whole if isinstance(whole, list) else ():
        try:
            _pieces(_event(text), "delta")
            _pieces(_event(text), "message")
        except _Malformed:
            continue


def _ended(work: Coroutine[Any, Any, _T]) -> _T:
    """Bring to its end what waits for nobody, quicker than a loop does."""
    try:
        work.send(None)
    except StopIteration as end:
        value: _T = end.value
        return value
    raise AssertionError("it waits for something")


_ANSWERS = (
    {
        "windows": [
            {
                "window": "w1",
                "summary": "Sellers hit the bid; the spread was 0.1.",
                "findings": [
                    {
                        "kind": "spread_widening", "severity": "notice", "confidence": 0.8,
                        "from_us": 1721692800000000, "to_us": 1721692860000000,
                        "evidence": [{"figure": "spread_bps", "value": 1.5}], "text": "It widened.",
                    }
                ],
            },
            {"window": "w2", "summary": "Quiet.", "findings": []},
        ]
    },
)  # fmt: skip


def _mutate_answer(chance: Random, seeds: Sequence[bytes]) -> bytes:
    text = _of_json(chance, seeds)
    return b"```json\n" + text + b"\n```" if chance.random() < 0.2 else text


def _read_answer(data: bytes, _folder: Path) -> None:
    from tickreel.analysis.answers import is_of_use, prose_so_far, read_answer, without_secrets
    from tickreel.analysis.findings import MOST_FINDINGS

    text = data.decode("utf-8", "replace")
    answers = read_answer(text, 2)
    assert len(answers) == 2
    for answer in answers:
        assert len(answer.prose) <= 8_000
        assert answer.prose.replace("\n", "").isprintable()
        assert len(answer.findings) <= MOST_FINDINGS
        repr(answer).encode()  # may be kept as UTF-8
    is_of_use(text, 2, is_whole=True)
    prose_so_far(text)
    without_secrets(text).encode()


# Links, the palette, and what another start hands over.

_LINKS = (
    b"tickreel://replay/binance-futures/BTCUSDT?from=2024-07-23&to=2024-07-24&at=2024-07-23T00:01&speed=10",
    b"tickreel://replay/deribit/BTC%2FUSD?symbols=binance:BTCUSDT,okex:BTC-USDT-SWAP&speed=max",
    *(b"tickreel://data", b"tickreel://run/0123456789", b"tickreel://backtest"),
)


def _read_link(data: bytes, _folder: Path) -> None:
    from tickreel.replay import parse_link

    text = data.decode("utf-8", "surrogateescape")
    link = parse_link(text)
    assert parse_link(link.text()) == link, link.text()


_TYPED = (
    *(b"btcusdt 19 jul 2024 00:03", b"nexo 2024-07-19 00:03:10.5", b"19 jul", b"00:03", b"03/04/2024 btc"),
    *(b"1721692800000000", b"tickreel://replay/binance/BTCUSDT?at=2024-07-19", b"jul 29 2:3 +05:30", b"at"),
)
_TYPED_WORDS = (
    b" z",
    b" utc",
    b"29 feb",
    b"+99:99",
    b"-14:00",
    b"31/31/2024",
    b"9999",
    b"1 jan 2010",
    b"t",
    b"\xc4\xb0",
)


def _read_typed(data: bytes, _folder: Path) -> None:
    from dataclasses import dataclass
    from datetime import date

    from tickreel.market.zone import Zone
    from tickreel.replay.moments import OpenReplay
    from tickreel.replay.places import PlaceFinder

    @dataclass(frozen=True)
    class Held:
        exchange: str
        symbol: str
        first_day: date | None
        last_day: date | None

    finder = PlaceFinder(
        [Held("binance", "BTCUSDT", date(2024, 7, 1), date(2024, 7, 31)), Held("okex", "BTC-USD", None, None)]
    )
    replay = OpenReplay("binance", "BTCUSDT", 1721692800000000, 1721779200000000, 1721692800000000)
    text = data.decode("utf-8", "surrogateescape")
    for zone in (Zone("UTC"), Zone("Europe/Berlin")):
        for open_replay in (None, replay):
            for place in finder.find(text, zone, open_replay):
                assert place.words
                place.link.text()


# Messages of other programs on the same machine or the line.

_MACHINE = (
    b'{"type":"trade","symbol":"BTCUSDT","exchange":"binance-futures","id":"1","price":66000.1,"amount":0.5,"side":"buy",'
    b'"timestamp":"2024-07-23T00:00:00.000Z","localTimestamp":"2024-07-23T00:00:00.001234Z"}\n',
    b'{"type":"book_change","symbol":"BTCUSDT","exchange":"binance-futures","isSnapshot":true,"bids":[{"price":1,"amount":2}],'
    b'"asks":[{"price":2,"amount":3}],"timestamp":"2024-07-23T00:00:01.000Z","localTimestamp":"2024-07-23T00:00:01.5Z"}\n',
    b'{"type":"disconnect","exchange":"binance-futures","localTimestamp":"2024-07-23T00:00:02.000Z"}\n',
)


def _read_machine(data: bytes, _folder: Path) -> None:

    from tickreel.sources.normalized.messages import LineError, TroubleTold, read_lines

    try:
        read_lines(data, 1)
    except (LineError, TroubleTold):
        return


def _json_seeds(*values: Any) -> Callable[[], Sequence[bytes]]:
    return lambda: [json.dumps(value).encode() for value in values]


TARGETS = (
    Target("settings", _settings_seeds, _of_bytes(*_SETTING_WORDS), _read_settings),
    Target("policy", _settings_seeds, _of_bytes(*_SETTING_WORDS), _read_policy),
    Target("server-options", _json_seeds(_OPTIONS, _OPTIONS[0]), _of_json, _read_options),
    Target("server-command", lambda: _COMMANDS, _of_bytes(b'"op"', b'"step"', b"1e3"), _read_command),
    Target(
        "server-host",
        lambda: (b"127.0.0.1:8000\nhttp://127.0.0.1:8000\nBearer t0ken", b"[::1]:8000\nnull\nBearer t0ken"),
        _of_bytes(b"evil.example", b"@", b"localhost", b"bearer ", b"[", b"%", b"127.1", b"2130706433"),
        _read_host,
    ),
    Target(
        "llm-stream",
        lambda: _EVENTS,
        _of_bytes(b"data: ", b"\n\n", b"data", b"\r", b"[DONE]", b"id: 1\n"),
        _read_events,
    ),
    Target("llm-answer", _json_seeds(*_ANSWERS), _mutate_answer, _read_answer),
    Target(
        "link",
        lambda: _LINKS,
        _of_bytes(b"?", b"&at=", b"&speed=", b"#", b"//", b"tickreel:", b"&symbols="),
        _read_link,
    ),
    Target("palette", lambda: _TYPED, _of_bytes(*_TYPED_WORDS), _read_typed),
    Target(
        "machine-messages",
        lambda: _MACHINE,
        _of_bytes(b'"type":', b"null", b'"id":5', b"\\ud800"),
        _read_machine,
    ),
)
