"""The client of one model server, over HTTP: ask, choose, count.

llama.cpp's own server is spoken to by token ids, so that no text can act as a control token and
every count is exact. Any other OpenAI-compatible endpoint is spoken to by chat messages, and what it
cannot prove is named in `unproven`.
"""

from docanalyze.llm.asking import Around, Ask, Choice, Progress, Sampling, Served, Slot, Watch, broken_up, silent
from docanalyze.llm.connect import connect, is_local
from docanalyze.llm.llamacpp import LlamaCpp

__all__ = [
    "Around",
    "Ask",
    "Choice",
    "LlamaCpp",
    "Progress",
    "Sampling",
    "Served",
    "Slot",
    "Watch",
    "broken_up",
    "connect",
    "is_local",
    "silent",
]
