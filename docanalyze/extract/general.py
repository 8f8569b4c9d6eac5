"""What any document has: sentences that cues speak for, key sentences, figures, open points."""

from collections import Counter
from collections.abc import Sequence

from docanalyze.extract.clauses import find_clauses
from docanalyze.extract.reading import Reading, Sentence
from docanalyze.extract.wording import as_field, fields_of, finding, quoted_part, said_of, shortened
from docanalyze.language import amounts, cue_score, dates, durations, find_term, percentages, stem, words
from docanalyze.language.search import compiled
from docanalyze.model import Finding, Section

ENOUGH = 2.0
"""The score of cues from which a sentence is taken."""

_TITLE_BONUS = 0.8
_SAME = 0.75
_FEW_WORDS, _MANY_WORDS = 6, 60
_COMMON = frozenset(
    "the a an of to and in for on with by that this is are was were be been it its as at from or which not has have "
    "had will would can may their they we our you your he she his her more than also into such these those".split()
)


def find_by_cues(section: Section, reading: Reading) -> list[Finding]:
    """The clauses that are recognised, then the sentences that the Section's cues speak for, the strongest:
    in the document's order, or where the Section wants that, the best first."""
    clauses = dict(list(find_clauses(section, reading).items())[: section.limit])
    scored = []
    for position, sentence in enumerate(reading.prose):
        if position in clauses:
            continue
        under = cue_score(section.headings, sentence.headings) if section.headings else 0.0
        score = cue_score(section.cues, sentence.text)
        if score <= 0 and under < ENOUGH:
            continue
        score += under
        if _titled(section, sentence):
            score += _TITLE_BONUS
        if score >= ENOUGH:
            scored.append((score, position, sentence))
    cued = [_cued(section, sentence, score, reading) for score, sentence in _best(scored, section.limit - len(clauses))]
    return in_order(section, [*clauses.values(), *cued])


def find_asked(section: Section, reading: Reading) -> list[Finding]:
    """The sentences nearest to a question of the user's, by their words: places to look, no answer."""
    ranked = reading.index.rank(section.question, section.limit * 2)
    asked = {stem(word) for word in words(section.question) if word not in _COMMON and len(word) > 2}
    scored = []
    for position, score in ranked:
        sentence = reading.prose[position]
        shared = asked & {stem(word) for word in words(sentence.text)}
        if shared and len(shared) * 3 >= len(asked):
            scored.append((score, position, sentence))
    best = sorted(scored, key=lambda entry: (-entry[0], entry[1]))[: section.limit]
    return [
        finding(section, one, shortened(one.body), reading, confidence=0.4, at=quoted_part(reading, one, None))
        for _, _, one in sorted(best, key=lambda entry: entry[1])
    ]


def _titled(section: Section, sentence: Sentence) -> bool:
    """Whether the heading over a sentence names the Section's subject."""
    title = sentence.title
    return bool(title) and any(find_term(title, term) for term in section.terms)


def _cued(section: Section, sentence: Sentence, score: float, reading: Reading) -> Finding:
    hits = (m for c in section.cues if c.weight > 0 and (m := compiled(c.pattern).search(sentence.text)))
    at = quoted_part(reading, sentence, next(hits, None))
    fields = fields_of(section.fields, reading.document.slice(at))
    places = [field.written for field in fields if field.name in ("place", "forum")]
    said = shortened(said_of(reading, sentence, at))
    stated = f"{section.title}: {' '.join(places[0].split())}" if places else said
    return finding(section, sentence, stated, reading, fields=fields, confidence=0.3 + 0.1 * score, at=at)


def _best(scored: list[tuple[float, int, Sentence]], limit: int) -> list[tuple[float, Sentence]]:
    """The highest scores without near repetitions, in order."""
    kept: list[tuple[float, int, Sentence]] = []
    for entry in sorted(scored, key=lambda entry: (-entry[0], entry[1])):
        if len(kept) == limit:
            break
        if not any(_alike(entry[2], other[2]) for other in kept):
            kept.append(entry)
    return [(score, sentence) for score, _, sentence in sorted(kept, key=lambda entry: entry[1])]


def _alike(one: Sentence, other: Sentence) -> bool:
    ours, theirs = set(words(one.body)), set(words(other.body))
    return len(ours & theirs) >= _SAME * max(1, len(ours | theirs))


def find_summary(section: Section, reading: Reading) -> list[Finding]:
    """Sentences in the words that the document uses most, the early ones preferred."""
    return _central(section, reading, early=0.35)


def find_statements(section: Section, reading: Reading) -> list[Finding]:
    """Sentences that conclude, weigh or require, in the document's own words."""
    return _central(section, reading, early=0.0)


def _central(section: Section, reading: Reading, *, early: float) -> list[Finding]:
    stems = [[stem(w) for w in words(s.body) if w not in _COMMON] for s in reading.prose]
    often = Counter(word for sentence in stems for word in set(sentence))
    top = max(often.values(), default=1)
    scored = []
    for position, (sentence, used) in enumerate(zip(reading.prose, stems, strict=True)):
        if not _FEW_WORDS <= len(used) <= _MANY_WORDS or sentence.text[-1:] not in '.!?”"':
            continue
        shared = sum(often[word] for word in set(used)) / (top * len(set(used)) ** 0.5)
        score = shared + early * (1 - position / len(reading.prose)) * shared
        score += 0.5 * cue_score(section.cues, sentence.text) if section.cues else 0.0
        scored.append((score, position, sentence))
    best = _best(scored, section.limit)
    highest = max((score for score, _ in best), default=1.0) or 1.0
    return [
        finding(
            section,
            s,
            shortened(s.body),
            reading,
            confidence=0.7 * score / highest,
            at=quoted_part(reading, s, None),
        )
        for score, s in best
    ]


def find_figures(section: Section, reading: Reading) -> list[Finding]:
    """Sentences with amounts, shares, dates or times, those with most of them first."""
    scored = []
    for position, sentence in enumerate(reading.prose):
        values = [value for read in (amounts, percentages, dates, durations) for value in read(sentence.text)]
        settled = [value for value in values if value.value is not None]
        if settled:
            scored.append((1.0 + 0.5 * len(settled), position, sentence))
    found = []
    for score, sentence in _best(scored, section.limit):
        at = quoted_part(reading, sentence, None)
        text = reading.document.slice(at)
        values = [value for read in (amounts, percentages, dates, durations) for value in read(text)]
        fields = [as_field(f"{value.kind.value} {n}", value) for n, value in enumerate(values[:6], 1)]
        statement = shortened(said_of(reading, sentence, at))
        found.append(finding(section, sentence, statement, reading, fields=fields, confidence=0.4 + 0.1 * score, at=at))
    return found


def find_questions(section: Section, reading: Reading) -> list[Finding]:
    """Sentences that ask, or say that something is open."""
    asking = [s for s in reading.prose if s.text.endswith("?") and len(s.text.split()) > 3]
    asked = [
        finding(section, s, shortened(s.body), reading, confidence=0.6, at=quoted_part(reading, s, None))
        for s in asking
    ]
    spans = {one.quotes[0].at for one in asked}
    cued = [one for one in find_by_cues(section, reading) if one.quotes[0].at not in spans]
    return in_order(section, [*asked, *cued])[: section.limit]


def foremost(section: Section, findings: Sequence[Finding]) -> list[Finding]:
    """Of what the Windows gave for a Section, the best of all, if it stands by that; else all as it is."""
    return in_order(section, findings)[: section.limit] if section.best_first else list(findings)


def in_order(section: Section, findings: Sequence[Finding]) -> list[Finding]:
    """As they stand in the text; where the Section wants that, the most confident first."""

    def place(one: Finding) -> tuple[float, int]:
        at = one.quotes[0].at
        first = -(one.confidence or 0.0) if section.best_first else 0.0
        return first, at.start if at is not None else 0

    return sorted(findings, key=place)
