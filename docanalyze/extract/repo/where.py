"""In which part of a text a sign counts."""

from enum import StrEnum


class Where(StrEnum):
    """What a character of a file belongs to. `TEXT` are the words of a page, `ANY` none of these in particular."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"
    TEXT = "text"
    ANY = "any"
