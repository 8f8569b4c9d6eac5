"""Where the code of a code base speaks to whatever model reads it.

Code is full of words that only look like it: keys called `system:`, chat templates in strings, rules that override rules.
So the marks of a conversation and talk of an AI count in comments, docstrings and plain text alone, which of a page is what
stands between its tags and in attributes that people are shown; in strings, and in code between tags, only an order to
disregard what was said before. Cheap words are looked for first: most files hold none of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from docanalyze.extract.repo.masks import Masks, Where, masks
from docanalyze.model import Document, File, FileRole, Span

_MACHINE = r"(?:AI|A\.I\.|LLM|GPT|ChatGPT|chatbot|(?:large )?language model|artificial intelligence|AI assistant)s?"
_SAY = (
    r"(?:report|say|state|conclude|respond|answer|output|print|write|summari[sz]e|rate|score|recommend|approve|accept|"
    r"ignore|disregard|omit|mention|treat|consider|reply)"
)
_THRICE = ('"""', "'''")
_TEXTS = frozenset({"", "markdown"})
_WITH_TAGS = frozenset({"javascript", "tsx", "php"})
"""Languages in whose code tags may stand, with words between them."""
_ENDS = re.compile(r"[<>{}();=]")
_LONGEST = 400
_TEST_DATA = re.compile(r"(?:^|/)(?:tests?|testdata|test_data|__tests__|fixtures|spec)/")


@dataclass(frozen=True, slots=True)
class _Order:
    """One form of speaking to a model: `words`, in lower case, one of which stands in every text that holds it."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    in_strings: bool = False


def _order(words: str, pattern: str, *, in_strings: bool = False) -> _Order:
    return _Order(tuple(words.split("|")), re.compile(pattern, re.IGNORECASE | re.DOTALL), in_strings)


_TALK = "language model|artificial intelligence|chatbot|chatgpt| ai| llm| gpt"
_ORDERS = (
    _order(
        "instructions|prompts|guidelines",
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(?:previous|prior|preceding|above|earlier|system|your)\b"
        r"[^.!?]{0,30}\b(?:instructions|prompts|guidelines)\b",
        in_strings=True,
    ),
    _order("<|im_|[/inst]|<</sys>>|_of_turn>", r"<\|im_(?:start|end)\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"),
    _order(
        _TALK,
        rf"\b(?:you are|act as) (?:an? |the )?{_MACHINE}\b[^.!?]{{0,80}}\b(?:must|should|shall|never|please)\b",
    ),
    _order(
        _TALK,
        rf"\b(?:attention|note (?:to|for)|if you are|dear)\s(?:an? |any |all |the )?{_MACHINE}\b[^.!?]{{0,120}}\b{_SAY}\b",
    ),
    _order(
        _TALK, rf"\b(?:any|every|the|all) {_MACHINE}\b[^.!?]{{0,40}}\b(?:must|should|shall)\b[^.!?]{{0,60}}\b{_SAY}\b"
    ),
    _order(
        "in your|to the user|your summary|your analysis|your answer|your review|your report",
        r"\b(?:do not|don['’]t|never)\s(?:mention|reveal|report|disclose|flag)\b[^.!?]{0,60}\b(?:in your (?:summary|analysis|"
        r"answer|review|report)|your (?:summary|analysis|answer|review|report))\b",
    ),
)
_WORDS = tuple(dict.fromkeys(order.words for order in _ORDERS))


def addressed(document: Document) -> Iterator[Span]:
    """The places in files of code, in order; none of a Document that is no code base.

    Of tests and their data the first alone, as they hold such words to try them out: `in_tests` has all.
    """
    for file in _read(document):
        if not _is_of_tests(file):
            yield from _of_file(document.slice(file.span), file)
    yield from islice(in_tests(document), 1)


def in_tests(document: Document) -> Iterator[Span]:
    """The places in tests and their data, in order."""
    for file in _read(document):
        if _is_of_tests(file):
            yield from _of_file(document.slice(file.span), file)


def _read(document: Document) -> Iterator[File]:
    for file in document.tree.files if document.tree is not None else ():
        if file.is_read and file.chars and file.language != "markdown":
            yield file


def _is_of_tests(file: File) -> bool:
    return file.role is FileRole.TEST or _TEST_DATA.search(file.path) is not None


def _of_file(text: str, file: File) -> Iterator[Span]:
    lower = text.lower()
    # Several forms need the same words: they are looked for once.
    held = {words: any(word in lower for word in words) for words in _WORDS}
    near = [order for order in _ORDERS if held[order.words]]
    if not near:
        return
    known: Masks | None = None
    places: list[tuple[int, int]] = []
    for order in near:
        for match in order.pattern.finditer(text):
            known = known or masks(file.language, text)
            if _counts(order, Span(*match.span()), text, file.language, known):
                places.append(match.span())
    told = -1
    for start, end in sorted(places):
        if start < told:
            continue
        # The whole lines: what stands around an order says whom it is meant for.
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        span = Span(first, len(text) if last < 0 else last)
        if len(span) > _LONGEST:
            span = Span(start, min(end, start + _LONGEST))
        told = span.end
        yield file.within(_bare(text, span))


def _counts(order: _Order, at: Span, text: str, language: str, known: Masks) -> bool:
    if language in _TEXTS:
        return True
    where = known.at(at.start)
    if where is Where.CODE:
        return order.in_strings and language in _WITH_TAGS and _is_between_tags(text, at)
    if where is Where.STRING and not order.in_strings:
        return text[known.around(at.start)[0] :].startswith(_THRICE)
    return True


def _is_between_tags(text: str, at: Span) -> bool:
    """Whether words stand in code as those of a page: behind the end of a tag, before the beginning of one."""
    before = _ENDS.search(text[max(0, at.start - _LONGEST) : at.start][::-1])
    after = _ENDS.search(text, at.end, at.end + _LONGEST)
    return before is not None and before[0] == ">" and after is not None and after[0] == "<"


def _bare(text: str, span: Span) -> Span:
    """A Span without the white space around it."""
    words = text[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, max(start, span.end - len(words) + len(words.rstrip())))
