"""How fast replays are served: messages over HTTP on this machine, and how soon the first bytes come.

The server is a process of its own, as for its users; here is only a client that reads and counts.
"""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from tickreel.bench.figures import Figure, Measure, Unit, from_rounds, percentiles
from tickreel.bench.measures import instants_in, rounds, waits
from tickreel.errors import DataError
from tickreel.market.time import format_us
from tickreel.program import child_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.bench.subject import Subject
    from tickreel.progress import Monitor

_TYPES = ("book_change", "book_snapshot_5_0ms")
_PIECE_BYTES = 1 << 20
_HEAD_BYTES = 4096
_END = b"}\n"
"""How each message ends, and nothing else."""
_PATIENCE_S = 120.0


def serve(data: str, home: Path, subject: Subject, seed: int, monitor: Monitor) -> list[Figure]:
    """Have a day served whole, and from instants at random.

    Raises:
        DataError: the server did not start, or did not answer as it should.
    """
    figures: list[Figure] = []
    with _server(home) as port:
        for name in _TYPES:
            target = _target(subject, name, subject.first_us)
            messages = _read(port, target)
            seconds = rounds(lambda target=target: _read(port, target), messages, monitor)  # type: ignore[misc]
            what = f"{name} over HTTP"
            figures.append(from_rounds(Measure.SERVE, data, what, Unit.MESSAGES_PER_S, seconds, messages))
        for name in _TYPES:
            seconds = waits(
                lambda at_us, name=name: _read(port, _target(subject, name, at_us), most_bytes=1),  # type: ignore[misc]
                instants_in(subject, seed),
                monitor,
            )
            figures += percentiles(Measure.SERVE, data, f"first bytes of {name}", seconds)
    return figures


@contextmanager
def _server(home: Path) -> Iterator[int]:
    """Serve a home at any port, and give it."""
    words = child_command("tickreel", "--home", str(home), "serve", "--port", "0", "--json", "--quiet")
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        try:
            assert child.stdout is not None
            said = b""
            while not said.rstrip().endswith(b"}"):
                line = child.stdout.readline()
                if not line:
                    raise DataError("the server that was to be measured did not start")
                said += line
            yield int(json.loads(said)["port"])
        finally:
            child.terminate()


def _target(subject: Subject, name: str, from_us: int) -> str:
    options = {
        "exchange": subject.key.exchange,
        "symbols": [subject.key.symbol],
        "from": format_us(from_us),
        "to": format_us(subject.last_us + 1),
        "dataTypes": [name],
        "exactTimes": True,
    }
    return f"/replay-normalized?options={quote(json.dumps(options))}"


def _read(port: int, target: str, *, most_bytes: int | None = None) -> int:
    """Read an answer, or its first bytes; give its messages."""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        begun = b""
        while b"\r\n\r\n" not in begun:
            piece = client.recv(_HEAD_BYTES)
            if not piece:
                raise DataError("the server that is measured closed the connection")
            begun += piece
        head, _, body = begun.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise DataError(f"the server that is measured refused: {body.decode(errors='replace')}")
        if most_bytes is not None:
            return len(body or client.recv(most_bytes))
        count, ends_open = body.count(_END), body.endswith(_END[:1])
        buffer = bytearray(_PIECE_BYTES)
        while size := client.recv_into(buffer):
            count += buffer.count(_END, 0, size) + (ends_open and buffer[:1] == _END[1:])
            ends_open = buffer[size - 1 : size] == _END[:1]
    return count
