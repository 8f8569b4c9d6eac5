"""The client of one model server, over HTTP: ask, choose, count.

llama.cpp's own server is spoken to by token ids, so that no text can act as a control token and
every count is exact. Any other OpenAI-compatible endpoint is spoken to by chat messages, and what it
cannot prove is named in `unproven`.
"""

from docanalyze.llm.asking import Ask, Choice, Progress, Sampling, Served, Watch, broken_up, silent
from docanalyze.llm.connect import connect, is_local

__all__ = [
    "Ask",
    "Choice",
    "Progress",
    "Sampling",
    "Served",
    "Watch",
    "broken_up",
    "connect",
    "is_local",
    "silent",
]
