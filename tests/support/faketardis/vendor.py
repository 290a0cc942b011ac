"""The vendor without its sockets: what it has, and its answer to each request."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from support.faketardis.admission import Admission
from support.faketardis.answers import Answer, error, faulty_answer, json_answer, not_found, unauthorized
from support.faketardis.bodies import FolderSource, Overlay, Source, place_of
from support.faketardis.damage import damaged
from support.faketardis.faults import CURABLE, Fault, Kind, Plans
from support.faketardis.machine import Machine, machine_error
from support.faketardis.metadata import (
    Listings,
    exchange_details,
    exchange_list,
    instruments,
    midnight,
    moment_of,
    passes,
)
from support.faketardis.rawfeed import RawFeed
from support.faketardis.record import Origin, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and the fault that is still to be done to it while it is sent."""

    answer: Answer
    fault: Fault | None


class Vendor:
    """Everything about the fake but its sockets. Attributes may be changed while it runs."""

    def __init__(
        self, files: Path | Source, *, key: str | None, exchanges: Mapping[str, Mapping[str, Any]] | None
    ) -> None:
        self.admission = Admission(key)
        """The key, and what it opens."""
        self.feed = RawFeed()
        """What ``/data-feeds`` serves; nothing until a test gives it something."""
        self.machine = Machine()
        """What tardis-machine serves; nothing until a test gives it something."""
        self.instruments: dict[str, list[dict[str, Any]]] = {}
        """By exchange, in place of plausible ones."""
        self.crowd_limit: int | None = None
        """How many requests are answered at one time; those above it get *crowd_fault*."""
        self.crowd_fault = Fault(Kind.TOO_MANY)
        self.elsewhere_url = ""
        """The origin to which redirects lead, without a path."""
        self._files = Overlay(FolderSource(files) if isinstance(files, Path) else files)
        self._listings = Listings(exchanges or {})
        self._plans = Plans()

    @property
    def exported_until(self) -> datetime | None:
        """Where the published days of all exchanges end; None is where the files end. May be moved."""
        return self._listings.exported_until

    @exported_until.setter
    def exported_until(self, value: datetime | date | str | None) -> None:
        if isinstance(value, str):
            value = moment_of(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = midnight(value)
        self._listings.exported_until = value

    def listing(self, exchange: str, symbol: str, **keys: Any) -> None:
        """Say more, or other things, of a symbol: ``availableTo="2022-05-13T00:00:00.000Z"``."""
        self._listings.symbols[exchange, symbol] = self._listings.symbols.get((exchange, symbol), {}) | keys

    def put(self, path: str, body: bytes | None) -> None:
        """Serve another body at *path* from now on; None makes a file vanish that the metadata declares."""
        self._files.put(path, body)

    def plan(self, pattern: str, faults: Iterable[Fault | Kind | None], *, last_stays: bool = False) -> None:
        """Give the next requests for *pattern* these faults, one each; None is a good answer among them.

        *pattern* is a path without ``/v1/``, with ``*`` for any text; where several plans match, the
        first that is not used up counts. With *last_stays* the last fault is for ever.
        """
        self._plans.add(pattern, faults, last_stays=last_stays)

    def faulty(
        self,
        rate: float,
        kinds: Iterable[Fault | Kind] = CURABLE,
        seed: int = 0,
        *,
        pattern: str = "*.csv.gz",
    ) -> None:
        """Let this share of requests go wrong; which ones follows from *seed*, their names and counts."""
        self._plans.share(pattern, rate, kinds, seed)

    def heal(self) -> None:
        """Forget all plans and shares of faults."""
        self._plans.clear()

    def answer(self, request: Request, at_once: int) -> Answered:
        """Decide what *request* gets, while so many are being answered."""
        if request.method != "GET":  # HEAD as well, although GET works
            return Answered(not_found(request.path), None)
        fault = None
        if request.origin is not Origin.ELSEWHERE:
            is_crowd = self.crowd_limit is not None and at_once > self.crowd_limit
            fault = self.crowd_fault if is_crowd else self._plans.next_for(request.name)
        instead = (
            None if fault is None else faulty_answer(fault, f"{self.elsewhere_url}{quote(request.path)}")
        )
        if instead is not None:
            return Answered(_as_machine(instead) if request.origin is Origin.MACHINE else instead, fault)
        return Answered(damaged(self._plain(request), fault), fault)

    def _plain(self, request: Request) -> Answer:
        if request.origin is Origin.MACHINE:
            return self.machine.answer(request, self.admission)
        if not request.path.startswith("/v1/"):
            return not_found(request.path)
        if request.origin is Origin.API:
            return _packed(self._api(request), request)
        return self._daily_file(request)

    def _daily_file(self, request: Request) -> Answer:
        place = place_of(request.name)
        if place is None:
            return not_found(request.path)
        is_open = self.admission.opens(request.key, place.exchange, place.day, (place.symbol,))
        if not is_open and request.origin is not Origin.ELSEWHERE:
            return unauthorized(request.key is not None)
        until = self._listings.published_until(place.exchange)
        if until is not None and midnight(place.day + timedelta(days=1)) > until:
            return not_found(request.path)
        body = self._files.body(request.name)
        return not_found(request.path) if body is None else Answer(200, "text/csv", body, is_data=True)

    def _api(self, request: Request) -> Answer:
        match request.name.rstrip("/").split("/"):
            case ["exchanges"]:
                return json_answer(self._exchanges())
            case ["exchanges", exchange]:
                details = self._details(exchange)
                return not_found(request.path) if details is None else json_answer(details)
            case ["instruments", exchange, *symbol] if len(symbol) < 2:
                return self._instruments(request, exchange, *symbol)
            case ["api-key-info"] if self.admission.knows(request.key):
                return json_answer(self._told_access())
            case ["api-key-info"]:
                return unauthorized(request.key is not None)
            case ["data-feeds", exchange]:
                return self.feed.answer(request, exchange, self.admission)
        return not_found(request.path)

    def _exchanges(self) -> list[dict[str, Any]]:
        return exchange_list(self._files.paths(), self._listings)

    def _details(self, exchange: str) -> dict[str, Any] | None:
        return exchange_details(exchange, self._files.paths(), self._listings)

    def _told_access(self) -> list[dict[str, Any]]:
        if self.admission.access is not None:
            return self.admission.access
        return [
            {
                "exchange": one["id"],
                "accessType": "full",
                "from": one["availableSince"],
                "to": "2100-01-01T00:00:00.000Z",
                "symbols": [],
                "dataPlan": "business",
            }
            for one in self._exchanges()
        ]

    def _instruments(self, request: Request, exchange: str, symbol: str | None = None) -> Answer:
        if not self.admission.opens_instruments(request.key, exchange):
            return unauthorized(request.key is not None)
        details = self._details(exchange)
        if details is None:
            return not_found(request.path)
        known = self.instruments.get(exchange) or instruments(details)
        if symbol is not None:
            found = next((one for one in known if one["id"] == symbol), None)
            return not_found(request.path) if found is None else json_answer(found)
        try:
            wanted = json.loads(request.query.get("filter", "{}"))
            return json_answer([one for one in known if passes(one, wanted)])
        except (ValueError, AttributeError):
            return error(400, "The parameter 'filter' is not a filter.")


def _packed(answer: Answer, request: Request) -> Answer:
    """Compress an answer in JSON for clients that take it so."""
    is_plain = answer.is_data and not any(name == "Content-Encoding" for name, _ in answer.headers)
    if not (
        is_plain and isinstance(answer.body, bytes) and "gzip" in request.headers.get("accept-encoding", "")
    ):
        return answer
    headers = (*answer.headers, ("Content-Encoding", "gzip"))
    return replace(answer, body=gzip.compress(answer.body, 6, mtime=0), headers=headers)


def _as_machine(answer: Answer) -> Answer:
    """Put an upstream's refusal into the form in which tardis-machine hands it on."""
    if answer.status < 400 or not isinstance(answer.body, bytes):
        return answer
    return machine_error(answer.status, answer.body.decode(), "https://api.tardis.dev/v1/data-feeds")
