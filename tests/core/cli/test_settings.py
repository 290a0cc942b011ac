"""``tickreel settings``: the same table as the dialog's, at the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tickreel.cli.settings import USAGE, VERBS
from tickreel.settings import SETTINGS, settings_path

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a policy where this machine would have its own."""
    path = tmp_path / "policy.toml"
    for module in ("tickreel.settings.load", "tickreel.settings.file"):
        # By its name the package gives the function of the same name.
        monkeypatch.setattr(sys.modules[module], "machine_policy_path", lambda *_: path)
    return path


def test_every_verb_has_its_usage(program: Any) -> None:
    assert set(VERBS) == set(USAGE)
    for verb in VERBS:
        assert program("settings", verb, "--help").code == 0


def test_all_settings_are_listed_with_where_they_come_from(cli: Any, home: Path) -> None:
    home.mkdir()
    settings_path(home).write_text("[store]\nquota_bytes = 2000000000000\n", encoding="utf-8")
    rows = cli("settings", "list").out.splitlines()
    assert rows[0].split() == ["KEY", "VALUE", "FROM"]
    assert [row.split()[0] for row in rows[1:]] == [each.key for each in SETTINGS]
    (quota,) = [row for row in rows if row.startswith("store.quota_bytes")]
    assert "2 TB" in quota
    assert quota.endswith(f"your file {settings_path(home)}")
    assert len(cli("settings", "list", "store").out.splitlines()) == 6
    wrong = cli("settings", "list", "stores")
    assert (wrong.code, "choose from appearance, store" in wrong.err) == (2, True)


def test_a_value_is_set_with_its_unit_told_and_unset_again(cli: Any, home: Path) -> None:
    done = cli("settings", "set", "store.quota_bytes", "500 GB")
    assert (done.code, done.out) == (0, f"store.quota_bytes: 500 GB (your file {settings_path(home)})\n")
    assert "quota_bytes = 500000000000" in settings_path(home).read_text(encoding="utf-8")
    record = cli("settings", "get", "store.quota_bytes", "--json").json
    assert record["value"] == record["own"] == 500_000_000_000
    assert (record["source"], record["default"], record["locked"]) == ("file", None, False)
    assert cli("settings", "unset", "store.quota_bytes").out == "store.quota_bytes: No limit (default)\n"
    again = cli("settings", "unset", "store.quota_bytes")
    assert (again.code, "has no value of store.quota_bytes" in again.err) == (1, True)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("get", "store.quta_bytes"), "did you mean store.quota_bytes"),
        (("get", "zzz"), "`tickreel settings list` names all"),
        (("set", "appearance.scale_percent", "300"), "a whole number from 80 to 175"),
        (("set", "network.proxy", "http://a:hunter2@b:1"), "not kept in a file"),
    ],
)
def test_what_cannot_be_is_a_usage_error(cli: Any, home: Path, argv: tuple[str, ...], told: str) -> None:
    ran = cli("settings", *argv)
    assert ran.code == 2
    assert told in ran.err
    assert "hunter2" not in ran.err
    assert not settings_path(home).exists()


def test_what_stands_above_the_file_is_told(cli: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_THEME", "dark")
    ran = cli("settings", "set", "appearance.theme", "light")
    assert (ran.code, ran.out) == (0, "appearance.theme: Dark (environment TICKREEL_THEME)\n")
    assert "TICKREEL_THEME is set and stands above your file" in ran.err
    assert "Light in your file, not used" in cli("settings", "get", "appearance.theme").out


def test_a_locked_setting_is_told_with_its_reason_and_not_set(cli: Any, home: Path, policy: Path) -> None:
    cli("settings", "set", "store.trash_days", "7")
    policy.write_text('[store]\nreason = "desk storage, ask infra"\ntrash_days = 90\n', encoding="utf-8")
    record = cli("settings", "get", "store.trash_days", "--json").json
    assert (record["value"], record["own"], record["locked"]) == (90, 7, True)
    assert (record["where"], record["reason"]) == (str(policy), "desk storage, ask infra")
    told = cli("settings", "get", "store.trash_days").out
    assert "desk storage, ask infra" in told
    assert "7 days in your file, not used" in told
    ran = cli("settings", "set", "store.trash_days", "1")
    assert (ran.code, "locked by the policy file" in ran.err) == (2, True)


def test_a_password_of_the_environment_is_shown_nowhere(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_PROXY", "http://desk:hunter2@proxy:3128")
    for argv in (("list",), ("list", "--json"), ("get", "network.proxy"), ("get", "network.proxy", "--json")):
        ran = cli("settings", *argv)
        assert "http://***@proxy:3128" in ran.out
        assert "hunter2" not in ran.out + ran.err
