"""What, apart from its files, decides about what is read of a code base: our code and queries, by their hash."""

from functools import cache

from docanalyze.code import hash_code

_GRAMMARS = "1"
"""Counted up with every grammar that is taken in another version: the hash does not see them."""

OURS = (
    "ingest/outline",
    "ingest/repo",
    "ingest/clauses.py",
    "ingest/decoding.py",
    "ingest/invisible.py",
    "ingest/lines.py",
    "ingest/markdown.py",
    "ingest/text.py",
)


@cache
def version() -> str:
    """The version of reading. A store keeps the first Tree of a Document and what was parsed of a file: with a number
    that somebody must remember to count up, what older code made of the same bytes would stand for what this makes."""
    return f"{_GRAMMARS}+{hash_code(*OURS)[:12]}"
