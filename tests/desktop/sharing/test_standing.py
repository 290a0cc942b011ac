"""What is said of each way in which a shared cache may stand."""

from __future__ import annotations

import pytest

from tickreel.shared.breaker import BreakerState, BreakerView
from tickreel.shared.server import ServerFacts
from tickreel.shared.snapshot import TierSnapshot
from tickreel.shared.trouble import TierState, Trouble
from tickreel_desktop.components import Tone
from tickreel_desktop.sharing import Cure, SharedLook, standing_of
from tickreel_desktop.sharing.figures import BREAKER, FOUND, KEYS, MEMORY, SERVER, figures


def look(state: TierState, trouble: Trouble | None = None, tries_in_s: float = 0.0) -> SharedLook:
    is_open = state is TierState.OPEN
    breaker = BreakerView(BreakerState.OPEN if is_open else BreakerState.CLOSED, trouble, 5, tries_in_s)
    return SharedLook(TierSnapshot(state, "", trouble=trouble, breaker=breaker), is_asked=True)


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_is_named_with_what_to_do(trouble: Trouble) -> None:
    for found in (
        standing_of(look(TierState.ERROR, trouble)),
        standing_of(look(TierState.OPEN, trouble, 11.2)),
    ):
        assert found.heading
        assert found.brief
        assert found.is_alarming
        assert found.cure is not None
        assert found.advice.endswith(".")
        assert "`" not in found.advice
    assert "tried in 12 s" in found.brief
    assert "tried again in 12 s" in found.advice
    assert "5 failures in a row" in found.advice


def test_a_server_that_is_tried_at_this_moment_says_so() -> None:
    found = standing_of(look(TierState.OPEN, Trouble.UNREACHABLE))
    assert found.brief == "not reached, being tried"
    assert "being tried now" in found.advice


def test_no_two_troubles_are_said_alike() -> None:
    said = {standing_of(look(TierState.ERROR, trouble)).heading for trouble in Trouble}
    assert len(said) == len(Trouble)


def test_before_the_first_answer_nothing_is_claimed() -> None:
    found = standing_of(SharedLook(TierSnapshot(TierState.OK, "")))
    assert (found.heading, found.is_alarming) == ("Asking the server", False)


def test_what_is_set_and_not_used_is_no_alarm_and_can_be_used() -> None:
    found = standing_of(SharedLook(TierSnapshot(TierState.OFF, "the shared cache is set, and not used")))
    assert (found.tone, found.cure) == (Tone.NEUTRAL, Cure.USE)


def test_an_address_that_is_none_leads_to_its_setting() -> None:
    found = standing_of(SharedLook(TierSnapshot(TierState.ERROR, "shared.url names no host")))
    assert (found.cure, found.advice) == (Cure.SERVER, "shared.url names no host.")


def test_figures_that_a_server_keeps_to_itself_are_left_out() -> None:
    silent = ServerFacts(None, 0.0004)
    words = figures(SharedLook(TierSnapshot(TierState.OK, "", server=silent), silent, is_asked=True))
    assert words[SERVER] == "keeps its figures to itself"
    assert (words[MEMORY], words[KEYS], words[FOUND], words[BREAKER]) == ("", "", "", "")


def test_memory_says_how_much_there_may_be_and_what_leaves() -> None:
    facts = ServerFacts(
        None,
        0.0004,
        "7.0.15",
        3,
        used_bytes=1_200_000_000,
        most_bytes=64_000_000_000,
        policy="allkeys-lru",
        keys=1_234,
        hits=90,
        misses=10,
    )
    words = figures(SharedLook(TierSnapshot(TierState.OK, "", server=facts), facts, is_asked=True))
    assert words[SERVER] == "Redis 7.0.15, 3 primaries"
    assert words[MEMORY] == "1.2 GB of 64.0 GB, allkeys-lru"
    assert words[KEYS].endswith("90.0 % of lookups found")
