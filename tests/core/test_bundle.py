"""What the bundle is made from still exists. That it works, `make bundle` tries."""

from __future__ import annotations

import ast
import re
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
FROZEN = PACKAGING / "frozen"


def loaded(path: Path) -> Any:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contents = loaded(FROZEN / "contents.py")


def pins(name: str) -> dict[str, set[str]]:
    """Give the versions of each package that a file of requirements locks, for one Python or another."""
    found: dict[str, set[str]] = {}
    text = (PACKAGING / name).read_text(encoding="utf-8")
    for package, locked in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE):
        found.setdefault(package, set()).add(locked)
    return found


@pytest.mark.parametrize("module", [*contents.PACKAGES, *contents.HIDDEN])
def test_what_is_taken_by_name_is_there(module: str) -> None:
    assert find_spec(module) is not None


@pytest.mark.parametrize("distribution", contents.DISTRIBUTIONS)
def test_what_metadata_is_taken_of_is_installed(distribution: str) -> None:
    assert version(distribution)


def test_nothing_of_ours_imports_what_is_left_out() -> None:
    left_out = "|".join(re.escape(name) for name in contents.LEFT_OUT)
    importing = re.compile(rf"^\s*(?:from|import) (?:{left_out})\b", re.MULTILINE)
    for package in contents.PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        for folder in spec.submodule_search_locations or ():
            for path in Path(folder).rglob("*.py"):
                assert not importing.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    ("path", "is_used"),
    [
        ("tickreel/store/records/migrations/0001_days_and_segments.sql", True),
        ("tickreel-0.1.0.dist-info/METADATA", True),
        ("tickreel-0.1.0.dist-info/direct_url.json", False),
        ("PySide6/Qt/plugins/imageformats/libqwebp.so", True),
        ("PySide6/Qt/plugins/imageformats/libqtiff.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("pyarrow/libarrow_python.so.2600", True),
        ("pyarrow/libarrow_python.so", False),
        ("pyarrow/libarrow_substrait.so.2600", True),
        ("pyarrow/libarrow_python_flight.so.2600", False),
        ("pyarrow/libarrow_s3.so.2600", False),
        ("pyarrow/_parquet.cpython-311-x86_64-linux-gnu.so", True),
        ("pyarrow/_flight.cpython-311-x86_64-linux-gnu.so", False),
        ("pyarrow/lib.pxd", False),
        ("zstandard/backend_c.cpython-311-x86_64-linux-gnu.so", True),
        ("zstandard/_cffi.cpython-311-x86_64-linux-gnu.so", False),
    ],
)
def test_only_what_is_of_no_use_is_taken_out(path: str, is_used: bool) -> None:
    assert contents.is_used(path) is is_used


def test_the_bundle_holds_the_packages_that_everybody_runs_on() -> None:
    bundled, usual = pins("requirements-bundle.txt"), pins("requirements.txt")
    assert bundled["pyinstaller"]
    shared = bundled.keys() & usual.keys()
    assert {"keyring", "numba", "numpy", "pandas", "pyarrow", "pyqtgraph", "pyside6-essentials"} <= shared
    assert {name: bundled[name] for name in shared} == {name: usual[name] for name in shared}


def test_what_pyinstaller_is_told_is_there() -> None:
    told = ast.parse((FROZEN / "tickreel.spec").read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(told) if isinstance(node, ast.Constant)}
    scripts = {path.name for path in FROZEN.glob("start_*.py")}
    assert scripts == {
        word for word in words if isinstance(word, str) and word.endswith(".py") and "*" not in word
    }
    for script in scripts:
        for node in ast.walk(ast.parse((FROZEN / script).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module is not None
                assert find_spec(node.module) is not None
