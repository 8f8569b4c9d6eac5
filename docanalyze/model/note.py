"""What a reader must be told of how something was read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """Something a user must know about how a Document was read: a guess, a repair, a loss."""

    code: str
    text: str
    page: int = 0
