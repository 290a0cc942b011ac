"""Open Tickreel on its sample; where there is no display, play it offscreen and keep pictures of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_BIN = Path(sys.executable).parent
_SHOTS = ROOT / "build" / "run"


def main() -> int:
    """Run all of it; give the exit code."""
    sample = _sample()
    command = [str(_BIN / "tickreel-desktop"), "--open", sample["link"]]
    if _has_display():
        return _call(command)
    _SHOTS.mkdir(parents=True, exist_ok=True)
    for old in _SHOTS.glob("*.png"):
        old.unlink()
    failed = _call([*command, "--screenshot", str(_SHOTS), "--exit"], QT_QPA_PLATFORM="offscreen")
    if failed:
        return failed
    shots = sorted(path.relative_to(ROOT).as_posix() for path in _SHOTS.glob("*.png"))
    if not shots:
        print(f"The desktop ended without a picture in {_SHOTS}", file=sys.stderr)
        return 1
    print(f"There is no display: the sample was played offscreen, with pictures in {_SHOTS}", file=sys.stderr)
    print(json.dumps({"screenshots": shots, "sample": sample}))
    return 0


def _call(command: list[str], **environ: str) -> int:
    """Run the desktop; Ctrl-C reaches it by itself, and is waited for."""
    is_quiet = bool(environ)  # offscreen its own report would stand beside ours
    child = subprocess.Popen(
        command, env=os.environ | environ, stdout=subprocess.DEVNULL if is_quiet else None
    )
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def _sample() -> dict[str, Any]:
    """Make the sample, or find it made; give what the command says of it."""
    made = subprocess.run(
        [_BIN / "tickreel", "sample", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    if made.returncode:
        raise SystemExit(made.returncode)
    sample: dict[str, Any] = json.loads(made.stdout)
    return sample


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
