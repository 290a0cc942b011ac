"""Make what desks install on Linux: a .deb, an .rpm, and an archive that runs from any folder.

Run by ``make packages``, after the bundle is built and tried. Into ``build/packages`` go the three,
a list of all that is inside (CycloneDX) and the checksums. Times in
them are the commit's.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from functools import partial
from typing import TYPE_CHECKING

import bundle
import zstandard
from bundle_trial import BUNDLE
from linux import REQUIREMENTS, libraries
from setup_venv import ROOT, find_uv, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = ROOT / "build" / "packages"
APP_ID = "io.tickreel.Tickreel"
_SOURCES = ROOT / "packaging" / "linux"
_FILES = ROOT / "build" / "packages-files"
_TOOLS = ROOT / "build" / "packages-venv"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_LEVEL = 12
"""Of Zstandard: 19 saves another tenth and takes ten times as long."""


def main() -> int:
    """Make all packages; give 1 when the bundle falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep-bundle", action="store_true", help="take build/bundle as it is")
    kept = parser.parse_args().keep_bundle
    if not (kept and BUNDLE.exists()) and (failed := bundle.main()):
        return failed
    shutil.rmtree(PACKAGES, ignore_errors=True)
    PACKAGES.mkdir(parents=True)
    tools = _tools()
    needs = libraries.needs_of(BUNDLE)
    _stage()
    print("Packing", file=sys.stderr)
    for packager in ("deb", "rpm"):
        _pack(tools / "nfpm", packager, needs.glibc)
    archive()
    _list_contents(tools / "cyclonedx-py")
    _write_checksums()
    for path in sorted(PACKAGES.iterdir()):
        print(f"{path.stat().st_size / 1e6:9.1f} MB  {path.relative_to(ROOT)}")
    return 0


def version() -> str:
    """Give the version of Tickreel."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        told: str = tomllib.load(file)["project"]["version"]
    return told


def commit_time() -> datetime.datetime:
    """Give the moment of the commit, or what SOURCE_DATE_EPOCH says, which packages carry as theirs."""
    told = (
        os.environ.get("SOURCE_DATE_EPOCH")
        or subprocess.run(
            ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    )
    return datetime.datetime.fromtimestamp(int(told), datetime.UTC)


def _tools() -> Path:
    """Install what packs and what lists contents, as they are locked; give the folder of their programs."""
    uv = find_uv()
    run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, _TOOLS)
    run(uv, "pip", "sync", "--quiet", "--python", _TOOLS / "bin/python", "--require-hashes", REQUIREMENTS)
    return _TOOLS / "bin"


def _stage() -> None:
    """Lay out the small files as they are to be installed."""
    shutil.rmtree(_FILES, ignore_errors=True)
    _FILES.mkdir(parents=True)
    for name in (f"{APP_ID}.desktop", f"{APP_ID}.xml"):
        shutil.copyfile(_SOURCES / name, _FILES / name)
    shutil.copyfile(ROOT / "resources" / "tickreel_resources" / "tickreel.svg", _FILES / f"{APP_ID}.svg")
    metainfo = (_SOURCES / f"{APP_ID}.metainfo.xml").read_text(encoding="utf-8")
    metainfo = metainfo.replace("@VERSION@", version()).replace("@DATE@", f"{commit_time():%Y-%m-%d}")
    (_FILES / f"{APP_ID}.metainfo.xml").write_text(metainfo, encoding="utf-8")
    (_FILES / "copyright").write_text(_copyright(), encoding="utf-8")


def _copyright() -> str:
    """Say, in Debian's form, under what Tickreel and what it brings may be used."""
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Upstream-Name: Tickreel\n\n"
        "Files: *\nCopyright: the Tickreel maintainers\nLicense: Apache-2.0\n"
        " The full text stands in /usr/share/common-licenses/Apache-2.0, and in Help > About.\n"
        " Qt is used under the LGPL 3 and lies in files of its own that can be replaced; each other\n"
        " part lies below /opt/tickreel/_internal with its licence in its .dist-info folder.\n"
    )


def _pack(nfpm: Path, packager: str, glibc: str) -> None:
    environment = {
        "ARCH": _ARCHITECTURES[platform.machine()],
        "BUNDLE": str(BUNDLE.relative_to(ROOT)),
        "FILES": str(_FILES.relative_to(ROOT)),
        "GLIBC": glibc,
        "SOURCE_DATE_EPOCH": str(int(commit_time().timestamp())),
        "VERSION": version(),
    }
    # Written out here: nfpm itself fills in only some of its fields.
    text = re.sub(
        r"\$\{(\w+)\}",
        lambda match: environment[match[1]],
        (_SOURCES / "nfpm.yaml").read_text(encoding="utf-8"),
    )
    config = _FILES / f"nfpm-{packager}.yaml"
    config.write_text(text, encoding="utf-8")
    subprocess.run(
        [nfpm, "package", "--packager", packager, "--config", config, "--target", PACKAGES],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def archive() -> Path:
    """Pack the folder that runs from wherever it is unpacked, in one order and with one time."""
    name = f"tickreel-{version()}-linux-{platform.machine()}"
    path = PACKAGES / f"{name}.tar.zst"
    moment_s = int(commit_time().timestamp())
    packer = zstandard.ZstdCompressor(level=_LEVEL, threads=-1)
    with (
        path.open("wb") as raw,
        packer.stream_writer(raw) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for source, inside in _archived():
            tar.add(source, f"{name}/{inside}", recursive=False, filter=partial(_as_root, moment_s))
    return path


def _archived() -> Iterator[tuple[Path, str]]:
    for path in sorted(BUNDLE.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path, path.relative_to(BUNDLE).as_posix()
    yield _SOURCES / "install.sh", "install.sh"
    for path in sorted(_FILES.iterdir()):
        if path.name.startswith(APP_ID) or path.name == "copyright":
            yield path, f"share/{path.name}"


def _as_root(moment_s: int, entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = moment_s
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _list_contents(cyclonedx: Path) -> None:
    """Write down each package that the bundle was made from, with version and licence."""
    run(
        *(cyclonedx, "environment", bundle.PYTHON, "--pyproject", ROOT / "pyproject.toml"),
        *("--of", "JSON", "--output-reproducible"),
        *("--output-file", PACKAGES / f"tickreel-{version()}.cdx.json"),
    )


def _write_checksums() -> None:
    lines = []
    for path in sorted(PACKAGES.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (PACKAGES / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
