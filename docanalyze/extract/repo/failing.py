"""How errors are represented, caught, ignored, tried again, and turned into what a user sees."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.extract.repo.base import HOLDERS, CodeBase, count, listed, say
from docanalyze.extract.repo.signs import (
    CSHARP,
    GO,
    JAVA,
    PHP,
    PYTHON,
    RUBY,
    RUST,
    SCRIPT,
    C,
    Hit,
    Sign,
    places_of,
    seen,
    sign,
    told,
)
from docanalyze.extract.repo.words import first_sentence, of_definition
from docanalyze.model import Definition, FileRole, Finding, Section

_OWN = re.compile(r"\b(?:\w*(?:Error|Exception|Exit|Warning)|Throwable|StandardError)\b")
_DEEPEST = 6
_ENDING = re.compile(
    r"\b(?:sys\.exit|os\._exit|process\.exit|System\.exit|os\.Exit)\(|^(?:std::)?(?:exit|abort|die)(?:_\w+)?!?(?:[ (;]|$)",
    re.MULTILINE,
)
_CAUGHT = re.compile(r"\bas\s+(\w+)|=>\s*(\w+)|catch\s*\([^)\n]*?[\s*&$](\w+)\s*\)")
_BASES = re.compile(r"\(([^()]*)\)|\bextends\s+([\w.]+)|<\s*([\w:]+)|:\s*(?:public\s+)?([\w:.]+)")
_BROAD: tuple[Sign, ...] = (
    sign("A bare except catches everything", "except", r"^[ \t]*except[ \t]*:", PYTHON),
    sign(
        "A broad except catches whatever goes wrong",
        "Exception",
        r"^[ \t]*except\s*\(?\s*(?:[\w.]+,\s*)*(?:Base)?Exception\b[^:\n]*:",
        PYTHON,
    ),
    sign(
        "A catch takes whatever goes wrong",
        "catch",
        r"\bcatch\s*\(\s*(?:final\s+)?(?:Exception|Throwable|RuntimeException|\\?Throwable)\b[^)]*\)",
        JAVA | PHP | CSHARP,
    ),
    sign(
        "A catch takes whatever goes wrong",
        "catch",
        r"\bcatch\s*\(\s*(?:\.\.\.|(?:const\s+)?std::exception\b[^)]*)\)",
        C,
    ),
    sign("A rescue takes all errors", "rescue", r"^\s*rescue\s+(?:Exception|StandardError)\b", RUBY),
)
_IGNORED: tuple[Sign, ...] = (
    sign(
        "An error is ignored",
        "pass",
        r"^[ \t]*except\b[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*#[^\n]*\n)*[ \t]*pass\b",
        PYTHON,
    ),
    sign("Errors are suppressed", "suppress", r"\bsuppress\((?:[\w.]+,\s*)*(?:Base)?Exception\b[^)]*\)", PYTHON),
    sign(
        "An error is caught and nothing is done",
        "catch",
        r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*(?://[^\n]*\s*)?\}",
        SCRIPT | JAVA | PHP | CSHARP,
    ),
    sign("An error is thrown away", "_", r"^\s*_\s*(?:,\s*_\s*)?=\s*\w[\w.]*\([^\n]*\)", GO),
    sign(
        "A result is unwrapped, which stops the program where it is an error",
        ".unwrap() .expect(",
        r"\.(?:unwrap\(\)|expect\(\")",
        RUST,
    ),
)
_AGAIN: tuple[Sign, ...] = (
    sign(
        "What fails is tried again",
        "retry retries Retry backoff tenacity Retrying",
        r"@(?:\w+\.)*(?:retry|retrying|backoff)\b[^\n]*|\bRetry\(|\bRetrying\(",
        PYTHON | SCRIPT | JAVA,
    ),
    sign(
        "A loop makes several attempts",
        "attempt tries retry retries trial RETR TRIES",
        r"^[ \t]*(?:for|while)\b[^\n]*\b(?:attempts?|tries|retry|retries|trial|_?MAX_RETR\w+|TRIES)\b[^\n]*",
        PYTHON | SCRIPT | JAVA | GO | RUBY | PHP,
    ),
)
_ENDS: tuple[Sign, ...] = (
    sign(
        "The program ends with an exit code",
        "exit Exit click.",
        r"\bsys\.exit\([^\n]*|\bos\._exit\([^\n]*|\braise (?:typer\.Exit|SystemExit|click\.\w+)\b[^\n]*|\bprocess\.exit\([^\n]*|\bos\.Exit\([^\n]*|"
        r"\bprocess::exit\([^\n]*|\bSystem\.exit\([^\n]*",
        PYTHON | SCRIPT | GO | RUST | JAVA,
        confidence=0.8,
    ),
    sign(
        "The program ends with an exit code",
        "exit( abort(",
        r"(?<![\w.>:])(?:std::)?(?:exit|_exit|abort)\([^\n]*\);",
        C,
        confidence=0.8,
    ),
    sign(
        "Errors become answers of HTTP",
        "errorhandler exception_handler ExceptionHandler handle_error",
        r"^[ \t]*@[\w.]*(?:errorhandler|exception_handler|ExceptionHandler)\b[^\n]*",
        confidence=0.8,
    ),
)
_THROWS = sign("Errors are thrown", "throw", r"\bthrow\s+[\w:]+\s*[({]", C, confidence=0.7)
_PANICS = sign("The program panics, which ends it unless that is caught", "panic", r"\bpanic!?\(", GO | RUST)


def find_errors(section: Section, code: CodeBase) -> list[Finding]:
    """Own exceptions and where they are caught; what is caught broadly or ignored; what is tried again; how it ends."""
    found = _own(section, code)
    broad = seen(code, _BROAD, code.code)
    for one, hits in broad.items():
        found += _caught(section, code, one, hits)
    ignored = seen(code, _IGNORED, code.code)
    known = {(hit.place, hit.span.start) for hits in broad.values() for hit in hits}
    for one, hits in ignored.items():
        found += told(code, section, one, [hit for hit in hits if (hit.place, hit.span.start) not in known], apart=2)
    for one, hits in seen(code, (*_AGAIN, *_ENDS, _PANICS, _THROWS), code.code).items():
        found += told(code, section, one, hits, apart=2)
    return found[: section.limit]


@dataclass(frozen=True, slots=True)
class _Exception:
    """An exception of the code base's own, with the names of what it is derived from."""

    place: int
    definition: Definition
    bases: tuple[str, ...]


def _exceptions(code: CodeBase) -> dict[str, _Exception]:
    """Classes that are named as exceptions are, and those that are derived from them."""
    classes: dict[str, _Exception] = {}
    for place in code.code:
        for definition in code.files[place].definitions:
            if _is_class(code, place, definition) and definition.name not in classes:
                span = code.signature(place, definition)
                head = code.text(place)[span.start : span.end].partition(definition.name)[2]
                if code.files[place].language == "python" and not head.startswith(("(", "[")):
                    head = ""
                match = _BASES.search(head)
                written = next((group for group in match.groups() if group), "") if match else ""
                bases = tuple(base.strip().rpartition(".")[2] for base in written.split(","))
                classes[definition.name] = _Exception(place, definition, bases)
    own = {name: one for name, one in classes.items() if _OWN.fullmatch(name) and _may_be_thrown(code, one)}
    for _ in range(_DEEPEST):
        more = {n: one for n, one in classes.items() if n not in own and not own.keys().isdisjoint(one.bases)}
        if not more:
            break
        own |= more
    return own


def _is_class(code: CodeBase, place: int, one: Definition) -> bool:
    """Whether it is one of its own, and no other name for one: `type Error = io::Error;`."""
    return one.kind in HOLDERS and (one.kind != "type" or code.files[place].language == "go")


def _may_be_thrown(code: CodeBase, one: _Exception) -> bool:
    """A class of Python that is derived from nothing is no exception whatever its name, nor is a struct of C, nor what
    only declares the types of other code."""
    language = code.files[one.place].language
    if code.files[one.place].path.endswith((".d.ts", ".pyi")):
        return False
    return any(one.bases) if language == "python" else language != "c"


def _own(section: Section, code: CodeBase) -> list[Finding]:
    """The code base's own exceptions: the tree they make, and who catches the topmost."""
    own = _exceptions(code)
    children: dict[str, list[str]] = {}
    for name, one in own.items():
        for parent in one.bases:
            if parent in own:
                children.setdefault(parent, []).append(name)
    derived = {child for found in children.values() for child in found}
    roots = [name for name in own if name not in derived]
    roots.sort(key=lambda name: (-_below(name, children), -_users(code, own[name])))
    found: list[Finding] = []
    for root in [name for name in roots if name in children][:3]:
        found += _rooted(section, code, root, own, children)
    lonely = [name for name in roots if name not in children]
    if lonely:
        several = [entry for name in lonely for entry in _of_name(code, name, own[name])]
        quotes = [code.quoted_signature(one.place, one.definition) for one in several[:4]]
        names = [f"{one.definition.name} ({code.files[one.place].path})" for one in several]
        kind = "more own exception" if len(lonely) < len(own) else "own exception"
        alone = "" if len(several) == 1 else ", none derived from another"
        statement = f"{count(len(several), kind)}{alone}: {listed(names, 6)}"
        found += say(section, statement, quotes, 0.8)
    return found


def _of_name(code: CodeBase, name: str, first: _Exception) -> list[_Exception]:
    """The exceptions of a name, file by file: in Rust many modules have one of the same name."""
    if code.files[first.place].language != "rust":
        return [first]
    definers = [(p, code.files[p].definitions[n]) for p, n in code.graph.definers.get(name, ()) if p != first.place]
    more = [(p, one) for p, one in definers if code.files[p].role is FileRole.CODE and _is_class(code, p, one)]
    return [first, *(_Exception(p, one, ()) for p, one in more)]


def _rooted(
    section: Section, code: CodeBase, root: str, own: dict[str, _Exception], children: dict[str, list[str]]
) -> list[Finding]:
    """One tree of exceptions, and where its root is caught."""
    place, definition = own[root].place, own[root].definition
    said = of_definition(code, place, definition)
    about = f" ({first_sentence(said.words, 120)})" if said is not None else ""
    number = _below(root, children) - 1
    kinds = listed(children[root], 8) + (f"; {number:,} with those below them" if number > len(children[root]) else "")
    quotes = [code.quoted_signature(place, definition)]
    quotes += [code.quoted_signature(own[name].place, own[name].definition) for name in children[root][:5]]
    direct = count(len(children[root]), "own exception stands", "own exceptions stand")
    statement = f"{direct} under {root}{about} in {code.defined(place, definition)}: {kinds}"
    return say(section, statement, quotes, 0.85) + _catchers(section, code, root)


def _below(name: str, children: dict[str, list[str]]) -> int:
    seen_names, level = {name}, [name]
    while level:
        level = [child for one in level for child in children.get(one, ()) if child not in seen_names]
        seen_names.update(level)
    return len(seen_names)


def _users(code: CodeBase, entry: _Exception) -> int:
    place, definition = entry.place, entry.definition
    numbers = [n for p, n in code.graph.definers.get(definition.name, ()) if p == place]
    return sum(len(code.graph.users.get((place, number), ())) for number in numbers)


def _catchers(section: Section, code: CodeBase, name: str) -> list[Finding]:
    """Where the topmost of the own exceptions is caught: there errors become what a user sees."""
    catching = sign(
        f"{name} is caught",
        name,
        rf"^[ \t]*except\s*\(?\s*(?:[\w.]+,\s*)*(?:\w+\.)*{name}\b[^\n]*|\b(?:catch|rescue)\b[^\n]*\b{name}\b[^\n]*",
    )
    hits = seen(code, [catching], code.code)[catching]
    if not hits:
        return []
    quotes = [code.quoted_line(hit.place, hit.span.start, _next_lines(code, hit, 2)) for hit in hits[:3]]
    statement = f"{name} is caught in {count(len(hits), 'place')}: {places_of(code, hits)}"
    return say(section, statement, quotes, 0.85)


def _next_lines(code: CodeBase, hit: Hit, lines: int) -> int:
    """Where so many lines after a hit end."""
    text = code.text(hit.place)
    end = hit.span.end
    for _ in range(lines):
        following = text.find("\n", end + 1)
        if following < 0:
            return len(text)
        end = following
    return end


def _caught(section: Section, code: CodeBase, one: Sign, hits: Sequence[Hit]) -> list[Finding]:
    """Each broad catch with what it does: raises again, writes a log, goes on in silence."""
    quiet = [(hit, _does(code, hit)) for hit in hits if code.files[hit.place].role is FileRole.CODE]
    wanted = [(hit, does) for hit, does in quiet if does != "raises again"]
    found: list[Finding] = []
    for hit, does in wanted[:4]:
        statement = f"{one.said} and {does}, {places_of(code, [hit])}"
        found += say(section, statement, [code.quoted_line(hit.place, hit.span.start, _next_lines(code, hit, 1))], 0.8)
    if len(wanted) > 4:
        rest = [hit for hit, _ in wanted[4:]]
        quotes = [code.quoted_line(hit.place, hit.span.start) for hit in rest[:3]]
        found += say(section, f"{one.said}, {count(len(rest), 'more place')}: {places_of(code, rest)}", quotes, 0.8)
    again = [hit for hit, does in quiet if does == "raises again"]
    if again:
        quotes = [code.quoted_line(hit.place, hit.span.start, _next_lines(code, hit, 2)) for hit in again[:2]]
        found += say(
            section, f"{one.said} but raises again, {count(len(again), 'place')}: {places_of(code, again)}", quotes, 0.7
        )
    return found


def _does(code: CodeBase, hit: Hit) -> str:
    text = code.text(hit.place)
    start = text.rfind("\n", 0, hit.span.end) + 1
    first = text[start:]
    depth = len(first) - len(first.lstrip(" \t"))
    body = []
    for line in text[text.find("\n", hit.span.end) + 1 : hit.span.end + 1_500].splitlines():
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            break
        body.append(line.strip())
    words = "\n".join(body)
    if re.search(r"^(?:raise|throw)\b", words, re.MULTILINE):
        return "raises again"
    if re.search(
        r"\b(?:log\w*|warn\w*|error|exception|print|console|echo|stderr)\b\s*[.(]|\b(?:err|out)\.print\w*\(|\bprintStackTrace\(|\b\w*LOG_?[A-Z]*\(|\bcerr\s*<<|\.(?:exception|error|warning|debug|info)\(",
        words,
    ):
        return "writes it to a log"
    if _ENDING.search(words):
        return "ends the program"
    if re.fullmatch(r"(?:#[^\n]*\n)*(?:pass|continue|\.\.\.|\}?)\s*", words):
        return "goes on in silence"
    if re.search(r"^return\b", words, re.MULTILINE):
        return "returns something else"
    end = text.find("\n", hit.span.end)
    caught = _CAUGHT.search(text, hit.span.start, end if end >= 0 else len(text))
    name = next((group for group in caught.groups() if group), "") if caught else ""
    return "passes it on" if name and re.search(rf"(?<![\w.]){name}(?!\w)", words) else "goes on"
