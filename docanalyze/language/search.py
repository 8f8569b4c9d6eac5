"""Finding words: cue scores, terms by stem, and BM25 over sentences."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from docanalyze.language.lexical import WORD, normalise, stem, words
from docanalyze.model import Cue, Span

_K1, _B = 1.4, 0.6
_GAP = re.compile(r"[\s\-‐–/]{0,4}")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A cue's expression: case ignored, a dot meets line ends, so that wrapped lines do not matter."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def cue_score(cues: Sequence[Cue], text: str) -> float:
    """The sum of the weights of the cues that occur in the text."""
    return sum(cue.weight for cue in cues if compiled(cue.pattern).search(text))


class TermIndex:
    """Where each stem stands in a text, for terms of one or more words."""

    def __init__(self, text: str) -> None:
        self.text = text
        # On the matching key: a word that a line's end divides is one word.
        key = normalise(text)
        found = [match.span() for match in WORD.finditer(key.text)]
        self._spans = [key.source(start, end) for start, end in found]
        self._stems = [stem(key.text[start:end]) for start, end in found]
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(self._stems):
            self._places.setdefault(word, []).append(place)

    def find(self, term: str) -> list[Span]:
        """Where the words of the term stand in a row, by stem, nothing between but blanks and hyphens."""
        wanted = [stem(word) for word in words(term)]
        if not wanted:
            return []
        found = []
        for place in self._places.get(wanted[0], ()):
            last = place + len(wanted) - 1
            if self._stems[place : last + 1] == wanted and self._adjacent(place, last):
                found.append(Span(self._spans[place][0], self._spans[last][1]))
        return found

    def _adjacent(self, first: int, last: int) -> bool:
        gaps = ((self._spans[i][1], self._spans[i + 1][0]) for i in range(first, last))
        return all(_GAP.fullmatch(self.text, start, end) for start, end in gaps)


class TermScan:
    """Finds terms as a TermIndex does, in texts too large to be indexed: each term costs a pass over the text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, term: str) -> list[Span]:
        """Where the words of the term stand in a row, by stem, nothing between but blanks and hyphens."""
        wanted = [stem(word) for word in words(term)]
        if not wanted:
            return []
        # What has the stem need not begin with it (`applies`, `apply`), but has its first letters.
        likely = _GAP.pattern.join(rf"{re.escape(word[: max(1, len(word) - 2)])}[^\W_]*" for word in wanted)
        found = re.finditer(rf"(?<![^\W_]){likely}(?![^\W_])", self.text, re.IGNORECASE)
        return [Span(*match.span()) for match in found if [stem(word) for word in words(match[0])] == wanted]


LARGEST_INDEXED = 4_000_000
"""Characters beyond which terms are looked for one by one."""


def terms_of(text: str) -> TermIndex | TermScan:
    """What finds terms in a text of any length."""
    return TermIndex(text) if len(text) <= LARGEST_INDEXED else TermScan(text)


def find_term(text: str, term: str) -> list[Span]:
    """Where a term stands in a text; of many terms over one text, make one TermIndex."""
    return TermIndex(text).find(term)


class Bm25:
    """Ranks short texts by the words they share with a query."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(stem(word) for word in words(text)) for text in texts]
        self._lengths = [sum(count.values()) for count in self._counts]
        self._mean = sum(self._lengths) / len(self._lengths) if any(self._lengths) else 1.0
        self._in = Counter(word for count in self._counts for word in count)

    def rank(self, query: str, limit: int) -> list[tuple[int, float]]:
        """(place, score) of the best, the best first; those without a shared word are left out."""
        wanted = {stem(word) for word in words(query)}
        scores = ((place, self._score(place, wanted)) for place in range(len(self._counts)))
        best = sorted((pair for pair in scores if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))
        return best[:limit]

    def _score(self, place: int, wanted: set[str]) -> float:
        count, length = self._counts[place], self._lengths[place]
        total = 0.0
        for word in wanted & count.keys():
            rarity = math.log(1 + (len(self._counts) - self._in[word] + 0.5) / (self._in[word] + 0.5))
            often = count[word]
            total += rarity * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length / self._mean))
        return total
