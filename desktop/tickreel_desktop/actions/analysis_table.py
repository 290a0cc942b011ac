"""The actions of the Analysis menu."""

from __future__ import annotations

from tickreel_desktop.actions.spec import ActionSpec

ANALYSIS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "analysis.ask",
        "Analyse what is in view",
        "Analysis",
        "sparkle",
        "Ctrl+Return",
        "Have the analyst that is set look at what is in view",
        "ask model llm send finding",
    ),
    ActionSpec(
        "analysis.offline",
        "Ask the offline analyst",
        "Analysis",
        None,
        "",
        "By rules on this machine, free, whoever is set",
        "rules free",
    ),
    ActionSpec(
        "analysis.preview",
        "Preview the request...",
        "Analysis",
        "eye",
        "",
        "What would be sent, its tokens, its price, and what stays here",
        "tokens cost redactions privacy",
    ),
    ActionSpec(
        "analysis.stop",
        "Stop the analysis",
        "Analysis",
        "stop",
        "",
        "Close the connections, those along a replay too; what came is kept and paid",
        "cancel abort",
    ),
    ActionSpec(
        "analysis.again",
        "Ask the same again",
        "Analysis",
        "arrow-clockwise",
        "",
        "The same window, figures and question once more",
        "retry repeat",
    ),
    ActionSpec(
        "analysis.history",
        "Analyses of before",
        "Analysis",
        "clock-counter-clockwise",
        "",
        "Find, open and export what was analysed before",
        "history earlier pinned search",
        has_line_above=True,
    ),
    ActionSpec(
        "analysis.export",
        "Export the analysis...",
        "Analysis",
        "export",
        "",
        "As Markdown or JSON, with its figures, rows, tokens and cost",
        "save markdown json provenance",
    ),
)
