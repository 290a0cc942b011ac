"""Every example in Python of the pages and the README runs as it is written, one after another."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.docpages import all_pages, examples, file_name
from support.feeds import feed_files

from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

PAGES = all_pages()
ELSEWHERE = {
    "analysis": "tests/core/cli/test_analyze.py",
    "instruments": "tests/core/instruments/test_page.py",
    "python": "tests/core/test_python_docs.py",
}
"""Pages whose examples are run, and looked at more closely, by tests of their own."""
LONG = ("README", "strategist", "runs")
"""Their examples run backtests in processes of their own."""
HERE = [name for name, markdown in PAGES.items() if examples(markdown) and name not in ELSEWHERE]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample and with the minute of a feed that some pages name."""
    folder = tmp_path_factory.mktemp("sample")
    with open_cache(folder / "home") as cache:
        store_sample(cache, UNWATCHED)
        for path in feed_files(folder):
            cache.import_file(path)
    return folder / "home"


@pytest.mark.parametrize(
    "page", [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in HERE]
)
def test_every_example_of_a_page_runs(
    page: str, sample: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(sample, home)
    monkeypatch.chdir(tmp_path)
    # What an example defines belongs to a module that can be found, as in a file of one's own.
    monkeypatch.setitem(sys.modules, "example", module := type(sys)("example"))
    names: dict[str, Any] = module.__dict__
    for number, example in enumerate(examples(PAGES[page]), 1):
        name = file_name(example)
        if name is not None:
            (tmp_path / name).write_text(example, encoding="utf-8")
        exec(compile(example, name or f"example {number} of {page}", "exec"), names)


def test_pages_that_are_run_elsewhere_have_examples() -> None:
    assert all(examples(PAGES[name]) for name in ELSEWHERE)
