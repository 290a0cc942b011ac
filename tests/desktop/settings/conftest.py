"""A store of passwords in memory: no test of the dialog sees the developer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.memorykeyring import MemoryKeyring, keyring_of

from tickreel.keys import KeyName, forget_for_session

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def store() -> Iterator[MemoryKeyring]:
    memory = MemoryKeyring()
    with keyring_of(memory):
        yield memory
    forget_for_session(KeyName.TARDIS)
