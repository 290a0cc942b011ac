"""The first steps: the sample, a fetch, files of one's own."""

from tickreel_desktop.welcome.page import Fact, WelcomePage

__all__ = ["Fact", "WelcomePage"]
