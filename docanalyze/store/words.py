"""What people type into a search, as what SQLite's index understands.

    word word          both, anywhere            a OR b, a AND b, a NOT b
    "these words"      together                  ( … )  grouped
    indemnif*          words that begin so       a NEAR b, a NEAR/5 b   within ten words, or five

Operators are written in capitals, and NOT is what must not be there beside something that must. Signs within a
word, as in `force-majeure` or `3.2(a)`, make it words that stand together.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from docanalyze.errors import QuestionRefused

NEAR = 10
"""Words that may stand between those of NEAR, unless it says how many."""
MOST_CHARS = 2_000
MOST_DEPTH = 20
_MOST_WAYS = 32
_TOKEN = re.compile(
    r'\s*(?:(?P<phrase>"(?:[^"]|"")*")(?P<open>\*?)|(?P<sign>[()])|(?P<word>[^\s"()]+(?:\([^\s"()]*\)[^\s"()]*)*))'
)
_CALL = re.compile(r"\s*NEAR\((?P<words>[^()]*?)(?:,\s*(?P<within>\d{1,4})\s*)?\)")
"""How the index itself writes NEAR."""
_NEAR = re.compile(r"NEAR(?:/(\d{1,4}))?")
_ENDINGS = " e s y ed er es or al ies ing ion ity ive able ance ence ment ness".split(" ")
TOKENIZER = "porter unicode61 remove_diacritics 2"


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is term, AND, OR, NOT, NEAR, ( or ); `ways` are all forms of a term in the index's own language."""

    kind: str
    shown: str
    ways: tuple[str, ...] = ()
    within: int = NEAR


def expression(query: str) -> str:
    """The query in the index's own language. QuestionRefused says what is wrong and offers the words in quotes."""
    if len(query) > MOST_CHARS:
        raise QuestionRefused(f"a search has at most {MOST_CHARS:,} characters", "search for fewer words")
    parser = _Parser(query, _tokens(query))
    made = parser.either(0)
    parser.require_end()
    return made


def refused(query: str, why: str) -> QuestionRefused:
    """What is wrong with a query, with the form that takes every sign as it stands."""
    plain = " ".join(query.replace('"', " ").replace("'", " ").split())
    offered = f"to find these very words: docanalyze search '\"{plain}\"'" if re.search(r"\w", plain) else "name a word"
    return QuestionRefused(f"this search cannot be understood: {why}", offered)


# -- tokens ----------------------------------------------------------------------------------------


def _tokens(query: str) -> list[_Token]:
    found, at = list[_Token](), 0
    text = query.replace("\0", " ").rstrip()
    while at < len(text):
        if call := _CALL.match(text, at):
            found += _called(query, call)
            at = call.end()
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise refused(query, "a quotation mark is not closed")
        found += _of(query, match)
        at = match.end()
    if not any(token.kind == "term" for token in found):
        raise refused(query, "it holds no word to look for")
    return found


def _called(query: str, call: re.Match[str]) -> Iterable[_Token]:
    terms = _tokens(call["words"]) if call["words"].strip() else []
    if any(term.kind != "term" for term in terms) or not terms:
        raise refused(query, "in the parentheses of NEAR stand words alone")
    between = _Token("NEAR", "NEAR", within=int(call["within"] or NEAR))
    return (_Token("(", "("), terms[0], *(one for term in terms[1:] for one in (between, term)), _Token(")", ")"))


def _of(query: str, match: re.Match[str]) -> Iterable[_Token]:
    if match["sign"]:
        return (_Token(match["sign"], match["sign"]),)
    if match["phrase"]:
        inside = match["phrase"][1:-1].replace('""', " ")
        if not re.search(r"\w", inside):
            raise refused(query, "between two quotation marks stands no word")
        return (_term(inside, begins=bool(match["open"])),)
    word = match["word"]
    if near := _NEAR.fullmatch(word):
        return (_Token("NEAR", word, within=int(near[1] or NEAR)),)
    if word in ("AND", "OR", "NOT"):
        return (_Token(word, word),)
    if not re.search(r"\w", word):
        raise refused(query, f"{word} is no word")
    return (_term(word.rstrip("*"), begins=word.endswith("*")),)


def _term(words: str, *, begins: bool) -> _Token:
    quoted = f'"{words}"'
    if not begins:
        return _Token("term", words, (quoted,))
    more = _stems(words) if re.fullmatch(r"\w+", words) else ()
    return _Token("term", f"{words}*", (f"{quoted} *", *(f'"{stem}"' for stem in more)))


@lru_cache(maxsize=256)
def _stems(start: str) -> tuple[str, ...]:
    """Stems of words that begin so but are shorter: `liabilit*` means `liability`, which is kept as `liabil`."""
    made = {ending: start + ending for ending in _ENDINGS}
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute(f"CREATE VIRTUAL TABLE w USING fts5 (t, tokenize='{TOKENIZER}')")
        index.execute("CREATE VIRTUAL TABLE v USING fts5vocab (w, instance)")
        index.executemany("INSERT INTO w (t) VALUES (?)", ((word,) for word in made.values()))
        stems = [str(row[0]) for row in index.execute("SELECT term FROM v ORDER BY doc")]
        bare = stems[0] if stems else start
        short = dict.fromkeys(stem for stem in stems if not stem.startswith(bare))
        index.execute("DELETE FROM w")
        kept = []
        for stem in short:
            index.execute("INSERT INTO w (t) VALUES (?)", (stem,))
            if index.execute("SELECT term FROM v ORDER BY doc DESC LIMIT 1").fetchone()[0] == stem:
                kept.append(stem)
    return tuple(kept)


# -- grammar ---------------------------------------------------------------------------------------


class _Parser:
    """either: all (OR all)*; all: not (AND? not)*; not: near (NOT near)*; near: one (NEAR one)*."""

    def __init__(self, query: str, tokens: Sequence[_Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.at = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def require_end(self) -> None:
        if self.kind:
            raise self.wrong(f"{self.tokens[self.at].shown} has no beginning")

    def wrong(self, why: str) -> QuestionRefused:
        return refused(self.query, why)

    def either(self, depth: int) -> str:
        if depth > MOST_DEPTH:
            raise self.wrong("too many parentheses in one another")
        parts = [self.all(depth)]
        while self.kind == "OR":
            self.take()
            parts.append(self.all(depth))
        return _joined(parts, " OR ")

    def all(self, depth: int) -> str:
        parts = [self.without(depth)]
        while self.kind in ("AND", "term", "("):
            if self.kind == "AND":
                self.take()
            parts.append(self.without(depth))
        return _joined(parts, " AND ")

    def without(self, depth: int) -> str:
        made = self.near(depth)
        while self.kind == "NOT":
            self.take()
            made = f"({made} NOT {self.near(depth)})"
        return made

    def near(self, depth: int) -> str:
        if self.kind == "(":
            return self.group(depth)
        terms = [self.term("the beginning")]
        within = 0
        while self.kind == "NEAR":
            operator = self.take()
            within = max(within, operator.within)
            if self.kind == "(":
                raise self.wrong("NEAR stands between words, not groups")
            terms.append(self.term(operator.shown))
        if len(terms) == 1:
            return _joined(terms[0].ways, " OR ")
        ways = list(product(*(term.ways for term in terms)))[:_MOST_WAYS]
        return _joined([f"NEAR({' '.join(way)}, {within})" for way in ways], " OR ")

    def group(self, depth: int) -> str:
        self.take()
        made = self.either(depth + 1)
        if self.kind != ")":
            raise self.wrong("a parenthesis is not closed")
        self.take()
        if self.kind == "NEAR":
            raise self.wrong("NEAR stands between words, not groups")
        return made

    def term(self, after: str) -> _Token:
        if self.kind == "term":
            return self.take()
        if not self.kind:
            raise self.wrong(f"after {self.tokens[-1].shown} a word is missing")
        found = self.tokens[self.at].shown
        if found == "NOT":
            raise self.wrong("NOT stands after what must be there")
        raise self.wrong(f"{found} stands where a word should")


def _joined(parts: Sequence[str], operator: str) -> str:
    return parts[0] if len(parts) == 1 else f"({operator.join(parts)})"
