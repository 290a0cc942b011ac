from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

import tickreel_desktop
from tickreel_desktop.theme.contrast import AA_EDGE, AA_TEXT, contrast, luminance
from tickreel_desktop.theme.tokens import DARK, LIGHT, ColourName, Tokens

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
GROUNDS: tuple[ColourName, ...] = ("window", "panel", "raised", "hover", "selected")
WORDS: tuple[ColourName, ...] = (
    "text",
    "text_2",
    "text_3",
    "accent",
    "bid",
    "ask",
    "good",
    "warning",
    "error",
    "note",
)
WORST: dict[str, dict[ColourName, float]] = {
    "dark": {
        "text": 11.0,
        "text_2": 6.5,
        "text_3": 4.8,
        "accent": 6.8,
        "bid": 5.7,
        "ask": 6.6,
        "warning": 8.3,
        "error": 5.2,
        "note": 6.9,
    },
    "light": {
        "text": 14.0,
        "text_2": 6.9,
        "text_3": 5.1,
        "accent": 4.7,
        "bid": 5.0,
        "ask": 4.9,
        "good": 5.0,
        "warning": 5.4,
        "error": 4.9,
        "note": 5.8,
    },
}


def worst(tokens: Tokens, name: ColourName) -> float:
    return min(contrast(tokens.colour(name), tokens.colour(ground)) for ground in GROUNDS)


def test_black_on_white_has_the_greatest_contrast_and_a_colour_on_itself_the_least() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#3CCFC0", "#3CCFC0") == 1


@THEMES
@pytest.mark.parametrize("name", WORDS)
def test_every_colour_of_words_can_be_read_on_every_ground(tokens: Tokens, name: ColourName) -> None:
    assert worst(tokens, name) >= AA_TEXT


@THEMES
def test_the_worst_contrasts_are_those_that_the_design_promises(tokens: Tokens) -> None:
    measured = {name: worst(tokens, name) for name in WORST[tokens.name]}
    assert measured == pytest.approx(WORST[tokens.name], abs=0.06)


@THEMES
@pytest.mark.parametrize("kind", ["note", "warning", "error"])
def test_words_can_be_read_on_tinted_grounds(tokens: Tokens, kind: ColourName) -> None:
    tint: ColourName = {"note": "note_bg", "warning": "warning_bg"}.get(kind, "error_bg")  # type: ignore[assignment]
    names: tuple[ColourName, ...] = ("text", "text_2", "text_3", kind)
    assert min(contrast(tokens.colour(name), tokens.colour(tint)) for name in names) >= AA_TEXT


@THEMES
def test_figures_can_be_read_on_the_bars_of_their_side(tokens: Tokens) -> None:
    assert contrast(tokens.bid, tokens.bid_bg) >= AA_TEXT
    assert contrast(tokens.ask, tokens.ask_bg) >= AA_TEXT


@THEMES
def test_filled_buttons_and_badges_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= AA_TEXT
    assert contrast(tokens.text, tokens.accent_bg) >= AA_TEXT
    assert contrast(tokens.halo, tokens.error) >= AA_TEXT


@THEMES
def test_edges_of_controls_stand_out_from_what_is_around_them(tokens: Tokens) -> None:
    grounds: tuple[ColourName, ...] = ("window", "panel", "raised", "hover")
    assert min(contrast(tokens.control, tokens.colour(ground)) for ground in grounds) >= 3.3
    # The selected row shows its state by the accent bar as well.
    assert contrast(tokens.accent, tokens.selected) >= AA_EDGE


@THEMES
def test_the_heat_ramp_starts_at_the_plot_ground_and_only_moves_away_from_it(tokens: Tokens) -> None:
    positions = [position for position, _ in tokens.heat.stops]
    light = [luminance(colour) for _, colour in tokens.heat.stops]
    assert tokens.heat.stops[0] == (0.0, tokens.plot)
    assert positions == sorted(set(positions))
    assert positions[-1] == 1.0
    assert light == sorted(light, reverse=tokens is LIGHT)


@THEMES
def test_the_sweep_ramp_moves_away_from_its_middle_on_both_sides(tokens: Tokens) -> None:
    light = [luminance(colour) for colour in tokens.sweep.stops]
    for half in (light[2:], light[2::-1]):
        assert half == sorted(half, reverse=tokens is LIGHT)
    for stop in tokens.sweep.stops:
        assert max(contrast(ink, stop) for ink in tokens.sweep.inks) >= AA_TEXT


@THEMES
def test_every_colour_is_written_in_six_digits_and_has_a_name_to_ask_for(tokens: Tokens) -> None:
    names = {field.name for field in fields(Tokens)} - {"name", "heat", "sweep"}
    assert names == set(get_args(ColourName))
    assert all(re.fullmatch("#[0-9A-F]{6}", getattr(tokens, name)) for name in names)


def test_no_other_module_of_the_desktop_holds_a_colour() -> None:
    root = Path(tickreel_desktop.__file__).parent
    colour = re.compile(
        r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|(?<!\.)\brgba?\(|GlobalColor\.(?!transparent)"
    )
    found = [
        f"{path.relative_to(root)}:{number}"
        for path in sorted(root.rglob("*.py"))
        if path.name != "tokens.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if colour.search(line)
    ]
    assert found == []
