"""What the page on security claims of the whole program; and that each of its claims has a test."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import line, write_csv

from tickreel.errors import ConflictError, DataError
from tickreel.market.types import DataType
from tickreel.store import open_cache
from tickreel.store.library.forms import RowsForm
from tickreel.store.model import Day, DayRange
from tickreel.vendorcsv.naming import find_files
from tickreel_resources import page_text

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (ROOT / "core", ROOT / "desktop")
CANARY = "canary-5c1e9f7a40d2"

_TEST = re.compile(r"`(tests/[\w/]+\.py)` `(\w+)`")
_DEPENDENCY = re.compile(r"^\| `([\w.-]+)` \|", re.MULTILINE)


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


@cache
def _tests_of(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def _claims(text: str) -> list[str]:
    """Give the entries of all lists."""
    return re.findall(r"(?m)^- .*\n(?:  .*\n)*", text)


def test_every_claim_of_the_page_has_a_test_that_is_there() -> None:
    claims = _claims(page_text("security"))
    assert len(claims) > 40
    for claim in claims:
        named = _TEST.findall(claim)
        assert named, f"no test: {claim}"
        for path, name in named:
            assert name in _tests_of(ROOT / path), f"{path}::{name}"


def test_every_dependency_is_on_the_page_with_its_licence() -> None:
    text = page_text("security")
    metadata = distribution("tickreel").requires or []
    wanted = {re.split(r"[^\w.-]", one)[0].lower() for one in metadata if "dask" not in one}
    listed = {name.lower() for name in _DEPENDENCY.findall(text)}
    assert wanted <= listed, sorted(wanted - listed)


def test_every_version_that_is_installed_is_pinned_by_its_hash() -> None:
    text = (ROOT / "packaging" / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in re.sub(r"(?m)^\s*#.*$", "", text), "an address of an index is named"
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[\w.\-\[\]]+==\S+", entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


_READS_CODE = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle", "yaml", "tarfile"}
_RUNS_CODE = {"eval", "exec", "compile", "__import__"}
_RUNNERS = {"core/tickreel/backtest/loading.py": {"exec", "compile"}}
"""Where the code of a strategy is run, which its user names."""


def test_nothing_that_is_read_is_unpickled_evaluated_or_unpacked() -> None:
    for name, tree in _trees():
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    roots = {alias.name.partition(".")[0] for alias in node.names}
                    assert not roots & _READS_CODE, f"{name}:{node.lineno}"
                case ast.ImportFrom():
                    assert (node.module or "").partition(".")[0] not in _READS_CODE, f"{name}:{node.lineno}"
                case ast.Call(func=ast.Name(id=called)) if called in _RUNS_CODE:
                    assert called in _RUNNERS.get(name, ()), f"{name}:{node.lineno}: {called}"
                case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen")):
                    raise AssertionError(f"{name}:{node.lineno}: a shell is started")
                case ast.Call(func=ast.Attribute(attr="extractall" | "extract" | "unpack_archive")):
                    raise AssertionError(f"{name}:{node.lineno}: an archive is unpacked")
                case ast.keyword(arg="allow_pickle", value=ast.Constant(value=True)):
                    raise AssertionError(f"{name}: NumPy unpickles")
                case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                    raise AssertionError(f"{name}: a shell is started")
                case ast.keyword(arg="verify", value=ast.Constant(value=False)):
                    raise AssertionError(f"{name}: certificates are not checked")


def _day_of(stored: Day) -> DayRange:
    return DayRange(stored.key, stored.day, stored.day)


def _trades(path: Path, **cells: str) -> Path:
    rows = [line(DataType.TRADES, **cells)]
    return write_csv(path, DataType.TRADES, rows)


def test_folders_that_links_lead_to_are_not_imported(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    _trades(outside / "far.csv")
    own = _trades(inside / "own.csv")
    (inside / "way-out").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    (inside / "gone.csv").symlink_to(tmp_path / "nothing")
    assert find_files([inside]) == [own]
    (inside / "linked.csv").symlink_to(outside / "far.csv")
    assert find_files([inside]) == [inside / "linked.csv", own], "a link to a file is that file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_pipes_and_devices_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    own = _trades(tmp_path / "own.csv")
    os.mkfifo(tmp_path / "endless.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    os.link(own, tmp_path / "same.csv")
    assert find_files([tmp_path]) == [own, tmp_path / "same.csv"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device here")
def test_a_device_that_never_ends_is_refused(tmp_path: Path) -> None:
    with (
        open_cache(tmp_path / "home") as cache,
        pytest.raises(DataError, match="binary data") as told,
    ):
        cache.import_file("/dev/zero")
    assert len(str(told.value)) < 2_100


@pytest.mark.parametrize("exchange", ["../../witness", "/etc/x", "..\\..\\x", "C:x", "a/b"])
def test_an_export_stays_in_its_folder_whatever_the_rows_say(tmp_path: Path, exchange: str) -> None:
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    with open_cache(tmp_path / "home") as cache:
        (stored,) = cache.import_file(
            _trades(tmp_path / "a.csv", exchange=exchange, symbol="../../../witness"), type=DataType.TRADES
        )
        plan, _ = cache.plan_export(
            [DayRange(stored.key, stored.day, stored.day)], RowsForm.CSV, is_per_day=True
        )
        (path,) = cache.export(plan, out)
    assert path.parent == out
    assert [one.name for one in out.iterdir()] == [path.name]
    assert not any(mark in path.name for mark in "/\\:")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "deep", "home"]


def test_an_export_takes_the_place_of_a_link_and_not_of_what_it_leads_to(tmp_path: Path) -> None:
    out, witness = tmp_path / "out", tmp_path / "witness"
    out.mkdir()
    witness.write_text("mine")
    with open_cache(tmp_path / "home") as cache:
        (stored,) = cache.import_file(_trades(tmp_path / "a.csv"), type=DataType.TRADES)
        plan, _ = cache.plan_export(
            [DayRange(stored.key, stored.day, stored.day)], RowsForm.CSV, is_per_day=True
        )
        place = out / plan.files[0].name
        place.symlink_to(witness)
        with pytest.raises(ConflictError, match="already there"):
            cache.export(plan, out)
        cache.export(plan, out, replace=True)
    assert witness.read_text() == "mine"
    assert not place.is_symlink()


def test_a_key_of_the_environment_comes_into_no_file_of_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = os.environ | {
        "TICKREEL_HOME": str(home),
        "TARDIS_API_KEY": f"TD.{CANARY}",
        "TICKREEL_LLM_API_KEY": f"sk-{CANARY}",
        "TICKREEL_REDIS_PASSWORD": f"pw-{CANARY}",
        "TICKREEL_SERVE_TOKEN": f"tk-{CANARY}",
        "TICKREEL_TARDIS_API_URL": "http://127.0.0.1:9/v1",
        "TICKREEL_TARDIS_DATASETS_URL": "http://127.0.0.1:9/v1",
    }
    source = _trades(tmp_path / "a.csv")
    bundle = tmp_path / "support.zip"
    said = b""
    for words in (
        ["import", str(source), "--type", "trades"],
        ["fetch", "binance", "BTCUSDT", "trades", "2024-07-23", "2024-07-24", "--dry-run"],
        ["key", "status", "tardis"],
        ["doctor", "--bundle", str(bundle)],
        ["datasets", "--days", "--json"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "tickreel", *words],
            env=environment,
            capture_output=True,
            check=False,
            timeout=120,
        )
        said += done.stdout + done.stderr
    files = [path for path in (*home.rglob("*"), bundle) if path.is_file()]
    assert any(path.name == "catalog.sqlite" for path in files)
    for path in files:
        assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY.encode() not in said
