"""What the cache spared: the card over the datasets, and the dialog of what each figure rests on."""

from tickreel_desktop.savings.card import SavingsCard
from tickreel_desktop.savings.choice import CardChoice
from tickreel_desktop.savings.dialog import SavingsDialog
from tickreel_desktop.savings.figures import SavingsFigures, read_figures
from tickreel_desktop.savings.words import hit_rate_told

__all__ = [
    "CardChoice",
    "SavingsCard",
    "SavingsDialog",
    "SavingsFigures",
    "hit_rate_told",
    "read_figures",
]
