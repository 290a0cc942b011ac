"""The core works where no Qt is installed, and never reaches for it."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import importlib, pkgutil, sys

class Blocker:
    names = {"tickreel_desktop", "PySide6", "shiboken6", "pyqtgraph", "qasync", "qtpy"}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ImportError(f"{name} is blocked")
        return None

sys.meta_path.insert(0, Blocker())
import tickreel

def fail(name):
    raise

found = ["tickreel"]
for module in pkgutil.walk_packages(tickreel.__path__, "tickreel.", onerror=fail):
    importlib.import_module(module.name)
    found.append(module.name)
print("\\n".join(found))
"""


def test_every_module_of_the_core_imports_without_qt_or_the_desktop() -> None:
    ran = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    imported = ran.stdout.split()
    assert {"tickreel", "tickreel.doctor", "tickreel.jobs.runner", "tickreel.market.units"} <= set(imported)
