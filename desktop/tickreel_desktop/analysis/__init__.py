"""The Analysis panel: an analyst, by rules or a model, says what stands out in a window of market."""

from tickreel_desktop.analysis.choice import BASE_URL, MODEL, Preset
from tickreel_desktop.analysis.conversation import Conversation
from tickreel_desktop.analysis.panel import AnalysisPanel
from tickreel_desktop.analysis.preview_dialog import PreviewDialog
from tickreel_desktop.analysis.price_dialog import PriceDialog
from tickreel_desktop.analysis.scope import Scope, Subject, WindowChoice
from tickreel_desktop.analysis.spending import Spending, money
from tickreel_desktop.analysis.states import Way

__all__ = [
    "BASE_URL",
    "MODEL",
    "AnalysisPanel",
    "Conversation",
    "Preset",
    "PreviewDialog",
    "PriceDialog",
    "Scope",
    "Spending",
    "Subject",
    "Way",
    "WindowChoice",
    "money",
]
