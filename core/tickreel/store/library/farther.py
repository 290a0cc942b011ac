"""What the library asks for days that are not held, before it says that they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tickreel.progress import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor


class FartherTier(Protocol):
    """A tier beyond this machine; for any thread."""

    def bring(
        self, asked: Mapping[DatasetKey, Sequence[date]], monitor: Monitor = UNWATCHED
    ) -> set[tuple[DatasetKey, date]]:
        """Store those of some days that it has, and tell which came; a tier that fails brings no more.

        Raises:
            EnvironmentProblem: this machine cannot store them.
            Cancelled: the monitor said so.
        """

    def one_read(self) -> AbstractContextManager[None]:
        """Let all that this thread asks of it count as one read, for what a tier that fails may cost."""

    def promised(self, asked: Mapping[DatasetKey, Sequence[date]]) -> Mapping[tuple[DatasetKey, date], int]:
        """Tell which of some days :meth:`bring` would store by what is known now, with their bytes.

        A tier that fails has none.
        """

    def room_bytes(self) -> int:
        """Tell how many bytes this machine has room for before others have to leave."""

    def days_there(self, asked: Mapping[DatasetKey, Sequence[date]]) -> set[tuple[DatasetKey, date]]:
        """Tell which of some days it has, in whole or in part as they were held; one that fails has none."""

    def state(self) -> str:
        """Ask it how it is: ok, open (left alone for a while), or error."""

    def close(self) -> None:
        """Let go of it; a second call does nothing."""
