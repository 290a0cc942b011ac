"""What guides set in bold are names in the window: each must be a text of the program, letter by letter."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import tickreel_desktop
from tickreel.backtest import PRESETS
from tickreel_desktop.analysis.states import Obstacle, Way
from tickreel_desktop.components.banner import BannerKind
from tickreel_resources import page_text

PAGES = ("analyst", "backtest", "diagnostics", "economics", "errors", "fetch", "instruments", "strategist")
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@cache
def texts() -> frozenset[str]:
    """Find every text in the program's own code; the dots after a name that asks for more are left out."""
    found = {name.capitalize() for name in PRESETS}
    for path in Path(tickreel_desktop.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.rstrip("."))
    return frozenset(found)


def unknown(markdown: str) -> list[str]:
    """Give what is set in bold and is no text of the program; where there is a number, up to that."""
    missing = []
    for bold in re.findall(r"\*\*([^*]+)\*\*", _CODE.sub("", markdown)):
        names = re.sub(r"\d.*", "", " ".join(bold.split())).split(" > ")
        missing += [name for name in names if name.rstrip(".") not in texts()]
    return missing


def test_every_way_out_of_an_obstacle_to_an_analysis_is_explained() -> None:
    (rows,) = re.findall(r"^\| button \|.*\n\|[-|]+\n((?:\|.*\n)+)", page_text("errors"), re.MULTILINE)
    ways = [Obstacle(BannerKind.NOTE, "info", "", way).button for way in Way if way is not Way.NONE]
    assert [row.split("|")[1].strip(" `") for row in rows.splitlines()] == ways


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_in_the_window(page: str) -> None:
    assert unknown(page_text(page)) == []


def test_a_name_that_is_nowhere_is_found() -> None:
    assert unknown("**Run** and **Rum**\n\n**Data > Trash**, **Fetch 3 days**") == ["Rum"]
