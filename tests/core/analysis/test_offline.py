"""The offline analyst finds what its rules say, cites every figure, and invents none."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.snapshots import snapshot

from tickreel.analysis.figures import BY_ID, FIGURES, Unit
from tickreel.analysis.findings import Direction, Finding, FindingKind
from tickreel.analysis.offline import findings_of, prose_of
from tickreel.analysis.truth import check_text

PAGE = files("tickreel_resources").joinpath("docs", "analysis.md").read_text(encoding="utf-8")
K, D = FindingKind, Direction


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"spread_change": -25.0}, [(K.SPREAD_COMPRESSION, D.NEUTRAL)]),
        ({"spread_change": 40.0}, [(K.SPREAD_EXPANSION, D.NEUTRAL)]),
        ({"spread_change": 19.0}, []),
        ({"imbalance_last_third": 0.4, "order_flow_share": 0.1}, [(K.IMBALANCE, D.UP)]),
        ({"imbalance_last_third": -0.4}, [(K.IMBALANCE, D.DOWN)]),
        ({"move_in_volatility": -1.5, "efficiency": 0.4, "move": -9.0}, [(K.MOMENTUM, D.DOWN)]),
        ({"move_in_volatility": 1.5, "efficiency": 0.1}, []),
        (
            {"variance_ratio": 0.5, "autocorrelation": -0.3, "mean_distance": 4.0},
            [(K.MEAN_REVERSION, D.DOWN)],
        ),
        ({"variance_ratio": 0.5, "autocorrelation": 0.3, "mean_distance": 4.0}, []),
        ({"depth_skew": 0.5}, [(K.LIQUIDITY, D.UP)]),
        (
            {"wall_ask_price": 101.0, "wall_ask_amount": 90.0, "wall_ask_distance": 5.0},
            [(K.LIQUIDITY, D.DOWN)],
        ),
        ({"grade": "bad", "gaps": 2}, [(K.ANOMALY, D.NEUTRAL)] * 2),
        ({"crossed": 2.0}, [(K.ANOMALY, D.NEUTRAL)]),
        ({"silence": 11.0, "book_messages": 120}, [(K.ANOMALY, D.NEUTRAL)]),
        ({"silence": 11.0, "book_messages": 100}, []),
    ],
)
def test_each_rule_finds_what_it_is_for(
    values: dict[str, Any], expected: list[tuple[FindingKind, Direction]]
) -> None:
    found = findings_of(snapshot(**values))
    assert [(one.kind, one.direction) for one in found] == expected


_NUMBER = st.none() | st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.9e}"))
_COUNT = st.none() | st.integers(0, 10**6)


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            each.name: _COUNT if each.unit is Unit.COUNT else _NUMBER
            for each in FIGURES
            if each.unit is not Unit.WORD and each.name != "duration"
        }
    )
)
def test_whatever_the_figures_every_number_it_writes_is_the_figure_it_cites(values: dict[str, Any]) -> None:
    seen = snapshot(**values)
    findings = findings_of(seen)
    for text, cited in [(prose_of(seen, findings), ()), *((one.text, one.figures) for one in findings)]:
        false = [claim for claim in check_text(text, seen, cited=cited).claims if claim.binding != "bound"]
        assert not false, text
    for one in findings:
        assert Finding.from_form(one.to_form()) == one


def test_what_agrees_makes_it_surer() -> None:
    (agreed,) = findings_of(snapshot(imbalance_last_third=0.4, order_flow_share=0.2))
    (alone,) = findings_of(snapshot(imbalance_last_third=0.4, order_flow_share=-0.2))
    assert agreed.confidence > alone.confidence
    assert [BY_ID[one].name for one in agreed.figures] == ["imbalance_last_third", "order_flow_share"]


def test_a_window_in_which_nothing_happened_says_so() -> None:
    empty = snapshot(book_messages=0, trades=0, silence=60.0)
    assert prose_of(empty, findings_of(empty)).startswith("Nothing happened")
    assert "No rule" in prose_of(snapshot(), ())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "buy"}, "its kind is 'buy'"),
        ({"confidence": 1.5}, "its confidence is 1.5"),
        ({"confidence": True}, "its confidence is True"),
        ({"horizon_s": -1}, "its horizon_s is -1"),
        ({"figures": []}, "it cites no figures"),
        ({"figures": ["f001", "x"]}, "it cites 'x'"),
        ({"figures": list(BY_ID)}, "it cites 66 figures, and 8 are the most"),
        ({"text": " "}, "it has no text"),
    ],
)
def test_a_finding_from_outside_is_taken_only_whole(change: dict[str, Any], problem: str) -> None:
    good = Finding(K.MOMENTUM, D.UP, 0.5, None, ("f001",), "text").to_form()
    with pytest.raises(ValueError, match=problem):
        Finding.from_form(good | change)


def test_the_page_tells_every_rule_with_its_kind() -> None:
    assert all(f"| `{kind}` |" in PAGE for kind in FindingKind)
