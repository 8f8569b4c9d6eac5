"""What is left undone, said twice, too long, or used by nobody."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from docanalyze.extract.repo.base import FUNCTIONS, CodeBase, count, listed, say
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.signs import Hit, seen, sign
from docanalyze.extract.repo.structure import rings
from docanalyze.extract.repo.words import first_sentence, of_file
from docanalyze.model import Definition, FileRole, Finding, Section, Span

_TODO = sign(
    "", "TODO FIXME HACK XXX", r"\b(TODO|FIXME|HACK|XXX)\b(?:\([^()\n]{0,60}\))?[:( ]?[ \t]*([^\n]*)", where=Where.ANY
)
_MARKED = re.compile(r"\s*(?:(?:#+|//+|/?\*+(?!/)|--+|<!--|;+|%+)[ \t]*)?")
_NO_MORE = re.compile(r"(?:TODO|FIXME|HACK|XXX)\b|[@:\\]\w|noqa\b|type:|\W*$")
_ENDED = re.compile(r"[.!?][\"')\]]?$")
_MOST_JOINED = 5
_LONG_LINES, _MANY_BRANCHES = 80, 15
_LEAST_LINES, _LEAST_DIFFERENT, _LEAST_WORDS = 8, 6, 40
_MOST_SEEN = 3
_WORD = re.compile(r"\w+")
_NO_STATEMENT = re.compile(r"(?:import|from|using|use|#include|package|require)\b|[\W_]*$|(?:#|//|\*|--|/\*)")
_IMPORTED = frozenset({"python", "javascript", "typescript", "tsx", "vue", "svelte"})
"""Languages in which a file that is used is imported by its name."""
_STARTED = re.compile(
    r"(?:__init__|__main__|conftest|setup|manage|wsgi|asgi|settings|urls|apps|admin|models|views|tasks|signals|index|main|app|server|cli|tasks|noxfile|fabfile|"
    r"gunicorn\S*|celery\S*|dodo|versions?|_version|conf|migrations?|\d+\w*|middleware|page|layout|route|template|loading|error|not-found|"
    r".*\.config|.*\.d|.*\.stories|.*\.setup|service-worker|sw|gulpfile|gruntfile|vite\S*|webpack\S*|rollup\S*|jest\S*|karma\S*)"
)


def find_debt(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """TODO marks, tangled functions, repeated blocks, rings, modules that nobody uses."""
    todo = _todo(section, code)
    return [
        *todo[:6],
        *_tangled(section, code),
        *_repeated(section, code),
        *rings(section, code),
        *_dead(section, code, manifests),
        *todo[6:],
    ][: section.limit]


# -- marks -----------------------------------------------------------------------------------------


def _todo(section: Section, code: CodeBase) -> list[Finding]:
    places = code.of_role(FileRole.CODE, FileRole.SCHEMA, FileRole.CONFIGURATION, FileRole.MANIFEST, FileRole.TEST)
    hits = [hit for hit in seen(code, [_TODO], places)[_TODO] if _is_mark(code, hit)]
    found: list[Finding] = []
    # The gravest words first; within a word by the file's rank, as they were found.
    order = {"FIXME": 0, "HACK": 1, "XXX": 2, "TODO": 3}
    for hit in sorted(hits, key=lambda hit: order[hit.groups[0]])[:6]:
        words, end = _words_of(code, hit)
        said = f": {first_sentence(words)}" if words else ""
        statement = (
            f"{hit.groups[0]} in {code.where(hit.place, hit.span.start)}{code.inside(hit.place, hit.span.start)}{said}"
        )
        found += say(section, statement, [code.quoted_line(hit.place, hit.span.start, end)], 0.9)
    if len(hits) > 6:
        files: dict[str, int] = {}
        for hit in hits:
            files[code.files[hit.place].path] = files.get(code.files[hit.place].path, 0) + 1
        most = sorted(files.items(), key=lambda one: -one[1])
        told = [f"{path} ({number})" for path, number in most]
        statement = (
            f"{len(hits)} marks TODO, FIXME, HACK or XXX in all, in {count(len(files), 'file')}: {listed(told, 5)}"
        )
        quotes = [code.quoted_line(hit.place, hit.span.start) for hit in hits[6:9]]
        found += say(section, statement, quotes, 0.9)
    return found


def _words_of(code: CodeBase, hit: Hit) -> tuple[str, int]:
    """What a mark says, and where that ends: up to the end of its sentence, over the lines of its comment."""
    text, masks = code.text(hit.place), code.masks(hit.place)
    words, end = _bare_words(hit.groups[1]), hit.span.end
    before = text[text.rfind("\n", 0, hit.span.start) + 1 : hit.span.start]
    stands_alone = bool(before.strip()) and masks.at(hit.span.start - len(before.lstrip())) is Where.COMMENT
    for _ in range(_MOST_JOINED if stands_alone or not before.strip() else 0):
        following = text.find("\n", end + 1)
        last = following if following >= 0 else len(text)
        marks = _MARKED.match(text, end + 1, last)
        if not words or _ENDED.search(words) or marks is None or marks.end() >= last:
            break
        more = text[marks.end() : last]
        if _NO_MORE.match(more) or masks.at(marks.end()) is not Where.COMMENT:
            break
        words, end = f"{words} {_bare_words(more)}", last
    if words.count(")") > words.count("("):
        # The mark itself stands in brackets.
        words = words[: words.rindex(")")]
    return words, end


def _bare_words(written: str) -> str:
    """Words of a comment without the marks that end it."""
    return written.strip().removesuffix("*/").removesuffix("-->").strip(" :-*/").strip()


def _is_mark(code: CodeBase, hit: Hit) -> bool:
    """Whether it stands in a comment: at its beginning, or in capitals with a colon behind."""
    masks = code.masks(hit.place)
    if masks.at(hit.span.start) is not Where.COMMENT:
        return False
    text = code.text(hit.place)
    line = text[text.rfind("\n", 0, hit.span.start) + 1 : hit.span.start]
    begins = re.search(r"(?:#+|//+|/?\*+|--|<!--|;)\s*(?:\W{0,3})$", line) is not None or not line.strip()
    return begins or text[hit.span.start + len(hit.groups[0])] in ":("


# -- functions -------------------------------------------------------------------------------------


def _tangled(section: Section, code: CodeBase) -> list[Finding]:
    """The functions with most decisions and most lines."""
    held: list[tuple[float, int, Definition, int]] = []
    for place in code.code:
        text = code.text(place)
        for one in code.files[place].definitions:
            if code.in_test(place, one.span.start):
                continue
            if one.kind in FUNCTIONS and (one.branches > _MANY_BRANCHES // 2 or len(one.span) > _LONG_LINES * 5):
                # Comments and decorators above are none of it.
                lines = 1 + text.count("\n", code.signature(place, one).start, one.span.end)
                if lines > _LONG_LINES or (lines >= _LONG_LINES // 2 and one.branches >= _MANY_BRANCHES):
                    held.append((lines / _LONG_LINES + one.branches / _MANY_BRANCHES, place, one, lines))
    held.sort(key=lambda entry: (-entry[0], code.files[entry[1]].path, entry[2].line))
    found: list[Finding] = []
    for _, place, one, lines in held[:5]:
        parent = code.files[place].definitions[one.parent].name + "." if one.parent >= 0 else ""
        branches = f", with {one.branches} branches" if one.branches else ""
        statement = f"{parent}{one.name}() in {code.defined(place, one)} is {lines} lines long{branches}"
        found += say(section, statement, [code.quoted_signature(place, one)], 0.9)
    if len(held) > 5:
        names = [f"{one.name}() ({lines} lines)" for _, _, one, lines in held[5:]]
        quotes = [code.quoted_signature(place, one) for _, place, one, _ in held[5:8]]
        statement = (
            f"{count(len(names), 'more function')} of over {_LONG_LINES} lines, or of {_LONG_LINES // 2} with "
            f"{_MANY_BRANCHES} branches and more: {listed(names, 6)}"
        )
        found += say(section, statement, quotes, 0.9)
    return found


# -- repetition ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a file that say something: their hashes, where each begins, and the hash of each with those behind
    it that are the fewest of a block. Arrays: a code base has a million."""

    place: int
    hashes: "array[int]"
    starts: "array[int]"
    blocks: "array[int]"


@dataclass(frozen=True, slots=True)
class _Copy:
    lines: int
    first: tuple[int, Span]
    second: tuple[int, Span]


def copies(code: CodeBase) -> list[_Copy]:
    """Blocks of equal lines (white space apart) that stand in two places, the longest first."""
    files = [_telling(code, place) for place in code.code]
    twice = {one for one, other in pairwise(sorted(chain.from_iterable(file.blocks for file in files))) if one == other}
    known: dict[int, tuple[int, int]] = {}
    found: list[_Copy] = []
    for number, file in enumerate(files):
        at = 0
        while at < len(file.blocks):
            key = file.blocks[at]
            other = known.get(key)
            if other is None:
                if key in twice:
                    known[key] = (number, at)
                at += 1
                continue
            length = _equal(files[other[0]], other[1], file, at)
            copy = _copy(code, files[other[0]], other[1], file, at, length) if length >= _LEAST_LINES else None
            if copy is not None:
                found.append(copy)
            at += max(1, length)
    # What stands in functions first: equal lists of values are often meant.
    return sorted(found, key=lambda copy: (not _is_in_function(code, copy), -copy.lines))


def _is_in_function(code: CodeBase, copy: _Copy) -> bool:
    place, span = copy.first
    holder = code.enclosing(place, span.start)
    return holder is not None and holder.kind in FUNCTIONS


def _telling(code: CodeBase, place: int) -> _Lines:
    hashes, starts, at = array("q"), array("Q"), 0
    for line in code.text(place).splitlines(keepends=True):
        bare = line.strip()
        if len(bare) > 2 and not _NO_STATEMENT.match(bare):
            hashes.append(hash(bare))
            starts.append(at)
        at += len(line)
    most = len(hashes) - _LEAST_LINES + 1
    blocks = array("q", (hash(hashes[first : first + _LEAST_LINES].tobytes()) for first in range(most)))
    return _Lines(place, hashes, starts, blocks)


def _equal(one: _Lines, at: int, other: _Lines, there: int) -> int:
    """How many lines are equal from there on, without one block running into itself."""
    most = min(len(one.hashes) - at, len(other.hashes) - there)
    if one.place == other.place:
        most = min(most, there - at)
    for length in range(most):
        if one.hashes[at + length] != other.hashes[there + length]:
            return length
    return most


def _copy(code: CodeBase, one: _Lines, at: int, other: _Lines, there: int, length: int) -> _Copy | None:
    """The two places, if what they share says enough to be no accident."""
    if len(set(one.hashes[at : at + length])) < min(_LEAST_DIFFERENT, length):
        return None
    first = code.lines(one.place, one.starts[at], one.starts[at + length - 1] + 1)
    second = code.lines(other.place, other.starts[there], other.starts[there + length - 1] + 1)
    if len(_WORD.findall(code.text(one.place)[first.start : first.end])) < _LEAST_WORDS:
        return None
    return _Copy(length, (one.place, first), (other.place, second))


def _repeated(section: Section, code: CodeBase) -> list[Finding]:
    every = copies(code)
    found: list[Finding] = []
    told: list[tuple[int, int]] = []
    for copy in every:
        pair = (copy.first[0], copy.second[0])
        if told.count(pair) or len(told) == 5:
            continue
        told.append(pair)
        a, b = (f"{code.where(p, span.start)}{code.inside(p, span.start)}" for p, span in (copy.first, copy.second))
        statement = f"{copy.lines} lines stand twice, in {a} and {b}"
        quotes = [code.quote(place, span) for place, span in (copy.first, copy.second)]
        found += say(section, statement, quotes, 0.85)
    if len(every) > len(told):
        lines = sum(copy.lines for copy in every)
        quotes = [code.quote(copy.second[0], copy.second[1]) for copy in every[len(told) : len(told) + 1]]
        statement = f"{count(len(every), 'block')} of {_LEAST_LINES} lines and more stand twice, {lines:,} lines in all"
        found += say(section, statement, quotes, 0.8)
    return found


# -- dead modules ----------------------------------------------------------------------------------


def _dead(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """Files that nobody imports and nothing starts, and whose name stands nowhere else."""
    candidates = [p for p in code.code if _may_be_dead(code, p, manifests)][:60]
    if not candidates or len(candidates) > len(code.code) * 0.6:
        return []
    dead = _unnamed(code, candidates)
    dead.sort(key=lambda p: -code.files[p].lines)
    used_by_others = not any(command.sort == "command" for command in manifests.commands)
    unless = ", unless others import it" if used_by_others else ""
    found: list[Finding] = []
    for place in dead[:4]:
        said = of_file(code, place)
        about = f" ({first_sentence(said.words, 140)})" if said is not None else ""
        statement = f"{code.files[place].path}{about} looks dead{unless}: nothing imports it, nothing starts it, and no other file names it"
        quotes = [code.quoted_path(place), code.quote(place, said.span) if said is not None else None]
        found += say(section, statement, quotes, 0.4 if used_by_others else 0.6)
    if len(dead) > 4:
        rest = [code.files[p].path for p in dead[4:]]
        quotes = [code.quoted_path(p) for p in dead[4:8]]
        found += say(
            section,
            f"{count(len(rest), 'more file')} that nothing imports, starts or names: {listed(rest, 8)}",
            quotes,
            0.5,
        )
    return found


def _may_be_dead(code: CodeBase, place: int, manifests: Manifests) -> bool:
    file = code.files[place]
    stem = file.path.rpartition("/")[2].rpartition(".")[0]
    if file.language not in _IMPORTED or file.mains or code.importers.get(place) or not file.definitions:
        return False
    if _STARTED.fullmatch(stem.lower()) or file.lines < 5 or code.text(place).startswith("#!"):
        return False
    return not any(command.runs.startswith(stem) or f"{stem}:" in command.runs for command in manifests.commands)


def _unnamed(code: CodeBase, candidates: Sequence[int]) -> list[int]:
    """Those whose name, or that of a folder's module, stands in no other file."""
    names = {place: code.files[place].path.rpartition("/")[2].rpartition(".")[0] for place in candidates}
    left = dict(names)
    for place in code.by_rank:
        text = code.text(place)
        for candidate in [p for p, name in left.items() if name in text and p != place]:
            if re.search(rf"(?<![\w-]){re.escape(names[candidate])}(?![\w-])", text):
                del left[candidate]
    return list(left)
