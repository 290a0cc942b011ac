"""A number of an answer is true only where it is the figure it cites, to the digits it gives."""

from __future__ import annotations

import pytest
from support.snapshots import snapshot

from tickreel.analysis.figures import BY_ID
from tickreel.analysis.truth import Binding, check_text

SEEN = snapshot(
    spread_mean=0.42345,  # f007
    spread_change=-23.46,  # f013
    imbalance_last=-0.325,  # f017
    trades=12_345,  # f028
    trade_rate=205.75,  # f029
    mid_last=66_000.15,  # f004
    move=5.0,  # f043
    move_last_third=-5.0,  # f044
    spread_last=5.0,  # f008
    silence=0.25,  # f063
    duration=300.0,  # f001
    move_in_volatility=3.0,  # f045
    buy_amount=12.0,  # f030
    mean_distance=0.75,  # f049
    grade="good",  # f061
)


@pytest.mark.parametrize(
    ("text", "bindings", "note"),
    [
        ("A spread of 0.42 bps [f007].", "b", "rounded to 0.01"),
        ("A spread of 0.4234 bps [f007].", "b", "rounded to 0.0001"),  # a half goes either way
        ("A spread of 0.42345 bps [f007].", "b", ""),
        ("A spread of 0.43 bps [f007].", "a", "the figure is 0.42345"),
        ("A spread of 0.42 % [f007].", "a", "the figure is 0.42345"),
        ("A spread of 42 bps [f007].", "a", "the figure is 0.42345"),
        ("A spread of 0.42 bps.", "u", "it cites no figure"),
        ("A spread of 0.42 bps [f999].", "u", "f999 is no figure"),
        ("It changed by -23.5 % [f013].", "b", "rounded to 0.1"),
        ("It changed by \u221223.5 percent [f013].", "b", "rounded to 0.1"),
        ("It narrowed by 23.5 % [f013].", "b", "its minus stands in words, rounded to 0.1"),
        ("It rose by 23.5 % [f013].", "a", "the figure is -23.46"),
        ("It changed by 23.5 bps, down [f013].", "a", "the figure is -23.46"),
        ("An imbalance of -32.5 % [f017].", "b", "a fraction as a percentage"),
        ("There were 12,345 trades [f028].", "b", ""),
        ("There were 12.3k trades [f028].", "b", "rounded to 100"),
        ("There were 12.4k trades [f028].", "a", "the figure is 12345"),
        ("The mid is 66\u2009000.15 [f004].", "b", ""),
        ("The mid is 6.600015e4 [f004].", "b", ""),
        ("The data are good, 1 [f061].", "a", "the figure is good"),
        ("No value, 3 [f009].", "a", "the figure is None"),
        ("Both 0.42 and 12345 [f007, f028].", "bb", "rounded to 0.01"),
        ("First 0.42 [f007] then 206 a second [f029].", "bb", "rounded to 0.01"),
        ("By [f007] it is 0.42.", "b", "rounded to 0.01"),
        ("It is 0.42. The mid is 66000.15 [f004].", "ub", "it cites no figure"),
        ("From 00:00 to 2024-07-23T00:01:00Z.", "bb", "a time of the window"),
        ("At 13:37 it was.", "u", "a time that is not the window's"),
        ("L2 data, BTC2 and f007 say nothing.", "", ""),
    ],
)
def test_each_number_is_bound_altered_or_unbound(text: str, bindings: str, note: str) -> None:
    check = check_text(text, SEEN)
    assert "".join(claim.binding.value[0] for claim in check.claims) == bindings
    assert check.is_true == ("a" not in bindings and "u" not in bindings)
    if bindings:
        assert check.claims[0].note == note
        for claim in check.claims:
            assert text[claim.start : claim.stop] == claim.text


@pytest.mark.parametrize(
    ("text", "bindings"),
    [
        # The words and the sign
        ("The price fell 5 bps [f043].", "a"),
        ("The price fell by about 5 bps [f043].", "a"),
        ("The price lost ground, by 5 bps [f043].", "a"),
        ("The price rose 5 bps [f043].", "b"),
        ("The price rose 5 bps [f044].", "a"),
        ("The price rose -5 bps [f044].", "a"),
        ("The price fell -5 bps [f044].", "b"),
        ("The price fell 5 bps [f044].", "b"),
        ("A fall of 5 bps [f044].", "b"),
        ("It closed 5 bps lower [f044].", "b"),
        ("It closed 5 bps lower [f043].", "a"),
        ("It closed minus 5 bps [f043].", "a"),
        ("Buyers pushed it up 5 bps while the spread narrowed [f044].", "a"),
        ("The spread narrowed while buyers pushed it up 5 bps [f044].", "a"),
        ("Sellers are in control as the price gained 5 bps [f044].", "a"),
        ("The spread narrowed, the price moved 5 bps [f044].", "a"),
        ("The price fell while the spread stood at 5 bps [f008].", "b"),
        ("The spread narrowed to 5 bps [f008].", "b"),
        ("The spread narrowed by 5 bps [f008].", "a"),
        ("The price fell, with a spread of 5 bps [f008].", "b"),
        ("The price fell 5 bps [f044] in 300 s [f001].", "bb"),
        ("It moved \u20135 bps [f043].", "a"),
        ("It moved \u20135 bps [f044].", "b"),
        ("A spread of 0.42\u20135 bps [f007, f008].", "bb"),
        # Numbers on their units
        ("A silence of 250ms [f063].", "b"),
        ("A silence of 25ms [f063].", "a"),
        ("A distance of .75 [f049].", "b"),
        ("A distance of .74 bps [f049].", "a"),
        ("Takers bought 12BTC [f030].", "b"),
        ("Takers bought 12.5BTC [f030].", "a"),
        ("That is 3x its volatility [f045].", "b"),
        ("That is 3x the spread [f008].", "a"),
        ("A move of 5foo [f043] and 5_000 [f043].", "aa"),
        ("250ms, .75, 12BTC, 3x, 1.5BTC.", "uuuuu"),
        ("The 1st third, the 2nd, L2 and w1.", ""),
        # Units and scales
        ("A spread of 5 million [f008].", "a"),
        ("There were 0.012345 million trades [f028].", "b"),
        ("There were 12345 thousand trades [f028].", "a"),
        ("The window has 300 s [f001].", "b"),
        ("The window has 5 minutes [f001].", "b"),
        ("The window has 300 ms [f001].", "a"),
        ("The window has 300 minutes [f001].", "a"),
        ("A spread of 5 USD [f008].", "a"),
        ("A spread of $5 [f008].", "a"),
        ("A spread of 5 minutes [f008].", "a"),
        ("A spread of 5 trades [f008].", "a"),
        ("A 5-bps spread [f008].", "b"),
        ("The mid is $66,000.15 [f004], or 66000.15 USDT [f004].", "bb"),
        ("There were 206 trades per second [f029].", "b"),
    ],
)
def test_words_signs_scales_and_units_are_held_against_the_figure(text: str, bindings: str) -> None:
    check = check_text(text, SEEN)
    told = [(claim.text, claim.binding.value, claim.note) for claim in check.claims]
    assert "".join(binding[0] for _, binding, _ in told) == bindings, told
    for claim in check.claims:
        assert text[claim.start : claim.stop] == claim.text


def test_who_cites_every_figure_cites_none() -> None:
    everything = list(BY_ID)
    (claim,) = check_text("The spread is 5 bps.", SEEN, cited=everything).claims
    assert (claim.binding, claim.figure) == (Binding.UNBOUND, None)
    assert "it cites 66 figures" in claim.note
    (claim,) = check_text(f"The spread is 5 bps [{', '.join(everything)}].", SEEN).claims
    assert claim.binding is Binding.UNBOUND
    (claim,) = check_text("The spread is 5 bps.", SEEN, cited=["f007", "f008"]).claims
    assert claim.figure == "f008"


@pytest.mark.parametrize("price", [3.2e-10, 4.5678e-10, 1e-12, 2.5e-300, 5e-324])
@pytest.mark.parametrize(
    "write",
    [
        "{:.10g}",
        "{:.2e}",
        "{:.4E}",
        "{:.20f}",
        "{mantissa} \u00d7 10^{power}",
        "{mantissa}x10^({power})",
        "{mantissa}\u00b710{above}",
        "{mantissa}e\u2212{size}",
        "{mantissa}e\u2011{size}",
        "{mantissa} e-{size}",
        "{mantissa} \\times 10^{{{power}}}",
        "{mantissa}\\cdot10^{{{power}}}",
        "{mantissa} * 10**{power}",
        "{mantissa}\u00d710<sup>{power}</sup>",
        "{mantissa} x 10 ^ {power}",
        "0.0{below}{digits}",
        "0.0{{{zeros}}}{digits}",
        "{grouped}",
    ],
)
def test_a_tiny_price_is_itself_however_it_is_written(price: float, write: str) -> None:
    mantissa, _, power = f"{price:.9e}".partition("e")
    above = f"{int(power)}".translate(
        str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
    )
    zeros = -int(power) - 1
    digits = mantissa.replace(".", "")
    spelled = "0" * zeros + digits
    grouped = "\u202f".join(spelled[at : at + 3] for at in range(0, len(spelled), 3))
    text = write.format(
        price,
        mantissa=mantissa,
        power=int(power),
        above=above,
        size=-int(power),
        zeros=zeros,
        below=f"{zeros}".translate(str.maketrans("0123456789", "".join(map(chr, range(0x2080, 0x208A))))),
        digits=digits,
        grouped=f"0.{grouped}",
    )
    told = f"The mid is {text} [f004]."
    (claim,) = check_text(told, snapshot(mid_last=price)).claims
    assert (claim.binding, claim.text) == (Binding.BOUND, text)
    other = snapshot(mid_last=price * 3 if price > 1e-300 else 1e-9)
    if write != "{:.20f}":  # which is 0 to its digits
        assert check_text(told, other).claims[0].binding is Binding.ALTERED


def test_a_power_of_ten_is_read_as_part_of_its_number_only_where_it_is_one() -> None:
    check = check_text("There were 12345 x 10 trades [f028].", SEEN)
    assert [claim.text for claim in check.claims] == ["12345", "10"]


def test_the_figures_of_a_finding_stand_for_citations_that_its_text_lacks() -> None:
    assert check_text("It is 0.42.", SEEN, cited=("f007",)).claims[0].figure == "f007"
    assert check_text("It is 0.5.", SEEN, cited=("f007",)).claims[0].binding is Binding.ALTERED


def test_the_form_counts_what_was_found() -> None:
    form = check_text("A 0.42 [f007], B 0.9 [f007] and 7.", SEEN).to_form()
    assert {name: form[name] for name in ("numbers", "bound", "altered", "unbound")} == {
        "numbers": 3,
        "bound": 1,
        "altered": 2,  # 7 belongs to the citation before it
        "unbound": 0,
    }
    assert form["claims"][1]["note"] == "the figure is 0.42345"


@pytest.mark.parametrize(
    ("text", "is_directed"),
    [
        ("The mid fell by 23.5 % [f013].", True),
        ("Spread down 23.5 % [f013].", True),
        ("The silence was 250000 \u00b5s, and it changed by -23.5 % [f063, f013].", True),
        ("Der Spread fiel im letzten Drittel um -23.5 % [f013].", False),
        ("El spread cay\u00f3 -23.5 % [f013].", False),
        ("O spread caiu -23.5 % no \u00faltimo ter\u00e7o da janela [f013].", False),
        ("De spread is met -23.5 % gedaald in het laatste derde [f013].", False),
        ("\u70b9\u5dee\u6536\u7a84 -23.5 % [f013]\u3002", False),
        ("\u0421\u043f\u0440\u0435\u0434 \u0441\u0443\u0437\u0438\u043b\u0441\u044f -23.5 % [f013].", False),
    ],
)
def test_digits_are_held_against_the_figure_in_any_language_and_words_only_in_english(
    text: str, is_directed: bool
) -> None:
    check = check_text(text, SEEN)
    assert check.claims[-1].is_directed is check.is_directed is is_directed
    assert check.is_true
    assert check.to_form()["claims"][0]["direction_checked"] is is_directed
    wrong = check_text(text.replace("23.5", "24.5"), SEEN)
    assert wrong.claims[-1].binding is Binding.ALTERED
