"""What comes of an analysis: what was found, how true its numbers are, and what it cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.analysis.offline import OFFLINE
from tickreel.analysis.prices import NANO
from tickreel.analysis.truth import Binding, Check, check_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.analysis.answers import Answer
    from tickreel.analysis.calls import Call
    from tickreel.analysis.findings import Finding
    from tickreel.analysis.prices import Price
    from tickreel.analysis.prompt import Redaction
    from tickreel.analysis.snapshot import Snapshot


_NO_NUMBERS = Check(())


@dataclass(frozen=True, slots=True)
class Preview:
    """What a call would send and could cost, before anything is sent."""

    model: str
    place: str
    payload: Mapping[str, Any] | None
    """The body, exactly; None where nothing leaves this machine."""
    tokens_in: int
    """As estimated."""
    tokens_in_most: int
    tokens_out_most: int
    price: Price | None
    """None where nobody has said it."""
    redactions: tuple[Redaction, ...]
    refusal: str | None
    """Why the call would be refused now; None where it would be made."""
    is_cached: bool
    """The answer is here already, so that nothing would be sent."""

    @property
    def worst_usd(self) -> float | None:
        """What it costs at most; None where the price is not known."""
        if self.price is None:
            return None
        return self.price.nano_usd(self.tokens_in_most, self.tokens_out_most) / NANO

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "payload": None if self.payload is None else dict(self.payload),
            "tokens_in_estimate": self.tokens_in,
            "tokens_in_most": self.tokens_in_most,
            "tokens_out_most": self.tokens_out_most,
            "worst_case_usd": self.worst_usd,
            "redactions": [one.to_form() for one in self.redactions],
            "refusal": self.refusal,
            "cached": self.is_cached,
        }


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analyst said of one window, or, of a dry run, what it would be asked."""

    snapshot: Snapshot
    preview: Preview
    call: Call | None = None
    """None of a dry run. Windows that went together share it, and what it cost."""
    windows: int = 1
    """How many windows the call was about."""
    prose: str = ""
    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    """What of the answer could not be taken, and why."""
    is_whole: bool = True
    """False where the answer was cut at its greatest length."""
    check: Check = _NO_NUMBERS
    """Of the prose."""
    finding_checks: tuple[Check, ...] = ()
    """Of the text of each finding."""

    @classmethod
    def read(
        cls, snapshot: Snapshot, preview: Preview, call: Call, answer: Answer, *, windows: int, is_whole: bool
    ) -> Analysis:
        """Take an answer, and hold its numbers against the snapshot."""
        return cls(
            snapshot=snapshot,
            preview=preview,
            call=call,
            windows=windows,
            prose=answer.prose,
            findings=answer.findings,
            problems=answer.problems,
            is_whole=is_whole,
            check=check_text(answer.prose, snapshot),
            finding_checks=tuple(
                check_text(finding.text, snapshot, cited=finding.figures) for finding in answer.findings
            ),
        )

    @property
    def model(self) -> str:
        """Who analysed it."""
        return self.preview.model if self.call is None else self.call.model

    @property
    def numbers(self) -> Mapping[Binding, int]:
        """How many numbers of prose and findings are so."""
        checks = (self.check, *self.finding_checks)
        return Counter({binding: sum(one.count(binding) for one in checks) for binding in Binding})

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "exchange": self.snapshot.exchange,
            "symbol": self.snapshot.symbol,
            "from_us": self.snapshot.from_us,
            "to_us": self.snapshot.to_us,
            "dry_run": self.call is None,
            **self._answer_form(),
            **self.preview.to_form(),
            "snapshot": self.snapshot.to_form(),
        }

    def to_short_form(self) -> dict[str, Any]:
        """Give what was found and what it cost, without the figures and what was sent."""
        return self._answer_form() | {"snapshot_sha256": self.snapshot.digest}

    def _answer_form(self) -> dict[str, Any]:
        call, tokens = self.call, None if self.call is None else self.call.tokens
        return {
            "analyst": OFFLINE if self.model == OFFLINE else "chat",
            "model": self.model,
            "place": self.preview.place if call is None else call.place,
            "state": None if call is None else call.state.value,
            "prose": self.prose,
            "findings": [
                finding.to_form() | {"check": check.to_form()}
                for finding, check in zip(self.findings, self.finding_checks, strict=True)
            ],
            "numbers": {binding.value: count for binding, count in self.numbers.items()},
            "check": self.check.to_form(),
            "problems": list(self.problems),
            "whole": self.is_whole,
            "windows_of_call": self.windows,
            "tokens_in": None if tokens is None else tokens.sent,
            "tokens_out": None if tokens is None else tokens.received,
            "tokens_estimated": None if tokens is None else tokens.is_estimated,
            "cost_usd": None if call is None else call.usd,
            "call": None if call is None else call.to_form(),
        }
