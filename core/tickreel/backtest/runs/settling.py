"""Brings what the catalog says of runs into line with their files, after a crash or a rebuild.

Runs whose process is gone are failed ones, with what their last checkpoint has. Files that nobody finished
are removed. Deleted ones go to the trash, or back, if a crash came between. Whole ones that the catalog does
not know are taken in by their card: that is what a catalog that was remade from the segments has of runs.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs import checkpoints
from tickreel.backtest.runs.card import Failure, RunCard, RunState
from tickreel.backtest.runs.data import pin_again, told_days
from tickreel.backtest.runs.folder import (
    file_digests,
    folders,
    remove_unfinished,
    run_folder,
    unfinished_folder,
)
from tickreel.backtest.runs.records import RunRecords, holder_of
from tickreel.backtest.runs.running import CARD, REQUEST, keep_ended
from tickreel.backtest.runs.trash import RunTrash
from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)


def settle(cache: Cache, records: RunRecords) -> None:
    """Do so; nothing in a home that was opened for reading only, nor of runs that are under way."""
    if cache.is_read_only:
        return
    whole, unfinished = folders(cache.home)
    running = set()
    for recorded, is_alive in records.unended():
        if is_alive:
            running.add(recorded.card.id)
            continue
        card = recorded.card
        digests: dict[str, str] = {}
        kept = kept_run(run_folder(cache.home, card.id)) if card.id in whole else None
        if kept is not None:  # it came to its end, and only the catalog was not told
            card, _, digests = kept
        else:
            why = Failure("the program that ran it ended before the run did")
            card = card.with_(state=RunState.FAILED, failure=why, partial=True)
            if card.id in unfinished:
                card, digests = _as_far_as_it_came(cache, records, card, recorded.request)
        records.end(card, digests)
    for run_id in folders(cache.home)[1] - running:
        try:
            remove_unfinished(cache.home, run_id)
        except OSError as error:
            _LOGGER.info("what run %s left stays until the next start: %s", run_id, error)
    trashed = RunTrash(cache, records).settle(records.ids(), whole)
    for run_id in sorted(whole - records.ids() - trashed):
        _take_in(cache, records, run_folder(cache.home, run_id))


def _as_far_as_it_came(
    cache: Cache, records: RunRecords, card: RunCard, asked: Mapping[str, Any]
) -> tuple[RunCard, dict[str, str]]:
    """Keep the last checkpoint of a run, if there is one; give its card, and the digest of each file kept."""
    if not checkpoints.are_there(unfinished_folder(cache.home, card.id)):
        return card, {}
    try:
        digests, card = keep_ended(cache, records, card, BacktestRequest.from_form(asked), None)
    except TickreelError as error:
        _LOGGER.warning("what there was of run %s is lost: %s", card.id, error)
        return card, {}
    return card, digests


def kept_run(folder: Path) -> tuple[RunCard, BacktestRequest, dict[str, str]] | None:
    """Read the card of a run, what was asked for, and the digest of each file; None where it is not whole."""
    try:
        card = RunCard.from_form(json.loads((folder / CARD).read_text(encoding="utf-8")))
        request = BacktestRequest.from_json((folder / REQUEST).read_bytes())
        if card.id != folder.name or not card.state.is_final:
            raise ValueError("it is not the card of this run")
        told_days(card.data)
        return card, request, file_digests(folder)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, TickreelError) as error:
        _LOGGER.info("%s is no run: %s", folder, error)
        return None


def _take_in(cache: Cache, records: RunRecords, folder: Path) -> None:
    kept = kept_run(folder)
    if kept is None:
        return
    card, request, digests = kept
    card = card.with_(sweep_id=None)
    records.begin(card, request.to_form())
    records.end(card, digests)
    pin_again(cache, card.data, holder_of(card))
