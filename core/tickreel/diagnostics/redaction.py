"""The one way in which text leaves for strangers: without secrets, user name and home folder."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tickreel.logs import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANK = "***"
_USER = "user"
_SHORTEST_NAME = 3  # what is shorter stands in too many words

_URL_USER = re.compile(r"([a-z][a-z0-9+.-]{0,20}://)[^\s/?#]+@", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"\b((?:api[_-]?key|access[_-]?key|secret|token|password|passwd|authorization)[\"']?\s*[=:]\s*[\"']?)"
    r"(?!bearer\b|\*\*\*)[^\s\"',;&]+",
    re.IGNORECASE,
)


class Redaction:
    """Take out of text what must not leave this machine.

    That is what :func:`tickreel.logs.redact` blanks, users inside URLs, values that are named as
    secrets, *folders* (given as ``~``) and the *user*'s name.
    """

    def __init__(self, user: str, folders: Iterable[str]) -> None:
        spellings = {
            spelling
            for folder in folders
            for spelling in (folder, folder.replace("\\", "/"), folder.replace("\\", "\\\\"), quote(folder))
        }
        flags = re.IGNORECASE if os.name == "nt" else re.NOFLAG
        # The longest first: one may lie inside the other.
        ordered = sorted(spellings, key=len, reverse=True)
        self._folders = [re.compile(rf"{re.escape(each)}(?![\w-])", flags) for each in ordered]
        is_telling = len(user) >= _SHORTEST_NAME and user.lower() not in (_USER, "root")
        self._user = re.compile(rf"(?<!\w){re.escape(user)}(?!\w)", re.IGNORECASE) if is_telling else None

    @classmethod
    def of_user(cls) -> Redaction:
        """Make the one for whoever runs this process."""
        return cls(_user_name(), _home_folders())

    def text(self, text: str) -> str:
        """Clean a text."""
        text = _URL_USER.sub(rf"\1{_BLANK}@", redact(text))
        text = _NAMED_SECRET.sub(rf"\1{_BLANK}", text)
        for folder in self._folders:
            text = folder.sub("~", text)
        return text if self._user is None else self._user.sub(_USER, text)

    def value(self, value: Any) -> Any:
        """Clean every text inside lists and mappings, however deep; names of keys are ours and stay."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self.value(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.value(inner) for inner in value]
            case _:
                return value


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # a number that no list of users knows
        return ""


def _home_folders() -> set[str]:
    try:
        home = Path.home()
    except RuntimeError:  # the system names none
        return set()
    # A home at the top, as services have it, would take the slash out of every path.
    return {str(each) for each in (home, home.resolve()) if len(each.parts) > 1}
