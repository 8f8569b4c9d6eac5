"""A router of forty lines: which function answers which method and path."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, Any]
Endpoint = Callable[..., Answer]


@dataclass
class Request:
    """What an endpoint gets. `arguments` are those of the query, `body` is the JSON that was sent."""

    arguments: Mapping[str, str]
    body: Mapping[str, Any]
    token: str = ""


@dataclass
class Router:
    """Routes in the order in which they were added."""

    routes: list[tuple[str, re.Pattern[str], Endpoint]] = field(default_factory=list)

    def get(self, path: str) -> Callable[[Endpoint], Endpoint]:
        return self._adding("GET", path)

    def post(self, path: str) -> Callable[[Endpoint], Endpoint]:
        return self._adding("POST", path)

    def delete(self, path: str) -> Callable[[Endpoint], Endpoint]:
        return self._adding("DELETE", path)

    def _adding(self, method: str, path: str) -> Callable[[Endpoint], Endpoint]:
        pattern = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path))

        def add(endpoint: Endpoint) -> Endpoint:
            self.routes.append((method, pattern, endpoint))
            return endpoint

        return add

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint and what its path names; None if there is none."""
        for known, pattern, endpoint in self.routes:
            match = pattern.fullmatch(path)
            if known == method and match:
                return endpoint, match.groupdict()
        return None
