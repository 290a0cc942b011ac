"""Open Tickreel on its sample; where there is no display, play and backtest it offscreen, with pictures."""

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
    run = _backtest()
    for link in (sample["link"], f"tickreel://run/{run['id']}"):
        words = [command[0], "--open", link, "--screenshot", str(_SHOTS), "--exit"]
        failed = _call(words, QT_QPA_PLATFORM="offscreen")
        if failed:
            return failed
    shots = sorted(path.relative_to(ROOT).as_posix() for path in _SHOTS.glob("*.png"))
    if not shots:
        print(f"The desktop ended without a picture in {_SHOTS}", file=sys.stderr)
        return 1
    print(
        f"There is no display: the sample was played and backtested offscreen, with pictures in {_SHOTS}",
        file=sys.stderr,
    )
    told = {name: run[name] for name in ("id", "state", "total_trades", "result_sha256")}
    print(json.dumps({"screenshots": shots, "sample": sample, "run": told}))
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


def _backtest() -> dict[str, Any]:
    """Run a strategy over half an hour of the sample; give the card of the run."""
    span = ("2025-03-14T15:00", "2025-03-14T15:30")
    words = ["market_maker", "tickreel-sim:BTCUSDT", *span, "--capital", "10000"]
    done = subprocess.run(
        [_BIN / "tickreel", "backtest", *words], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    run: dict[str, Any] = json.loads(done.stdout)
    return run


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
