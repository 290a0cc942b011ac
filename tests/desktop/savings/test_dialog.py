"""What the figures rest on, and plan and prices typed in: checked as the command line checks them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from support.accessibility import nameless_controls
from support.storedhome import StoredHome

from tickreel.cli.main import main
from tickreel.fetch.economics import PRESETS, PriceTable, Rates, adopt, read_prices
from tickreel.filesystem import Disk
from tickreel.store import open_cache
from tickreel_desktop.savings import SavingsDialog, read_figures

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, zone: DisplayZone, home: Path) -> SavingsDialog:
    stored = StoredHome(home)
    stored.store(0)
    stored.close()
    made = SavingsDialog(theme, zone, home)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    renew(made, home)
    made.show()
    return made


def renew(dialog: SavingsDialog, home: Path) -> None:
    with open_cache(home) as cache:
        dialog.show_figures(read_figures(cache))


def type_in(dialog: SavingsDialog, **texts: str) -> None:
    for name, text in texts.items():
        dialog.form.fields[name].clear()
        QTest.keyClicks(dialog.form.fields[name], text)


def test_every_figure_says_what_it_rests_on(dialog: SavingsDialog) -> None:
    rests = {name: (value, rest) for name, value, rest in dialog.rests.texts()}
    assert rests["Vendor calls avoided"][0] == "None yet"
    assert rests["Spent"][0] == "Nothing fetched yet"
    assert rests["Money avoided"][1].startswith("No price is set")
    assert rests["Payback"][0] == "no plan with a price is set"
    assert all(rest for _, rest in rests.values())
    dialog.tabs.setCurrentWidget(dialog.claims)
    claims = {row[0]: row[1:] for row in dialog.claims.texts()}
    assert claims["Cost of a billion ticks"][:3] == ("$6\u2009500 → $950 a month", "85.4 %", "Not measured")
    assert "nothing was fetched here yet" in claims["Cost of a billion ticks"][4]
    assert nameless_controls(dialog) == []


def test_what_is_typed_is_checked_and_kept_as_the_command_does_it(
    dialog: SavingsDialog, tmp_path: Path
) -> None:
    dialog.show_plan()
    assert not dialog.save_button.isEnabled()
    type_in(dialog, usd_per_gb="-1", usd_per_month="49", storage_bytes="much")
    assert dialog.form.problem("usd_per_gb") == "'-1' is not accepted; write a number of US dollars from 0 on"
    assert "500 GB" in dialog.form.problem("storage_bytes")
    assert dialog.form.problem("name") == "give the plan a name"
    assert not dialog.save_button.isEnabled()

    starter = dialog.findChild(QPushButton, "plan.starter")
    assert starter is not None
    QTest.mouseClick(starter, Qt.MouseButton.LeftButton)
    type_in(dialog, usd_per_gb="0.25", storage_bytes="1.5 TB")
    wanted: list[PriceTable] = []
    dialog.plan_wanted.connect(wanted.append)
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    (table,) = wanted
    plan = table.plan
    assert plan is not None
    assert (plan.name, plan.calls_per_month, plan.storage_bytes) == ("Starter", 1_000_000, 1_500_000_000_000)
    assert table.rates == Rates(usd_per_gb=0.25)

    words = shlex.split(dialog.form.command())[1:]
    assert main([*words, "--home", str(tmp_path / "other")]) == 0
    typed = read_prices(tmp_path / "other")
    assert (typed.plan, typed.rates) == (plan, table.rates)


def test_what_is_being_typed_stays_when_figures_come(dialog: SavingsDialog, home: Path) -> None:
    dialog.show_plan()
    type_in(dialog, usd_per_gb="0.25")
    assert dialog.status() == "Not saved yet"
    renew(dialog, home)
    assert dialog.form.fields["usd_per_gb"].text() == "0.25"
    adopt(home, PriceTable(PRESETS["professional"]), Disk())
    renew(dialog, home)
    assert dialog.form.fields["name"].text() == "Professional"
    assert dialog.form.fields["storage_bytes"].text() == "100 GB"
    assert dialog.form.facts.value("Storage in use").endswith("of a quota of 100.0 GB")
    assert dialog.remove_button.isEnabled()


def test_a_wrong_price_file_is_told_and_left_alone(dialog: SavingsDialog, home: Path) -> None:
    (home / "prices.toml").write_text("[rates]\nusd_per_gb = 'much'\n")
    renew(dialog, home)
    dialog.show_plan()
    assert dialog._problem.isVisible()
    assert "line 2: rates.usd_per_gb" in dialog._problem.text()
    assert not dialog.form.isEnabled()
    assert not dialog.save_button.isEnabled()
    assert not dialog.remove_button.isEnabled()
