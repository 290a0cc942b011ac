"""What a package offers is exactly what its __all__ says."""

from __future__ import annotations

import importlib
import pkgutil
import types

import pytest

import tickreel

_PACKAGES = [
    "tickreel",
    *(found.name for found in pkgutil.walk_packages(tickreel.__path__, "tickreel.") if found.ispkg),
]
# Left in a module by `from __future__ import annotations` and by the guard of typing imports.
_NOT_OURS = {"annotations", "TYPE_CHECKING"}


@pytest.mark.parametrize("name", _PACKAGES)
def test_a_package_exports_exactly_its_public_names(name: str) -> None:
    package = importlib.import_module(name)
    exported = getattr(package, "__all__", None)
    if exported is None:
        return
    exported = list(exported)
    assert len(set(exported)) == len(exported)
    public = {
        key
        for key, value in vars(package).items()
        if not key.startswith("_") and key not in _NOT_OURS and not isinstance(value, types.ModuleType)
    }
    assert public <= set(exported)
    # Names may come lazily from the package's __getattr__, so they are asked for one by one.
    assert [key for key in exported if not hasattr(package, key)] == []
