"""What is told while something is done: an Event, and who takes it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Progress: which stage, what, how far of how much (0 where unknown).

    `lines` are to stay, such as statements as they come.
    """

    stage: str
    text: str = ""
    done: int = 0
    total: int = 0
    lines: tuple[str, ...] = ()


Notify = Callable[[Event], None]
