"""What a Linux system is told of Tickreel, and what Tickreel needs of it."""

from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements-packages.txt"
"""The tools that pack, as they are locked."""
