"""Whether a newer version is there, asked of a real server."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from support.releasepage import ReleasePage, release_page, told_release

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.settings import load
from tickreel.updates import newest_release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.settings import LoadedSettings


@pytest.fixture
def page() -> Iterator[ReleasePage]:
    with release_page() as server:
        yield server


def _loaded(home: Path, url: str, policy: str = "") -> LoadedSettings:
    path = home.parent / "policy.toml"
    path.write_text(policy, encoding="utf-8")
    return load(home, environ={"TICKREEL_UPDATES_URL": url}, policy_path=path)


@pytest.mark.parametrize(
    ("tag", "is_newer"),
    [("v99.0.0", True), ("99", True), ("v0.0.9", False), (f"v{version('tickreel')}", False)],
)
def test_the_newest_is_told_beside_the_installed(
    home: Path, page: ReleasePage, tag: str, is_newer: bool
) -> None:
    page.body = told_release(tag)
    release = asyncio.run(newest_release(_loaded(home, page.url)))
    assert (release.installed, release.newest) == (version("tickreel"), tag.removeprefix("v"))
    assert release.is_newer is is_newer
    assert release.page == "https://releases.example/new"
    (headers,) = page.asked
    assert not {name.lower() for name in headers} & {"authorization", "cookie"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        told_release("newest"),
        told_release("v1.2", "javascript:alert(1)"),
        told_release("v1.2", "file:///etc/passwd"),
        b"[" * 5_000,
        b" " * 1_000_001,
    ],
)
def test_what_does_not_tell_of_a_release_is_told_with_its_address(
    home: Path, page: ReleasePage, body: bytes
) -> None:
    page.body = body
    with pytest.raises(EnvironmentProblem, match="does not tell of a release") as told:
        asyncio.run(newest_release(_loaded(home, page.url)))
    assert page.url in str(told.value)


def test_a_server_that_fails_istold_release(home: Path, page: ReleasePage) -> None:
    page.status = 503
    with pytest.raises(EnvironmentProblem, match="503"):
        asyncio.run(newest_release(_loaded(home, page.url)))
    with pytest.raises(EnvironmentProblem, match="was asked for the newest version"):
        asyncio.run(newest_release(_loaded(home, "http://127.0.0.1:9/newest.json")))


def test_a_policy_turns_checks_off_for_all(home: Path, page: ReleasePage) -> None:
    page.body = told_release("v99.0.0")
    with pytest.raises(UsageError, match="turned off"):
        asyncio.run(newest_release(_loaded(home, page.url, "[updates]\ncheck = false\n")))
    assert page.asked == []
    on = _loaded(home, page.url, "[updates]\ncheck = true\n")
    assert asyncio.run(newest_release(on)).is_newer
