"""Prefixes kept on disk, for the servers of ours: joins what the settings say with what the runtime does."""

from docanalyze.config import Settings, runtime_folder
from docanalyze.errors import DocanalyzeError
from docanalyze.llm import LlamaCpp, Served
from docanalyze.model import Event, Notify
from docanalyze.runtime import folder, geometry, prefixes
from docanalyze.runtime.values import Running


def keep_prefixes(server: Served, running: Running, settings: Settings, notify: Notify) -> None:
    """Has a server of ours save and take up what it reads of documents, within the room that the settings give."""
    if not isinstance(server, LlamaCpp) or not settings.prefix_cache:
        return

    def note(text: str) -> None:
        notify(Event("find", lines=(text,)))

    slots = folder.slots(runtime_folder(settings))
    prefixes.keep(server, running, slots, settings.prefix_cache, note, _bytes_per_token(running))


def _bytes_per_token(running: Running) -> int:
    """What a token of cache takes; 0 of a model that is not understood: its first file then tells."""
    try:
        return prefixes.bytes_per_token(geometry.of_file(running.model_file), running.profile)
    except DocanalyzeError:
        return 0
