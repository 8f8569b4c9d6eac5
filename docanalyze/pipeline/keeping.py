"""Prefixes kept on disk, for the servers of ours: joins what the settings say with what the runtime does."""

from docanalyze.config import Settings, runtime_folder
from docanalyze.llm import LlamaCpp, Served
from docanalyze.model import Event, Notify
from docanalyze.runtime import folder, prefixes
from docanalyze.runtime.values import Running


def keep_prefixes(server: Served, running: Running, settings: Settings, notify: Notify) -> None:
    """Has a server of ours save and take up what it reads of documents, within the room that the settings give."""
    if not isinstance(server, LlamaCpp):
        return

    def note(text: str) -> None:
        notify(Event("find", lines=(text,)))

    prefixes.keep(server, running, folder.slots(runtime_folder(settings)), settings.prefix_cache, note)
