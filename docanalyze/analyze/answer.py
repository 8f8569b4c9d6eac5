r"""The form of an answer: as a grammar, as a JSON Schema, and read back from what a model wrote.

    {"findings":[{"statement":"…","quotes":[{"segments":[12],"text":"…"}],"fields":{"amount":"…"}}]}

The grammar admits no free white space and bounds every string and list: a model cannot write blanks
to the limit. Whatever a server promises, every answer is read as if nobody had bound it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docanalyze.language import amounts, dates, durations, percentages
from docanalyze.model import Field, FieldKind, FieldSpec, Finding, Quote, Section

LONGEST_STATEMENT = 600
LONGEST_QUOTE = 600
LONGEST_VALUE = 200
MOST_QUOTES = 4
MOST_CITED = 6
_MOST_FROM = 40

_CHARACTER = (
    r"""char ::= [^"\\\x00-\x1f\x7f] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])"""
)
_NUMBER = "number ::= [1-9] [0-9]{0,5}"
_READERS = {
    FieldKind.AMOUNT: amounts,
    FieldKind.DURATION: durations,
    FieldKind.DATE: dates,
    FieldKind.NUMBER: percentages,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of an answer. `dropped` counts entries that were not as asked.

    `problem` says why nothing at all could be read, empty if something could.
    """

    findings: tuple[Finding, ...]
    dropped: int = 0
    problem: str = ""


# -- asked for -------------------------------------------------------------------------------------


def grammar(section: Section, least: int = 0) -> str:
    """The GBNF of an answer to a Section, with `least` entries or more."""
    # A name of a Field stands in a literal, and a mark in it must not be taken for a rule.
    fields = ",".join(f"{json.dumps(field.name.replace('⟨', ''))}:⟨value⟩" for field in section.fields)
    return "\n".join(
        [
            _rule("root", '{"findings":[⟨list⟩]}', list=_list("finding", least, section.limit)),
            _rule(
                "finding",
                '{"statement":⟨statement⟩,"quotes":[⟨quotes⟩],"fields":{' + fields + "}}",
                quotes=_list("quote", 1, MOST_QUOTES),
            ),
            _rule("quote", '{"segments":[⟨cited⟩],"text":⟨words⟩}', cited=_list("number", 1, MOST_CITED)),
            _string("statement", 1, LONGEST_STATEMENT),
            _string("words", 1, LONGEST_QUOTE),
            *([_string("value", 0, LONGEST_VALUE)] if section.fields else []),
            _NUMBER,
            _CHARACTER,
        ]
    )


def merge_grammar(section: Section) -> str:
    """The GBNF of one summary out of several."""
    return "\n".join(
        [
            _rule("root", '{"findings":[⟨list⟩]}', list=_list("finding", 0, section.limit)),
            _rule("finding", '{"statement":⟨statement⟩,"from":[⟨from_⟩]}', from_=_list("number", 1, _MOST_FROM)),
            _string("statement", 1, LONGEST_STATEMENT),
            _NUMBER,
            _CHARACTER,
        ]
    )


def _rule(name: str, pattern: str, **parts: str) -> str:
    """A rule of literals with other rules between them: ⟨part⟩ as given, else the rule of that name."""
    pieces = re.split("⟨(.+?)⟩", pattern)
    written = (
        parts.get(piece, piece) if number % 2 else json.dumps(piece, ensure_ascii=False)
        for number, piece in enumerate(pieces)
        if piece
    )
    return f"{name} ::= {' '.join(written)}"


def _list(rule: str, least: int, most: int) -> str:
    """Entries with commas between them."""
    more = f'("," {rule}){{{max(0, least - 1)},{most - 1}}}'
    return f"{rule} {more}" if least else f"({rule} {more})?"


def _string(rule: str, least: int, most: int) -> str:
    return f'{rule} ::= "\\"" char{{{least},{most}}} "\\""'


def schema(section: Section, least: int = 0) -> dict[str, Any]:
    """The same as JSON Schema, for servers that take that."""
    quote = _object(
        {"segments": _array({"type": "integer", "minimum": 1}, 1, MOST_CITED), "text": _text(LONGEST_QUOTE)}
    )
    finding = _object(
        {
            "statement": _text(LONGEST_STATEMENT),
            "quotes": _array(quote, 1, MOST_QUOTES),
            "fields": _object({field.name: {"type": "string", "maxLength": LONGEST_VALUE} for field in section.fields}),
        }
    )
    return _object({"findings": _array(finding, least, section.limit)})


def merge_schema(section: Section) -> dict[str, Any]:
    numbers = _array({"type": "integer", "minimum": 1}, 1, _MOST_FROM)
    finding = _object({"statement": _text(LONGEST_STATEMENT), "from": numbers})
    return _object({"findings": _array(finding, 0, section.limit)})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most}


# -- read back -------------------------------------------------------------------------------------

_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")
_START = re.compile(r'"findings"\s*:\s*\[')


def read(text: str, section: Section, *, cut: bool = False) -> Answer:
    """The Findings of an answer; of one that was cut, those that are complete."""
    entries, problem = _entries(text, cut=cut)
    if problem:
        return Answer((), problem=problem)
    found = [_finding(entry, section) for entry in entries]
    kept = tuple(dict.fromkeys(finding for finding in found if finding is not None))
    return Answer(kept, dropped=sum(finding is None for finding in found))


def read_merged(text: str, section: Section, found: Sequence[Finding]) -> Answer:
    """Statements made of several Findings, each with all that those rest on."""
    entries, problem = _entries(text, cut=False)
    if problem:
        return Answer((), problem=problem)
    made = [_made(entry, section, found) for entry in entries]
    return Answer(tuple(one for one in made if one is not None), dropped=sum(one is None for one in made))


def _entries(text: str, *, cut: bool) -> tuple[list[object], str]:
    """The entries of the list, and what is wrong if there is no such list."""
    plain = _FENCE.sub("", text)
    if not plain.strip():
        return [], "it is empty"
    if not cut:
        try:
            value = json.loads(plain)
        except (ValueError, RecursionError):
            pass
        else:
            entries = value.get("findings") if isinstance(value, dict) else value
            return (entries, "") if isinstance(entries, list) else ([], "it has no list of findings")
    start = _START.search(plain)
    if start is None:
        return [], f"it is no JSON: {' '.join(plain.split())[:60]}"
    found = list(_complete(plain, start.end()))
    # Prose around a whole answer does no harm; half an answer that was not cut has something wrong.
    whole = cut or re.match(r"\s*\]", plain[_end_of(plain, start.end()) :]) is not None
    return (found, "") if whole else ([], "its JSON is broken")


def _complete(text: str, at: int) -> Iterator[object]:
    """The entries from `at` on, up to the first that is not complete."""
    for value, _ in _decoded(text, at):
        yield value


def _end_of(text: str, at: int) -> int:
    return max((end for _, end in _decoded(text, at)), default=at)


def _decoded(text: str, at: int) -> Iterator[tuple[object, int]]:
    decoder = json.JSONDecoder()
    while True:
        blank = re.compile(r"[\s,]*").match(text, at)
        at = blank.end() if blank else at
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value, at


def _finding(entry: object, section: Section) -> Finding | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("statement"), str):
        return None
    statement = " ".join(_whole(entry["statement"]).split())
    quotes = [quote for quote in map(_quote, _listed(entry.get("quotes"))) if quote is not None]
    if not statement or not quotes:
        return None
    values = entry.get("fields")
    given = values if isinstance(values, dict) else {}
    fields = [_field(spec, given[spec.name]) for spec in section.fields if _is_said(given.get(spec.name))]
    return Finding(section.name, statement[:LONGEST_STATEMENT], tuple(quotes[:MOST_QUOTES]), tuple(fields))


def _quote(entry: object) -> Quote | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str) or not entry["text"].strip():
        return None
    cited = [n for n in _listed(entry.get("segments")) if isinstance(n, int) and not isinstance(n, bool) and n > 0]
    return Quote(_whole(entry["text"]).strip(), tuple(dict.fromkeys(cited))[:MOST_CITED])


def _whole(text: str) -> str:
    """The text with halves of characters replaced: JSON can name them, nothing can write them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _field(spec: FieldSpec, written: str) -> Field:
    """The value as written, and normalised if what is written gives one such value."""
    words = _whole(written).strip()
    if spec.kind is FieldKind.PARTY:
        return Field(spec.name, spec.kind, words, " ".join(words.split()))
    reader = _READERS.get(spec.kind)
    values = reader(words) if reader else []
    if len(values) != 1:
        return Field(spec.name, spec.kind, words)
    return Field(spec.name, spec.kind, words, values[0].value, values[0].unit)


def _made(entry: object, section: Section, found: Sequence[Finding]) -> Finding | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("statement"), str):
        return None
    numbers = [n for n in _listed(entry.get("from")) if isinstance(n, int) and 1 <= n <= len(found)]
    sources = [found[number - 1] for number in dict.fromkeys(numbers)]
    statement = " ".join(_whole(entry["statement"]).split())
    if not statement or not sources:
        return None
    proofs = dict.fromkeys(pair for source in sources for pair in zip(source.quotes, source.evidence, strict=True))
    return Finding(
        section.name,
        statement[:LONGEST_STATEMENT],
        tuple(quote for quote, _ in proofs),
        tuple(dict.fromkeys(field for source in sources for field in source.fields)),
        evidence=tuple(evidence for _, evidence in proofs),
        calls=tuple(sorted({call for source in sources for call in source.calls})),
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
