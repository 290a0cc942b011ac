"""How plans and jobs of fetching are told: as JSON with every key, and as a sentence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tickreel.fetch.request import Origin
from tickreel.market.units import format_age, format_bytes, format_duration_s, format_full, format_stamp

if TYPE_CHECKING:
    from tickreel.fetch.hold import Hold
    from tickreel.fetch.model import FetchDay, FetchJob
    from tickreel.fetch.preflight import FetchPlan, PlannedDay
    from tickreel.fetch.standing import StandingOrder


def plan_form(plan: FetchPlan, now_us: int, job_id: int | None = None) -> dict[str, Any]:
    """Tell a plan, or what became of it as a job."""
    return {
        "job": job_id,
        "from_us": plan.request.from_us,
        "to_us": plan.request.to_us,
        "days": plan.days,
        "items": [_item_form(item) for item in plan.items],
        "requests": plan.requests,
        "estimated_bytes": plan.estimated_bytes,
        "estimated_seconds": plan.estimated_seconds,
        "disk_free_bytes": plan.disk_free_bytes,
        "disk_free_after_bytes": plan.disk_free_after_bytes,
        "quota_free_after_bytes": plan.quota_free_after_bytes,
        "key": plan.key.origin.value,
        "source": plan.request.origin.value,
        "metadata_us": None if plan.metadata_age_us is None else now_us - plan.metadata_age_us,
    }


def _item_form(item: PlannedDay) -> dict[str, Any]:
    return {
        "exchange": item.key.exchange,
        "symbol": item.key.symbol,
        "type": item.key.type.value,
        "day": item.day.isoformat(),
        "action": item.action.value,
        "free": item.free,
        "estimated_bytes": item.estimated_bytes,
        "reason": item.reason or None,
        "flaw": item.flaw or None,
    }


def plan_sentence(plan: FetchPlan) -> str:
    """Sum a plan up: ``14 of 30 days here, 16 to fetch; about 3.1 GB, 6 min; disk after: 38 GB free``."""
    days = plan.days
    told = {
        "to fetch": days["fetch"],
        "held in part, to replace": days["partial"],
        "absent": days["absent"],
        "not published yet": days["pending"],
        "not included in the plan of the key": days["denied"],
        "left out": days["left"],
    }
    parts = [f"{days['have']} of {days['total']} days here"]
    parts += [f"{count} {what}" for what, count in told.items() if count]
    pieces = [", ".join(parts)]
    if plan.requests:
        if plan.estimated_bytes is None or plan.estimated_seconds is None:
            pieces.append("size and time are not known: this home has fetched nothing yet")
        else:
            pieces.append(
                f"about {format_bytes(plan.estimated_bytes)}, {format_duration_s(plan.estimated_seconds)}"
            )
    if plan.disk_free_after_bytes is not None:
        pieces.append(f"disk after: {format_bytes(plan.disk_free_after_bytes)} free")
    if plan.metadata_age_us is not None:
        pieces.append(f"the vendor's list is of {format_age(-plan.metadata_age_us, 0)}")
    return "; ".join(pieces)


def job_form(job: FetchJob, hold: Hold | None) -> dict[str, Any]:
    """Tell a job and how far it is, and the *hold* that keeps it back while it is under way."""
    is_held = hold is not None and not job.is_ended and job.request.origin is Origin.DATASETS
    return {
        "id": job.id,
        "state": job.state.value,
        "request": str(job.request),
        "source": job.request.origin.value,
        "priority": job.priority,
        "created_us": job.created_us,
        "standing_id": job.standing_id,
        "days": {state.value: count for state, count in sorted(job.days.items())},
        "interrupted": job.interrupted,
        "total": job.total,
        "ended": job.ended,
        "bytes": job.bytes,
        "total_bytes": job.total_bytes,
        "rows": job.rows,
        "wait_until_us": job.wait_until_us,
        "hold": {"until_us": hold.until_us, "reason": hold.reason} if hold is not None and is_held else None,
    }


def hold_words(hold: Hold) -> str:
    """Say until when nothing is asked of the vendor, and why."""
    return f"no files are asked of the vendor until {format_stamp(hold.until_us, 0)}: {hold.reason}"


def fetch_day_form(day: FetchDay) -> dict[str, Any]:
    """Tell one day of a job."""
    return {
        "exchange": day.key.exchange,
        "symbol": day.key.symbol,
        "type": day.key.type.value,
        "day": day.day.isoformat(),
        "state": day.state.value,
        "attempts": day.attempts,
        "wait_until_us": day.wait_until_us,
        "reason": day.reason or None,
        "evidence": None if day.evidence is None else str(day.evidence),
        "bytes": day.bytes,
        "total_bytes": day.total_bytes,
        "rows": day.rows,
        "changed_us": day.changed_us,
    }


def standing_form(order: StandingOrder) -> dict[str, Any]:
    """Tell a standing order."""
    return {
        "id": order.id,
        "exchange": order.key.exchange,
        "symbol": order.key.symbol,
        "type": order.key.type.value,
        "first_day": order.first_day.isoformat(),
        "created_us": order.created_us,
        "checked_us": order.checked_us,
        "published_until_us": order.until_us,
        "problem": order.problem or None,
    }


def jobs_summary(jobs: list[FetchJob]) -> str:
    """Sum up what became of jobs: ``3 done, 1 failed``."""
    days: Counter[str] = Counter()
    for job in jobs:
        for state, count in job.days.items():
            days[state.value] += count
    return ", ".join(f"{format_full(count)} {state}" for state, count in sorted(days.items()))


def job_words(job: FetchJob) -> str:
    """Say in a few words how the days of a job stand: ``12 done, 3 waiting``."""
    told = ", ".join(f"{format_full(count)} {state}" for state, count in sorted(job.days.items()))
    return f"{told} ({format_full(job.interrupted)} interrupted)" if job.interrupted else told
