from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QPushButton
from support.accessibility import nameless_controls
from support.qtloop import run_on_qt

from tickreel import __version__
from tickreel_desktop.help import AboutDialog
from tickreel_desktop.help.licences import PartModel
from tickreel_desktop.help.parts import Part, bundled_parts, part_names, read_own, read_parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

HOME = Path("/data/tickreel")
OWN = Part("tickreel", "1.0", "Apache-2.0", "LICENSE\n\nApache text")
PARTS = (Part("numpy", "2.0", "BSD-3-Clause", "numpy text"), Part("shiboken6", "6", "LGPL-3.0-only", ""))
WRITTEN = """Metadata-Version: 2.4
Name: {name}
Version: 1.0
"""


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> AboutDialog:
    made = AboutDialog(theme, HOME)
    qtbot.addWidget(made)
    made.open()
    return made


def ship(folder: Path, name: str, more: str, files: dict[str, str]) -> None:
    """Install a distribution that has nothing but its metadata."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(WRITTEN.format(name=name) + more + "\n")
    record = ["METADATA"]
    for path, text in files.items():
        (info / path).parent.mkdir(parents=True, exist_ok=True)
        (info / path).write_text(text)
        record.append(path)
    (info / "RECORD").write_text("".join(f"{info.name}/{path},,\n" for path in record))


def test_it_tells_versions_and_home_and_copies_them(dialog: AboutDialog) -> None:
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = dict(line.split(": ", 1) for line in QGuiApplication.clipboard().text().splitlines())
    assert copied["Tickreel"] == __version__
    assert copied["Python"] == platform.python_version()
    assert copied["Qt"] == qVersion()
    assert copied["Home"] == str(HOME)
    assert set(copied) == {"Tickreel", "Python", "Qt", "PySide6", "System", "Home"}
    assert dialog.said() == "Copied"


def test_every_control_has_an_accessible_name(dialog: AboutDialog) -> None:
    dialog.show_parts(OWN, PARTS)
    assert nameless_controls(dialog) == []


def test_licences_are_read_off_the_ui_thread_and_listed(dialog: AboutDialog, qapp: QApplication) -> None:
    assert dialog.licences.note() == "Reading what is installed"
    run_on_qt(qapp, dialog.load())
    names = [part.name for part in dialog.licences.model.shown]
    assert names[:6] == ["tickreel", "Qt", "Inter", "JetBrains Mono", "Phosphor icons", "Python"]
    assert {"PySide6_Essentials", "shiboken6", "numpy", "pyarrow", "qasync", "pyqtgraph"} <= set(names)
    assert dialog.licences.note() == f"{len(names)} parts"
    assert "Apache License" in dialog.licences.text.toPlainText()


def test_a_part_is_found_and_its_text_read(dialog: AboutDialog) -> None:
    dialog.show_parts(OWN, PARTS)
    dialog.licences.filter.setText("bsd num")
    assert [part.name for part in dialog.licences.model.shown] == ["numpy"]
    assert dialog.licences.text.toPlainText() == "numpy text"
    dialog.licences.filter.setText("zzyx")
    assert dialog.licences.text.toPlainText() == ""
    assert dialog.licences.note() == "0 of 8 parts"


def test_a_part_without_a_text_gets_none_invented(dialog: AboutDialog) -> None:
    dialog.show_parts(OWN, PARTS)
    dialog.licences.show_part("shiboken6")
    text = dialog.licences.text.toPlainText()
    assert "ships no text of its licence" in text
    assert "LGPL-3.0-only" in text


@pytest.mark.parametrize(
    ("part", "words"), [("tickreel", "Apache text"), ("Qt", "GNU LESSER GENERAL PUBLIC")]
)
def test_a_button_leads_to_the_licence(dialog: AboutDialog, part: str, words: str) -> None:
    dialog.show_parts(OWN, PARTS)
    button = dialog.findChild(QPushButton, f"read.{part}")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dialog.tabs.currentWidget() is dialog.licences
    assert words in dialog.licences.text.toPlainText()


def test_a_build_without_metadata_says_that_the_list_is_not_complete(dialog: AboutDialog) -> None:
    dialog.show_parts(None, ())
    assert [part.name for part in dialog.licences.model.shown][:1] == ["Qt"]
    assert "not complete" in dialog.licences.note()


def test_what_ships_inside_has_its_texts() -> None:
    for part in bundled_parts("6.0"):
        assert len(part.text) > 1000, part.name
    assert "Version 3, 29 June 2007" in bundled_parts("6.0")[0].text


def test_the_packages_are_those_the_desktop_needs_and_no_tools_of_its_makers() -> None:
    parts = read_parts()
    assert len(parts) == len(part_names())
    names = {part.name.lower() for part in parts}
    assert {"httpcore", "anyio", "llvmlite"} <= names  # by way of httpx and numba
    assert not {"pytest", "mypy", "ruff", "hatchling", "tickreel"} & names
    for part in parts:
        assert part.version
        assert part.licence
    own = read_own()
    assert own is not None
    assert (own.licence, own.version) == ("Apache-2.0", __version__)
    assert "Apache License" in own.text


@pytest.mark.parametrize(
    ("more", "licence"),
    [
        ("License-Expression: MIT\nLicense: other", "MIT"),
        ("License: BSD\nClassifier: License :: OSI Approved :: BSD License", "BSD"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT License"),
        ("License: A whole text\n        of many lines\nClassifier: License :: OSI Approved :: X", "X"),
        ("", "not named by its metadata"),
    ],
)
def test_a_licence_is_what_the_metadata_declare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, licence: str
) -> None:
    ship(tmp_path, "tickreel", "Requires-Dist: thing>=1", {})
    ship(
        tmp_path, "thing", more, {"licenses/LICENSE": "one", "NOTICE.txt": "two", "licenses/sub/MIT": "three"}
    )
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    (part,) = read_parts()
    assert (part.name, part.licence) == ("thing", licence)
    assert part.text.split("\n\n\n") == ["LICENSE\n\none", "NOTICE.txt\n\ntwo", "sub/MIT\n\nthree"]


def test_extras_count_only_where_tickreel_asks_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = "Requires-Dist: a\nRequires-Dist: b; extra == 'desktop'\nRequires-Dist: c; extra == 'other'"
    ship(tmp_path, "tickreel", wanted, {})
    ship(tmp_path, "a", "Requires-Dist: d (>=1) ; extra == 'desktop'\nRequires-Dist: gone", {})
    for name in "bcd":
        ship(tmp_path, name, "", {})
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert part_names() == ("a", "b")


def test_without_any_metadata_nothing_is_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert (read_own(), read_parts(), part_names()) == (None, (), ())


def test_the_list_is_a_sound_model(qtbot: QtBot) -> None:
    model = PartModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.replace(PARTS)
    assert [model.index(0, column).data() for column in range(3)] == ["numpy", "2.0", "BSD-3-Clause"]
    model.set_filter("lgpl")
    assert (model.rowCount(), model.count) == (1, 2)
