"""What was made of the files that were asked for last."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Values by the place of their file: the last so many that were asked for.

    How one is made is said by whoever asks: a cache that held a method of its owner would keep that, and with it all of
    a code base, until somebody looks for cycles.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[int, T] = {}

    def of(self, place: int, make: Callable[[int], T]) -> T:
        """The value for a file, made where it is not known."""
        value = self._values.pop(place, None)
        if value is None:
            value = make(place)
            if len(self._values) >= self._most:
                del self._values[next(iter(self._values))]
        # What was asked for last stands last.
        self._values[place] = value
        return value
