"""The shared cache as this window sees it: how it stands, in words, and the card of its connection."""

from tickreel_desktop.sharing.card import SharedCard
from tickreel_desktop.sharing.daysthere import DaysThere
from tickreel_desktop.sharing.elsewhere import Elsewhere
from tickreel_desktop.sharing.look import SharedLook
from tickreel_desktop.sharing.standing import Cure, Standing, loss_words, standing_of
from tickreel_desktop.sharing.watch import SharedWatch

__all__ = [
    "Cure",
    "DaysThere",
    "Elsewhere",
    "SharedCard",
    "SharedLook",
    "SharedWatch",
    "Standing",
    "loss_words",
    "standing_of",
]
