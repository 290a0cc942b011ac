"""The files that are fuzzed as bytes: CSV, segments and keyframes, catalogs, backups, cards, strategies."""

from __future__ import annotations

import gzip
import json
import math
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zstandard
from fuzzing.mutation import Deep, json_text, mutated, mutated_value
from fuzzing.target import Target
from support.blocks import rows_of
from support.vendorfiles import MIXED, csv_text

from tickreel.errors import EnvironmentProblem
from tickreel.market.types import SCHEMAS, DataType, Kind
from tickreel.progress import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from tickreel.backtest.runs.card import RunCard
    from tickreel.market.block import Block

_CSV_WORDS = (
    *(
        b"true",
        b"false",
        b"bid",
        b"ask",
        b"buy",
        b"sell",
        b"unknown",
        b"put",
        b"call",
        b",,",
        b",,,,",
        b"\r\n",
        b"\n\n",
    ),
    *(b"1721692800000000", b"-9223372036854775808", b"1721692800000001", b"0.00002754", b"binance-futures"),
    *(schema.header.encode() + b"\n" for schema in SCHEMAS.values()),
)


# The vendor's CSV: what is taken must be what a plain reader of cells finds there.


def _csv_seeds() -> Sequence[bytes]:
    return [csv_text(kind, (*lines, *lines[-1:] * 3)) for kind, lines in MIXED.items()]


def _mutate_csv(chance: Random, seeds: Sequence[bytes]) -> bytes:
    return mutated(chance.choice(seeds), chance, seeds, _CSV_WORDS)


def _blocks_of(path: Path) -> list[Block]:
    from tickreel.vendorcsv.reader import open_csv

    # What shares its header with another is one of them: either way the cells are the same.
    head = path.read_bytes()[:400]
    ambiguous = next(
        (kind for kind in (DataType.TRADES, DataType.QUOTES) if SCHEMAS[kind].header.encode() in head), None
    )
    with open_csv(path, type=ambiguous) as file:
        return list(file.blocks(UNWATCHED))


def _read_csv(data: bytes, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_bytes(data)
    _check_cells(data, _blocks_of(path))


def _check_cells(text: bytes, blocks: list[Block]) -> None:
    rows = [row for block in blocks for row in rows_of(block)]
    lines = text.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    lines = [line.removesuffix(b"\r") for line in lines[1:]]
    assert len(rows) == len(lines), f"{len(rows)} rows of {len(lines)} lines"
    for line, row in zip(lines, rows, strict=True):
        schema = blocks[0].schema
        for column, cell in zip(schema.columns, line.split(b","), strict=True):
            found = row[column.name]
            match column.kind:
                case Kind.TIME:
                    wanted: Any = int(cell) if cell else None
                case Kind.NUMBER:
                    wanted = float(cell) if cell else None
                    assert wanted is None or math.isfinite(wanted)
                    wanted = wanted if wanted is None else wanted + 0.0
                case Kind.FLAG:
                    wanted = {b"true": True, b"false": False}[cell]
                case _:
                    wanted = cell.decode()
            assert found == wanted, f"{column.name}: {cell!r} was read as {found!r}"


def _packed_seeds() -> Sequence[bytes]:
    texts = _csv_seeds()[:3]
    bomb = texts[2] + texts[2].splitlines(keepends=True)[-1] * 20_000
    pack = zstandard.ZstdCompressor(write_checksum=True).compress
    wide = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=30, compression_level=1)
    ).compressobj()
    return [
        *(gzip.compress(text, mtime=0) for text in texts),
        *(pack(text) for text in texts),
        gzip.compress(texts[0][:50], mtime=0) + gzip.compress(texts[0][50:], mtime=0),
        pack(texts[2][:80]) + pack(texts[2][80:]),
        gzip.compress(bomb, mtime=0),
        gzip.compress(b"x" * (1 << 24), mtime=0),
        pack(b"\n" * (1 << 24)),
        wide.compress(texts[2]) + wide.flush(),
    ]


def _read_packed(data: bytes, folder: Path) -> None:
    path = folder / "a.csv.gz"
    path.write_bytes(data)
    blocks = _blocks_of(path)
    if data[:2] == b"\x1f\x8b":
        text = gzip.decompress(data)
    elif data[1:4] == b"\xb5\x2f\xfd":
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
            text = reader.read()
    else:
        return
    if blocks:
        _check_cells(text, blocks)


# Segments and keyframes: raw, where nothing but the very rows may come out; and with their checksums made
# right again, where a reader must hold out against whoever can compute a CRC.


def _written(write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "a.tick")
        return (Path(folder) / "a.tick").read_bytes()


@cache
def _segment_seeds() -> Sequence[bytes]:
    from support.segmentrows import some_rows, write_segment

    seeds = []
    for number, kind in enumerate(SCHEMAS):
        for flavour in ("tidy", "hostile"):
            symbols = ("A", "B") if number % 3 == 0 and flavour == "tidy" else ()
            block = some_rows(kind, 60, seed=number, flavour=flavour, symbols=symbols)
            seeds.append(_written(lambda path, block=block: write_segment(path, block)))  # type: ignore[misc]
    return seeds


def _mutate_raw(chance: Random, seeds: Sequence[bytes]) -> bytes:
    return mutated(chance.choice(seeds), chance, seeds)


def _rows_of_segment(path: Path) -> str:
    from support.segmentrows import ALWAYS

    from tickreel.store.digest import RowsDigest
    from tickreel.store.segments import Segment

    with Segment.open(path) as segment:
        key = segment.footer.key
        digest = RowsDigest(SCHEMAS[key.type], grouped=key.is_grouped)
        rows = 0
        for block in segment.blocks(*ALWAYS):
            digest.update(block)
            rows += len(block)
        whole = segment.read(*ALWAYS)
        assert len(whole) == rows
        again = RowsDigest(SCHEMAS[key.type], grouped=key.is_grouped)
        again.update(whole)
        assert again.hexdigest() == digest.hexdigest(), "read at once it has other rows than block by block"
        some = (
            segment.read(int(whole.local_us[rows // 2]), int(whole.local_us[-1]) + 1, ["price"])
            if _has_price(key)
            else None
        )
        assert some is None or len(some) > 0
        return digest.hexdigest()


def _has_price(key: Any) -> bool:
    return any(column.name == "price" for column in SCHEMAS[key.type].columns)


@cache
def _known_digests() -> frozenset[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.tick"
        digests = set()
        for seed in _segment_seeds():
            path.write_bytes(seed)
            digests.add(_rows_of_segment(path))
        return frozenset(digests)


def _raw_segment_seeds() -> Sequence[bytes]:
    _known_digests()  # once, before anything is tried
    return _segment_seeds()


def _read_segment(data: bytes, folder: Path) -> None:
    path = folder / "s.tick"
    path.write_bytes(data)
    assert _rows_of_segment(path) in _known_digests(), "rows were served that nobody wrote"


def _read_resealed(data: bytes, folder: Path) -> None:
    path = folder / "s.tick"
    path.write_bytes(data)
    _rows_of_segment(path)


def _mutate_resealed(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """Change what lies under the checksums of a segment, and make them fit again."""
    from tickreel.store.segments import layout
    from tickreel.store.segments.frames import checksum, compress, decompress
    from tickreel.store.segments.streams import read_head

    data = chance.choice(seeds)
    place = layout.read_trailer(data[-layout.TRAILER_BYTES :], len(data))
    text = data[place.footer_offset :][: place.footer_bytes]
    table = np.frombuffer(
        data[place.footer_offset + place.footer_bytes :][: place.table_bytes], layout.CHUNK_TABLE
    ).copy()
    entry = chance.randrange(len(table))
    begin, size = int(table[entry]["offset"]), int(table[entry]["stored_bytes"])
    stored = data[begin : begin + size]
    frame_at = read_head(stored)[3]
    front, frame = stored[:frame_at], stored[frame_at:]
    payload = decompress(frame, int(table[entry]["payload_bytes"]))
    how = chance.randrange(8)
    if how <= 2:  # head, descriptors and planes, mostly of the same length
        front = _tweaked(front, chance, seeds)
    if how in (2, 3, 4) and payload:
        payload = _tweaked(payload, chance, seeds)
        frame = compress([payload])
    if how == 5:
        frame = mutated(frame, chance, seeds)
    if how == 6:
        text = json_text(mutated_value(json.loads(text), chance))
    if how == 7:
        name = chance.choice(layout.CHUNK_TABLE.names or ())
        info = np.iinfo(layout.CHUNK_TABLE[name])
        table[entry][name] = min(
            max(chance.choice((0, 1, -1, 2**25, 2**31, 2**32 - 1, int(table[entry][name]) + 1)), info.min),
            info.max,
        )
    stored = front + frame
    moved = len(stored) - size
    if how != 7:
        table["offset"][entry + 1 :] += np.uint64(moved) if moved >= 0 else np.uint64(0)
        table[entry]["stored_bytes"] = len(stored)
        table[entry]["payload_bytes"] = len(payload)
    table[entry]["crc32"] = checksum(stored)
    chunks = data[layout.HEAD_BYTES : begin] + stored + data[begin + size : place.footer_offset]
    raw = table.tobytes()
    end = layout._TRAILER.pack(
        layout.HEAD_BYTES + len(chunks), len(text), checksum(text), len(raw), checksum(raw), 1
    )
    return layout.head() + chunks + text + raw + end + layout._CRC.pack(checksum(end)) + layout.TRAILER_MAGIC


def _tweaked(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """Change bytes in place, at times more than that."""
    if chance.random() < 0.2:
        return mutated(data, chance, seeds)
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        at = chance.randrange(len(changed))
        size = min(chance.choice((1, 1, 2, 4, 8)), len(changed) - at)
        number = chance.choice(
            (
                0,
                1,
                0x7F,
                0x80,
                0xFF,
                2**15,
                2**31 - 1,
                2**31,
                2**32 - 1,
                2**63 - 1,
                2**63,
                2**64 - 1,
                chance.getrandbits(64),
            )
        )
        changed[at : at + size] = number.to_bytes(8, "little")[:size]
    return bytes(changed)


def _keyframe_seeds() -> Sequence[bytes]:
    from tickreel.filesystem import Disk
    from tickreel.store.segments import KeyframeWriter

    def write(path: Path) -> None:
        writer = KeyframeWriter(Disk(), path)
        for number in range(3):
            levels = np.array([[100.0 - place / 10, 1.0 + place % 3] for place in range(40 + number)])
            writer.add(1_721_692_800_000_000 + number, levels, levels + 10)
        writer.seal()

    return [_written(write)]


def _read_keyframes(data: bytes, folder: Path) -> None:
    from tickreel.store.segments import Keyframes

    path = folder / "k.keys"
    path.write_bytes(data)
    with Keyframes.open(path) as keyframes:
        keyframes.verify()
        for at_us in keyframes.times_us.tolist():
            frame = keyframes.before(at_us)
            assert frame is not None
            assert frame.bids.shape[1] == frame.asks.shape[1] == 2


def _mutate_keyframes(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """Change what lies under the checksums of keyframes, and make them fit again."""
    from tickreel.store.segments import keyframes as form
    from tickreel.store.segments.frames import checksum

    data = chance.choice(seeds)
    if chance.random() < 0.3:
        return mutated(data, chance, seeds)
    end_at = len(data) - form._TRAILER_BYTES
    offset, table_bytes, _, _ = form._TRAILER.unpack_from(data, end_at)
    table = np.frombuffer(data[offset : offset + table_bytes], form.TABLE).copy()
    chunks = bytearray(data[:offset])
    entry = chance.randrange(len(table))
    begin, size = int(table[entry]["offset"]), int(table[entry]["stored_bytes"])
    if chance.random() < 0.6:
        stored = _tweaked(bytes(chunks[begin : begin + size]), chance, seeds)[:size].ljust(size, b"\0")
        chunks[begin : begin + size] = stored
        table[entry]["crc32"] = checksum(stored)
    else:
        name = chance.choice(("payload_bytes", "bids", "asks", "local_us", "offset"))
        table[entry][name] = chance.choice((0, 1, 2**25, 2**31 - 1, int(table[entry][name]) + 1))
    raw = table.tobytes()
    end = form._TRAILER.pack(len(chunks), len(raw), checksum(raw), 1)
    return bytes(chunks) + raw + end + form._CRC.pack(checksum(end)) + form.TRAILER_MAGIC


# Catalogs: torn pages, and cells of another kind than the program writes.


def _catalog_seeds() -> Sequence[bytes]:
    from faults.homes import DAY, NEXT_DAY, opened, store_part

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with opened(root) as store:
            store_part(store, DAY)
            store_part(store, NEXT_DAY)
        with closing(sqlite3.connect(root / "catalog.sqlite")) as catalog:
            catalog.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            catalog.execute("PRAGMA journal_mode = DELETE")
        return [(root / "catalog.sqlite").read_bytes()]


def _mutate_catalog(chance: Random, seeds: Sequence[bytes]) -> bytes:
    data = seeds[0]
    if chance.random() < 0.5:
        changed = bytearray(data)
        for _ in range(chance.choice((1, 2, 8, 40))):
            at = chance.randrange(len(changed))
            changed[at] = chance.choice(
                (0, 0xFF, changed[at] ^ 1 << chance.randrange(8), chance.randrange(256))
            )
        return bytes(changed) if chance.random() < 0.8 else bytes(changed[: chance.randrange(len(changed))])
    with closing(sqlite3.connect(":memory:")) as catalog:
        catalog.deserialize(data)
        catalog.execute("PRAGMA ignore_check_constraints = ON")
        catalog.execute("PRAGMA foreign_keys = OFF")
        tables = [name for (name,) in catalog.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        held = [name for name in tables if catalog.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()]
        for _ in range(chance.choice((1, 1, 3))):
            table = chance.choice(held)
            columns = [row[1] for row in catalog.execute(f'PRAGMA table_info("{table}")')]
            value = chance.choice(
                (
                    None,
                    "",
                    0,
                    -1,
                    2**62,
                    1.5,
                    "x",
                    b"\xff",
                    "../../x",
                    "9999-99-99",
                    "\x1b[2J",
                    float("inf"),
                    "[]",
                    "{",
                )
            )
            try:
                catalog.execute(f'UPDATE "{table}" SET "{chance.choice(columns)}" = ?', (value,))
            except sqlite3.Error:
                continue  # a strict table, or a key that holds
        catalog.commit()
        return catalog.serialize()


def _read_catalog(data: bytes, folder: Path) -> None:
    from tickreel.backtest.runs.records import RunRecords
    from tickreel.store import open_cache

    root = folder / "home"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    (root / "catalog.sqlite").write_bytes(data)
    with open_cache(root) as cache:
        cache.datasets()
        assert all(isinstance(day.day, date) for day in cache.all_days())
        cache.life.trash.entries()
        cache.changes({})
        with RunRecords(cache) as records:
            records.listing()
            records.runs()


# Backups: their manifest names what the next backup takes away.


def _manifest_seeds() -> Sequence[bytes]:
    manifest = {
        "kind": "tickreel backup",
        "version": 1,
        "made_us": 5,
        "segments": ["ab" * 16, "cd" * 16],
        "runs": ["0123456789"],
    }
    return [json.dumps(manifest).encode()]


_HOSTILE_IDS = (
    "../../witness",
    "..",
    ".",
    "",
    "/",
    "../witness",
    "ab/../../../witness",
    "\0",
    "a" * 300,
    "..\\witness",
    "C:\\x",
)


def _mutate_manifest(chance: Random, seeds: Sequence[bytes]) -> bytes:
    if chance.random() < 0.5:
        manifest = json.loads(seeds[0])
        manifest[chance.choice(("segments", "runs"))].append(chance.choice(_HOSTILE_IDS))
        return json.dumps(manifest).encode()
    return json_text(mutated_value(json.loads(seeds[0]), chance))


def _read_manifest(data: bytes, folder: Path) -> None:
    from faults.homes import DAY, opened, store_part

    from tickreel.store.care.backup import MANIFEST, back_up

    root = folder / "manifest"
    home, target = root / "deep" / "home", root / "deep" / "backup"
    if not home.exists():
        with opened(home) as store:
            store_part(store, DAY)
            back_up(store.home, target)
    for place in (root, root / "deep"):
        (place / "witness").mkdir(exist_ok=True)
        (place / "witness" / "of.mine").touch()
        (place / "witness.tick").touch()
    (target / "segments").mkdir(exist_ok=True)
    (target / MANIFEST).write_bytes(data)
    try:
        with opened(home) as store:
            back_up(store.home, target)
    finally:
        for place in (root, root / "deep"):
            assert (place / "witness" / "of.mine").exists(), "a backup removed what lies outside it"
            assert (place / "witness.tick").exists(), "a backup removed what lies outside it"
        assert (home / "catalog.sqlite").exists()
        assert list(target.glob("segments/*/*.tick"))


# Cards of runs, which a catalog that was remade takes in.


def some_card() -> RunCard:
    """Make the card of a run that ended well."""
    from tickreel.backtest.runs.card import RunCard, RunKind, RunState

    return RunCard(
        id="0123456789",
        state=RunState.SUCCEEDED,
        kind=RunKind.BACKTEST,
        strategy={"name": "Maker", "sha256": "ab" * 32, "path": "/x/maker.py"},
        params={"edge": 1.5},
        instruments=({"exchange": "binance", "symbol": "BTCUSDT"},),
        from_us=1_721_692_800_000_000,
        to_us=1_721_692_860_000_000,
        seed=1,
        models={"preset": "careful", "latency": {"kind": "constant", "us": 5}},
        capital=10_000.0,
        data=(
            {
                "exchange": "binance",
                "symbol": "BTCUSDT",
                "type": "trades",
                "day": "2024-07-23",
                "rows_sha256": "cd" * 32,
            },
        ),
        versions={"tickreel": "0.1.0"},
        created_us=1_721_692_900_000_000,
        metrics={"pnl": 1.0, "sharpe": None},
        tags=("a",),
    )


def _card_seeds() -> Sequence[bytes]:
    return [json.dumps(some_card().to_form()).encode()]


def _mutate_card(chance: Random, seeds: Sequence[bytes]) -> bytes:
    return json_text(mutated_value(json.loads(chance.choice(seeds)), chance))


def _read_card(data: bytes, folder: Path) -> None:
    """Take a run in by its card, as a home does of which the catalog was remade; then list and show it."""
    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.records import RunRecords
    from tickreel.backtest.runs.settling import settle
    from tickreel.store import open_cache

    root = folder / "card-home"
    run = root / "runs" / "0123456789"
    with open_cache(root) as cache, RunRecords(cache) as records:
        for run_id in records.ids():
            records.forget(records.run(run_id).card)
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True, exist_ok=True)
        (run / "card.json").write_bytes(data)
        request = BacktestRequest.of(
            "maker.py", [("binance", "BTCUSDT")], "2024-07-23", "2024-07-24", capital=1
        )
        (run / "request.json").write_bytes(json.dumps(request.to_form()).encode())
        settle(cache, records)
        for line in records.listing().runs:
            line.tag_list()
        for one in records.runs():
            one.card.to_form()
            repr(one.card.data_sha256)
            repr(one.card.settings_sha256)


# Values of the shared cache, with checksums that fit.


def _shared_seeds() -> Sequence[bytes]:
    import msgpack

    part = ["v" * 24, "ab" * 32, 300, 150, 2, 5_000, 5, 9, "tardis", None, 77]
    return [msgpack.packb(["v" * 24, "ab" * 32, 5, True]), msgpack.packb([part, part])]


def _mutate_shared(chance: Random, seeds: Sequence[bytes]) -> bytes:
    import msgpack
    from isal import isal_zlib

    from tickreel.shared.values import _FORMAT, _FRONT, _MAGIC

    head, parts = (msgpack.unpackb(seed) for seed in seeds)
    fields = (
        mutated_value([_shared_keys().day_name, *head], chance)
        if chance.random() < 0.4
        else [_shared_keys().day_name, *head]
    )
    body = mutated_value(parts, chance)
    header, packed = _msgpacked(fields), _msgpacked(body)
    if chance.random() < 0.4:
        header, packed = mutated(header, chance, seeds), mutated(packed, chance, seeds)
    crc = isal_zlib.crc32(packed, isal_zlib.crc32(header))
    front = _FRONT.pack(_MAGIC, _FORMAT, len(header) & 0xFFFF, crc)
    value = front + header + packed
    return mutated(value, chance, seeds) if chance.random() < 0.1 else value


def _msgpacked(value: Any) -> bytes:
    import msgpack

    def plain(held: Any) -> Any:
        if isinstance(held, dict):
            return {str(key).encode("utf-8", "replace"): plain(one) for key, one in held.items()}
        if isinstance(held, list):
            return [plain(one) for one in held]
        if isinstance(held, Deep):
            return [[[[held.levels]]]]
        if isinstance(held, int) and not isinstance(held, bool):
            return max(min(held, 2**64 - 1), -(2**63))
        return (
            held.encode("utf-8", "surrogatepass")
            if isinstance(held, str) and not held.isprintable()
            else held
        )

    try:
        packed: bytes = msgpack.packb(plain(value))
    except (ValueError, UnicodeError):
        return b"\x91" * 2_000
    return packed


def _shared_keys() -> Any:
    from tickreel.market.types import DatasetKey
    from tickreel.shared.naming import DayKeys

    return DayKeys(DatasetKey("binance", "BTCUSDT", DataType.TRADES), date(2024, 7, 23))


def _read_shared(data: bytes, _folder: Path) -> None:
    from tickreel.shared.values import DayRecord, Foreign
    from tickreel.shared.versions import numbers_in_index

    keys = _shared_keys()
    try:
        record = DayRecord.read(keys, data)
    except Foreign as error:
        raise EnvironmentProblem(str(error)) from error
    assert record.rows >= 0
    assert all(isinstance(part.version, str) for part in record.parts)
    assert DayRecord.read(keys, record.value(keys)) == record
    numbers_in_index(record.version, [[data[:40]]])


def _read_tick_value(data: bytes, _folder: Path) -> None:
    from tickreel.ticks.values import unpack

    try:
        assert isinstance(unpack(data), dict)
    except ValueError as error:
        raise EnvironmentProblem(str(error) or "damaged") from error


def _tick_seeds() -> Sequence[bytes]:
    import msgpack

    return [msgpack.packb({"price": 1.5, "side": "buy", "legs": [{"a": None, "b": [1, 2, -5]}], "id": 2**63})]


# Strategies.

_STRATEGY = (
    b'"""Leans."""\n\n\nclass Lean:\n    books = "message"\n    edge = 1.5\n\n'
    b"    def on_book(self, ctx, book):\n        self.seen = True\n",
    b"from dataclasses import dataclass\n\n\n@dataclass\nclass Made:\n    size: float = 1.0\n\n"
    b"    def on_trade(self, ctx, trade):\n        pass\n",
)
_PYTHON = (
    b"raise SystemExit(3)\n", b"1 / 0\n", b"import nowhere\n",
    b"class Two:\n    def on_book(self, ctx, book): ...\n",
    b"# coding: utf-16\n", b"\x00", b"lambda: " * 300, b"(" * 300,
    b"\xef\xbb\xbf", b"on_book = 5\n", b"__import__('sys').modules.clear\n", b"-" * 3000 + b"1\n", b"yield\n",
    b"raise Exception('\\x1b[2J' * 9000)\n",
    b"class E(Exception):\n  def __str__(self): return 1/0\nraise E\n",
)  # fmt: skip


def _mutate_strategy(chance: Random, seeds: Sequence[bytes]) -> bytes:
    return mutated(chance.choice(seeds), chance, seeds, _PYTHON)


def _read_strategy(data: bytes, folder: Path) -> None:
    from tickreel.backtest.loading import load_strategy

    path = folder / "strategy.py"
    path.write_bytes(data)
    found = load_strategy(str(path))
    assert isinstance(found.strategy if hasattr(found, "strategy") else found, object)


TARGETS = (
    Target("csv", _csv_seeds, _mutate_csv, _read_csv),
    Target("csv-packed", _packed_seeds, _mutate_raw, _read_packed),
    Target("segment", _raw_segment_seeds, _mutate_raw, _read_segment),
    Target("segment-resealed", _segment_seeds, _mutate_resealed, _read_resealed),
    Target("keyframes", _keyframe_seeds, _mutate_keyframes, _read_keyframes),
    Target("catalog", _catalog_seeds, _mutate_catalog, _read_catalog),
    Target("backup-manifest", _manifest_seeds, _mutate_manifest, _read_manifest),
    Target("run-card", _card_seeds, _mutate_card, _read_card),
    Target("shared-value", _shared_seeds, _mutate_shared, _read_shared),
    Target("tick-value", _tick_seeds, _mutate_raw, _read_tick_value),
    Target("strategy", lambda: _STRATEGY, _mutate_strategy, _read_strategy),
)
