"""What a plan says of stretches that are not sound, of quiet and of loops, while a session plays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from support.dictbook import DictBook, Row
from support.vendorfiles import START_US, line

from tickreel.errors import DataError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.replay import BandAction, BandKind, Frame, NoteKind, PlaybackClock, Replay, ReplayPlan
from tickreel.replay.bands import Band
from tickreel.replay.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store import Cache

    Put = Callable[..., None]

BTC = ("binance-futures", "BTCUSDT")
SECOND = 1_000_000
STEP_US = 100_000
GAP = (30 * SECOND - STEP_US, 60 * SECOND)
"""Nothing comes between these two messages."""
CROSSED = (80 * SECOND, 81 * SECOND)
END_US = 100 * SECOND


def feed() -> list[Row]:
    """Write ten messages a second for 100 seconds, with a gap of 30, and one second of a crossed book."""
    rows = [Row(START_US, True, side, price, 1.0) for side, price in (("bid", 100.0), ("ask", 101.0))]
    for number in range(1, END_US // STEP_US):
        local_us = number * STEP_US
        if GAP[0] < local_us < GAP[1]:
            continue
        price, amount = 90.0 + number % 7, float(number)
        if local_us in CROSSED:
            price, amount = 102.0, float(local_us == CROSSED[0])
        rows.append(Row(START_US + local_us, False, "bid", price, amount))
    return rows


ROWS = feed()


@pytest.fixture
def market(put_l2: Put) -> None:
    put_l2(ROWS, complete=True)


def play(cache: Cache, **plan: Any) -> Replay:
    end_us = plan.pop("end_us", START_US + END_US)
    return Replay.from_plan(cache, ReplayPlan.of([BTC], START_US, end_us, **plan))


def notes(frame: Frame) -> list[tuple[NoteKind, int, int]]:
    return [(note.kind, note.from_us - START_US, note.to_us - START_US) for note in frame.notes]


def hash_at(offset_us: int) -> str:
    return DictBook().apply(row for row in ROWS if row.local_us <= START_US + offset_us).state_hash()


def walk(session: Replay, step_us: int, to_us: int) -> list[Frame]:
    """Play at so much market time a frame, as a clock would."""
    frames = []
    while session.at_us < START_US + to_us:
        frames.append(session.advance(min(session.at_us + step_us, START_US + to_us)))
        if any(note.kind is NoteKind.STOPPED for note in frames[-1].notes):
            break
        if frames[-1].notes or len(frames) % 50 == 1:
            assert session.book(*BTC).state_hash() == hash_at(session.at_us - START_US)
    return frames


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("step_us", [70_000, 3 * SECOND, END_US])
def test_a_band_that_is_skipped_is_gone_through_but_not_shown(cache: Cache, step_us: int) -> None:
    plain, session = play(cache), play(cache, health={"crossed": "skip", "gap": "skip"})
    frames = walk(session, step_us, END_US - 1)
    skipped = [note for frame in frames for note in notes(frame)]
    assert skipped == [(NoteKind.SKIPPED, *GAP), (NoteKind.SKIPPED, *CROSSED)]
    assert [note.band.kind for frame in frames for note in frame.notes if note.band] == [
        BandKind.GAP,
        BandKind.CROSSED,
    ]
    stands = [frame.at_us - START_US for frame in frames]
    for low, high in (GAP, CROSSED):
        assert not [at_us for at_us in stands if low <= at_us < high - 1]
    times, bids = (
        [x - START_US for frame in frames for x in frame.symbols[0].touch.time_us.tolist()],
        [x for frame in frames for x in frame.symbols[0].touch.bid.tolist()],
    )
    assert times == sorted(times)
    shown = {t for t, bid in zip(times, bids, strict=True) if not math.isnan(bid)}
    assert not [t for t in shown if any(low <= t < high for low, high in (GAP, CROSSED))]
    assert [t for t, bid in zip(times, bids, strict=True) if math.isnan(bid)] == [GAP[0], CROSSED[0]]
    plain.advance_to_end()
    session.advance_to_end()
    assert session.summary() == plain.summary(), "what is skipped is counted"


@pytest.mark.usefixtures("market")
def test_a_clock_goes_on_at_its_pace_behind_what_was_skipped(cache: Cache) -> None:
    session = play(cache, health={"gap": "skip"})
    wall_s = 0.0
    clock = PlaybackClock(session.at_us, START_US + END_US - 1, 2.0, now=lambda: wall_s)
    clock.play()
    while session.at_us < START_US + END_US - 1:
        wall_s += 0.016
        clock.reached(session.advance(clock.due_us()).at_us)
    skipped_s = (GAP[1] - GAP[0]) / 1e6
    assert wall_s == pytest.approx((END_US / 1e6 - skipped_s) / 2, abs=0.05)


@pytest.mark.usefixtures("market")
def test_a_session_stands_before_a_band_until_it_is_told_to_go_on(cache: Cache) -> None:
    session = play(cache, health={"crossed": "stop"})
    for _ in range(3):
        frame = session.advance(START_US + 90 * SECOND)
        assert notes(frame) == [(NoteKind.STOPPED, *CROSSED)]
        assert frame.at_us == START_US + CROSSED[0] - 1
        assert session.book(*BTC).state_hash() == hash_at(CROSSED[0] - 1)
    session.go_on()
    frame = session.advance(START_US + 90 * SECOND)
    assert (frame.at_us, frame.notes) == (START_US + 90 * SECOND, ())
    session.seek(START_US + 79 * SECOND)
    assert notes(session.advance(START_US + 90 * SECOND)) == [(NoteKind.STOPPED, *CROSSED)]
    session.seek(START_US + CROSSED[0] + 5)
    assert session.advance(START_US + 90 * SECOND).notes == (), "inside, it is too late to stop"
    session.seek(START_US + 79 * SECOND)
    assert session.advance_messages(50).at_us > START_US + CROSSED[1], "steps go where they are asked to"


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("step_us", [70_000, 7 * SECOND, END_US])
def test_a_frame_warns_of_the_bands_that_it_touches(cache: Cache, step_us: int) -> None:
    session = play(cache, health={"crossed": "warn", "gap": "play"})
    since_us = -1
    for frame in walk(session, step_us, END_US - 1):
        touches = since_us < CROSSED[1] - 1 and frame.at_us - START_US >= CROSSED[0]
        assert notes(frame) == ([(NoteKind.WARNED, *CROSSED)] if touches else [])
        since_us = frame.at_us - START_US
    for offset_us, wanted in ((CROSSED[0] - 1, 0), (CROSSED[0], 1), (CROSSED[1] - 1, 1), (CROSSED[1], 0)):
        assert len(session.seek(START_US + offset_us).notes) == wanted


def test_days_can_be_bands(cache: Cache, put_l2: Put) -> None:
    put_l2(ROWS, complete=True)
    late = [Row(START_US + 2 * US_PER_DAY + 5, True, "bid", 3.0, 1.0)]
    put_l2(late, complete=True)
    end_us = START_US + 3 * US_PER_DAY
    session = play(
        cache, end_us=end_us, allow_missing=True, health={"missing": "skip", "usable": "warn", "bad": "warn"}
    )
    grade = cache.days(*BTC, "incremental_book_L2")[0].grade
    assert grade is not None
    frame = session.advance(START_US + US_PER_DAY - 1)
    assert [(note.kind, note.band.kind) for note in frame.notes if note.band] == [
        (NoteKind.WARNED, BandKind(grade))
    ]
    frame = session.advance(START_US + US_PER_DAY)
    assert frame.at_us == START_US + 2 * US_PER_DAY - 1
    assert notes(frame) == [(NoteKind.SKIPPED, US_PER_DAY, 2 * US_PER_DAY)]
    assert frame.symbols[0].gap_since_us == START_US + US_PER_DAY
    assert session.book(*BTC).levels == (0, 0)
    frame = session.advance(end_us - 1)
    assert frame.symbols[0].gap_since_us is None
    assert session.book(*BTC).levels == (1, 0)


@pytest.mark.usefixtures("market")
def test_quiet_is_jumped_over_to_just_before_the_next_event(cache: Cache, put_lines: Put) -> None:
    put_lines(DataType.TRADES, [line(DataType.TRADES, START_US + 40 * SECOND)], complete=True)
    session = play(cache, skip_quiet_us=5 * SECOND, end_us=START_US + 200 * SECOND)
    frames = walk(session, STEP_US, 200 * SECOND - 1)
    assert [note for frame in frames for note in notes(frame)] == [
        (NoteKind.QUIET, GAP[0] + STEP_US, 40 * SECOND),
        (NoteKind.QUIET, 40 * SECOND + STEP_US, GAP[1]),
        (NoteKind.QUIET, END_US, 200 * SECOND),
    ]
    stands = [frame.at_us - START_US for frame in frames]
    assert [us for us in stands if GAP[0] < us < GAP[1]] == [40 * SECOND - 1, GAP[1] - 1]
    assert sum(frame.rows_since for frame in frames) == len(ROWS) + 1
    patient = play(cache, skip_quiet_us=31 * SECOND)
    assert [note for frame in walk(patient, SECOND, END_US - 1) for note in frame.notes] == []
    stopped = play(cache, skip_quiet_us=5 * SECOND, health={"gap": "stop"}, types=["incremental_book_L2"])
    frame = stopped.advance(START_US + GAP[0])
    assert notes(frame) == [(NoteKind.STOPPED, *GAP)], "no quiet is skipped while it stands before a band"


@pytest.mark.usefixtures("market")
def test_a_loop_is_played_again_and_again(cache: Cache) -> None:
    low_us, high_us = 10 * SECOND, 11 * SECOND
    session = play(cache, loop=(START_US + low_us, START_US + high_us))
    assert session.advance(START_US + 5 * SECOND).at_us == START_US + 5 * SECOND, "it leads into the loop"
    for turn in range(3):
        frame = session.advance(START_US + 20 * SECOND)
        assert (frame.at_us, frame.generation) == (START_US + high_us - 1, turn)
        assert session.book(*BTC).state_hash() == hash_at(high_us - 1)
        frame = session.advance(START_US + 20 * SECOND)
        assert notes(frame) == [(NoteKind.LOOPED, low_us, high_us)]
        assert (frame.at_us, frame.generation, frame.is_jump) == (START_US + low_us - 1, turn + 1, True)
        assert session.book(*BTC).state_hash() == hash_at(low_us - 1)
    session.seek(START_US + 50 * SECOND)
    assert session.advance(START_US + 60 * SECOND).at_us == START_US + low_us - 1, "from behind it goes back"
    session.set_loop(None)
    assert session.advance(START_US + 20 * SECOND).at_us == START_US + 20 * SECOND
    session.set_loop(START_US + 90 * SECOND, START_US + END_US)
    session.advance(START_US + END_US)
    assert session.advance(START_US + END_US).at_us == START_US + 90 * SECOND - 1, (
        "also at the end of the range"
    )
    with pytest.raises(UsageError, match="a loop needs a beginning before its end"):
        session.set_loop(START_US + 5, START_US + 5)


@pytest.mark.usefixtures("market")
def test_one_can_play_until_health_changes(cache: Cache) -> None:
    ((_, health),) = cache.health(*BTC, "incremental_book_L2", START_US, START_US + END_US)
    assert health is not None
    edges = sorted({us for one in health.intervals for us in (one.from_us, one.to_us)})
    assert {START_US + us for us in (*GAP, *CROSSED)} <= set(edges)
    session, seen = play(cache), []
    while not session.is_end:
        frame = session.until("health")
        seen.append(frame.at_us)
        assert session.book(*BTC).state_hash() == hash_at(frame.at_us - START_US)
    inside = [us for us in edges if us < START_US + END_US]
    assert seen == [*inside, START_US + END_US - 1]
    for edge_us in reversed(inside):
        frame = session.step_back("health")
        assert (frame.at_us, frame.is_jump) == (edge_us, True)
        assert session.book(*BTC).state_hash() == hash_at(edge_us - START_US)
    assert session.step_back("health").at_us == START_US - 1, "where there is none, to the start"
    session.seek(START_US + END_US)
    assert session.step_back("health", 2).at_us == inside[-2]


@pytest.mark.usefixtures("market")
def test_skipping_quiet_can_begin_and_end_at_any_time(cache: Cache) -> None:
    session = play(cache)
    session.skip_quiet(SECOND)
    session.seek(START_US + 31 * SECOND)
    assert session.advance(START_US + 32 * SECOND).at_us == START_US + GAP[1] - 1
    session.skip_quiet(None)
    session.seek(START_US + 31 * SECOND)
    assert session.advance(START_US + 32 * SECOND).at_us == START_US + 32 * SECOND
    with pytest.raises(UsageError, match="length above zero"):
        session.skip_quiet(0)


@pytest.mark.usefixtures("market")
def test_a_stop_that_begins_in_a_stretch_jumped_over_holds_behind_it() -> None:
    l2 = DataType.INCREMENTAL_BOOK_L2
    bands = [
        Band(10, 20, BandKind.GAP, *BTC, l2),
        Band(12, 15, BandKind.CROSSED, *BTC, l2),
        Band(15, 30, BandKind.CROSSED, *BTC, l2),
    ]
    policy = Policy(bands, {BandKind.GAP: BandAction.SKIP, BandKind.CROSSED: BandAction.STOP}, 0, 100)
    stops = {us: stop for us in range(40) if (stop := policy.stop_at(us)) is not None}
    assert {us: (stop.from_us, stop.to_us) for us, stop in stops.items()} == {20: (15, 30)}


@pytest.mark.usefixtures("market")
def test_standing_still_jumps_over_nothing_and_a_jump_stays_in_the_loop(cache: Cache) -> None:
    session = play(cache, skip_quiet_us=SECOND)
    session.seek(START_US + 35 * SECOND)
    assert session.advance(session.at_us).at_us == START_US + 35 * SECOND
    loop = (START_US + 20 * SECOND, START_US + 40 * SECOND)
    session = play(cache, health={"gap": "skip"}, loop=loop)
    frame = session.advance(START_US + 90 * SECOND)
    assert (frame.at_us, [note.kind for note in frame.notes]) == (loop[1] - 1, [NoteKind.SKIPPED])


def test_a_damaged_day_is_a_bad_one(cache: Cache, put_l2: Put) -> None:
    put_l2(ROWS, complete=True)
    put_l2([Row(START_US + US_PER_DAY + 5, True, "bid", 3.0, 1.0)], complete=True)
    damaged = cache.days(*BTC, "incremental_book_L2")[1].parts[0].segment_id
    cache.library.close()
    (cache.home / "segments" / damaged[:2] / f"{damaged}.tick").unlink()
    with pytest.raises(DataError, match=damaged):
        play(cache, end_us=START_US + 2 * US_PER_DAY).advance_to_end()
    session = play(cache, end_us=START_US + 2 * US_PER_DAY, allow_missing=True, health={"bad": "warn"})
    frame = session.advance(START_US + 2 * US_PER_DAY - 1)
    assert (NoteKind.WARNED, US_PER_DAY, 2 * US_PER_DAY) in notes(frame)
