"""The process of a lane: `python -m docanalyze.batch.process`."""

import time

from docanalyze.batch.lane import Lane
from docanalyze.batch.lanes import serve
from docanalyze.model import Event, Notify
from docanalyze.pipeline import Models

_EVERY = 0.2
"""Seconds between two words of progress within a stage."""


def main() -> None:
    """Works with the built-in analyst alone: there is no server to share."""
    serve(lambda tell: Lane(Models(), seldom(tell), lambda line: tell(Event("note", lines=(line,)))))


def seldom(tell: Notify) -> Notify:
    """Tells of each stage when it begins, and of what moves within it now and then."""
    stage, told = "", 0.0

    def notify(event: Event) -> None:
        nonlocal stage, told
        now = time.monotonic()
        if event.stage != stage or now - told > _EVERY:
            stage, told = event.stage, now
            tell(event)

    return notify


if __name__ == "__main__":
    main()
