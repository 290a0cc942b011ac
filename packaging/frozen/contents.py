"""What goes into the bundle beside what PyInstaller finds by following imports, and what stays out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("tickreel", "tickreel_desktop", "tickreel_resources", "tzdata")
"""Taken whole, with their data: commands, children and time zones are found by names that no import tells."""

DISTRIBUTIONS = ("tickreel", "PySide6-Essentials", "pyqtgraph", "qasync")
"""Their metadata and that of all they need: versions, licences and the backends of keyring stand there."""

HIDDEN = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "numba._devicearray")
"""Modules of others that are imported by compiled code, or by a name that is put together."""

LEFT_OUT = (
    "IPython",
    "PIL",
    "PySide6.QtTest",
    "matplotlib",
    "numba.cuda",
    "numba.tests",
    "numpy.f2py",
    "numpy.testing",
    "pandas.tests",
    "pyarrow.tests",
    "pyqtgraph.examples",
    "pyqtgraph.jupyter",
    "pyqtgraph.opengl",
    "scipy",
    "setuptools",
    "tkinter",
)
"""Modules that libraries import where they find them, or for their tests, and do without."""

_PLUGINS = (
    r"iconengines/.*svg",
    r"imageformats/.*(ico|jpeg|svg|webp)\b",
    r"platforminputcontexts/.*(compose|ibus)",
    r"platforms/.*(cocoa|minimal|offscreen|wayland|windows|xcb)\b",
    r"platformthemes/.*xdgdesktopportal",
    r"styles/",
    r"wayland-(decoration-client|graphics-integration-client|shell-integration)/",
    r"xcbglintegrations/",
)
"""The plugins of Qt that a window of ours uses on some system."""

_USELESS = (
    r"PySide6/(Qt/)?translations/",  # the program speaks English
    r"pyarrow/_(azurefs|flight|gcsfs|hdfs|s3fs|substrait)\.",  # files lie on this machine, and queries too
    r"pyarrow/libarrow_(python_)?(flight|s3)\.",
    r"pyarrow/.*\.(h|pxd|pxi|pyx)$",
    r"pyarrow/libarrow_python.*\.so(\.\d+\.\d+\.\d+)?$",  # copies of what is loaded by its other name
    r"zstandard/_cffi\.",  # for interpreters that are not CPython
    r"[^/]+\.dist-info/(INSTALLER|RECORD|REQUESTED|direct_url\.json|uv_cache\.json)$",
)
"""Files that nothing of ours opens."""


def is_used(path: str) -> bool:
    """Tell whether a file below ``site-packages`` may be of use to Tickreel; *path* has slashes."""
    if plugin := re.match(r"PySide6/(?:Qt/)?plugins/(.*)", path):
        return any(re.match(used, plugin[1]) for used in _PLUGINS)
    return not any(re.match(useless, path) for useless in _USELESS)


def prune(site_packages: Path) -> None:
    """Remove what is of no use, so that the libraries that only it needs do not come either."""
    for path in site_packages.rglob("*"):
        if not path.is_dir() and not is_used(path.relative_to(site_packages).as_posix()):
            path.unlink()
