"""The ladder of the Replay workspace."""

from tickreel_desktop.replay.ladder.scale import MULTIPLES
from tickreel_desktop.replay.ladder.view import LadderView

__all__ = ["MULTIPLES", "LadderView"]
