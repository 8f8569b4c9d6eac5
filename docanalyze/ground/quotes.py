"""Where a quote stands in a Document, or that it does not. Pure: no server, no store, no model.

Search runs on the matching key of the text, in which only what printing changes is made equal. What
is found there is verified. What is found only nearly is at best corrected, and only if nothing
differs that could change the meaning: a number, a negation, a modal, a name, or a word that the
Document knows.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from docanalyze.ground.index import Index
from docanalyze.language import Key, criticals, normalise, words
from docanalyze.language.lexical import WORD
from docanalyze.model import Evidence, Match, Quote, Span

LEAST_SIMILARITY = 0.90
"""Below this share of equal characters a place is no candidate for a correction."""

LEAST_FUZZY_WORDS = 5
LARGEST_GAP = 3_000
MOST_OCCURRENCES = 500
ONLY_PUNCTUATION = "only punctuation differs"

_SEED_WORDS = 3
_MOST_SEED_HITS = 20
_CANDIDATES = 4
_AMBIGUOUS = 0.02
_MOST_SLIPS = 0.1
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.\.\.|…)\s*\]|\(\s*(?:\.\.\.|…)\s*\)|\.{3,}|…)\s*")
_WRAPPING = ' \t\r\n"“”'
_DENIAL = re.compile(r"\b(?:not|no|never|neither|nor|cannot|\w+n't)\s+(?:(?:be|been|being|to|have|any)\s+){0,2}[\"(]?$")
_TURNED = re.compile(r"(?:un|in|im|ir|il|non|dis|mis|de)")
"""What turns a word into its opposite."""
_DENIAL_REACH = 32
_HYPHENS = "-\u2010\u2011\u00ad"
"""What joins two parts of one word; dashes part words."""
_JOINING = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_LINE_END = re.compile(r"[-\u2010\u00ad][ \t]*\r?\n\s*")
_MOST_HYPHENS = 8
_BOUNDS = "≤≥<>=≠±~≈"
_SPELLED = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|million|billion)"
)
_GOES_ON = re.compile(
    r"\s?(?:%|percent\b|per cent\b|(?:hundred|thousand|million|billion|mio|mn|bn|[km])\b)|[.,'/]\d| \d{3}(?!\d)"
)
"""After a number: what is still of it."""
_BEGAN = re.compile(rf"(?:\d[.,'/]|[{_BOUNDS}] ?|(?<![a-z0-9])-)$")
_GROUP = re.compile(r"\d{3}(?!\d)")
"""Before a number: what is of it already."""
_FIRST_SPELLED = re.compile(rf"{_SPELLED}\b")
_LAST_SPELLED = re.compile(rf"\b{_SPELLED}$")
_SIGNS = re.compile(r"[^\w\s,.;:'\"()\[\]/-]")
_LEAST_PART_WORDS, _LEAST_PARTS_WORDS = 2, 5
_MOST_FIRST_PLACES = 50
# Words that may be added, lost or exchanged in a corrected quote: none carries the meaning by itself.
_FILLERS = frozenset("the a an of to and that this such in on by for its with as is are be at".split())


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a place that nearly fits is not the quote's."""

    reason: str
    score: float = 0.0


def locate(index: Index, quote: Quote) -> Evidence:
    """The Evidence for a quote: verified where the words stand, corrected, or missing with a reason."""
    wanted = quote.text.strip(_WRAPPING)
    if len(re.sub(r"[\W_]", "", wanted)) < 2:
        return _missing(quote, "too short to be found anywhere")
    if not index.is_whole and quote.at is not None and index.document.slice(quote.at) == quote.text:
        # Of a code base, whose key is large: the place is known, and how often the words stand is not asked.
        return _found(index, quote, (quote.at,), Match.EXACT, 1)
    places = _occurrences(index, wanted, index.cited(quote.cited))
    denied = [span for span in places if _denied_before(index, span)]
    if quote.at is not None and index.document.slice(quote.at) == quote.text:
        return _found(index, quote, (quote.at,), Match.EXACT, max(1, len(places)))
    if places and len(denied) == len(places):
        return _missing(quote, "it leaves out the denial that stands before it")
    places = [span for span in places if span not in denied]
    if places:
        span = _choose(index, quote, places, wanted)
        match = Match.EXACT if index.document.slice(span) == wanted else Match.NORMALISED
        return _found(index, quote, (span,), match, len(places))
    parts = [part for part in _ELLIPSIS.split(wanted) if part.strip()]
    if len(parts) > 1:
        return _locate_parts(index, quote, parts)
    return _locate_nearly(index, quote, wanted)


def locate_value(index: Index, written: str, within: Evidence) -> Evidence:
    """The Evidence for a Field's words: inside the located quote, else inside its sentence.

    Verified or missing: a value is never corrected.
    """
    quote = Quote(written)
    for region in (within.span, within.sentence):
        if region is None:
            continue
        words_there = index.document.slice(region)
        for start, end in _matches(normalise(words_there), words_there, normalise(written).text.strip()):
            span = Span(region.start + start, region.start + end)
            match = Match.EXACT if index.document.slice(span) == written else Match.NORMALISED
            return replace(_found(index, quote, (span,), match, 1), in_place=None)
    return _missing(quote, "not in the quote that the value is said to be from")


# -- lossless --------------------------------------------------------------------------------------


def _occurrences(index: Index, wanted: str, cited: Sequence[Span] = ()) -> list[Span]:
    """Every place of the words, in the body or apart but never across."""
    needle = normalise(wanted).text.strip()
    spans = _places(index, _matches(index.key, index.text, needle), cited)
    return spans or _places(index, _divided_matches(index, needle), cited)


def _places(index: Index, matches: Iterator[tuple[int, int]], cited: Sequence[Span]) -> list[Span]:
    """At most `MOST_OCCURRENCES`, and those cited besides."""
    spans: list[Span] = []
    for start, end in matches:
        span = Span(start, end)
        few = len(spans) < MOST_OCCURRENCES
        if (few or any(span.overlaps(segment) for segment in cited)) and not index.straddles(span):
            spans.append(span)
        elif not few and not cited:
            break
    return spans


def _matches(key: Key, source: str, needle: str) -> Iterator[tuple[int, int]]:
    """Source ranges where the needle stands as whole words in the key."""
    return (key.source(start, end) for start, end in _in_key(key, source, needle))


def _in_key(key: Key, source: str, needle: str) -> Iterator[tuple[int, int]]:
    start = key.text.find(needle) if needle else -1
    while start >= 0:
        end = start + len(needle)
        if _stands_alone(key, source, start, end):
            yield start, end
        start = key.text.find(needle, start + 1)


def _divided_matches(index: Index, needle: str) -> Iterator[tuple[int, int]]:
    """Source ranges where a hyphen of the needle ends a line: the key has taken it for a division."""
    hyphens = tuple(match.start() for match in _JOINING.finditer(needle))[:_MOST_HYPHENS]
    places = index.key.map
    for joined in dict.fromkeys([*((at,) for at in hyphens), hyphens] if hyphens else []):
        without = "".join(letter for at, letter in enumerate(needle) if at not in joined)
        for start, end in _in_key(index.key, index.text, without):
            after = [start + at - n for n, at in enumerate(joined)]
            if all(_LINE_END.fullmatch(index.text, places[k - 1] + 1, places[k]) for k in after):
                yield index.key.source(start, end)


def _stands_alone(key: Key, source: str, start: int, end: int) -> bool:
    return _whole(key.text, start, end) and not _cuts_a_word(key, source, start, end)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a range cuts neither a word nor a number: no `able` of `table`, no `5` of `1.5` or `5%`."""
    before, after = text[start - 1] if start else " ", text[end] if end < len(text) else " "
    if _of_word(text[start]) and _of_word(before):
        return False
    if _of_word(text[end - 1]) and _of_word(after):
        return False
    if text[start] in "$€£¥" and before.isalpha():
        return False
    if text[start].isdigit() or text[start] in "$€£¥":
        grouped = start > 1 and before == " " and text[start - 2].isdigit() and _GROUP.match(text, start)
        if grouped or _BEGAN.search(text[max(0, start - 8) : start]):
            return False
    if text[end - 1].isdigit() and _GOES_ON.match(text, end):
        return False
    return not _cuts_a_spelled_number(text, start, end)


def _cuts_a_spelled_number(text: str, start: int, end: int) -> bool:
    """Whether the range begins or ends inside `one hundred five` or before the per cent of `twenty percent`."""
    if _FIRST_SPELLED.match(text, start) and _LAST_SPELLED.search(text[max(0, start - 12) : start].rstrip()):
        return True
    if not _LAST_SPELLED.search(text[max(0, end - 12) : end]):
        return False
    return _GOES_ON.match(text, end) is not None or _FIRST_SPELLED.match(text[end : end + 12].lstrip()) is not None


def _cuts_a_word(key: Key, source: str, start: int, end: int) -> bool:
    """Whether a hyphen joins the range to what stands before or after: `exclusive` of `non-exclusive`.

    A dash parts words, and the key does not tell it from a hyphen: the source does.
    """
    text = key.text
    if start > 1 and source[key.map[start - 1]] in _HYPHENS and _of_word(text[start]) and _of_word(text[start - 2]):
        return True
    after = end + 1 < len(text) and source[key.map[end]] in _HYPHENS
    return after and _of_word(text[end - 1]) and _of_word(text[end + 1])


def _denied_before(index: Index, span: Span) -> bool:
    """Whether the word before a place denies what follows: `party shall` of `Neither party shall`.

    Looked for in the key, where neither indents nor invisible characters come between.
    """
    at = bisect_left(index.key.map, span.start)
    return _DENIAL.search(index.key.text[max(0, at - _DENIAL_REACH) : at]) is not None


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.combining(character) != 0


def _choose(index: Index, quote: Quote, places: Sequence[Span], wanted: str) -> Span:
    """The cited place, else the first that is to the letter, else the first; the body before the rest."""
    cited = index.cited(quote.cited)

    def rank(span: Span) -> tuple[bool, bool, bool, int]:
        in_place = any(span.overlaps(segment) for segment in cited)
        apart = not all(segment.in_body for segment in index.document.segments_at(span))
        return (not in_place, apart, index.document.slice(span) != wanted, span.start)

    return min(places, key=rank)


def _locate_parts(index: Index, quote: Quote, parts: Sequence[str]) -> Evidence:
    """A quote with ellipses: its parts in order, near each other, hiding nothing that turns the meaning."""
    sizes = [len(words(part)) for part in parts]
    if min(sizes) < _LEAST_PART_WORDS or sum(sizes) < _LEAST_PARTS_WORDS:
        return _missing(quote, "its parts are too short to be told from others")
    cited = index.cited(quote.cited)
    found = [_occurrences(index, part, cited) for part in parts]
    if not found[0]:
        return _missing(quote, "its first part is not in the document")
    first = _choose(index, replace(quote, text=parts[0]), found[0], parts[0])
    others = [span for span in found[0] if span != first]
    reason = ""
    for start in [first, *others][:_MOST_FIRST_PLACES]:
        spans = _row(start, found[1:])
        refused = _hides(index, spans) if spans else "its parts do not stand near each other in that order"
        if spans and not refused:
            whole = all(index.document.slice(s) == p.strip() for s, p in zip(spans, parts, strict=True))
            return _found(index, quote, tuple(spans), Match.EXACT if whole else Match.NORMALISED, len(found[0]))
        reason = reason or refused
    return _missing(quote, reason)


def _row(start: Span, others: Sequence[Sequence[Span]]) -> list[Span]:
    """The nearest place of each further part after the one before; empty if there is none near."""
    spans = [start]
    for places in others:
        following = next((span for span in places if span.start >= spans[-1].end), None)
        if following is None or following.start - spans[-1].end > LARGEST_GAP:
            return []
        spans.append(following)
    return spans


def _hides(index: Index, spans: Sequence[Span]) -> str:
    """What the gaps hide that a reader would have to know; empty if nothing."""
    if any(_denied_before(index, span) for span in spans):
        return "it leaves out the denial that stands before one of its parts"
    for left, right in pairwise(spans):
        gap = criticals(index.text[left.end : right.start])
        if gap.negations:
            return "what it leaves out holds a negation"
        one, other = index.enclosing([left]), index.enclosing([right])
        if one != other and (other is None or index.text[other.start : right.start].strip()):
            return "its parts stand in different sentences, and one begins in the middle"
        if one == other and gap.modals:
            return "what it leaves out of the sentence holds another duty"
    return ""


# -- nearly ----------------------------------------------------------------------------------------


def _locate_nearly(index: Index, quote: Quote, wanted: str) -> Evidence:
    needle = normalise(wanted).text.strip()
    count = len(words(needle))
    if count < LEAST_FUZZY_WORDS:
        return _missing(quote, "not in the document, and too short for a nearest place")
    ranked = _candidates(index, needle)
    if not ranked:
        return _missing(quote, "no place in the document resembles it")
    score, start, end = ranked[0]
    span = Span(*index.key.source(start, end))
    refusal = _compare(index, wanted, span, score)
    if refusal is None and not _stands_alone(index.key, index.text, start, end):
        refusal = _Refusal("it cuts a word or a number", score)
    if refusal is None and _denied_before(index, span):
        refusal = _Refusal("it leaves out the denial that stands before it", score)
    if refusal is None and len(ranked) > 1 and ranked[1][0] > score - _AMBIGUOUS:
        refusal = _Refusal("two places resemble it equally", score)
    if refusal is not None:
        place = index.document.locator(span)
        return _missing(quote, f"{refusal.reason}; nearest at {place}", refusal.score)
    if _same_words(wanted, index.document.slice(span)):
        evidence = _found(index, quote, (span,), Match.NORMALISED, 1)
        return replace(evidence, reason=ONLY_PUNCTUATION)
    evidence = _found(index, quote, (span,), Match.FUZZY, 1)
    return replace(evidence, score=round(score, 3), reason="not to the letter: the source's words are shown")


def _candidates(index: Index, needle: str) -> list[tuple[float, int, int]]:
    """(similarity, start, end) in the key, the best first, one for each place.

    Seeds of three words are searched to the letter; only around their votes is compared closely.
    """
    from rapidfuzz.fuzz import partial_ratio_alignment

    text = index.key.text
    found: dict[int, tuple[float, int, int]] = {}
    slack = max(20, len(needle) // 6)
    for offset in _votes(text, needle):
        low, high = max(0, offset - slack), min(len(text), offset + len(needle) + slack)
        aligned = partial_ratio_alignment(needle, text[low:high], score_cutoff=70)
        if aligned is None:
            continue
        start, end = _snapped(text, low + aligned.dest_start, low + aligned.dest_end)
        if start < end:
            score = _similarity(needle, text[start:end])
            found[start] = max(found.get(start, (0.0, 0, 0)), (score, start, end))
    ranked = sorted(found.values(), key=lambda place: (-place[0], place[1]))
    return _apart(ranked)


def _votes(text: str, needle: str) -> list[int]:
    """Where in the text the needle would begin, by its seeds, the most votes first.

    Seeds side by side mostly do; only where none of them stands in the text all others are tried.
    """
    spans = [match.span() for match in WORD.finditer(needle)]
    seeds = [(spans[i][0], spans[i + _SEED_WORDS - 1][1]) for i in range(len(spans) - _SEED_WORDS + 1)]
    votes = _counted(text, needle, seeds[::_SEED_WORDS]) or _counted(text, needle, seeds)
    return [bucket * 16 for bucket, _ in votes.most_common(_CANDIDATES)]


def _counted(text: str, needle: str, seeds: Sequence[tuple[int, int]]) -> Counter[int]:
    votes: Counter[int] = Counter()
    for start, end in seeds:
        place = text.find(needle[start:end])
        hits = 0
        while place >= 0 and hits < _MOST_SEED_HITS:
            votes[(place - start) // 16] += 1
            hits += 1
            place = text.find(needle[start:end], place + 1)
    return votes


def _snapped(text: str, start: int, end: int) -> tuple[int, int]:
    """The range widened to whole words and freed of blanks."""
    while start > 0 and _of_word(text[start - 1]) and start < len(text) and _of_word(text[start]):
        start -= 1
    while end < len(text) and _of_word(text[end]) and end > 0 and _of_word(text[end - 1]):
        end += 1
    while start < end and text[start] == " ":
        start += 1
    while end > start and text[end - 1] == " ":
        end -= 1
    return start, end


def _similarity(one: str, other: str) -> float:
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(one, other))


def _apart(ranked: Sequence[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    kept: list[tuple[float, int, int]] = []
    for place in ranked:
        if not any(place[1] < other[2] and other[1] < place[2] for other in kept):
            kept.append(place)
    return kept


def _compare(index: Index, wanted: str, span: Span, score: float) -> _Refusal | None:
    """Why the place is not the quote's, or None if all that differs is harmless."""
    if index.straddles(span):
        return _Refusal("it runs from the body into what stands apart", score)
    if score < LEAST_SIMILARITY:
        return _Refusal(f"only {score:.0%} of it agree", score)
    source = index.document.slice(span)
    if _SIGNS.findall(normalise(wanted).text) != _SIGNS.findall(normalise(source).text):
        return _Refusal("signs differ", score)
    said, stands = criticals(wanted), criticals(source)
    for name in ("numbers", "negations", "modals", "names"):
        ours, theirs = Counter(getattr(said, name)), Counter(getattr(stands, name))
        if ours != theirs:
            return _Refusal(f"{name} differ: {_difference(ours, theirs)}", score)
    return _compare_words(index, words(normalise(wanted).text), words(normalise(source).text), score)


def _difference(ours: Counter[str], theirs: Counter[str]) -> str:
    lost, added = sorted((theirs - ours).elements()), sorted((ours - theirs).elements())
    said = f"the document has {', '.join(lost)}" if lost else ""
    ours_say = f"the quote has {', '.join(added)}" if added else ""
    return "; ".join(part for part in (said, ours_say) if part)


def _compare_words(index: Index, ours: list[str], theirs: list[str], score: float) -> _Refusal | None:
    from rapidfuzz.distance import Levenshtein

    slips = 0
    for edit in Levenshtein.editops(ours, theirs):
        if edit.tag == "replace":
            said, stands = ours[edit.src_pos], theirs[edit.dest_pos]
            # A word that the document knows is no slip of the pen: it is another word.
            if said in index.vocabulary or _similarity(said, stands) < 0.7 or _opposite(said, stands):
                return _Refusal(f"a word differs: the document has {stands}, the quote has {said}", score)
        else:
            word = ours[edit.src_pos] if edit.tag == "delete" else theirs[edit.dest_pos]
            if word not in _FILLERS:
                verb = "added" if edit.tag == "delete" else "lost"
                return _Refusal(f"a word is {verb}: {word}", score)
        slips += 1
    if slips > max(2, _MOST_SLIPS * len(ours)):
        return _Refusal(f"{slips} words differ", score)
    return None


def _opposite(one: str, other: str) -> bool:
    """Whether one is the other with a beginning that turns it: `revocable` and `irrevocable`."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short) and _TURNED.fullmatch(long.removesuffix(short)) is not None


def _same_words(one: str, other: str) -> bool:
    return words(normalise(one).text) == words(normalise(other).text)


# -- results ---------------------------------------------------------------------------------------


def _found(index: Index, quote: Quote, spans: tuple[Span, ...], match: Match, occurrences: int) -> Evidence:
    cited = index.cited(quote.cited)
    in_place = all(any(span.overlaps(c) for c in cited) for span in spans) if quote.cited else None
    return Evidence(
        quote.text,
        spans,
        match,
        in_place=in_place,
        occurrences=occurrences,
        sentence=index.enclosing(spans),
    )


def _missing(quote: Quote, reason: str, score: float = 0.0) -> Evidence:
    return Evidence(quote.text, (), Match.MISSING, score=round(score, 3), occurrences=0, reason=reason)
