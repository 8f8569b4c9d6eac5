"""How fast a server reads and writes, as measured, and how long silence may last for it."""

_BATCH = 2048
"""Tokens that a server reads between two signs of life."""
_SLOW_READING, _SLOW_WRITING = 8.0, 0.2
"""Tokens a second of a machine that is barely usable: what is assumed before anything is measured."""
_PATIENCE = 6.0
"""How many times as long as measured something may take."""
_LEAST = 60.0


class Pace:
    """Tokens a second of the calls so far."""

    def __init__(self) -> None:
        self.reading = 0.0
        self.writing = 0.0

    def measured(self, read: int, reading_seconds: float, written: int, writing_seconds: float) -> None:
        """Takes in one call's timings. Few tokens say nothing about speed."""
        if read >= 64 and reading_seconds > 0:
            self.reading = read / reading_seconds
        if written >= 8 and writing_seconds > 0:
            self.writing = written / writing_seconds

    def silence_reading(self) -> float:
        """Seconds that may pass until the next sign of life while the prompt is read.

        Reading slows down with depth and another's work may come first: a multiple is allowed.
        """
        return _LEAST + _PATIENCE * _BATCH / (self.reading or _SLOW_READING)

    def silence_writing(self) -> float:
        return _LEAST + _PATIENCE / (self.writing or _SLOW_WRITING)

    def seconds(self, read: int, written: int) -> float | None:
        """How long so much takes, None before anything was measured."""
        if not self.reading or not self.writing:
            return None
        return read / self.reading + written / self.writing
