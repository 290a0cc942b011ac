"""Goes the way of whoever rolls Tickreel out to a desk, by a policy file and command lines alone, and counts.

As root, in a mount namespace of its own, so that the machine's own policy is never touched: a policy is tried
before it goes out, what it locks is shown and cannot be changed, the desk's shared cache (a real server) is
filled and read by a second user, the replay server asks for its token, and a home is verified and backed up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from terminal import JourneyEnds, Terminal

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.redisserver import RedisServer, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLICY = Path("/etc/tickreel/policy.toml")
_INSIDE = "--inside"
_REASON = "desk standard, ask infrastructure"
_TOKEN = "a-token-of-the-desk-0123456789"
_BOOK = "tickreel-sim BTCUSDT incremental_book_L2 2025-03-14 2025-03-15"


def main() -> int:
    """Go it; give 1 where something is not as its page says."""
    if sys.argv[1:] != [_INSIDE]:
        return _apart()
    with tempfile.TemporaryDirectory(prefix="tickreel-journey-") as name, RedisServer() as server:
        try:
            terminal = _desk(Path(name), f"redis://127.0.0.1:{server.port}/0")
        except JourneyEnds as problem:
            print(f"\nThe journey ends: {problem}", file=sys.stderr)
            return 1
    print(f"{terminal.commands} commands and a policy file")
    return 0


def _apart() -> int:
    """Do it where what is put below /etc/tickreel is seen by nobody else."""
    if os.geteuid() != 0:
        sys.exit("A machine's policy is set by root alone: sudo make journey-desk")
    made = not _POLICY.parent.exists()
    _POLICY.parent.mkdir(exist_ok=True)
    hidden = f"mount -t tmpfs none {_POLICY.parent}"
    again = ["sh", "-c", f'{hidden} && exec "$@"', "sh", sys.executable, __file__, _INSIDE]
    try:
        return subprocess.run(["unshare", "--mount", *again], check=False).returncode
    finally:
        if made:
            _POLICY.parent.rmdir()


def _desk(folder: Path, url: str) -> Terminal:
    terminal = Terminal(folder / "first", TICKREEL_SERVE_TOKEN=_TOKEN, XDG_CONFIG_HOME=str(folder / "config"))
    terminal.folder.mkdir()
    _policy(terminal, url)
    terminal.says("sample")
    terminal.says(f"warm {_BOOK} --no-fetch")
    other = Terminal(folder / "second", XDG_CONFIG_HOME=str(folder / "config"))
    other.folder.mkdir()
    book = "book tickreel-sim BTCUSDT --at 2025-03-14T15:30"
    same = terminal.json(book)["state_hash"] == other.json(book)["state_hash"]
    terminal.must(same, "the second user reads another book from the shared cache")
    _served(terminal)
    terminal.says("cache stats")
    terminal.says("cache verify --deep")
    terminal.says("cache backup ../backup")
    terminal.says("--home ../backup datasets", "BTCUSDT")
    terminal.says("doctor", "policy")
    terminal.says("updates", "policy", code=2)
    terminal.commands += other.commands
    return terminal


def _policy(terminal: Terminal, url: str) -> None:
    """Try a policy with a mistake first, as its page advises, then the one that goes out."""
    _POLICY.write_text("[store]\nquota_bites = 1\n", encoding="utf-8")
    terminal.says("settings list", "quota_bites", code=1)
    _POLICY.write_text(
        f'reason = "{_REASON}"\n[store]\nquota_bytes = 2_000_000_000_000\n[shared]\nurl = "{url}"\n'
        '[llm]\nallowed_hosts = "llm.desk.example"\nbase_url = "https://llm.desk.example/v1"\n'
        "cap_day_usd = 20.0\n[updates]\ncheck = false\n",
        encoding="utf-8",
    )
    told = {one["key"]: one for one in terminal.json("settings list --json")}
    locked = {key for key, one in told.items() if one["locked"]}
    wanted = {"store.quota_bytes", "shared.url", "llm.allowed_hosts", "llm.base_url", "llm.cap_day_usd"}
    terminal.must(locked == {*wanted, "updates.check"}, f"locked are {sorted(locked)}")
    terminal.must(told["shared.url"]["reason"] == _REASON, "the reason is not told")
    terminal.says("settings set store.quota_bytes 1TB", _REASON, code=2)
    terminal.says("settings set appearance.theme dark")
    terminal.says("settings get llm.allowed_hosts", "llm.desk.example")


def _served(terminal: Terminal) -> None:
    """Serve other machines, who need the token of the desk."""
    port = free_port()
    with _ended(terminal.started(f"serve --address 0.0.0.0 --port {port} --name localhost")) as server:
        assert server.stdout is not None
        told = server.stdout.readline()
        terminal.must(str(port) in told, f"the server does not say where it is: {told}")
        asked = urllib.request.Request(f"http://localhost:{port}/health-check")
        try:
            urllib.request.urlopen(asked, timeout=60)
        except urllib.error.HTTPError as refusal:
            terminal.must(refusal.code == 401, f"without a token it answers {refusal.code}")
        else:
            raise JourneyEnds("it answers without a token")
        asked.add_header("Authorization", f"Bearer {_TOKEN}")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            terminal.must(answer.status == 200, f"with the token it answers {answer.status}")


@contextmanager
def _ended(program: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """End a program with Ctrl-C's signal at the end of the block."""
    with program:
        try:
            yield program
        finally:
            program.terminate()


if __name__ == "__main__":
    sys.exit(main())
