"""The bus hands events to those who asked for their type."""

from __future__ import annotations

import dataclasses

import pytest

from tickreel.events import Bus, DatasetsChanged, Event, JobChanged


def test_a_handler_hears_only_events_of_its_type_in_the_order_of_publishing() -> None:
    bus = Bus()
    heard: list[JobChanged] = []
    bus.subscribe(JobChanged, heard.append)
    bus.publish(JobChanged("a"))
    bus.publish(DatasetsChanged(("x y trades",)))
    bus.publish(JobChanged("b"))
    assert heard == [JobChanged("a"), JobChanged("b")]


def test_a_subscription_to_the_base_hears_nothing_of_its_kinds() -> None:
    bus = Bus()
    heard: list[Event] = []
    bus.subscribe(Event, heard.append)
    bus.publish(JobChanged("a"))
    assert heard == []


def test_after_unsubscribing_nothing_is_heard_and_doing_it_twice_is_harmless() -> None:
    bus = Bus()
    heard: list[JobChanged] = []
    first = bus.subscribe(JobChanged, heard.append)
    bus.subscribe(JobChanged, heard.append)
    first()
    first()
    bus.publish(JobChanged("a"))
    assert heard == [JobChanged("a")]


@pytest.mark.logs_warnings
def test_a_failing_handler_is_logged_and_does_not_keep_the_event_from_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = Bus()
    heard: list[JobChanged] = []

    def fail(_: JobChanged) -> None:
        raise RuntimeError("no such row")

    bus.subscribe(JobChanged, fail)
    bus.subscribe(JobChanged, heard.append)
    bus.publish(JobChanged("a"))
    assert heard == [JobChanged("a")]
    assert "a handler of JobChanged failed" in caplog.text
    assert "no such row" in caplog.text


def test_a_handler_unsubscribed_by_an_earlier_one_does_not_hear_the_event() -> None:
    bus = Bus()
    heard: list[str] = []
    bus.subscribe(JobChanged, lambda _: drop_second())
    drop_second = bus.subscribe(JobChanged, lambda _: heard.append("second"))
    bus.publish(JobChanged("a"))
    assert heard == []


def test_a_handler_subscribed_while_publishing_hears_the_next_event() -> None:
    bus = Bus()
    heard: list[JobChanged] = []
    bus.subscribe(JobChanged, lambda event: late(event))

    def late(event: JobChanged) -> None:
        if event.job_id == "a":
            bus.subscribe(JobChanged, heard.append)

    bus.publish(JobChanged("a"))
    bus.publish(JobChanged("b"))
    assert heard == [JobChanged("b")]


def test_events_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        JobChanged("a").job_id = "b"  # type: ignore[misc]
