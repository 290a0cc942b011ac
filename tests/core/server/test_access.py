"""Who may ask the replay server: names, origins and tokens as browsers and others write them."""

from __future__ import annotations

import pytest

from tickreel.server.access import LOOPBACK, Gate, Refused, is_loopback


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "localhost", "localhost:8000", "[::1]:8000", "192.168.1.5:8000", "ours.example:8000"],
)
def test_whoever_asks_by_address_or_by_a_name_of_ours_is_answered(host: str) -> None:
    gate = Gate(names=frozenset({"ours.example"}))
    gate.check({"Host": host}, None)
    gate.check({"Host": host, "Origin": f"http://{host}"}, None)


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:80"),
        *("[::1", "127.1", "2130706433", "0x7f.1", "\udcff", "127.0.0.1@evil.example", "::1]", "a" * 9_000),
    ],
)
def test_only_addresses_and_names_of_ours_are_answered(host: str) -> None:
    with pytest.raises(Refused) as told:
        Gate(names=frozenset({"ours.example"})).check({"Host": host}, None)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "http://evil.example", "http://127.0.0.1:9000", "http://[::1", "file://", "http://"),
        *("https://evil.example:8000", "http://127.0.0.1:8000.evil.example", "\udcff", "127.0.0.1:8000"),
    ],
)
def test_pages_of_others_are_refused_however_they_name_themselves(origin: str) -> None:
    with pytest.raises(Refused, match="may not ask"):
        Gate().check({"Host": "127.0.0.1:8000", "Origin": origin}, None)


@pytest.mark.parametrize(
    "given", ["", "t0ke", "t0ken0", "T0KEN", "\udcff\udcfe", "é", "t0ken\udc80", "a" * 100_000]
)
def test_a_token_is_compared_whatever_was_sent(given: str) -> None:
    gate = Gate(token="t0ken")
    headers = {"Host": "127.0.0.1:8000"}
    for asked, in_query in (
        (headers, given),
        (headers | {"Authorization": f"Bearer {given}"}, None),
        (headers, None),
    ):
        with pytest.raises(Refused, match="needs its token"):
            gate.check(asked, in_query)
    with pytest.raises(Refused):  # a header that is wrong is not made up for by the address
        gate.check(headers | {"Authorization": f"Bearer {given}"}, "t0ken")
    gate.check(headers, "t0ken")
    gate.check(headers | {"Authorization": "bearer t0ken"}, None)


def test_no_representation_shows_the_token() -> None:
    assert "t0ken" not in repr(Gate(token="t0ken"))


def test_what_is_reached_from_this_machine_alone() -> None:
    assert all(map(is_loopback, (LOOPBACK, "localhost", "::1", "127.8.8.8")))
    assert not any(
        map(is_loopback, ("0.0.0.0", "::", "192.168.1.5", "example.com", "", "127.0.0.1.evil.example"))
    )
