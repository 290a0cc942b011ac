"""What the panel says of a fetch: how far, how fast, what it is at, why it waits or failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.states import FetchState
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.units import format_bytes, format_clock, format_full
from tickreel_desktop.jobs.rates import RateMeter, left_words
from tickreel_desktop.jobs.row import JobAccount, JobPart, JobRow, JobState, JobVerb
from tickreel_desktop.zone.times import clock_text, moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.model import FetchDay, FetchJob
    from tickreel.fetch.request import FetchRequest
    from tickreel.market.zone import Zone

_STATES = {
    FetchState.QUEUED: JobState.QUEUED,
    FetchState.RUNNING: JobState.RUNNING,
    FetchState.VERIFYING: JobState.RUNNING,
    FetchState.PAUSED: JobState.PAUSED,
    FetchState.WAITING: JobState.WAITING,
    FetchState.DONE: JobState.DONE,
    FetchState.ABSENT: JobState.DONE,
    FetchState.PENDING: JobState.DONE,
    FetchState.FAILED: JobState.FAILED,
    FetchState.CANCELLED: JobState.CANCELLED,
}
_DAY_WORDS = {
    FetchState.RUNNING: "downloading",
    FetchState.VERIFYING: "storing",
    FetchState.ABSENT: "absent at the vendor",
    FetchState.PENDING: "not published yet",
}
_END_WORDS = (
    (FetchState.DONE, "fetched"),
    (FetchState.ABSENT, "absent at the vendor"),
    (FetchState.PENDING, "not published yet"),
    (FetchState.CANCELLED, "cancelled"),
)


@dataclass(frozen=True, slots=True)
class FetchNews:
    """How the queue of a home stood at one moment."""

    seen_s: float
    """Monotonic clock."""
    now_us: int
    jobs: tuple[FetchJob, ...]
    """In the order in which they are done."""
    foremost: dict[int, FetchDay]
    """The day of each job that says most of it."""
    ended_us: dict[int, int]
    """When jobs that have ended did so."""
    is_fetched: bool
    """Whether any program works the queue off."""


def fetch_row_id(job_id: int) -> str:
    """Name a fetch among the jobs of the panel."""
    return f"fetch:{job_id}"


def fetch_row(job: FetchJob, place: int, news: FetchNews, meter: RateMeter, zone: Zone) -> JobRow:
    """Word a fetch that is *place*-th in the queue, with its times in *zone*."""
    state = _STATES[job.state]
    if state is JobState.RUNNING and not news.is_fetched:
        state = JobState.QUEUED  # whoever fetched it is gone
    day = news.foremost.get(job.id)
    if state is JobState.RUNNING:
        meter.note(news.seen_s, job.bytes)
    else:
        meter.forget()
    rate = meter.per_s()
    known = _known_days(job)
    # A day whose size is not known is taken for as large as those that are.
    day_bytes = job.total_bytes / known if known else 0.0
    to_come = job.days.get(FetchState.QUEUED, 0) + job.days.get(FetchState.WAITING, 0)
    on_the_way = job.total_bytes - job.bytes
    left_s = meter.left_s(on_the_way + to_come * day_bytes) if day_bytes else None
    begun = job.days.get(FetchState.RUNNING, 0) + job.days.get(FetchState.VERIFYING, 0)
    partly = min(max(begun - on_the_way / day_bytes, 0.0), begun) if day_bytes and begun else 0.0
    name, rest = _names(job.request)
    return JobRow(
        fetch_row_id(job.id),
        "cloud-arrow-down",
        "Fetch",
        name,
        rest,
        state,
        _words(job, place, day, news, zone),
        (job.ended + partly) / job.total if job.total else 0.0,
        f"{format_full(job.ended)} of {format_full(job.total)} {'day' if job.total == 1 else 'days'}",
        "" if rate is None else f"{format_bytes(round(rate))}/s",
        left_words(left_s),
        rate,
        left_s,
        _verbs(job, state),
        float(place),
        news.ended_us.get(job.id, 0),
    )


def _known_days(job: FetchJob) -> int:
    """Count the days whose size is known: those that came, and those on their way."""
    of = (FetchState.DONE, FetchState.RUNNING, FetchState.VERIFYING)
    return sum(job.days.get(state, 0) for state in of) if job.total_bytes else 0


def _names(request: FetchRequest) -> tuple[str, str]:
    by_exchange: dict[str, list[str]] = {}
    for exchange, symbol in request.instruments:
        by_exchange.setdefault(exchange, []).append(symbol)
    named = " and ".join(f"{exchange} {_few(symbols)}" for exchange, symbols in by_exchange.items())
    first, last = day_of(request.from_us), day_of(max(request.from_us, request.to_us - 1))
    rest = first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"
    if (request.from_us % US_PER_DAY or request.to_us % US_PER_DAY) and first == last:
        rest += f" {format_clock(request.from_us, 0)} to {format_clock(request.to_us, 0)} UTC"
    return f"{named} {_few([each.value for each in request.types])}", rest


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more"


def _words(job: FetchJob, place: int, day: FetchDay | None, news: FetchNews, zone: Zone) -> str:
    failed = job.days.get(FetchState.FAILED, 0)
    also = f", {format_full(failed)} failed" if failed else ""
    if not news.is_fetched and not job.is_ended and job.state is not FetchState.PAUSED:
        return f"Queued, no program is fetching{also}"
    match job.state:
        case FetchState.RUNNING | FetchState.VERIFYING:
            words = "Fetching" if day is None else _day_at_work(day)
            return f"{words}{also}; pauses then" if job.is_paused else f"{words}{also}"
        case FetchState.WAITING:
            return f"{_day_waiting(day, news, zone)}{also}" if day is not None else f"Waiting{also}"
        case FetchState.QUEUED:
            return f"Queued, {_ordinal(place)}{also}"
        case FetchState.PAUSED:
            return f"Paused{also}"
        case FetchState.FAILED:
            cause = "" if day is None else f"{day.day.isoformat()}: {day.reason}"
            if failed < 2:
                return cause
            more = f"{format_full(failed - 1)} more {'day' if failed == 2 else 'days'} failed"
            return f"{cause}; {more}"
        case _:
            told = ((job.days.get(state, 0), word) for state, word in _END_WORDS)
            return ", ".join(f"{format_full(count)} {word}" for count, word in told if count)


def _day_at_work(day: FetchDay) -> str:
    if day.state is FetchState.VERIFYING:
        return f"Storing {day.day.isoformat()}: decode, health, keyframes"
    size = ""
    if day.total_bytes:
        size = f", {format_bytes(day.bytes)} of {format_bytes(day.total_bytes)}"
    return f"Downloading {day.day.isoformat()}{size}"


def _day_waiting(day: FetchDay, news: FetchNews, zone: Zone) -> str:
    again = ""
    if day.wait_until_us is not None and day.wait_until_us > news.now_us:
        again = f"; again at {clock_text(zone, day.wait_until_us)}"
    return f"{day.day.isoformat()}: {day.reason}{again}"


def _ordinal(place: int) -> str:
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _verbs(job: FetchJob, state: JobState) -> tuple[JobVerb, ...]:
    verbs: list[JobVerb] = []
    if any(job.days.get(each) for each in (FetchState.FAILED, FetchState.CANCELLED, FetchState.WAITING)):
        verbs.append(JobVerb.RETRY)
    if job.is_ended:
        return (*verbs, JobVerb.DISMISS)
    verbs.append(JobVerb.RESUME if job.is_paused or state is JobState.PAUSED else JobVerb.PAUSE)
    return (*verbs, JobVerb.UP, JobVerb.DOWN, JobVerb.FIRST, JobVerb.LAST, JobVerb.CANCEL)


def fetch_account(job: FetchJob, days: Sequence[FetchDay], zone: Zone) -> JobAccount:
    """Tell all of a fetch, day by day, with its times in *zone*."""
    facts = [
        ("Job", format_full(job.id)),
        ("Asked for", moment_text(zone, job.created_us)),
        ("From", "a tardis-machine" if job.request.origin.value == "machine" else "the vendor's files"),
    ]
    if job.priority:
        facts.append(("Priority", format_full(job.priority)))
    if job.bytes:
        facts.append(("Received", format_bytes(job.bytes)))
    if job.rows:
        facts.append(("Rows stored", format_full(job.rows)))
    # What needs attention stands on top.
    parts = sorted((_part(day, zone) for day in days), key=lambda part: part.state is not JobState.FAILED)
    place = next((part.evidence for part in parts if part.evidence is not None), None)
    return JobAccount(tuple(facts), tuple(parts), place)


def _part(day: FetchDay, zone: Zone) -> JobPart:
    size = format_bytes(day.bytes) if day.bytes else ""
    if day.total_bytes and day.state is FetchState.RUNNING:
        size = f"{format_bytes(day.bytes)} of {format_bytes(day.total_bytes)}"
    reason = day.reason
    if day.wait_until_us is not None:
        reason = f"{reason}; again at {clock_text(zone, day.wait_until_us)}"
    return JobPart(
        f"{day.key.exchange} {day.key.symbol} {day.key.type} {day.day.isoformat()}",
        _STATES[day.state],
        _DAY_WORDS.get(day.state, day.state.value),
        size,
        _tries(day),
        reason,
        day.evidence,
    )


def _tries(day: FetchDay) -> str:
    if not day.attempts:
        return ""
    kinds = ", ".join(
        f"{kind} {format_full(count)}x" if len(day.troubles) > 1 else kind
        for kind, count in day.troubles.items()
    )
    return f"{format_full(day.attempts)} failed: {kinds}" if kinds else f"{format_full(day.attempts)} failed"
