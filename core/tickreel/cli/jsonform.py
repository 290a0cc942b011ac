"""The JSON forms of what the core answers: every key there, null where something is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tickreel.store.model import Day, Source, state_of_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from enum import StrEnum

    from tickreel.fetch.economics import Bill
    from tickreel.fetch.filling import Dropped
    from tickreel.market.types import DatasetKey
    from tickreel.replay import Note, Replay, Summary
    from tickreel.replay.frames import Totals
    from tickreel.store import Dataset, DayAhead, FileAhead, Ingested, MissingDay
    from tickreel.store.care.eviction import Choice, EvictionPlan
    from tickreel.store.care.statistics import Statistics
    from tickreel.store.care.trash import Purged, TrashEntry
    from tickreel.store.library.booktime import BookAt
    from tickreel.store.records.usage import DayOfUse, TierUsage


def _key(key: DatasetKey) -> dict[str, Any]:
    return {"exchange": key.exchange, "symbol": key.symbol, "type": key.type.value}


def _word(word: StrEnum | None) -> str | None:
    return None if word is None else word.value


def _source(source: Source) -> str:
    return Source.SHARED.value if source.is_shared else source.value


def ingested_form(file: str | None, ingested: Ingested) -> dict[str, Any]:
    """Say what became of one day of a file."""
    day = ingested.day
    return {
        "file": file,
        **_key(day.key),
        "day": day.day.isoformat(),
        "state": day.state.value,
        "rows": ingested.rows,
        "result": ingested.outcome.value,
        "error": None,
    }


def ahead_form(ahead: FileAhead, one: DayAhead, error: str | None) -> dict[str, Any]:
    """Say what an import would do with one day of a file; *rows* is known where all of them were checked."""
    return {
        "file": str(ahead.path),
        **_key(ahead.key),
        "day": one.day.isoformat(),
        "state": None,
        "rows": ahead.rows if ahead.is_all and len(ahead.days) == 1 else None,
        "result": one.prospect.value,
        "error": error,
        "rows_checked": ahead.rows,
        "file_bytes": ahead.file_bytes,
    }


def failed_form(
    file: str, exchange: str | None, symbol: str | None, data_type: str | None, error: str
) -> dict[str, Any]:
    """Say why a file was not stored."""
    return {
        "file": file,
        "exchange": exchange,
        "symbol": symbol,
        "type": data_type,
        "day": None,
        "state": None,
        "rows": None,
        "result": "failed",
        "error": error,
    }


def import_order(entry: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    """Give the key by which entries of an import are sorted; what is not known comes last."""
    names = ("exchange", "symbol", "type", "day", "file")
    return tuple((entry[name] is None, entry[name] or "") for name in names)


def dataset_form(dataset: Dataset, *, is_shared: bool = False) -> dict[str, Any]:
    """Sum up a dataset."""
    return {
        **_key(dataset.key),
        "first_day": dataset.first_day.isoformat(),
        "last_day": dataset.last_day.isoformat(),
        "days": {state.value: count for state, count in dataset.days.items()},
        "rows": dataset.rows,
        "bytes": dataset.bytes,
        "keyframe_bytes": dataset.keyframe_bytes,
        "first_local_us": dataset.first_local_us,
        "last_local_us": dataset.last_local_us,
        "tiers": ["local", *(["shared"] if is_shared else [])],
        "grade": _word(dataset.grade),
        "hits": dataset.hits,
        "last_used_us": dataset.last_used_us,
        "pinned_days": dataset.pinned_days,
        "expires_us": dataset.expires_us,
    }


def day_form(day: Day, *, is_shared: bool = False) -> dict[str, Any]:
    """Tell everything of a recorded day."""
    return {
        **_key(day.key),
        "day": day.day.isoformat(),
        "state": day.state.value,
        "rows": day.rows,
        "messages": day.messages,
        "bytes": day.bytes,
        "keyframe_bytes": day.keyframe_bytes,
        "first_local_us": day.first_local_us,
        "last_local_us": day.last_local_us,
        "parts": [[part.start_us, part.end_us] for part in day.parts],
        "source": _source(day.source),
        "source_sha256": day.source_sha256,
        "rows_sha256": day.rows_sha256 or None,
        "imported_us": day.imported_us,
        "grade": _word(day.grade),
        "issues": None if day.issues is None else list(day.issues),
        "pinned": day.pinned,
        "tiers": [*(["local"] if day.parts else []), *(["shared"] if is_shared else [])],
        "hits": day.hits,
        "last_used_us": day.last_used_us,
        "expires_us": day.expires_us,
    }


def book_form(exchange: str, symbol: str, at_us: int, found: BookAt, depth: int | None) -> dict[str, Any]:
    """Show a book, *depth* levels of each side (None = all); counts and hash are of the whole book."""
    book = found.book
    return {
        "exchange": exchange,
        "symbol": symbol,
        "at_us": at_us,
        "covered": found.covered,
        "message_us": book.message_us,
        "bids": book.bids[:depth].tolist(),
        "asks": book.asks[:depth].tolist(),
        "levels": {"bids": book.levels.bids, "asks": book.levels.asks},
        "state_hash": book.state_hash(),
        "keyframe_us": found.keyframe_us,
        "rows_applied": found.rows_applied,
    }


def replay_form(
    session: Replay, summary: Summary, speed: float | None, elapsed_s: float, notes: Iterable[Note]
) -> dict[str, Any]:
    """Sum up a replay that took *elapsed_s* at the asked *speed* (None = as fast as possible).

    *notes* say what was done about stretches that are not sound.
    """
    passed_s = (session.at_us + 1 - session.start_us) / 1e6
    return {
        "from_us": session.start_us,
        "to_us": session.end_us,
        "order": session.order.value,
        "speed": "max" if speed is None else speed,
        **_totals(summary.totals),
        "types": {
            data_type.value: {"messages": count.messages, "rows": count.rows}
            for data_type, count in sorted(summary.types.items())
        },
        "symbols": [
            {
                "exchange": one.exchange,
                "symbol": one.symbol,
                **_totals(one.totals),
                "last_message_us": one.last_message_us,
                "state_hash": one.state_hash,
            }
            for one in sorted(summary.symbols, key=lambda one: (one.exchange, one.symbol))
        ],
        "missing_days": missing_form(session.missing),
        "health": [
            {
                "done": note.kind.value,
                "kind": note.band.kind.value,
                "exchange": note.band.exchange,
                "symbol": note.band.symbol,
                "type": note.band.type.value,
                "from_us": note.from_us,
                "to_us": note.to_us,
            }
            for note in notes
            if note.band is not None
        ],
        "elapsed_s": elapsed_s,
        "rows_per_s": summary.totals.rows / elapsed_s if elapsed_s else None,
        "speed_achieved": passed_s / elapsed_s if elapsed_s else None,
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "messages": totals.messages,
        "rows": totals.rows,
        "trades": totals.trades,
        "resets": totals.resets,
        "skipped_rows": totals.skipped_rows,
    }


def missing_form(missing: Iterable[MissingDay]) -> list[dict[str, Any]]:
    """List days that were read over."""
    named = {
        (replace(key, symbol=one.selection.member or key.symbol), one.day): one.state
        for one in missing
        for key in [one.selection.key]
    }
    return [
        {**_key(key), "day": day.isoformat(), "state": state.value}
        for (key, day), state in sorted(named.items())
    ]


def entry_form(entry: TrashEntry) -> dict[str, Any]:
    """Tell of a version in the trash."""
    return {
        **_key(entry.key),
        "day": entry.day.isoformat(),
        "id": entry.id,
        "rows": entry.rows,
        "bytes": entry.bytes,
        "trashed_us": entry.trashed_us,
        "reason": entry.reason,
        "source": None
        if not entry.parts
        else _source(max(entry.parts, key=lambda part: part.imported_us).source),
        "rows_sha256": entry.rows_sha256 or None,
        "needed_by": list(entry.holders),
    }


def version_form(version: Day | TrashEntry) -> dict[str, Any]:
    """Tell of a version of a day, held or in the trash, with the same keys for both."""
    if isinstance(version, Day):
        return {**day_form(version), "id": None, "trashed_us": None, "reason": None, "needed_by": []}
    kept = Day(version.key, version.day, state_of_parts(version.parts), version.rows_sha256, version.parts)
    return {
        **day_form(kept),
        "state": "trashed",
        "tiers": [],
        "hits": None,
        "id": version.id,
        "trashed_us": version.trashed_us,
        "reason": version.reason,
        "needed_by": list(version.holders),
    }


def eviction_form(
    plan: EvictionPlan | None,
    *,
    trashed: Sequence[TrashEntry] = (),
    dropped: Sequence[Dropped] = (),
    is_preview: bool = False,
) -> dict[str, Any]:
    """Tell what left, by hand (*trashed*) or by the policy's *plan*, and why the rest stays.

    *dropped* were to leave the shared cache.
    """
    figures: dict[str, Any] = dict.fromkeys(("policy", "quota_bytes", "used_bytes", "over_bytes"))
    if plan is not None:
        figures = {
            "policy": plan.policy.value,
            "quota_bytes": plan.quota_bytes,
            "used_bytes": plan.used_bytes,
            "over_bytes": plan.over_bytes,
        }
    return {
        "preview": is_preview,
        **figures,
        "freed_bytes": 0 if plan is None else plan.freed_bytes,
        "trashed": [entry_form(entry) for entry in trashed],
        "evict": [] if plan is None else [_choice_form(choice) for choice in plan.evict],
        "purge": [] if plan is None else [entry_form(entry) for entry in plan.purge],
        "keep": [] if plan is None else [_choice_form(choice) for choice in plan.keep],
        "dropped": [
            {
                **_key(one.key),
                "day": one.day.isoformat(),
                "was_there": one.was_there,
                "rows": one.rows,
                "bytes": one.stored_bytes,
            }
            for one in dropped
        ],
    }


def purged_form(purged: Purged | None) -> dict[str, Any]:
    """Tell what is gone for good, and what somebody still needs; None where nothing was asked for."""
    return {
        "purged": [] if purged is None else [entry_form(entry) for entry in purged.entries],
        "kept": [] if purged is None else [entry_form(entry) for entry in purged.kept],
        "freed_bytes": 0 if purged is None else purged.freed_bytes,
    }


def _choice_form(choice: Choice) -> dict[str, Any]:
    day = choice.day
    return {
        **_key(day.key),
        "day": day.day.isoformat(),
        "bytes": day.bytes + day.keyframe_bytes,
        "reason": choice.reason,
    }


def statistics_form(found: Statistics, spared: Bill, shared_state: str) -> dict[str, Any]:
    """Give the cache in figures, and what reading from it spared."""
    local, origin = found.local, found.origin
    return {
        "home": str(found.home),
        "since_us": local.since_us,
        "datasets": found.datasets,
        "days": found.days,
        "rows": found.rows,
        "bytes": found.bytes,
        "keyframe_bytes": found.keyframe_bytes,
        "trash_bytes": found.trash_bytes,
        "derived_bytes": found.derived_bytes,
        "quota_bytes": found.quota_bytes,
        "disk_free_bytes": found.disk_free_bytes,
        "pinned_days": found.pinned_days,
        "tiers": {
            "local": _tier_form("ok", local),
            "shared": _tier_form(shared_state, found.shared),
            "origin": {
                "state": "ok" if origin.is_used else "off",
                "requests": origin.requests,
                "bytes": origin.bytes,
                "p50_ms": origin.p50_ms,
                "p99_ms": origin.p99_ms,
            },
        },
        "local_by_day": [_use_form(one) for one in found.local_days],
        "avoided": bill_form(spared),
    }


def bill_form(bill: Bill) -> dict[str, Any]:
    """Tell of requests, and what they bring, take and cost."""
    return {"requests": bill.requests, "bytes": bill.bytes, "seconds": bill.seconds, "usd": bill.usd}


def _use_form(one: DayOfUse) -> dict[str, Any]:
    return {"day": one.day.isoformat(), "hits": one.hits, "misses": one.misses, "hit_rate": one.hit_rate}


def _tier_form(state: str, usage: TierUsage) -> dict[str, Any]:
    return {
        "state": state,
        "hits": usage.hits,
        "misses": usage.misses,
        "hit_rate": usage.hit_rate,
        "p50_ms": usage.p50_ms,
        "p99_ms": usage.p99_ms,
    }
