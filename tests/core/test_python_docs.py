"""Every example of the page on Python runs as it is written, one after another."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from support.feeds import feed_files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = files("tickreel_resources").joinpath("docs", "python.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_every_example_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert PAGE.count("```") == 2 * len(EXAMPLES), "an example in another language"
    feed_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    said = []
    for number, example in enumerate(EXAMPLES, 1):
        exec(compile(example, f"example {number} of python.md", "exec"), names)
        said.append(capsys.readouterr().out.splitlines())
    imported, rows, counted, exported, book, quotes, _, session, watched, left, batched, _ = said
    assert imported == [
        "binance-futures BTCUSDT incremental_book_L2 639",
        "binance-futures BTCUSDT trades 60",
    ]
    assert rows[0].startswith("60 100.1")
    assert rows[1:] == ["500", "139"]
    assert counted == ["60"]
    assert exported[0].startswith("60 rows, about ")
    assert "binance-futures_trades_2024-07-23_BTCUSDT.parquet" in exported[1]
    assert len(book[-1]) == 64
    assert quotes[0].startswith("1721692800000000 ")
    assert session[-1].startswith("Totals(messages=218, rows=218, trades=19"), "counted from the seek on"
    assert len(watched) == 61
    assert watched[1] == "BTCUSDT begins anew with 40 rows"
    assert left == ["True 22"]
    assert batched[0] == batched[-1] == "660"
    assert "BTCUSDT 100.1" in batched
