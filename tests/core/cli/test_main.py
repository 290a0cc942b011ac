"""The program itself: help, version, usage errors, exit codes, and what it does not load."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from support.storedhome import StoredHome

import tickreel
from tickreel.cli.words import instrument, instruments, split_words
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_LOADED = """
import sys
from tickreel.cli.main import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
heavy = sorted(
    {
        "PySide6", "asyncio", "filelock", "isal", "logging.handlers", "msgpack",
        "numba", "numpy", "pandas", "platformdirs", "pyarrow", "zstandard",
    }
    & set(sys.modules)
)
print(code, *heavy, file=sys.stderr)
"""


def loaded_by(*argv: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", _LOADED, *argv], capture_output=True, text=True, check=True, timeout=300
    )
    return ran.stderr.splitlines()[-1]


@pytest.mark.parametrize("argv", [["--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(argv: list[str]) -> None:
    assert loaded_by(*argv) == "0"


@pytest.mark.parametrize("argv", [[], ["--bogus"], ["listen", "x"], ["serve", "x"]])
def test_a_command_that_there_is_not_loads_nothing_heavy(argv: list[str]) -> None:
    assert loaded_by(*argv) == "2"


@pytest.mark.parametrize(
    "argv", [["datasets"], ["datasets", "--days"], ["cache", "stats"], ["cache", "trash"]]
)
def test_listing_loads_nothing_heavy(argv: list[str], home: Path) -> None:
    stored = StoredHome(home)
    stored.store(0)
    stored.close()
    (home / "settings.toml").write_text("[store]\nquota_bytes = 5000000000\n")
    assert loaded_by(*argv) == "0"


def test_importing_loads_neither_arrow_nor_pandas(tmp_path: Path) -> None:
    code, *loaded = loaded_by("import", str(tmp_path / "absent.csv")).split()
    assert code == "2"
    assert not {"pandas", "pyarrow"} & set(loaded)


def test_the_program_says_its_version(program: Any) -> None:
    ran = program("--version")
    assert (ran.code, ran.out.strip(), ran.err) == (0, f"tickreel {version('tickreel')}", "")


def test_help_lists_every_command_and_each_has_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    from tickreel.cli.main import main

    commands = ["import", "datasets", "rows", "book", "replay", "sample", "cache", "bench", "doctor"]
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    for command in commands:
        assert f"  {command} " in listed
        with pytest.raises(SystemExit, match="0"):
            main([command, "--help"])
        shown = capsys.readouterr().out
        assert shown.startswith(f"usage: tickreel {command} ")
        assert "--json" in shown


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "name a command: import, datasets, rows"),
        (["zzz"], "tickreel has no command 'zzz': choose from import, datasets, rows"),
        (["impotr"], "tickreel has no command 'impotr': did you mean import? (see tickreel --help)"),
        (["Rows"], "did you mean rows?"),
        (["listen"], "tickreel has no command 'listen': choose from import, datasets, rows"),
        (["cache", "evcit"], "tickreel cache has no verb 'evcit': did you mean evict?"),
        (["cache", "unpinn"], "did you mean unpin?"),
        (["datasets", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["datasets", "word"], "unrecognized arguments: word"),
        (["import"], "required: PATH"),
        (["rows"], "required: EXCHANGE SYMBOL TYPE FROM TO"),
        (
            ["rows", "binance", "X", "trades", "2024-07-23"],
            "needs EXCHANGE SYMBOL TYPE FROM TO and was given 4",
        ),
        (["rows", "binance", "X", "trades", "2024-07-23", "00:00", "2024-07-24"], "quote a time"),
        (["rows", "binance", "X", "trades", "2024-07-24", "2024-07-23"], "ends before it starts"),
        (["rows", "binance", "X", "ticks", "2024-07-23", "2024-07-24"], "'ticks' is not a data type"),
        (["rows", "binance", "X", "trades", "1720000000", "1720000001"], "looks like seconds"),
        (["rows", "binance", "X", "trades", "today", "2024-07-24"], "'today' is not a time"),
        (
            ["rows", "b", "X", "trades", "2024-07-23", "2024-07-24", "--format", "xml"],
            "invalid choice: 'xml'",
        ),
        (["rows", "b", "X", "trades", "2024-07-23", "2024-07-24", "--form", "csv"], "unrecognized"),
        (["rows", "b", "X", "trades", "2024-07-23", "2024-07-24", "--json", "--format", "csv"], "contradict"),
        (["rows", "b", "", "trades", "2024-07-23", "2024-07-24"], "'' is not a symbol"),
        (["book", "binance", "X"], "required: --at"),
        (["book", "binance", "X", "--at", "2024-07-23", "--depth", "-1"], "--depth"),
        (["book", "binance", "X", "--at", "2024-07-23", "--depth", "some"], "--depth some"),
        (["book", "binance", "X", "--at", "2024-02-30"], "not a time"),
        (["replay", "binance", "X", "2024-07-23"], "needs EXCHANGE SYMBOL[,S2] FROM TO"),
        (["replay", "binance", "X", "2024-07-23", "2024-07-24", "--speed", "0"], "'0' is not a speed"),
        (["replay", "binance", "X", "2024-07-23", "2024-07-24", "--speed", "nan"], "'nan' is not a speed"),
        (["replay", "binance", "X", "2024-07-23", "2024-07-24", "--speed", "fast"], "'fast' is not a speed"),
        (["replay", "binance", "X", "2024-07-23", "2024-07-24", "--order", "none"], "invalid choice"),
        (["replay", "binance", "X,", "2024-07-23", "2024-07-24"], "'' is not a symbol"),
        (["replay", "binance", "X", "2024-07-23", "2024-07-24", "--types", "trades,ticks"], "'ticks'"),
    ],
)
def test_a_wrong_command_line_is_one_line_on_stderr_and_exit_2(cli: Any, argv: list[str], told: str) -> None:
    ran = cli(*argv)
    assert (ran.code, ran.raw) == (2, b"")
    assert told in ran.error


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("", "preparing the engine for this machine, once; this takes up to a minute"),
        (
            "the folder is not yours",
            "for this run alone, which takes up to a minute: the folder is not yours",
        ),
    ],
)
def test_who_waits_for_the_compiler_is_told_whether_it_is_once(problem: str, told: str) -> None:
    script = (
        "import argparse; from tickreel.cli import main; from tickreel.kernels import compiling, slowness; "
        "main._explain_compiling(argparse.Namespace(quiet=False)); "
        f"compiling._Manners.problem = {problem!r}; "
        "slowness._tell(); slowness._tell()"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    (line,) = ran.stderr.splitlines()
    assert line.endswith(told)


def test_the_home_is_named_before_or_after_the_command(cli: Any, home: Path, tmp_path: Path) -> None:
    for place, words in (
        ("a", ["--home", tmp_path / "a", "--json", "datasets"]),
        ("b", ["datasets", "--json", "--home", tmp_path / "b"]),
    ):
        assert cli(*words).json == []
        assert (tmp_path / place / "catalog.sqlite").exists()
    assert not home.exists()


def test_a_home_that_cannot_be_used_is_exit_1(cli: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    ran = cli("--home", blocked, "datasets")
    assert ran.code == 1
    assert str(blocked) in ran.error


def test_a_setting_of_the_environment_that_is_not_accepted_is_exit_2(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LOG_LEVEL", "loud")
    ran = cli("datasets")
    assert ran.code == 2
    assert "TICKREEL_LOG_LEVEL" in ran.error


@pytest.mark.logs_warnings
def test_a_settings_file_that_is_not_understood_stops_nothing(cli: Any, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("[logs]\nlevel = 7\n")
    ran = cli("datasets", "--json")
    assert (ran.code, ran.json) == (0, [])
    assert "warning" in ran.err
    assert "logs.level: 7 is not accepted" in ran.err
    assert "logs.level" in (home / "logs" / "tickreel.log").read_text()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_disk_behind_stdout_is_one_line_and_exit_1() -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "tickreel", "datasets"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (ran.returncode, ran.stderr) == (1, b"tickreel: No space left on device\n")


@pytest.mark.parametrize(
    ("words", "parted"),
    [
        (["binance", "X", "F", "T"], ("binance", "X", ["F", "T"])),
        (["binance:X", "F", "T"], (None, "binance:X", ["F", "T"])),
        (["binance:X,bybit:Y", "F", "T"], (None, "binance:X,bybit:Y", ["F", "T"])),
        (["binance", "bybit:Y", "F", "T"], ("binance", "bybit:Y", ["F", "T"])),
    ],
)
def test_the_exchange_may_stand_before_the_symbol_or_in_it(
    words: list[str], parted: tuple[str | None, str, list[str]]
) -> None:
    assert split_words(words, "SYMBOL", "FROM", "TO") == parted


def test_an_exchange_is_not_left_out_where_a_symbol_needs_it() -> None:
    with pytest.raises(UsageError, match="given 3 words"):
        split_words(["binance:X,Y", "F", "T"], "SYMBOL", "FROM", "TO")


def test_a_symbol_is_split_at_its_first_colon_and_its_own_exchange_wins() -> None:
    assert instrument("binance", "BTCUSDT") == ("binance", "BTCUSDT")
    assert instrument("binance", "bybit:BTCUSDT") == ("bybit", "BTCUSDT")
    assert instrument(None, "bitfinex-derivatives:BTCF0:USTF0") == ("bitfinex-derivatives", "BTCF0:USTF0")
    assert instrument("bitfinex-derivatives", "BTCF0:USTF0") == ("bitfinex-derivatives", "BTCF0:USTF0")
    assert instruments("binance-futures", "BTCUSDT,binance:NEXOUSDT") == [
        ("binance-futures", "BTCUSDT"),
        ("binance", "NEXOUSDT"),
    ]


def test_the_package_gives_its_public_names_only_when_asked() -> None:
    script = "import sys, tickreel; print(sorted({'numpy', 'tickreel.store', 'argparse'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    assert {"Book", "Cache", "DataType", "Replay", "__version__", "open_cache"} <= set(dir(tickreel))
    assert tickreel.__version__ == version("tickreel")
    from tickreel.shared.opening import open_cache

    assert tickreel.open_cache is open_cache
    with pytest.raises(AttributeError, match="no attribute 'close_cache'"):
        tickreel.close_cache  # noqa: B018
