"""A hub of model files on this machine: what huggingface_hub asks of one, and how it may fail."""

import hashlib
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class Hub:
    """Serves `files`, by `repository/resolve/main/name`. `stops_after` bytes the first download stands still."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
        self.stops_after = 0
        self.stopped = threading.Event()
        self.ranges: list[str] = []
        self.downloads = 0
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Hub":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def stand_still(self) -> None:
        """Sends nothing more until the hub ends."""
        self.stopped.set()
        self._ended.wait()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._head()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        data = self._head()
        if data is None:
            return
        self.hub.downloads += 1
        if self.hub.stops_after and self.hub.downloads == 1:
            self.wfile.write(data[: self.hub.stops_after])
            self.wfile.flush()
            self.hub.stand_still()
            return
        self.wfile.write(data)

    def _head(self) -> bytes | None:
        path = self.path.lstrip("/").partition("?")[0]
        if path not in self.hub.files:
            self.send_response(404)
            known = any(file.startswith(path.partition("/resolve/")[0] + "/") for file in self.hub.files)
            self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        data = self.hub.files[path]
        start = 0
        if wanted := self.headers.get("Range"):
            self.hub.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", f'"{self.hub.hashes[path]}"')
        self.send_header("X-Linked-Etag", f'"{self.hub.hashes[path]}"')
        self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        return data[start:]

    def log_message(self, format: str, *args: object) -> None:
        return
