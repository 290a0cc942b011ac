"""Look once a day whether a newer version is there, for those who want it, and say so."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from tickreel.errors import TickreelError
from tickreel.updates import newest_release
from tickreel_desktop.components import Message, MessageAction, ToastKind
from tickreel_desktop.keeping import KeptFile

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.settings import LoadedSettings
    from tickreel_desktop.telling import Teller

_BETWEEN_S = 24 * 3_600.0
_VERSION = 1
_LOGGER = logging.getLogger(__name__)


class _Looked(msgspec.Struct, frozen=True):
    """When it was last asked, and the newest version that was told of."""

    version: int
    at_s: float
    """Since 1970."""
    told: str = ""


async def look_for_update(home: Path, settings: LoadedSettings, teller: Teller) -> None:
    """Ask if that is wanted and a day has passed; tell of each version once, of trouble only in the log."""
    if not settings.values.updates.check:
        return
    file = KeptFile(home / "desktop" / "updates.json", _Looked, _VERSION)
    kept, problem = await asyncio.to_thread(file.read)
    if problem:
        _LOGGER.warning("%s", problem)
    now_s = time.time()
    if kept is not None and 0 <= now_s - kept.at_s < _BETWEEN_S:
        return
    told = "" if kept is None else kept.told
    try:
        release = await newest_release(settings)
        if release.is_newer and release.newest != told:
            told = release.newest
            text = f"This is {release.installed}. Nothing is installed by itself."
            page = partial(_open, release.page)
            teller.say(
                Message(ToastKind.GOOD, f"Tickreel {release.newest} is there", text),
                [MessageAction("What is new", page)],
            )
        await asyncio.to_thread(file.write, _Looked(_VERSION, now_s, told))
    except TickreelError as error:
        _LOGGER.warning("no newer version could be looked for: %s", error)


def _open(page: str) -> None:
    QDesktopServices.openUrl(QUrl(page))
