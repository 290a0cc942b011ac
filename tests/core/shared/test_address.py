"""The address of a shared cache: what it may be, and what is said of one that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel.errors import UsageError
from tickreel.settings import load
from tickreel.shared.address import read_address

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://cache", "redis://cache:6379/0"),
        ("redis://10.0.0.7:7000/3", "redis://10.0.0.7:7000/3"),
        ("rediss://cache.desk:6380/", "rediss://cache.desk:6380/0"),
        ("redis://[::1]:7000", "redis://[::1]:7000/0"),
        ("redis://a:7000,b:7001,c", "redis://a:7000,b:7001,c:6379/0"),
        ("unix:///run/redis/redis.sock?db=2", "unix:///run/redis/redis.sock"),
    ],
)
def test_an_address_reads_as_it_is_written(url: str, told: str) -> None:
    assert str(read_address(url)) == told


def test_user_and_password_are_taken_and_never_shown() -> None:
    address = read_address("rediss://desk:p%40ss%3Aword@cache:6380/1")
    assert (address.username, address.password, address.db) == ("desk", "p@ss:word", 1)
    assert "word" not in f"{address} {address!r}"
    assert read_address("redis://:only@cache").username is None


@pytest.mark.parametrize(
    "url",
    [
        "http://cache:6379",
        "cache:6379",
        "redis://",
        "redis://cache:0",
        "redis://cache:99999",
        "redis://cache:port",
        "redis://cache/zero",
        "redis://cache?decode_responses=true",
        "redis://a,b/1",
        "unix://relative",
        "",
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(UsageError, match=r"redis://|unix:///|number|option"):
        read_address(url)


def test_a_refused_address_shows_no_password() -> None:
    with pytest.raises(UsageError) as told:
        read_address("http://desk:secret@cache")
    assert "secret" not in str(told.value)


def test_a_password_in_a_settings_file_is_refused_and_taken_from_the_environment(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('[shared]\nurl = "redis://:secret@cache"\n', "utf-8")
    loaded = load(home, environ={})
    assert loaded.values.shared.url is None
    (problem,) = loaded.problems
    assert "TICKREEL_REDIS_URL" in problem
    assert "secret" not in problem
    told = load(home, environ={"TICKREEL_REDIS_URL": "redis://:secret@cache"}).values.shared
    assert told.url == "redis://:secret@cache"
    assert told.is_used
    environ = {"TICKREEL_REDIS_URL": "redis://cache", "TICKREEL_TIERS": "local"}
    assert not load(home, environ=environ).values.shared.is_used


def test_the_defaults_are_those_of_the_founding_article(home: Path) -> None:
    shared = load(home, environ={}).values.shared
    assert (shared.pool, shared.timeout_s, shared.connect_timeout_s) == (100, 5, 3)
    assert (shared.ttl_s, shared.compress_from_bytes) == (86_400, 1_024)
    assert (shared.failures, shared.recovery_s) == (5, 30)
    assert not shared.is_used
