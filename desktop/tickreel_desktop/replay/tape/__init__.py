"""Time and sales of the Replay workspace."""

from tickreel_desktop.replay.tape.view import TapeView

__all__ = ["TapeView"]
