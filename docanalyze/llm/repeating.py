"""Whether an answer goes round in circles."""

_TAIL = 24
_LEAST_TIMES = 4
_LEAST_CHARS = 240
_LEAST_CHARS_OF_A_RULE = 600
"""A row of one sign, such as a line to sign on, may be long without being a circle."""
LOOK_EVERY = 120
"""Characters after which it is worth looking again."""


def goes_round(text: str) -> bool:
    """Whether the text ends in the same words again and again, to the letter."""
    if len(text) < _LEAST_CHARS:
        return False
    tail = text[-_TAIL:]
    before = text.rfind(tail, 0, len(text) - 1)
    if before < 0:
        return False
    period = len(text) - _TAIL - before
    least = _LEAST_CHARS if period > 2 else _LEAST_CHARS_OF_A_RULE
    times = max(_LEAST_TIMES, -(-least // period))
    return len(text) >= times * period and text.endswith(text[-period:] * times)
