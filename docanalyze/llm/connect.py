"""Finds out what serves at an address, and whether it may be spoken to."""

import ipaddress
from urllib.parse import urlsplit

from docanalyze.errors import ReplyError, ServerRefused, UsageError
from docanalyze.llm.asking import Served, Vocabulary, Watch, silent
from docanalyze.llm.door import Door, Patience
from docanalyze.llm.llamacpp import LlamaCpp
from docanalyze.llm.openai import OpenAi


def is_local(url: str) -> bool:
    """Whether an address is on this machine, by its name alone: nothing is looked up."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect(
    url: str,
    vocabulary: Vocabulary,
    *,
    key: str = "",
    model: str = "",
    allow_remote: bool = False,
    patience: Patience | None = None,
    watch: Watch = silent,
) -> Served:
    """The server at `url`, asked what it is; one that loads is waited for.

    `vocabulary` counts where the server's own is found to be the same, or cannot be asked.

    UsageError for an address that is none, or on another machine without `allow_remote`.
    ServerRefused for what is no model server.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no address of a server", "give http://127.0.0.1:8080 or the like")
    if parts.username or parts.password:
        raise UsageError("a key does not belong into an address", "set DOCANALYZE_MAIN_KEY or DOCANALYZE_JUDGE_KEY")
    remote = not is_local(url)
    if remote and not allow_remote:
        raise UsageError(
            f"{parts.hostname} is not this machine: the document would leave it", "give --allow-remote if it may"
        )
    door = Door(url, key, patience)
    try:
        props = door.get("/props", watch)
        models = door.get("/v1/models", watch)
        if props is not None and "default_generation_settings" in props:
            return LlamaCpp(door, props, models or {}, vocabulary, remote=remote)
        if models is None and not model:
            raise ServerRefused(f"{url} is no model server: it has no list of models", "check the address")
        return OpenAi(door, models or {}, model, vocabulary, remote=remote)
    except ReplyError as error:
        door.close()
        raise ServerRefused(f"{url} is no model server: {error.what}", "check the address") from None
    except BaseException:
        door.close()
        raise
