"""Every action of the program, in the order of the menus."""

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
    )


_FILE = (
    ActionSpec(
        "data.fetch",
        "Fetch days...",
        "File",
        "cloud-arrow-down",
        "Ctrl+N",
        "Bring days from Tardis, each once",
        "download tardis vendor get new",
    ),
    ActionSpec(
        "data.import",
        "Import files...",
        "File",
        "upload-simple",
        "Ctrl+O",
        "Import vendor CSV files",
        "open csv gz zst load add",
    ),
    ActionSpec(
        "data.sample",
        "Open sample",
        "File",
        "play-circle",
        "",
        "Make the simulated sample and open it",
        "demo example try",
    ),
    ActionSpec(
        "app.settings",
        "Settings...",
        "File",
        "gear-six",
        "Ctrl+,",
        "Everything that can be set",
        "preferences options key quota proxy",
        has_line_above=True,
    ),
    ActionSpec("app.quit", "Quit", "File", None, "Ctrl+Q", words="exit close", has_line_above=True),
)

_EDIT = (
    ActionSpec("edit.undo", "Undo", "Edit", "arrow-counter-clockwise", "Ctrl+Z"),
    ActionSpec("edit.redo", "Redo", "Edit", "arrow-clockwise", "Ctrl+Shift+Z"),
    ActionSpec(
        "edit.command",
        "Copy as command",
        "Edit",
        "terminal-window",
        "Ctrl+Shift+C",
        "Copy what is in view as a command line",
        "terminal shell cli",
        has_line_above=True,
    ),
    ActionSpec(
        "replay.link",
        "Copy link to this moment",
        "Edit",
        "link",
        "",
        "Copy a link that opens the replay at this moment",
        "share url",
        Place.REPLAY,
    ),
    ActionSpec(
        "data.filter",
        "Filter the datasets",
        "Edit",
        "funnel",
        "/",
        "Find datasets by exchange, symbol, type or state",
        "search find",
        Place.DATA,
        has_line_above=True,
    ),
)

_VIEW = (
    ActionSpec(
        "view.palette",
        "Run a command or open a dataset...",
        "View",
        "magnifying-glass",
        "Ctrl+K",
        "Find a command, a dataset, a moment or a link",
        is_listed=False,
    ),
    ActionSpec(
        "view.savings",
        "Savings",
        "View",
        None,
        "",
        "Show or hide what the cache spared, over the datasets",
        "card avoided money calls hit rate",
        is_checkable=True,
        has_line_above=True,
    ),
    ActionSpec(
        "view.system",
        "Theme of the system",
        "View",
        None,
        words="dark light colours appearance",
        is_checkable=True,
        choice_of="theme",
        has_line_above=True,
    ),
    ActionSpec(
        "view.dark", "Dark theme", "View", None, words="colours night", is_checkable=True, choice_of="theme"
    ),
    ActionSpec(
        "view.light", "Light theme", "View", None, words="colours day", is_checkable=True, choice_of="theme"
    ),
)

_DATA = (
    ActionSpec(
        "data.replay",
        "Set up a replay...",
        "Data",
        "play-circle",
        "",
        "Choose what of the selected datasets is played, and how",
        "play watch open symbols range",
    ),
    ActionSpec(
        "data.fetch_missing",
        "Fetch missing days...",
        "Data",
        "cloud-arrow-down",
        "",
        "Fetch the days that the selected dataset lacks",
        "download tardis vendor gaps complete",
    ),
    ActionSpec(
        "data.standing",
        "Standing orders...",
        "Data",
        "repeat",
        "",
        "What is kept complete as the vendor publishes it",
        "keep subscribe schedule watch fetch download",
    ),
    ActionSpec(
        "data.instruments",
        "Instruments...",
        "Data",
        "list-bullets",
        "",
        "What is known of instruments: tick, lot, contract, fees, and who says so",
        "tick lot multiplier fees contract symbol facts infer vendor",
    ),
    ActionSpec(
        "data.savings",
        "What the savings rest on...",
        "Data",
        "currency-dollar-simple",
        "",
        "Each figure and what it rests on, plan and prices, the article's claims",
        "plan price budget payback assumptions money avoided",
    ),
    ActionSpec(
        "data.pin",
        "Pin days",
        "Data",
        "push-pin",
        "",
        "Keep the selected days from leaving, by hand or by themselves",
        "keep hold protect",
        has_line_above=True,
    ),
    ActionSpec(
        "data.unpin",
        "Unpin days",
        "Data",
        "lock-simple-open",
        "",
        "Let the selected days leave again",
        "release free",
    ),
    ActionSpec(
        "data.expire",
        "Set when days may leave...",
        "Data",
        "clock",
        "",
        "Give the selected days a time from which they may leave",
        "expire keep ttl time retention",
    ),
    ActionSpec(
        "data.verify",
        "Verify...",
        "Data",
        "shield-check",
        "",
        "Hold every byte against its checksum",
        "check damage integrity checksum",
        has_line_above=True,
    ),
    ActionSpec(
        "data.export",
        "Export...",
        "Data",
        "export",
        "",
        "Write the selected days to files",
        "save csv parquet arrow write",
    ),
    ActionSpec(
        "data.evict",
        "Evict...",
        "Data",
        "hard-drives",
        "",
        "Make room: see what would leave for good, then let it",
        "free space room quota policy",
        has_line_above=True,
    ),
    ActionSpec(
        "data.delete",
        "Delete days",
        "Data",
        "trash",
        "Del",
        "Move the selected days to the trash",
        "remove trash",
    ),
    ActionSpec(
        "data.trash",
        "Trash...",
        "Data",
        None,
        "",
        "See what was deleted or replaced; put it back, or remove it for good",
        "restore purge deleted undelete versions",
    ),
    ActionSpec(
        "data.quota",
        "Cache quota...",
        "Data",
        "sliders-horizontal",
        "",
        "How much room the cache may take, and what would leave at it",
        "limit size disk space",
    ),
    ActionSpec(
        "data.refresh",
        "Read the catalog again",
        "Data",
        "arrow-clockwise",
        "F5",
        "Changes of other programs come by themselves; this asks at once",
        "reload refresh",
        has_line_above=True,
    ),
)

_REPLAY = (
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
    _replay("hold", "Hold the cursor", "lock-simple", "C", "It stays where it is", "freeze lock", check=True),
    _replay(
        "table", "Table of the chart", "columns", "Ctrl+T", "The figures of the focused chart", "twin data"
    ),
    _replay(
        "export", "Export the chart...", "export", "Ctrl+E", "Its figures or its picture", "save csv png"
    ),
)

_WINDOW = (
    ActionSpec("workspace.data", "Data", "Window", None, "Ctrl+1", "Go to Data", is_checkable=True),
    ActionSpec("workspace.replay", "Replay", "Window", None, "Ctrl+2", "Go to Replay", is_checkable=True),
    ActionSpec(
        "panel.analysis",
        "Analysis",
        "Window",
        None,
        "Ctrl+Shift+A",
        "Show or hide what the book says",
        is_checkable=True,
        has_line_above=True,
    ),
    ActionSpec(
        "panel.jobs",
        "Jobs",
        "Window",
        None,
        "Ctrl+Shift+J",
        "Show or hide long work and messages",
        "imports fetches progress messages notifications",
        is_checkable=True,
    ),
    ActionSpec(
        "panel.log",
        "Log",
        "Window",
        None,
        "Ctrl+Shift+L",
        "Show or hide the records of this session",
        "errors warnings trace",
        is_checkable=True,
    ),
    ActionSpec(
        "layout.save",
        "Save layout as...",
        "Window",
        "floppy-disk",
        "",
        "Keep the panels as they are under a name",
        "arrange panels docks",
        has_line_above=True,
    ),
    ActionSpec(
        "layout.reset",
        "Reset layout",
        "Window",
        None,
        "",
        "Put the panels of this workspace where they were at first",
        "panels docks default",
    ),
    ActionSpec(
        "window.next", "Next part of the window", "Window", None, "F6", words="focus", has_line_above=True
    ),
    ActionSpec("window.previous", "Previous part of the window", "Window", None, "Shift+F6", words="focus"),
)

_HELP = (
    ActionSpec("help.contents", "Help", "Help", "question", "F1", "Help on what is in view", "docs manual"),
    ActionSpec("help.shortcuts", "Shortcuts", "Help", None, "Ctrl+/", "All keys on one sheet", "keyboard"),
    ActionSpec("help.keys", "Change shortcuts...", "Help", None, words="keyboard keys bind edit"),
    ActionSpec("help.welcome", "Welcome", "Help", None, "", "The first steps once more", "start tour first"),
    ActionSpec(
        "help.diagnostics",
        "Diagnostics...",
        "Help",
        "shield-check",
        "",
        "What helps support, shown before it is saved",
        "support bundle doctor report bug",
        has_line_above=True,
    ),
    ActionSpec("app.about", "About Tickreel", "Help", "info", words="version licence license"),
)

ACTIONS: tuple[ActionSpec, ...] = (*_FILE, *_EDIT, *_VIEW, *_DATA, *_REPLAY, *_WINDOW, *_HELP)
"""All of them; every action's object name is its id."""
