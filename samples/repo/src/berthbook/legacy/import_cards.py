"""Reads the card index that the harbour kept before 2019."""

import re
from pathlib import Path

CARD = re.compile(r"(?P<berth>[A-Z]\d+)\s+(?P<boat>.+?)\s{2,}(?P<skipper>.+)")


def read_cards(folder: Path) -> list[dict[str, str]]:
    """One entry for each card that can be read."""
    cards = []
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="latin-1").splitlines():
            match = CARD.match(line)
            if match:
                cards.append(match.groupdict())
    return cards


def berths_of(cards: list[dict[str, str]]) -> list[str]:
    """The berths that are named, each once."""
    return sorted({card["berth"] for card in cards})
