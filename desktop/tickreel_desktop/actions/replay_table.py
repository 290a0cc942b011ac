"""The actions of the Replay menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel_desktop.actions.spec import ActionSpec, Place

if TYPE_CHECKING:
    from tickreel_resources import IconName


def _replay(
    verb: str,
    text: str,
    icon: IconName | None,
    shortcut: str = "",
    tip: str = "",
    words: str = "",
    *,
    check: bool = False,
    line: bool = False,
    submenu: str = "",
) -> ActionSpec:
    """Write down an action of the Replay workspace."""
    return ActionSpec(
        f"replay.{verb}",
        text,
        "Replay",
        icon,
        shortcut,
        tip,
        words,
        Place.REPLAY,
        is_checkable=check,
        has_line_above=line,
        submenu=submenu,
    )


REPLAY: tuple[ActionSpec, ...] = (
    ActionSpec(
        "replay.reopen",
        "Reopen the last replay",
        "Replay",
        "clock-counter-clockwise",
        "",
        "Open what was open last, as it was played, where it stood",
        "again resume continue",
    ),
    _replay("play", "Play or pause", "play", "Space", "Let the market run, or hold it"),
    _replay("step", "Step forward", "caret-right", ".", "By the unit that is chosen; pauses", "next tick"),
    _replay(
        "stepback", "Step back", "caret-left", ",", "By the unit that is chosen; pauses", "previous tick"
    ),
    _replay(
        "unit",
        "Next unit of steps",
        None,
        "U",
        "Message, second, trade, change of a best price, health event",
        "message second trade price health",
    ),
    _replay("back", "Back 30 s", "skip-back", "J", "Goes on playing", "rewind", line=True),
    _replay("forward", "Forward 30 s", "skip-forward", "L", "Goes on playing", "fast"),
    _replay("start", "To the start", None, "Home", words="first beginning"),
    _replay("end", "To the end", None, words="last"),
    _replay("goto", "Go to a time...", "clock", "G", words="seek jump moment"),
    _replay(
        "crossing",
        "Next threshold crossing",
        None,
        "Ctrl+Shift+Right",
        "Where a series of a chart next crosses its threshold",
        "spread imbalance alert",
    ),
    _replay(
        "crossingback",
        "Previous threshold crossing",
        None,
        "Ctrl+Shift+Left",
        "Where a series of a chart last crossed its threshold",
        "spread imbalance alert",
    ),
    _replay(
        "health",
        "Next health event",
        None,
        "H",
        "Where something about the quality of the data begins or is over",
        "gap crossed quality",
    ),
    _replay(
        "healthback",
        "Previous health event",
        None,
        "Shift+H",
        "Where something about the quality of the data began or was over",
        "gap crossed quality",
    ),
    _replay("slower", "Half the speed", None, "[", words="slow down", line=True),
    _replay("faster", "Double the speed", None, "]", words="speed up"),
    _replay(
        "loop",
        "Loop",
        "repeat",
        "R",
        "Play the selection, or what is in view, again and again",
        "repeat again",
        check=True,
    ),
    _replay(
        "quiet",
        "Skip quiet",
        "fast-forward",
        "",
        "Jump over time in which nothing happens",
        "silence idle",
        check=True,
    ),
    _replay(
        "bookmark",
        "Bookmark this moment",
        "bookmark-simple",
        "B",
        "With a name that can be changed in the list",
        "mark pin flag",
        line=True,
    ),
    _replay(
        "bookmarks", "Bookmarks...", "list-bullets", "Ctrl+B", "Find, name, note, delete, export", "marks"
    ),
    _replay("nextmark", "Next bookmark", None, "N", words="marks"),
    _replay("lastmark", "Previous bookmark", None, "P", words="marks"),
    _replay(
        "follow",
        "Follow what is played",
        "crosshair-simple",
        "F",
        "Let the charts go along with the moment",
        "live scroll",
        check=True,
        line=True,
    ),
    _replay("symbol", "Next symbol", None, "S", "Show the next of those that are played", "instrument"),
    _replay(
        "overlay",
        "Draw the other symbols",
        "eye",
        "O",
        "Their mids over the charts of the chosen one, up to three",
        "compare overlay venue spread instruments",
        check=True,
    ),
    _replay(
        "leaveout",
        "Remove this symbol",
        None,
        tip="The others play on; set the replay up again to have it back",
        words="close instrument",
    ),
    _replay(
        "feedlatency",
        "Feed latency",
        None,
        tip="How long messages took from the exchange to the recorder, below the heat map",
        words="skew clocks arrival delay distribution",
        check=True,
    ),
    _replay(
        "latency",
        "Latency of what is known...",
        "clock",
        tip="Ladder, depth and trades as a strategy knows them some time later",
        words="lag delay strategy known late clock",
    ),
    *(
        _replay(
            key,
            text,
            None,
            tip="Hidden, it gives its room to the others",
            words=f"panel hide view {words}",
            check=True,
            submenu="Panels",
        )
        for key, text, words in (
            ("ladder", "Show the ladder", "dom book levels"),
            ("depth", "Show the depth chart", "cumulative"),
            ("figures", "Show the figures at the cursor", "values readout"),
            ("tape", "Show time and sales", "trades"),
        )
    ),
    _replay(
        "nextorder",
        "Next own order",
        None,
        "K",
        "Where the next order of the run reaches the exchange",
        "run backtest order step",
        line=True,
    ),
    _replay("lastorder", "Previous own order", None, "Shift+K", words="run backtest order step"),
    _replay("nextfill", "Next own fill", None, "D", words="run backtest trade step"),
    _replay("lastfill", "Previous own fill", None, "Shift+D", words="run backtest trade step"),
    _replay(
        "why",
        "Why was it filled",
        "question",
        "W",
        "Why the last own order was filled, or not",
        "run backtest order queue reason",
    ),
    _replay("hold", "Hold the cursor", "lock-simple", "C", "It stays where it is", "freeze lock", check=True),
    _replay(
        "measure",
        "Measure",
        "ruler",
        "M",
        "Time, prices and trades between two points of the heat map",
        "ruler distance duration ticks volume",
        check=True,
    ),
    _replay(
        "table", "Table of the chart", "columns", "Ctrl+T", "The figures of the focused chart", "twin data"
    ),
    _replay(
        "export", "Export the chart...", "export", "Ctrl+E", "Its figures or its picture", "save csv png"
    ),
)
