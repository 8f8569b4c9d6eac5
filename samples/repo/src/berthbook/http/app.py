"""The server: requests to endpoints, errors to statuses, and the files of the front."""

import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from berthbook.config import Settings
from berthbook.errors import BerthbookError
from berthbook.http.handlers import router
from berthbook.http.routing import Request
from berthbook.storage.database import connect

FRONT = Path(__file__).parents[3] / "front" / "dist"
LARGEST_BODY = 64 * 1024

log = logging.getLogger(__name__)


class App(BaseHTTPRequestHandler):
    """Answers one request. `settings` is set by `serve`."""

    settings: Settings

    def do_GET(self) -> None:
        self.answer("GET")

    def do_POST(self) -> None:
        self.answer("POST")

    def do_DELETE(self) -> None:
        self.answer("DELETE")

    def answer(self, method: str) -> None:
        """Finds the endpoint, runs it in a transaction of its own, writes what it says."""
        url = urlsplit(self.path)
        found = router.find(method, url.path)
        if found is None:
            self.file(url.path)
            return
        endpoint, named = found
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        request = Request(dict(parse_qsl(url.query)), self.body(), token)
        try:
            with connect(self.settings.database) as connection:
                status, said = endpoint(connection, self.settings, request, **named)
        except BerthbookError as error:
            status, said = error.status, {"error": str(error)}
        self.say(status, said)

    def body(self) -> dict[str, Any]:
        size = min(int(self.headers.get("Content-Length", 0)), LARGEST_BODY)
        try:
            return json.loads(self.rfile.read(size)) if size else {}
        except ValueError:
            return {}

    def say(self, status: int, said: Any) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(content)

    def file(self, path: str) -> None:
        """A file of the front; the page itself for every path that is none."""
        target = (FRONT / path.lstrip("/")).resolve()
        if not target.is_relative_to(FRONT) or not target.is_file():
            target = FRONT / "index.html"
        if not target.is_file():
            self.say(404, {"error": "the front is not built"})
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(target.read_bytes())


def serve(settings: Settings, port: int) -> None:
    """Serves until it is stopped."""
    App.settings = settings
    log.info("serving on port %d", port)
    ThreadingHTTPServer(("", port), App).serve_forever()
