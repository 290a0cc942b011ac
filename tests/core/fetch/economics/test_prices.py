"""The price table: what is typed in comes back, and what is wrong is told with its line."""

from __future__ import annotations

import errno
import tomllib
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.faultydisk import FaultyDisk

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.fetch.economics.pricefile import prices_path, read_prices, remove_prices, save_prices
from tickreel.fetch.economics.prices import (
    FIGURES,
    PRESETS,
    Plan,
    PriceTable,
    Rates,
    WrittenQuota,
    changed,
    checked_name,
    format_usd,
)
from tickreel.filesystem import Disk
from tickreel.market.units import MINUS, THIN_SPACE

if TYPE_CHECKING:
    from pathlib import Path

OF = {figure.name: figure for figure in FIGURES}


def test_the_presets_are_the_plans_of_the_article() -> None:
    starter, professional, enterprise = PRESETS.values()
    assert starter == Plan("Starter", 49, 1_000_000, 10_000_000_000)
    assert professional == Plan("Professional", 199, 5_000_000, 100_000_000_000)
    assert enterprise == Plan("Enterprise", 499, None, 1_000_000_000_000)


def test_without_a_file_nothing_is_known(home: Path) -> None:
    assert read_prices(home) == PriceTable()
    assert read_prices(home).plan is None
    assert read_prices(home).rates.is_empty


_USD = st.none() | st.floats(0, 1e15, allow_subnormal=False) | st.integers(0, 10**9).map(float)
_WHOLE = st.none() | st.integers(0, 2**63 - 1)
_NAME = st.text(min_size=1, max_size=80).filter(lambda text: text.isprintable() and text == text.strip())
_TABLES = st.builds(
    PriceTable,
    plan=st.none() | st.builds(Plan, _NAME, _USD, _WHOLE, _WHOLE),
    rates=st.builds(Rates, _USD, _USD, _USD),
    quota=st.none() | st.builds(WrittenQuota, st.integers(0, 2**63 - 1), _WHOLE),
)


@given(table=_TABLES)
def test_what_is_saved_is_read_again(tmp_path_factory: pytest.TempPathFactory, table: PriceTable) -> None:
    home = tmp_path_factory.mktemp("prices")
    save_prices(home, table, Disk())
    assert read_prices(home) == table
    assert [path.name for path in home.iterdir()] == ["prices.toml"]


def test_the_file_explains_itself_and_leaves_out_what_is_not_known(home: Path) -> None:
    save_prices(home, PriceTable(plan=PRESETS["enterprise"]), Disk())
    text = prices_path(home).read_text(encoding="utf-8")
    assert text.startswith("# The price table of this home")
    document = tomllib.loads(text)
    assert document == {
        "plan": {"name": "Enterprise", "usd_per_month": 499, "storage_bytes": 1_000_000_000_000}
    }


def test_a_file_written_by_hand_is_read(home: Path) -> None:
    home.mkdir()
    text = (
        '\ufeff# mine\nplan = {name = "Ours", calls_per_month = 2_000}\n[rates] # dear\nusd_per_gb = 0.25\n'
    )
    prices_path(home).write_text(text, encoding="utf-8")
    assert read_prices(home) == PriceTable(
        plan=Plan("Ours", calls_per_month=2000), rates=Rates(usd_per_gb=0.25)
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[plan\n", "is not TOML: Expected ']'"),
        ('[plan]\nname = "A"\nusd_per_month = "49"\n', "line 3: plan.usd_per_month: '49' is not accepted"),
        (
            '[plan]\nname = "A"\n\ncalls_per_month = 1.5\n',
            "line 4: plan.calls_per_month: 1.5 is not accepted",
        ),
        (
            "# x\n[rates]\nusd_per_gb = -1\n",
            "line 3: rates.usd_per_gb: -1 is not accepted; write a number of US",
        ),
        ("[rates]\nusd_per_gb = inf\n", "line 2: rates.usd_per_gb: inf is not accepted"),
        ("[rates]\nusd_per_gb = nan\n", "line 2: rates.usd_per_gb: nan is not accepted"),
        ("[rates]\nusd_per_gb = true\n", "line 2: rates.usd_per_gb: True is not accepted"),
        (f'[plan]\nname = "A"\nstorage_bytes = {2**63}\n', "line 3: plan.storage_bytes"),
        ("[rates]\nusd_per_mb = 1\n", "line 2: rates.usd_per_mb: no such key; there are usd_per_request"),
        ("[plan]\nusd_per_month = 49\n", "line 1: plan: the name is missing"),
        ("[plan]\nname = 7\n", "line 2: plan.name: 7 is not accepted"),
        ("rates = 3\n", "line 1: rates: this is a section; write [rates]"),
        ("[rates]\n[prices]\n", "line 2: prices: no such section; there are plan, rates"),
        ("[quota]\nbefore_bytes = 5\n", "line 1: quota: written_bytes is missing"),
        ("[rates]\n[plan]\nusd_per_gb = 1\n", "line 3: plan.usd_per_gb: no such key; there are name"),
        ("rates.usd_per_gb = -1\n", "prices.toml: rates.usd_per_gb: -1 is not accepted"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(home: Path, text: str, told: str) -> None:
    home.mkdir()
    prices_path(home).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_prices(home)
    assert told in str(caught.value)
    assert str(prices_path(home)) in str(caught.value)
    assert str(caught.value).endswith("correct it, or remove it with `tickreel plan clear`")


def test_a_file_that_cannot_be_read_is_no_empty_table(home: Path) -> None:
    prices_path(home).mkdir(parents=True)
    with pytest.raises(EnvironmentProblem, match=r"prices\.toml cannot be read"):
        read_prices(home)


@pytest.mark.parametrize("failing", ["make_folder", "create", "write", "sync", "move"])
def test_a_full_disk_leaves_the_table_as_it_was(home: Path, failing: str) -> None:
    before = PriceTable(plan=PRESETS["starter"])
    save_prices(home, before, Disk())
    disk = FaultyDisk(fails=lambda _, name: name == failing, error=errno.ENOSPC)
    with pytest.raises(EnvironmentProblem, match=r"prices\.toml cannot be written: No space left"):
        save_prices(home, PriceTable(), disk)
    assert read_prices(home) == before
    assert [path.name for path in home.iterdir()] == ["prices.toml"]


def test_a_table_is_removed_once(home: Path) -> None:
    save_prices(home, PriceTable(plan=PRESETS["starter"]), Disk())
    for _ in range(2):
        remove_prices(home, Disk())
        assert read_prices(home) == PriceTable()


def test_money_is_the_sum_of_what_has_a_price() -> None:
    amounts = (200, 3 * 10**9, 7200.0)
    assert Rates(0.01, 0.5, 30.0).usd(*amounts) == pytest.approx(2 + 1.5 + 60)
    assert Rates(usd_per_gb=0.5).usd(*amounts) == 1.5
    assert Rates().usd(*amounts) is None
    assert Rates(usd_per_request=0.01).usd(200, None, None) == 2
    assert Rates(usd_per_request=0.01, usd_per_gb=0.5).usd(200, None, 5.0) is None
    assert Rates(usd_per_waiting_hour=0.0).usd(200, None, 0.0) == 0


def test_what_is_not_named_stays_as_it_is() -> None:
    table = changed(PriceTable(), "STARTER", {OF["usd_per_gb"]: 0.1})
    assert (table.plan, table.rates) == (PRESETS["starter"], Rates(usd_per_gb=0.1))
    table = changed(table, None, {OF["calls_per_month"]: None, OF["usd_per_request"]: 0.2})
    assert table.plan == replace(PRESETS["starter"], calls_per_month=None)
    assert table.rates == Rates(0.2, 0.1)
    table = changed(table, "Ours", {OF["usd_per_month"]: 30.0})
    assert table.plan == Plan("Ours", 30.0)
    table = changed(table, "Ours", {OF["storage_bytes"]: 5})
    assert table.plan == Plan("Ours", 30.0, None, 5)
    assert table.rates == Rates(0.2, 0.1)
    with pytest.raises(ValueError, match="storage_bytes: figures of a plan, and there is none yet"):
        changed(PriceTable(), None, {OF["storage_bytes"]: 5})


@pytest.mark.parametrize(
    ("figure", "text", "value"),
    [("calls_per_month", "1_000", 1000), ("usd_per_gb", "0.5", 0.5), ("usd_per_gb", "3", 3.0)],
)
def test_typed_figures_are_read(figure: str, text: str, value: float) -> None:
    read = OF[figure].read_text(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("figure", "text"),
    [("calls_per_month", "1.5"), ("calls_per_month", "1e6"), ("usd_per_gb", "a"), ("usd_per_gb", "-1")]
    + [("usd_per_gb", word) for word in ("nan", "inf", "")],
)
def test_typed_figures_that_are_none_are_refused(figure: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not accepted; write a"):
        OF[figure].read_text(text)


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 81, None, "bell\a"])
def test_a_plan_needs_a_name_that_can_be_shown(name: object) -> None:
    with pytest.raises(ValueError, match="write a name of 1 to 80 characters"):
        checked_name(name)


@pytest.mark.parametrize(
    ("usd", "told"),
    [
        (0, "$0"),
        (49, "$49"),
        (0.42, "$0.42"),
        (3.1, "$3.10"),
        (0.0099, "$0.0099"),
        (0.00065, "$0.00065"),
        (999.999, f"$1{THIN_SPACE}000"),
        (5550.4, f"$5{THIN_SPACE}550"),
        (-3.1, f"{MINUS}$3.10"),
    ],
)
def test_money_for_people(usd: float, told: str) -> None:
    assert format_usd(usd) == told


def test_every_figure_of_a_plan_and_every_price_can_be_typed() -> None:
    fields_of_both = [*fields(Plan), *fields(Rates)]
    assert ["name", *OF] == [each.name for each in fields_of_both]
