"""The speed that a replay reaches beside the one that is wanted: a bar, words, and counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.units import format_count, format_speed
from tickreel_desktop.components import BarState, ElidedLabel, ProgressBar, Still, Tone, label
from tickreel_desktop.replay.reached import Reached
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

_SLOW_BELOW = 0.98
_HEIGHT_PX = 22
_NOTHING = Reached(None)


class ReachedView:
    """Three widgets that whoever owns this puts into a row."""

    def __init__(self, theme: Theme) -> None:
        self.bar = ProgressBar("Reached part of the wanted speed")
        self.bar.setFixedWidth(theme.px(44))
        self.words = label("", Role.VALUE)
        # Of fixed size, or it would have the window laid out with each of its words.
        self.words.setFixedSize(theme.px(96), theme.px(_HEIGHT_PX))
        self._counters = ElidedLabel("")
        set_role(self._counters, Role.CAPTION)
        self.counters = Still(self._counters)
        self.counters.setMinimumWidth(theme.px(210))
        self._has_room = True
        self._is_hidden = False
        self._is_playing = False
        self._is_end = False
        self._reached = _NOTHING
        self._wanted: float | None = None
        self._renew()

    def show(self, reached: Reached, wanted: float | None) -> None:
        """Show what is reached of a wanted speed; None is as fast as the machine goes."""
        self._reached, self._wanted = reached, wanted
        self._renew()

    def set_playing(self, is_playing: bool) -> None:
        """Show that it plays, or that it is paused."""
        self._is_playing = is_playing
        self._reached = _NOTHING
        self._renew()

    def set_end(self, is_end: bool) -> None:
        """Show that everything was played."""
        if is_end != self._is_end:
            self._is_end = is_end
            self._renew()

    def show_counters(self, shown: bool) -> None:
        """Show the counters beside the words; else they are in the tool-tip only."""
        self._has_room = shown
        self.counters.setVisible(shown and not self._is_hidden)

    def set_hidden(self, is_hidden: bool) -> None:
        """Leave the room of the counters to something else for a while."""
        self._is_hidden = is_hidden
        self.show_counters(self._has_room)

    def _renew(self) -> None:
        reached, wanted = self._reached, self._wanted
        share, is_slow = 0.0, False
        if not self._is_playing:
            text = "ended" if self._is_end else "paused"
        elif reached.speed is None:
            text = "starting"
        else:
            share = 1.0 if wanted is None else min(1.0, reached.speed / wanted)
            # Up to the threshold it keeps up: a measured speed trembles.
            is_slow = wanted is not None and share < _SLOW_BELOW
            text = f"doing {format_speed(reached.speed if wanted is None or is_slow else wanted)}"
        counters = _counters(reached) if self._is_playing else ""
        self._counters.setText(counters)
        self.words.setText(text)
        set_style_property(self.words, "tone", str(Tone.WARNING if is_slow else Tone.NEUTRAL))
        self.bar.set_fraction(share, BarState.SLOWED if is_slow else BarState.MOVING)
        tip = "The machine is slower than wanted: time slows, nothing is left out" if is_slow else ""
        for each in (self.words, self.bar):
            each.setToolTip("\n".join(filter(None, (tip, counters))))


def _counters(reached: Reached) -> str:
    rows = format_count(round(reached.rows_per_s))
    return f"{rows} rows/s, {round(reached.frames_per_s)} frames/s, {reached.dropped} dropped"
