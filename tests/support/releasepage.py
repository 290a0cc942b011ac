"""A server that tells of the newest version, with the same bytes for everybody."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class ReleasePage(HTTPServer):
    """Answers each request with *body*, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.body = b""
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/newest.json"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = self.server
        assert isinstance(page, ReleasePage)
        page.asked.append(dict(self.headers))
        self.send_response(page.status)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, *_told: object) -> None:
        pass


@contextmanager
def release_page() -> Iterator[ReleasePage]:
    """Serve on a thread of its own until the block ends."""
    with ReleasePage() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def told_release(tag: str, page: str = "https://releases.example/new") -> bytes:
    """Write what a page of releases says."""
    return json.dumps({"tag_name": tag, "html_url": page, "draft": False}).encode()
