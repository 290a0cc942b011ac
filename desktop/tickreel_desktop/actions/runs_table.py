"""The actions of the Backtest menu that are about runs which are kept."""

from __future__ import annotations

from tickreel_desktop.actions.spec import ActionSpec, Place

RUNS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "runs.filter",
        "Filter runs",
        "Backtest",
        "funnel",
        "",
        "Find runs by strategy, symbol, day, tag, note, parameter or state",
        "search find list",
        place=Place.BACKTEST,
        has_line_above=True,
    ),
    ActionSpec(
        "runs.compare",
        "Compare runs",
        "Backtest",
        "arrows-left-right",
        "",
        "Put the marked runs side by side: figures, curves, settings, the first event that differs",
        "difference diff side",
        place=Place.BACKTEST,
    ),
    ActionSpec(
        "runs.report",
        "Report of the run",
        "Backtest",
        "file-text",
        "",
        "Write one HTML file with figures and charts, and open it",
        "html print share",
        place=Place.BACKTEST,
    ),
    ActionSpec(
        "runs.export",
        "Export runs...",
        "Backtest",
        "export",
        "",
        "Write a report, or the tables as CSV or Parquet",
        "csv parquet html save",
        place=Place.BACKTEST,
    ),
    ActionSpec(
        "runs.tag",
        "Tag runs...",
        "Backtest",
        None,
        "",
        "Add tags to the marked runs, or take them off",
        "label mark",
        place=Place.BACKTEST,
    ),
    ActionSpec(
        "runs.note",
        "Note of the run...",
        "Backtest",
        None,
        "",
        "Write what there is to say of the run in view",
        "comment",
        place=Place.BACKTEST,
    ),
    ActionSpec(
        "runs.delete",
        "Delete runs",
        "Backtest",
        "trash",
        "",
        "Move the marked runs to the trash, which can be undone",
        "remove trash",
        place=Place.BACKTEST,
    ),
)
