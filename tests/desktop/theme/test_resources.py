from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path
from typing import get_args

import tickreel_desktop
import tickreel_resources
from tickreel_resources import IconName, application_icon_bytes, font_files, icon_bytes

ICONS = set(get_args(IconName))


def test_there_is_a_file_for_every_icon_name_and_a_name_for_every_file() -> None:
    held = {Path(item.name).stem for item in files(tickreel_resources).joinpath("icons").iterdir()}
    assert held == ICONS


def test_every_icon_has_one_colour_which_is_given_when_it_is_drawn() -> None:
    for name in get_args(IconName):
        svg = icon_bytes(name)
        assert svg.count(b"currentColor") == 1
        assert re.search(rb"#[0-9a-fA-F]{3,8}", svg) is None


def test_every_icon_that_the_code_asks_for_exists() -> None:
    asked: dict[str, str] = {}
    root = Path(tickreel_desktop.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            for keyword in node.keywords:
                if keyword.arg in ("icon", "on_icon", "on_name") and isinstance(keyword.value, ast.Constant):
                    asked[str(keyword.value.value)] = f"{path.name}:{node.lineno}"
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = {"bind_icon": 1, "bind_rail_icon": 2, "tool_button": 1, "EmptyState": 1, "IconLabel": 1}
            if name in place and len(node.args) > place[name]:
                value = node.args[place[name]]
                if isinstance(value, ast.Constant):
                    asked[str(value.value)] = f"{path.name}:{node.lineno}"
    assert asked, "no icon is asked for at all"
    assert {icon: where for icon, where in asked.items() if icon not in ICONS} == {}


def test_fonts_and_the_application_icon_are_there_and_each_is_small() -> None:
    fonts = font_files()
    assert len(fonts) == 4
    assert all(10_000 < len(font) < 500_000 for font in fonts)
    assert application_icon_bytes().startswith(b"<svg")


def test_the_licence_of_everything_bundled_lies_beside_it() -> None:
    folder = files(tickreel_resources).joinpath("licences")
    texts = {item.name: item.read_text("utf-8") for item in folder.iterdir()}
    assert "SIL OPEN FONT LICENSE" in texts["inter.txt"]
    assert "SIL OPEN FONT LICENSE" in texts["jetbrains-mono.txt"]
    assert "MIT License" in texts["phosphor-icons.txt"]
