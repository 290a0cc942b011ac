from __future__ import annotations

import threading

import pytest

from tickreel.store.intake.lane import Lane


def test_work_is_done_in_the_order_given_and_beside_the_caller() -> None:
    lane = Lane("test")
    done: list[tuple[int, int]] = []
    for number in range(20):
        lane.give(lambda number=number: done.append((number, threading.get_ident())))  # type: ignore[misc]
    lane.wait()

    assert [number for number, _ in done] == list(range(20))
    assert {thread for _, thread in done} != {threading.get_ident()}


def test_a_single_piece_of_work_starts_no_thread() -> None:
    lane = Lane("test")
    workers: list[int] = []
    lane.give(lambda: workers.append(threading.get_ident()))
    assert workers == []
    lane.wait()
    assert workers == [threading.get_ident()]


def test_a_lane_can_be_used_again_after_waiting() -> None:
    lane = Lane("test")
    done: list[int] = []
    for number in range(3):
        lane.give(lambda number=number: done.append(number))  # type: ignore[misc]
    lane.wait()
    for number in range(3, 6):
        lane.give(lambda number=number: done.append(number))  # type: ignore[misc]
    lane.wait()
    assert done == list(range(6))


def test_what_a_piece_raises_comes_back_and_the_rest_is_dropped() -> None:
    lane = Lane("test")
    failed = threading.Event()
    done: list[int] = []

    def fail() -> None:
        failed.set()
        raise OSError(28, "No space left on device")

    lane.give(fail)
    lane.give(lambda: done.append(1))
    failed.wait(30)
    with pytest.raises(OSError, match="No space left"):
        lane.wait()
    with pytest.raises(OSError, match="No space left"):
        lane.give(lambda: done.append(2))
    assert done == []


def test_given_up_work_is_not_done_and_leaves_no_thread() -> None:
    before = threading.active_count()
    lane = Lane("test")
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def hold() -> None:
        begun.set()
        go_on.wait(30)

    lane.give(hold)
    lane.give(lambda: done.append(1))
    begun.wait(30)
    giver = threading.Thread(target=lane.drop)
    giver.start()
    go_on.set()
    giver.join(30)
    assert not giver.is_alive()
    assert threading.active_count() == before
