"""A strategy is opened in the user's own editor, at the line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.backtests import strategy_file
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.settings.file import save
from tickreel.store import open_cache
from tickreel_desktop.backtest.form.editor import editor_command

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

FILE = Path("/home/me/my strategies/maker.py")


@pytest.mark.parametrize(
    ("wanted", "environ", "installed", "line", "words"),
    [
        (None, {"VISUAL": "code"}, {"code"}, 16, ["code", "-g", f"{FILE}:16"]),
        (None, {"VISUAL": "/opt/code --wait"}, {"/opt/code"}, 3, ["/opt/code", "--wait", "-g", f"{FILE}:3"]),
        (None, {"EDITOR": "vim"}, {"vim", "kate"}, 7, ["kate", "--line", "7", str(FILE)]),
        (None, {"EDITOR": "emacs -nw"}, {"emacs"}, None, None),
        (None, {"EDITOR": "gvim"}, {"gvim"}, None, ["gvim", str(FILE)]),
        (None, {"VISUAL": "code"}, set(), 16, None),
        (None, {}, {"code"}, None, None),
        ("subl", {"VISUAL": "code"}, {"code"}, 5, ["subl", f"{FILE}:5"]),
        ("mine --at {line} {file}", {}, set(), 5, ["mine", "--at", "5", str(FILE)]),
        ("mine", {}, set(), 5, ["mine", str(FILE)]),
    ],
)
def test_the_command_goes_to_the_line_where_the_editor_can(
    wanted: str | None,
    environ: dict[str, str],
    installed: set[str],
    line: int | None,
    words: list[str] | None,
) -> None:
    found = editor_command(FILE, line, wanted, environ, lambda name: name if name in installed else None)
    assert found == words


@pytest.mark.long
def test_one_press_starts_the_editor_that_is_set(qapp: QApplication, home: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.txt"
    script = tmp_path / "editor.py"
    script.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).write_text('|'.join(sys.argv[2:]))\n")
    strategy = strategy_file(tmp_path)

    async def journey() -> None:
        with open_cache(home) as cache:
            save(home, {"backtest.editor": f'"{sys.executable}" "{script}" "{told}" {{line}} {{file}}'})
            async with desk_over(cache) as desk:
                desk.backtest_control.form.open_file(strategy, 12)
                await until(lambda: told.exists() and bool(told.read_text()))
                assert told.read_text() == f"12|{strategy}"
                save(home, {"backtest.editor": str(tmp_path / "gone")})
                desk.backtest_control.form.open_file(strategy, 12)
                await until(lambda: bool(desk.window.toasts.kept()))
                assert "backtest.editor" in desk.window.toasts.kept()[0].message.text

    run_on_qt(qapp, journey())
