"""The whole window over a real cache, as the program builds it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tickreel.logs import Ring
from tickreel.settings import Settings
from tickreel_desktop.desk import Desk
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from tickreel.store import Cache


def make_desk(cache: Cache, theme: Theme | None = None, *, flags: Mapping[str, object] | None = None) -> Desk:
    """Build everything; it still has to begin."""
    return Desk(cache, theme or Theme(ThemeMode.DARK), DisplayZone(), Settings(), Ring(), flags=flags)


@asynccontextmanager
async def desk_over(cache: Cache, *, flags: Mapping[str, object] | None = None) -> AsyncIterator[Desk]:
    """Show the window as after a start, active, and take it down; *flags* as of the command line."""
    desk = make_desk(cache, flags=flags)
    try:
        await desk.begin((1280, 800))
        await made_active(desk)
        yield desk
    finally:
        await desk.close()


async def until(holds: Callable[[], bool]) -> None:
    """Turn the loop until something holds; the loop's own guard ends a wait that never does."""
    while not holds():
        await asyncio.sleep(0.01)


async def import_previewed(desk: Desk) -> None:
    """Wait until what was dropped is checked and shown, and import what can be imported."""
    await until(lambda: desk.previews.dialog is not None and desk.previews.dialog.isVisible())
    dialog = desk.previews.dialog
    assert dialog is not None
    await until(dialog.import_button.isEnabled)
    dialog.import_button.click()


async def import_of_one_begun(desk: Desk) -> None:
    """Wait until a file that was dropped is imported by itself; a check that takes long is shown first."""

    def is_shown() -> bool:
        dialog = desk.previews.dialog
        return dialog is not None and dialog.isVisible() and dialog.import_button.isEnabled()

    await until(lambda: bool(desk.running()) or is_shown())
    if desk.previews.dialog is not None and is_shown():
        desk.previews.dialog.import_button.click()
        await until(lambda: bool(desk.running()))


async def made_active(desk: Desk) -> None:
    """Wait until keys go to the window; a window manager would see to it."""
    desk.window.activateWindow()
    await until(desk.window.isActiveWindow)
