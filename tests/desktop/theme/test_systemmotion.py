from __future__ import annotations

import plistlib
from typing import TYPE_CHECKING

import pytest

from tickreel_desktop.theme.motion import is_motion_reduced, reduce_motion
from tickreel_desktop.theme.systemmotion import wants_less_motion

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("files", "is_less"),
    [
        ({}, False),
        ({"kdeglobals": "[KDE]\nAnimationDurationFactor=0\n"}, True),
        ({"kdeglobals": "[KDE]\nAnimationDurationFactor=0.5\n"}, False),
        ({"gtk-3.0/settings.ini": "[Settings]\ngtk-enable-animations=false\n"}, True),
        ({"gtk-4.0/settings.ini": "[Settings]\ngtk-enable-animations=1\n"}, False),
        (
            {
                "gtk-4.0/settings.ini": "[Settings]\ngtk-enable-animations=0\n",
                "gtk-3.0/settings.ini": "[Settings]\ngtk-enable-animations=1\n",
            },
            True,
        ),
        ({"kdeglobals": "no ini file", "gtk-4.0/settings.ini": "[Settings]\ngtk-enable-animations=0"}, True),
    ],
)
def test_a_free_desktop_is_read_from_its_files(
    tmp_path: Path, files: dict[str, str], *, is_less: bool
) -> None:
    for name, text in files.items():
        write(tmp_path / "config" / name, text)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert wants_less_motion(platform="linux", environ=environ, folder=tmp_path) is is_less


def test_a_mac_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "Library" / "Preferences" / "com.apple.universalaccess.plist"
    assert not wants_less_motion(platform="darwin", folder=tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(plistlib.dumps({"reduceMotion": True}, fmt=plistlib.FMT_BINARY))
    assert wants_less_motion(platform="darwin", folder=tmp_path)
    path.write_bytes(b"torn")
    assert not wants_less_motion(platform="darwin", folder=tmp_path)


def test_what_the_user_says_stands_above_the_system(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    write(tmp_path / "gtk-4.0" / "settings.ini", "[Settings]\ngtk-enable-animations=0\n")
    try:
        for wish, is_less in ((None, True), (False, False), (True, True)):
            reduce_motion(wish)
            assert is_motion_reduced() is is_less
    finally:
        reduce_motion(False)
