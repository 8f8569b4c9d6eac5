"""What a server computed of a document, kept on disk: asking again tomorrow costs no prefill.

Only for servers of ours, whose folder for slot files is known. A file is known by what it begins with
(system text and document, as ids) and by everything that its numbers depend on. A server checks little
of what it takes up: one cut short ends it, one altered or of another model is believed. So each file
stands beside a hash of its own, and only a whole one is offered. Other programs may use the same server: between
an answer and the saving, another's document can have come into the slot, so what was saved is looked at.
"""

import hashlib
import os
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from docanalyze.errors import ReplyError
from docanalyze.llm import Ask, LlamaCpp, Progress, Watch
from docanalyze.model import Reply
from docanalyze.runtime import geometry
from docanalyze.runtime.shelf import Shelf
from docanalyze.runtime.values import MIB, Geometry, Profile, Running

LEAST = 512
"""Tokens of a prefix that is worth a file."""
NEAR = 16
"""Tokens of a prefix that a server may compute again all the same."""
_FORM = "1"
_STEP = 256
_OFF_BY = 2
"""Tokens that a slot may have more or fewer than the call that it answered."""
_STRANGE = 3
"""Files of another's call after which no more are tried."""
_MAGIC, _HEAD = b"qsgg", 256
"""How a slot file of llama.cpp begins, and the bytes in which its ids begin."""
_ID_BYTES = 16
"""What a slot file holds of each token beside its cache."""

Note = Callable[[str], None]


def keep(server: LlamaCpp, running: Running, folder: Path, limit: int, note: Note, per_token: int = 0) -> None:
    """From now on has a server of ours save and take up prefixes, at most `limit` bytes of them.

    `folder` is where it puts slot files: `runtime.folder.slots`.

    `running` says what serves, `per_token` the bytes of cache that a token takes (0: not known), so that
    room is made before a file is written. `note` gets a line for whatever was ignored, and why.
    """
    if limit > 0:
        server.around = Keeper(server, running, Shelf(folder, limit), note, per_token)


def bytes_per_token(model: Geometry, profile: Profile) -> int:
    """What a token takes in a slot file: at most, where some layers see only a part of the context."""
    return geometry.cache_bytes(model, _STEP, profile.cache_k, profile.cache_v) // _STEP + _ID_BYTES


def served_by(running: Running) -> tuple[str, ...]:
    """All that a cache depends on beside the tokens."""
    profile = running.profile
    return (
        _FORM,
        running.model_sha256,
        profile.cache_k.value,
        profile.cache_v.value,
        f"flash {profile.flash}",
        f"yarn {profile.yarn_factor:g} {profile.yarn_context}",
        running.version or running.binary,
    )


def key_of(ids: Sequence[int], served: Sequence[str]) -> str:
    """The name of a prefix: a hash of its ids and of what serves it."""
    digest = hashlib.sha256("\0".join(served).encode())
    digest.update(struct.pack(f"<{len(ids)}I", *ids))
    return digest.hexdigest()


class Keeper:
    """Stands around the calls to one server, which has one slot, and knows what that slot holds."""

    def __init__(self, server: LlamaCpp, running: Running, shelf: Shelf, note: Note, per_token: int) -> None:
        """`_mine` is what is held while a prefix is taken up: whoever else calls in between changes it."""
        self._server = server
        self._served = served_by(running)
        self._instance = f"{running.role}-{running.pid}-{running.port}-{running.started}".replace(" ", "_")
        self._shelf = shelf
        self._note = note
        self._per_token = per_token
        self._known: tuple[Sequence[int], str] | None = None
        self._taken_up, self._mine = "", f"taken-up-by-{os.getpid()}"
        self._strange = 0
        shelf.tidy()
        self._saves = not shelf.is_unfit(key_of((), self._served))

    def before(self, ask: Ask, shared: Sequence[int], watch: Watch) -> None:
        """Has the server take up the prefix of the call, unless its slot holds it."""
        key = self._key(ask, shared)
        held = self._shelf.held(self._instance)
        if key and held == key:
            return
        if held:
            # Until the call has succeeded nothing is known of the slot.
            self._shelf.hold(self._instance, "")
        self._taken_up = ""
        kept = self._shelf.find(key) if key else None
        if kept is None:
            return
        watch(Progress(waiting=f"{kept.tokens:,} tokens that were read before are taken up from disk"))
        if not self._shelf.is_whole(kept) or not _holds(self._shelf.path(key), shared):
            self._ignore(key, "is damaged")
            return
        try:
            restored = self._server.restore_slot(self._shelf.path(key).name)
        except ReplyError as error:
            self._ignore(key, f"was refused by the server ({error.what})")
            return
        if restored.tokens < len(shared):
            self._ignore(key, f"holds only {restored.tokens:,} of {len(shared):,} tokens")
            return
        self._taken_up = key
        self._shelf.hold(self._instance, self._mine)
        self._shelf.used(key)

    def after(self, ask: Ask, shared: Sequence[int], reply: Reply, watch: Watch) -> None:
        """Has the server save what it computed for the call, unless that is kept."""
        key = self._key(ask, shared)
        if not key:
            return
        is_short = key == self._taken_up and reply.cached_tokens + NEAR < len(shared)
        if is_short and self._shelf.held(self._instance) == self._mine:
            # Nobody else called: a cache that cannot be cut back to a prefix, such as one with a sliding window.
            self._saves = False
            self._shelf.set_unfit(key_of((), self._served))
            self._ignore(key, f"was of use for only {reply.cached_tokens:,} of {len(shared):,} tokens")
        self._taken_up = ""
        if self._shelf.held(self._instance) != key:
            self._shelf.hold(self._instance, key)
        if self._saves and self._shelf.find(key) is None:
            watch(Progress(waiting=f"{len(shared):,} tokens that were read are kept on disk"))
            self._save(key, ask.document_id, shared, reply.prompt_tokens + reply.output_tokens)

    # -- inside ------------------------------------------------------------------------------------

    def _key(self, ask: Ask, shared: Sequence[int]) -> str:
        """The name of a call's prefix, nothing where there is no document or too little of it."""
        if not ask.document or len(shared) < LEAST:
            return ""
        if self._known is None or self._known[0] is not shared:
            self._known = (shared, key_of(shared, self._served))
        return self._known[1]

    def _save(self, key: str, document_id: str, shared: Sequence[int], tokens: int) -> None:
        if problem := self._shelf.make_room(tokens * self._per_token):
            self._give_up(problem)
            return
        part = self._shelf.part(key)
        try:
            saved = self._server.save_slot(part.name)
        except ReplyError as error:
            with suppress(OSError):
                part.unlink()
            self._give_up(error.what)
            return
        if abs(saved.tokens - tokens) > _OFF_BY or not _holds(part, shared):
            self._is_strange(part)
            return
        self._per_token = self._per_token or -(-saved.size // max(1, saved.tokens))
        if problem := self._shelf.put(key, part, document_id, saved):
            self._give_up(problem)

    def _is_strange(self, part: Path) -> None:
        """What was saved is not of this call: another's came in between. It would be kept under a wrong name."""
        try:
            part.unlink()
        except OSError as error:
            self._give_up(f"{part} cannot be deleted: {error.strerror}")
            return
        self._strange += 1
        if self._strange == _STRANGE:
            self._give_up("its slot holds something else than it was asked: others use it, too")

    def _give_up(self, why: str) -> None:
        """One that could not be kept is the last that is tried: the next would not fare better."""
        self._saves = False
        self._note(f"what the server read is not kept on disk: {why}")

    def _ignore(self, key: str, why: str) -> None:
        size = self._shelf.drop(key)
        self._note(f"a kept prefix of {size / MIB:,.0f} MiB {why}: ignored and deleted")


def _holds(path: Path, ids: Sequence[int]) -> bool:
    """Whether a slot file begins with these ids; one of a form that is not known is believed."""
    wanted = struct.pack(f"<{len(ids)}I", *ids)
    try:
        with path.open("rb") as file:
            begins = file.read(_HEAD + len(wanted))
    except OSError:
        return False
    return not begins.startswith(_MAGIC) or wanted in begins
