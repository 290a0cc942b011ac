"""The actions of the frame, which can be done from every workspace."""

from __future__ import annotations

from tickreel_desktop.actions.spec import ActionSpec, Place

FILE: tuple[ActionSpec, ...] = (
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

EDIT: tuple[ActionSpec, ...] = (
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
        "Filter datasets",
        "Edit",
        "funnel",
        "/",
        "Find datasets by exchange, symbol, type or state",
        "search find",
        Place.DATA,
        has_line_above=True,
    ),
)

VIEW: tuple[ActionSpec, ...] = (
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
        "System theme",
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

WINDOW: tuple[ActionSpec, ...] = (
    ActionSpec("workspace.data", "Data", "Window", None, "Ctrl+1", "Go to Data", is_checkable=True),
    ActionSpec("workspace.replay", "Replay", "Window", None, "Ctrl+2", "Go to Replay", is_checkable=True),
    ActionSpec(
        "workspace.backtest", "Backtest", "Window", None, "Ctrl+3", "Go to Backtest", is_checkable=True
    ),
    ActionSpec(
        "panel.analysis",
        "Analysis",
        "Window",
        None,
        "Ctrl+Shift+A",
        "Show or hide the analyst, and what the book says",
        "model llm findings book figures",
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

HELP: tuple[ActionSpec, ...] = (
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
