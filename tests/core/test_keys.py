"""Keys come from the environment or the system's store, and are never shown."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, ClassVar

import keyring
import pytest
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from support.memorykeyring import MemoryKeyring, keyring_of

from tickreel import logs
from tickreel.cli.main import main
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.keys import (
    Key,
    KeyName,
    KeyOrigin,
    delete_key,
    find_key,
    forget_for_session,
    keep_for_session,
    keyring_name,
    set_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyring.backend import KeyringBackend


def test_no_test_reads_the_store_of_whoever_runs_it() -> None:
    assert isinstance(keyring.get_keyring(), null.Keyring)


@pytest.fixture
def store() -> Iterator[MemoryKeyring]:
    memory = MemoryKeyring()
    with keyring_of(memory):
        yield memory


@pytest.fixture
def no_store() -> Iterator[None]:
    with keyring_of(fail.Keyring()):  # type: ignore[no-untyped-call]
        yield


def test_the_environment_stands_above_the_store(store: MemoryKeyring) -> None:
    assert find_key(KeyName.TARDIS, {}).origin is KeyOrigin.NONE
    set_key(KeyName.TARDIS, " TD.abc123\n")
    assert store.kept == {("tickreel", "tardis"): "TD.abc123"}
    found = find_key(KeyName.TARDIS, {})
    assert (found.value, found.origin) == ("TD.abc123", KeyOrigin.KEYRING)
    told = find_key(KeyName.TARDIS, {"TARDIS_API_KEY": "TD.other"})
    assert (told.value, told.origin) == ("TD.other", KeyOrigin.ENVIRONMENT)
    assert find_key(KeyName.LLM, {}).value is None


def test_a_key_for_the_session_stands_between_environment_and_store(store: MemoryKeyring) -> None:
    set_key(KeyName.TARDIS, "TD.kept")
    keep_for_session(KeyName.TARDIS, " TD.for-now\n")
    try:
        found = find_key(KeyName.TARDIS, {})
        assert (found.value, found.origin) == ("TD.for-now", KeyOrigin.SESSION)
        assert find_key(KeyName.TARDIS, {"TARDIS_API_KEY": "TD.other"}).origin is KeyOrigin.ENVIRONMENT
        assert find_key(KeyName.LLM, {}).origin is KeyOrigin.NONE
        assert "for-now" not in logs.redact("sent TD.for-now")
        with pytest.raises(UsageError, match="nothing was changed"):
            keep_for_session(KeyName.TARDIS, "two words")
    finally:
        assert forget_for_session(KeyName.TARDIS)
    assert not forget_for_session(KeyName.TARDIS)
    assert find_key(KeyName.TARDIS, {}).value == "TD.kept"
    assert list(store.kept.values()) == ["TD.kept"]


def test_only_the_end_of_a_long_key_is_told() -> None:
    assert Key("TD.abcdefghijklm4f1c", KeyOrigin.KEYRING).ending == "4f1c"
    assert Key("TD.short4f1c", KeyOrigin.KEYRING).ending == ""
    assert Key(None, KeyOrigin.NONE).ending == ""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keyring.backends.SecretService", "Secret Service"),
        ("keyring.backends.Windows", "Windows Credential Locker"),
        ("keyring.backends.macOS", "macOS Keychain"),
    ],
)
def test_the_store_is_named_as_people_know_it(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    monkeypatch.setattr(MemoryKeyring, "__module__", module)
    assert keyring_name() == name


def test_a_key_is_shown_by_nothing(store: MemoryKeyring) -> None:
    set_key(KeyName.TARDIS, "TD.hidden-one")
    found = find_key(KeyName.TARDIS, {})
    assert "hidden-one" not in repr(found)
    assert "hidden-one" not in logs.redact("sent TD.hidden-one to somebody")


@pytest.mark.parametrize("secret", ["", "  ", "two words", "pässword", "line\nbreak"])
def test_what_is_no_key_is_not_kept(store: MemoryKeyring, secret: str) -> None:
    with pytest.raises(UsageError, match="nothing was changed"):
        set_key(KeyName.TARDIS, secret)
    assert not store.kept


def test_a_locked_store_is_as_none_for_reading_and_says_so_for_writing(store: MemoryKeyring) -> None:
    store.is_locked = True
    assert find_key(KeyName.TARDIS, {}).value is None
    with pytest.raises(EnvironmentProblem, match="unlock it, or set TARDIS_API_KEY") as caught:
        set_key(KeyName.TARDIS, "TD.not-shown")
    assert "not-shown" not in str(caught.value)


def test_deleting_tells_whether_there_was_one(store: MemoryKeyring) -> None:
    set_key(KeyName.TARDIS, "TD.abc123")
    assert delete_key(KeyName.TARDIS)
    assert not delete_key(KeyName.TARDIS)


def test_without_a_store_the_environment_is_named_as_the_way(no_store: None) -> None:
    assert keyring_name() is None
    assert find_key(KeyName.TARDIS, {}).value is None
    with pytest.raises(EnvironmentProblem, match="set TARDIS_API_KEY in the environment"):
        set_key(KeyName.TARDIS, "TD.abc123")


class _PlainFile(MemoryKeyring):
    """Stands for a store that keeps passwords in a file for anybody to read."""

    __module__ = "keyrings.alt.file"


class _Chain(ChainerBackend):
    """Several stores, asked in turn."""

    backends: ClassVar[list[KeyringBackend]] = []


@pytest.mark.parametrize("make", [null.Keyring, fail.Keyring, _PlainFile])
def test_what_keeps_no_secret_is_no_store(store: MemoryKeyring, make: type[KeyringBackend]) -> None:
    keyring.set_keyring(make())
    assert keyring_name() is None
    assert find_key(KeyName.TARDIS, {}).value is None
    with pytest.raises(EnvironmentProblem, match="no store of passwords"):
        set_key(KeyName.TARDIS, "TD.abc123")


def test_of_several_stores_the_first_is_used_that_is_one(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = _PlainFile()
    monkeypatch.setattr(_Chain, "backends", [plain, store])
    keyring.set_keyring(_Chain())  # type: ignore[no-untyped-call]  # as keyring has it
    set_key(KeyName.TARDIS, "TD.abc123")
    assert (plain.kept, store.kept) == ({}, {("tickreel", "tardis"): "TD.abc123"})
    assert find_key(KeyName.TARDIS, {}).origin is KeyOrigin.KEYRING


def test_a_terminal_is_asked_without_showing_what_is_typed(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def hidden(prompt: str) -> str:
        asked.append(prompt)
        return "TD.typed"

    terminal = io.StringIO("shown\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", hidden)
    assert main(["key", "set", "tardis"]) == 0
    assert store.kept == {("tickreel", "tardis"): "TD.typed"}
    assert len(asked) == 1


def test_a_key_is_no_argument(store: MemoryKeyring) -> None:
    assert main(["key", "set", "tardis", "TD.abc123"]) == 2
    assert store.kept == {}


def test_a_key_that_is_given_for_a_host_is_found_for_no_other(store: MemoryKeyring) -> None:
    set_key(KeyName.LLM, "sk-of-one", host="one.example")
    keep_for_session(KeyName.LLM, "sk-of-two", host="two.example:8443")
    try:
        assert find_key(KeyName.LLM, {}, host="one.example").value == "sk-of-one"
        assert find_key(KeyName.LLM, {}, host="two.example:8443").value == "sk-of-two"
        for other in ("three.example", "two.example", ""):
            assert find_key(KeyName.LLM, {}, host=other).origin is KeyOrigin.NONE
        told = find_key(KeyName.LLM, {"TICKREEL_LLM_API_KEY": "sk-told"}, host="three.example")
        assert (told.value, told.origin) == ("sk-told", KeyOrigin.ENVIRONMENT)
        assert not delete_key(KeyName.LLM, host="two.example")
        assert not forget_for_session(KeyName.LLM, host="one.example")
        assert delete_key(KeyName.LLM, host="one.example")
    finally:
        assert forget_for_session(KeyName.LLM, host="two.example:8443")


def test_the_command_keeps_the_key_of_a_model_for_the_server_that_is_set(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_BASE_URL", "https://API.openai.com/v1")
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-from-stdin\n"))
    assert main(["key", "set", "llm"]) == 0
    assert store.kept == {("tickreel", "llm@api.openai.com"): "sk-from-stdin"}
    assert "llm of api.openai.com: from" in capsys.readouterr().out
    monkeypatch.setenv("TICKREEL_LLM_BASE_URL", "https://api.deepseek.com/v1")
    assert main(["key", "status", "llm"]) == 0
    assert "llm of api.deepseek.com: none" in capsys.readouterr().out
    assert main(["key", "delete", "llm"]) == 1
    assert "no key llm of api.deepseek.com" in capsys.readouterr().err
    assert store.kept


def test_the_command_takes_a_key_from_stdin_and_never_prints_it(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("TD.from-stdin\n"))
    assert main(["key", "set", "tardis"]) == 0
    assert store.kept == {("tickreel", "tardis"): "TD.from-stdin"}
    assert main(["key", "status", "--json"]) == 0
    printed = capsys.readouterr()
    assert "from-stdin" not in printed.out + printed.err
    status = json.loads(printed.out[printed.out.index("[") :])
    assert [(one["name"], one["origin"]) for one in status] == [
        ("tardis", "keyring"),
        ("llm", "none"),
        ("redis", "none"),
        ("serve", "none"),
    ]
    assert main(["key", "delete", "tardis"]) == 0
    assert main(["key", "delete", "tardis"]) == 1
    assert main(["key", "status", "tardi"]) == 2
