"""A web server with one file, which gives out ranges of bytes as iPXE asks for them (Python's own does not)."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD with `Range`; the server has the file."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> bytes:
        """Send the head; what belongs behind it."""
        body, span = self.server.file, re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        self.send_response(206 if span else 200)
        if span:
            first, last = int(span[1]), int(span[2])
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
            body = body[first:last + 1]
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def do_HEAD(self) -> None:
        """The length."""
        self.answer()

    def do_GET(self) -> None:
        """All of it or a part."""
        self.wfile.write(self.answer())

    def log_message(self, *_) -> None:
        """Nothing on standard error."""


class WebServer(ThreadingHTTPServer):
    """On a free port of this computer for the length of a `with`."""

    daemon_threads = True

    def __init__(self, path: Path):
        super().__init__(("127.0.0.1", 0), Handler)
        self.file = path.read_bytes()

    def __enter__(self) -> "WebServer":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.server_close()
