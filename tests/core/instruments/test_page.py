"""The page on instruments names every fact, and its example runs as it is written."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from support.feeds import import_walk

from tickreel.instruments import FACTS, FactSource
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

PAGE = files("tickreel_resources").joinpath("docs", "instruments.md").read_text(encoding="utf-8")


def test_the_page_tells_what_each_fact_means() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert list(told) == list(FACTS)
    for name, fact in FACTS.items():
        meaning = told[name].replace("`", "").replace(" (0.0002 is 2 bp)", "")
        words = f": {', '.join(fact.words)}" if fact.words and name != "contract_type" else ""
        assert meaning == fact.meaning + words


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    with open_cache() as cache:
        import_walk(cache, tmp_path)
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(compile(example, "the example of instruments.md", "exec"), names)
    known = names["known"]
    assert (known.tick, known.source("tick"), known.multiplier) == (0.1, FactSource.INFERRED, None)
    assert (names["tick"], names["lot"], known.taker_fee) == (0.1, 0.5, 0.0004)
