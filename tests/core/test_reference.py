"""The pages of reference are what the program says of itself now: ``make reference`` writes them."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tickreel_resources import page_text

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "reference.py"
spec = spec_from_file_location("reference", SCRIPT)
assert spec is not None
assert spec.loader is not None
reference = module_from_spec(spec)
spec.loader.exec_module(reference)


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_page_is_as_it_would_be_written_now(page: str) -> None:
    assert page_text(page) == reference.PAGES[page](), "make reference"
