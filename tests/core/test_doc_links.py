"""Links of the README and into the program lead somewhere; tests of Help hold those between the pages."""

from __future__ import annotations

import re

import pytest
from support.docpages import README, ROOT, all_pages, links

from tickreel.replay import parse_link

PAGES = all_pages()
OURS = [
    (page, link.rstrip("\\"))
    for page, markdown in PAGES.items()
    for link in re.findall(r"tickreel://[a-z][^\s'\"`)]*", markdown)
]


@pytest.mark.parametrize("target", links(PAGES[README]))
def test_a_link_of_the_readme_leads_to_a_file(target: str) -> None:
    path, _, anchor = target.partition("#")
    assert (ROOT / path).is_file()
    assert not anchor, "of a page in Help, which checks it"


@pytest.mark.parametrize(("page", "link"), OURS)
def test_a_link_into_the_program_can_be_read(page: str, link: str) -> None:
    assert parse_link(parse_link(link).text()) == parse_link(link), page


def test_links_into_the_program_are_shown() -> None:
    assert {link.split("/")[2].split("?")[0] for _, link in OURS} == {"data", "replay", "run", "backtest"}


def test_targets_of_make_that_are_told_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = {
        name
        for markdown in PAGES.values()
        for name in re.findall(r"(?:^ {4}|^|`)make ([a-z][\w-]*)", markdown, re.MULTILINE)
    }
    assert len(told) > 15
    assert told - targets == set()
    phony = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert targets - {"lint", "FIND_PYTHON"} <= {*phony[0].split(), "lint"}
