"""A server on this machine that takes whatever it is sent, in a thread of its own, for workers that are processes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Taken = tuple[Message, bytes]
"""The headers of a request, and its body."""


@contextmanager
def taking() -> Iterator[tuple[str, list[Taken]]]:
    """The origin of the server while it runs, and what it took."""
    taken: list[Taken] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.headers, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Takes) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", taken
        server.shutdown()
        thread.join()
