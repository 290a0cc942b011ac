"""Monitors with which tests watch long work, or stop it at a chosen moment."""

from __future__ import annotations

from tickreel.errors import Cancelled


class Recording:
    """Keep every report."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, int | None, str]] = []

    def report(self, done: int, total: int | None, note: str = "") -> None:
        self.reports.append((done, total, note))


class CancelAt(Recording):
    """Cancel the work at its *n*-th report, the first being 1; reports up to that one are kept."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self._n = n

    def report(self, done: int, total: int | None, note: str = "") -> None:
        super().report(done, total, note)
        if len(self.reports) >= self._n:
            raise Cancelled("cancelled by the test")
