"""Every colour of Tickreel, once per theme.

This is the only module of the desktop that holds a colour; a test looks for
others. The names say what a colour is for, never what it looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColourName = Literal[
    "window",
    "panel",
    "raised",
    "field",
    "plot",
    "hover",
    "selected",
    "accent_bg",
    "line",
    "line_strong",
    "control",
    "grid",
    "text",
    "text_2",
    "text_3",
    "accent",
    "on_accent",
    "bid",
    "bid_bg",
    "ask",
    "ask_bg",
    "good",
    "warning",
    "warning_bg",
    "error",
    "error_bg",
    "note",
    "note_bg",
    "present",
    "series_2",
    "series_3",
    "halo",
]


@dataclass(frozen=True, slots=True)
class HeatRamp:
    """Describe how resting size becomes colour: one channel of lightness, ground to most."""

    stops: tuple[tuple[float, str], ...]
    """Position 0 to 1 and colour; between stops linear in sRGB."""
    power: float
    """Exponent on the logarithmic position, so that small sizes stay near the ground."""


@dataclass(frozen=True, slots=True)
class SweepRamp:
    """Describe how a result becomes colour: diverging, with zero in the middle."""

    stops: tuple[str, str, str, str, str]
    """At -1, -0.5, 0, 0.5 and 1 of the largest result; between stops linear in sRGB."""
    inks: tuple[str, str] = ("#061412", "#FFFFFF")
    """Of the figure in a cell: the one that contrasts more with it."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Hold the colours of one theme as ``#RRGGBB``."""

    name: Literal["dark", "light"]
    window: str
    """Behind docks, and the title area."""
    panel: str
    """Docks, dialogs, table bodies and bars."""
    raised: str
    """Table headers, group rows, buttons, the head and foot of a dialog."""
    field: str
    """Text fields and code."""
    plot: str
    """Ground of charts; equals the first stop of the heat ramp."""
    hover: str
    """Under the pointer, and a selected row in a table without focus."""
    selected: str
    """A selected row; it also has an accent bar at its left."""
    accent_bg: str
    """Active rail item, checked tool button, active segment."""
    line: str
    """Splitters and lines between rows."""
    line_strong: str
    """Edges of chips and buttons."""
    control: str
    """Edges of fields, boxes, segments, tool-tips and dialogs: 3:1 or more."""
    grid: str
    text: str
    text_2: str
    """Labels and secondary cells."""
    text_3: str
    """Captions, units and axes."""
    accent: str
    """Primary button, links, focus, progress, first series."""
    on_accent: str
    bid: str
    bid_bg: str
    ask: str
    ask_bg: str
    good: str
    """Own fill, "figures match", "connected"; never the default of a table."""
    warning: str
    warning_bg: str
    error: str
    error_bg: str
    note: str
    """Bookmarks, finding pins, redactions, informing banners."""
    note_bg: str
    present: str
    """A day that is here."""
    series_2: str
    series_3: str
    halo: str
    """Edge under lines and marks that lie on the heat map."""
    heat: HeatRamp
    sweep: SweepRamp

    def colour(self, name: ColourName) -> str:
        """Give a colour by its name, for code that is handed the name."""
        value: str = getattr(self, name)
        return value


DARK = Tokens(
    name="dark",
    window="#0D1014",
    panel="#14181E",
    raised="#1B2129",
    field="#0F1317",
    plot="#0A0D11",
    hover="#1F262F",
    selected="#15353A",
    accent_bg="#123035",
    line="#29313B",
    line_strong="#39434F",
    control="#6A7787",
    grid="#222A33",
    text="#E7ECF2",
    text_2="#AEB8C4",
    text_3="#929DAB",
    accent="#3CCFC0",
    on_accent="#06201D",
    bid="#5CB0FF",
    bid_bg="#14304D",
    ask="#FFA24A",
    ask_bg="#4A2E12",
    good="#55C798",
    warning="#F2C94C",
    warning_bg="#383013",
    error="#FF7B7B",
    error_bg="#3F1D20",
    note="#A9B8FF",
    note_bg="#222A4A",
    present="#2E7F7A",
    series_2="#C79BFF",
    series_3="#F2C94C",
    halo="#05070A",
    heat=HeatRamp(
        stops=(
            (0.0, "#0A0D11"),
            (0.12, "#10202E"),
            (0.30, "#143F57"),
            (0.50, "#1A6A78"),
            (0.68, "#2F9A8C"),
            (0.84, "#86CFA6"),
            (1.0, "#F3FBD9"),
        ),
        power=1.3,
    ),
    sweep=SweepRamp(("#A97BE8", "#5B4586", "#1D242C", "#1F6F6D", "#5FE0CF")),
)

LIGHT = Tokens(
    name="light",
    window="#E9EDF2",
    panel="#FFFFFF",
    raised="#F4F6F9",
    field="#FFFFFF",
    plot="#FCFDFE",
    hover="#EDF1F5",
    selected="#D5EFEC",
    accent_bg="#DDF2F0",
    line="#D3DAE2",
    line_strong="#BCC6D1",
    control="#768290",
    grid="#E6EBF0",
    text="#161D26",
    text_2="#434F5D",
    text_3="#566271",
    accent="#0A736C",
    on_accent="#FFFFFF",
    bid="#0B5FC4",
    bid_bg="#D3E5FA",
    ask="#A84600",
    ask_bg="#FCE3CE",
    good="#17704A",
    warning="#7A5700",
    warning_bg="#FBEFC8",
    error="#BE2A33",
    error_bg="#FBE0E1",
    note="#3D4FB5",
    note_bg="#E3E7FB",
    present="#54A39D",
    series_2="#7A3FC2",
    series_3="#7A5700",
    halo="#FFFFFF",
    heat=HeatRamp(
        stops=(
            (0.0, "#FCFDFE"),
            (0.12, "#E6F1EF"),
            (0.30, "#BFE0DA"),
            (0.50, "#83BFBE"),
            (0.68, "#4A8FA0"),
            (0.84, "#2A5A7E"),
            (1.0, "#101F45"),
        ),
        power=1.25,
    ),
    sweep=SweepRamp(("#7A3FC2", "#B99ADF", "#F1F3F6", "#7CC4BC", "#0A736C")),
)
