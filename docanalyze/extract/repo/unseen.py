"""Where code is not what it looks like: characters that turn its direction, that nobody sees, that look like others.

What turns the direction and what spells words in tags was taken out while reading; the Segments say where. Between what
runs and what is read nothing of it is done by mistake in code; in translations and prose it may be how a language is
written.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.extract.repo.base import CodeBase, count, listed, say
from docanalyze.extract.repo.masks import Where
from docanalyze.model import TAKEN_OUT, FileRole, Finding, Quote, Section, Span

_TAKEN = re.compile(
    r'(?:(?P<codes>U\+[0-9A-F]{4,6}(?: U\+[0-9A-F]{4,6})*)|tags that spell (?P<words>"(?:[^"\\]|\\.)*")) in line (?P<line>\d+)'
)
_PROSE = frozenset({FileRole.DATA, FileRole.DOCUMENTATION})
_NO_NAMES = frozenset({"", "markdown", "json", "yaml", "toml", "ini", "css"})
"""Languages in which words may stand without quotes or comments around them."""
_UNSEEN = "\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0"
"""No width, or blank although a letter."""
_HOLDS_UNSEEN = re.compile(rf"[^\W\d][\w{_UNSEEN}]*|[{_UNSEEN}]+\w[\w{_UNSEEN}]*|[\u115f\u1160\u3164\uffa0]")
_ANY_UNSEEN = re.compile(f"[{_UNSEEN}]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200d\u2060-\u2064]{8,}")
_LIKE = dict(
    zip(
        "аеорсухіјѕһԁԛԝӏАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳ",
        "aeopcyxijshdqwlABEKMHOPCTYXIJSABEZHIKMNOPTYXocj",
        strict=True,
    )
)
_MOST_ALONE, _MOST_SHOWN = 10, 60


@dataclass(frozen=True, slots=True)
class Unseen:
    """Where something is that is not seen as it is: `said` without the place, which stands where `{}` is."""

    place: int
    span: Span
    said: str
    is_surely: bool = True


def find_unseen(section: Section, code: CodeBase) -> list[Finding]:
    """Each place in code by itself, as far as they are few; those in prose and data together."""
    every = sorted([*taken_out(code), *_in_text(code)], key=lambda one: (one.place, one.span))
    ours = [one for one in every if code.files[one.place].role not in _PROSE]
    found: list[Finding] = []
    for one in ours[:_MOST_ALONE]:
        where = f"{code.where(one.place, one.span.start)}{code.inside(one.place, one.span.start)}"
        found += say(section, one.said.format(where), [_quoted(code, one)], 0.85 if one.is_surely else 0.6)
    for rest, said, confidence in (
        (ours[_MOST_ALONE:], "in code where characters are not seen as they are", 0.8),
        (
            [one for one in every if code.files[one.place].role in _PROSE],
            "in data and documentation where characters turn the direction of text, as some languages need, or are not seen",
            0.4,
        ),
    ):
        paths = list(dict.fromkeys(code.files[one.place].path for one in rest))
        statement = (
            f"{count(len(rest), 'more place' if rest and rest[0] in ours else 'place')} {said}: {listed(paths, 6)}"
        )
        found += say(section, statement, [_quoted(code, one) for one in rest[:3]], confidence) if rest else []
    return found


def _quoted(code: CodeBase, one: Unseen) -> Quote | None:
    """The line; where that holds nothing else, the path."""
    return code.quoted_line(one.place, one.span.start, one.span.end) or code.quoted_path(one.place)


# -- taken out ---------------------------------------------------------------------------------------


def taken_out(code: CodeBase) -> Iterator[Unseen]:
    """What the Segments say that was taken out of them."""
    for segment in code.document.segments:
        if TAKEN_OUT not in segment.note:
            continue
        file = code.document.file_at(segment.span)
        if file is None:
            continue
        place = code.tree.place(file.path)
        starts = _starts_of_lines(code.text(place))
        for match in _TAKEN.finditer(segment.note, segment.note.index(TAKEN_OUT)):
            at = starts[min(int(match["line"]), len(starts)) - 1]
            yield Unseen(place, Span(at, at), _said_of_taken(match))


def _said_of_taken(match: re.Match[str]) -> str:
    if match["words"] is not None:
        words = _escaped(" ".join(str(json.loads(match["words"])).split())[:_MOST_SHOWN])
        return f"Tag characters, which nobody sees, spell “{words}” in {{}} (taken out here)"
    codes = match["codes"].split()
    names = listed([f"{code}, {_named(chr(int(code[2:], 16)))}" for code in codes], 3)
    if all(int(code[2:], 16) >= 0xE0000 for code in codes):
        return "Tag characters, which nobody sees, stand in {} (taken out here)"
    return f"The direction of text is turned in {{}}, so that it is read in another order than it runs ({names}; taken out here)"


def _starts_of_lines(text: str) -> list[int]:
    starts = [0]
    while (at := text.find("\n", starts[-1])) >= 0:
        starts.append(at + 1)
    return starts


# -- in the text -------------------------------------------------------------------------------------


def _in_text(code: CodeBase) -> Iterator[Unseen]:
    for place in code.by_rank:
        text = code.text(place)
        if text.isascii() or code.files[place].role in _PROSE:
            continue
        for match in _SELECTORS.finditer(text):
            what = f"{len(match[0]):,} characters that nobody sees stand in a row in {{}}: they may hold data or words"
            yield Unseen(place, Span(*match.span()), what)
        for match in _HOLDS_UNSEEN.finditer(text) if code.files[place].language not in _NO_NAMES else ():
            if not match[0].isascii() and code.part(place, match.start()) is Where.CODE:
                said = _said_of_name(match[0], text)
                if said:
                    yield Unseen(place, Span(*match.span()), said[0], is_surely=said[1])


def _said_of_name(name: str, text: str) -> tuple[str, bool] | None:
    """What a name hides, and whether it surely does; None if nothing."""
    if unseen := _ANY_UNSEEN.findall(name):
        bare = _escaped(_ANY_UNSEEN.sub("", name))
        codes = listed([f"U+{ord(one):04X}" for one in dict.fromkeys(unseen)], 3)
        if not bare:
            return f"A name in {{}} is a character that nobody sees ({codes})", True
        return f"A name in {{}} is not “{bare}” as it looks: it holds a character that nobody sees ({codes})", True
    odd = [letter for letter in dict.fromkeys(name) if not letter.isascii()]
    codes = listed([f"U+{ord(one):04X}, {_named(one)}" for one in odd], 3)
    same = unicodedata.normalize("NFKC", name)
    if same.isascii():
        return f"A name in {{}} is written in letters that some languages take for “{_escaped(same)}” ({codes})", True
    if not all(letter in _LIKE for letter in odd):
        return None
    like = "".join(_LIKE.get(letter, letter) for letter in name)
    is_mixed = any(letter.isascii() and letter.isalpha() for letter in name)
    beside = len(like) > 1 and re.search(rf"(?<!\w){re.escape(like)}(?!\w)", text) is not None
    if not is_mixed and not beside:
        return None
    return f"A name in {{}} looks like “{_escaped(like)}” and is another: it holds {codes}", is_mixed or beside


def _named(character: str) -> str:
    return unicodedata.name(character, "without a name").lower()


def _escaped(words: str) -> str:
    """Words of a file, to stand in a form that is filled in."""
    return words[:_MOST_SHOWN].replace("{", "{{").replace("}", "}}")
