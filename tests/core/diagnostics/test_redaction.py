"""What is private does not leave, and what is not stays readable."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tickreel import logs
from tickreel.diagnostics import Redaction

REDACTION = Redaction("joan", ["/home/joan"])


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("/home/joan/.local/share/tickreel", "~/.local/share/tickreel"),
        ("kept in /home/joan.", "kept in ~."),
        ("/home/joanna/data", "/home/joanna/data"),
        ("/mnt/joan/home", "/mnt/user/home"),
        ("Joan asked", "user asked"),
        ("joan_1 and joanna stay", "joan_1 and joanna stay"),
        ("http://joan:pw@proxy:3128", "http://***@proxy:3128"),
        ("http://token@proxy:3128/", "http://***@proxy:3128/"),
        ("http://u:p@ss@proxy:3128", "http://***@proxy:3128"),
        ("https://host/a?api_key=abc123&x=1", "https://host/a?api_key=***&x=1"),
        ('{"password": "p1"}', '{"password": "***"}'),
        ("Authorization: Bearer TD.abc", "Authorization: Bearer ***"),
        ("tickreel key set tardis", "tickreel key set tardis"),
        ("13:26:36 crossed 12 times", "13:26:36 crossed 12 times"),
    ],
)
def test_text_is_cleaned(text: str, clean: str) -> None:
    assert REDACTION.text(text) == clean


def test_folders_of_windows_are_found_however_their_slashes_are_written() -> None:
    redaction = Redaction("jo", [r"C:\Users\joan"])
    for spelled in (r"C:\Users\joan\x", "C:/Users/joan/x", r"C:\\Users\\joan\\x"):
        assert redaction.text(spelled)[0] == "~"


def test_values_are_cleaned_however_deep_and_keys_are_left() -> None:
    found = REDACTION.value({"joan": ["/home/joan/a", {"where": "/home/joan"}, 3, None], "n": ("joan",)})
    assert found == {"joan": ["~/a", {"where": "~"}, 3, None], "n": ["user"]}


def test_secrets_with_characters_that_json_escapes_are_found_in_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TARDIS_API_KEY", 'TD."quoted\\')
    assert REDACTION.value(['asked with TD."quoted\\']) == ["asked with ***"]


@pytest.mark.parametrize("user", ["", "jo", "root", "User"])
def test_a_name_that_tells_nothing_is_left(user: str) -> None:
    assert Redaction(user, []).text("jo, root, user, User") == "jo, root, user, User"


def test_whoever_runs_the_process_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mira-test")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/mira-test"))
    assert getpass.getuser() == "mira-test"
    assert Redaction.of_user().text("/home/mira-test/x of mira-test") == "~/x of user"


def test_a_home_at_the_top_takes_no_slashes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert Redaction.of_user().text("/srv/data") == "/srv/data"


def test_what_is_hidden_from_the_log_is_hidden_here() -> None:
    logs.hide("kept-in-the-keyring")
    assert REDACTION.text("with kept-in-the-keyring") == "with ***"
