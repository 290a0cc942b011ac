"""Who is asked, and where that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel.analysis.offline import OFFLINE
from tickreel.analysis.servers import chosen_model
from tickreel.errors import UsageError
from tickreel.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.settings import LoadedSettings

_ALLOWED = "[llm]\nallowed_hosts = 'API.deepseek.com, 127.0.0.1:8080'\n"


def _loaded(home: Path, policy: str, **environ: str) -> LoadedSettings:
    path = home.parent / "policy.toml"
    path.write_text(policy, encoding="utf-8")
    return load(home, environ=environ, policy_path=path)


@pytest.mark.parametrize(
    ("url", "model"),
    [("https://api.deepseek.com/v1", "deepseek-chat"), ("http://127.0.0.1:8080/v1", "mine")],
)
def test_a_model_is_asked_where_the_policy_allows_it(home: Path, url: str, model: str) -> None:
    environ = {"TICKREEL_LLM_BASE_URL": url, "TICKREEL_LLM_MODEL": model}
    assert chosen_model(_loaded(home, _ALLOWED, **environ), None) == model


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.openai.com/v1", "api.openai.com"),
        ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        ("https://api.deepseek.com.evil.example/v1", "api.deepseek.com.evil.example"),
        ("https://api.deepseek.com:8443/v1", "api.deepseek.com:8443"),
    ],
)
@pytest.mark.parametrize("named", [None, "gpt-4.1"])
def test_no_model_is_asked_anywhere_else_however_it_was_named(
    home: Path, url: str, host: str, named: str | None
) -> None:
    environ = {
        "TICKREEL_LLM_BASE_URL": url,
        "TICKREEL_LLM_MODEL": "gpt-4.1",
        "TICKREEL_LLM_ALLOWED_HOSTS": host,
    }
    loaded = _loaded(home, _ALLOWED, **environ)
    with pytest.raises(UsageError, match=rf"at {host}: .*policy\.toml, names API\.deepseek\.com"):
        chosen_model(loaded, named)
    assert chosen_model(loaded, OFFLINE) == OFFLINE
    assert chosen_model(_loaded(home, ""), None) == OFFLINE


@pytest.mark.parametrize("written", ["", "https://host", "a b", "a,,b", "user@host"])
def test_what_is_no_list_of_hosts_is_refused(home: Path, written: str) -> None:
    loaded = load(home, environ={}, policy_path=home.parent / "none")
    assert loaded.values.llm.allowed_hosts is None
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(f"[llm]\nallowed_hosts = '{written}'\n", encoding="utf-8")
    (problem,) = load(home, environ={}, policy_path=home.parent / "none").problems
    assert "hosts between commas" in problem
