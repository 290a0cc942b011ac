"""Of more trials than can be drawn some are, from the first to the last of them."""

from __future__ import annotations

import numpy as np

from tickreel_desktop.backtest.sweep.parallel_view import MOST_DRAWN, thinned


def test_all_are_drawn_while_there_is_room_and_some_of_more() -> None:
    which = np.zeros(5_000, np.bool_)
    which[100 : 100 + MOST_DRAWN] = True
    assert thinned(which).tolist() == list(range(100, 100 + MOST_DRAWN))
    which[:] = True
    which[0] = False
    found = thinned(which)
    assert len(set(found.tolist())) == MOST_DRAWN
    assert (found[0], found[-1]) == (1, 4_999)
    assert np.diff(found).max() <= 17
