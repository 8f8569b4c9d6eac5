"""Places that matter for security: secrets, what runs or builds commands and queries, what is believed, who may do what."""

import re
from collections.abc import Sequence

from docanalyze.extract.repo.addressed import in_tests
from docanalyze.extract.repo.base import FUNCTIONS, CodeBase, absent, count, listed, say
from docanalyze.extract.repo.dangers import HASH, RANDOM, SERIOUS, SEVERE, SUBPROCESSES, UNCHECKED
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.routes import Route
from docanalyze.extract.repo.signs import (
    CSHARP,
    GO,
    JAVA,
    PHP,
    PYTHON,
    RUBY,
    SCRIPT,
    Hit,
    Sign,
    places_of,
    seen,
    told,
)
from docanalyze.extract.repo.unseen import find_unseen
from docanalyze.extract.repo.words import unless_left_out
from docanalyze.model import FileRole, Finding, Secret, Section, Span

_VERB = re.compile(
    r"\s*(?:SELECT\b|INSERT\s+INTO\b|UPDATE\s+\w|DELETE\s+FROM\b|REPLACE\s+INTO\b|DROP\s+TABLE\b|ALTER\s+TABLE\b)"
)
_VERBS = ("SELECT", "INSERT ", "UPDATE ", "DELETE ", "REPLACE ", "DROP ", "ALTER ")
_ASKING = PYTHON | SCRIPT | JAVA | CSHARP | GO | PHP | RUBY
_PUT_IN = {
    "python": re.compile(r"(?<!\{)\{([^{}\n]+)\}"),
    "ruby": re.compile(r"#\{([^}\n]+)\}"),
    "php": re.compile(r"\{?\$(\w+)"),
}
_TEMPLATE = re.compile(r"\$\{([^}\n]+)\}")
_BEHIND = re.compile(
    r"\s*(?:(?P<percent>%)\s*(?P<what>[\w(][\w.]*)|(?:\+|\.(?= ?\$))\s*(?P<piece>[\w$][\w.$>-]*)|\.format\((?P<format>[^)\n]*))"
)
_LONGEST_QUERY = 4_000
_SIGNS_IN = re.compile(r"sign_?(?:in|up)|log_?in|register|authenticate", re.IGNORECASE)
"""What lets somebody in names what checks, and asks nobody who they are."""
_SHOWN_ROLES = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.DOCUMENTATION})
_PRIVATE = re.compile(r"passw|token|secret|otp\b|session_?id|api_?key|nonce|credential", re.IGNORECASE)
_PASSWORD = re.compile(r"passw|pwd\b", re.IGNORECASE)
_CONDITION = re.compile(r"[ \t}]*(?:(?:el|else )?if|elif|else|case|unless|elsif|when)\b[^\n]*")
_MOST_ABOVE = 12
_HELP, _LONGEST_HELP = (
    re.compile(r"\b(?:help|description|epilog|summary)\s*[=:(]\s*[a-zA-Z]?(?:[\"'][^\"']*[\"']\s*)*$"),
    300,
)
_GUARD = re.compile(
    r"(?:require|ensure|check|verify|assert|validate)_?(?:\w{1,12}_)?(?:auth\w*|login|staff|admin|user|permissions?|access|token|csrf|roles?)|"
    r"(?:require|ensure|check|verify)_?(?:\w{1,12}_)?owner|"
    r"login_required|permission_required|user_passes_test|has_permission\w*|authenticat\w+|authoriz\w+|jwt_required|"
    r"(?:get_)?current_user|is_admin|is_authenticated|(?:require|is|check)(?:Auth|Admin|Login|Permission|User)\w*|sign_?in|log_?in",
    re.IGNORECASE,
)


def find_security(section: Section, code: CodeBase, routes: Sequence[Route]) -> list[Finding]:
    """Secrets; what is not seen as it is; queries, commands and data that can be turned against it; weak hashes; who
    checks whom."""
    found = [*_secrets(section, code), *find_unseen(section, code)]
    pages = [p for p in code.of_role(FileRole.CODE) if code.files[p].language == "html"]
    places = [*code.code, *pages, *code.of_role(FileRole.CONFIGURATION, FileRole.MANIFEST)]
    for said, hits in _queries(code).items():
        found += told(code, section, Sign(said, (), _VERB, confidence=0.65), hits, apart=3)
    signs = seen(code, (*SEVERE, *SERIOUS), places)
    for one, hits in signs.items():
        done = [hit for hit in hits if not (code.is_told(hit.place, hit.span.start) or _is_help(code, hit))]
        done = [hit for hit in done if not _only_types(code, hit)]
        if one.said == UNCHECKED:
            found += _unchecked(section, code, one, done)
        else:
            found += told(code, section, one, done, apart=2)
    found += _hashes(section, code)
    found += _guards(section, code, routes)
    found += _addressed(section, code)
    started = [hit for hits in seen(code, SUBPROCESSES, code.code).values() for hit in hits]
    found += told(code, section, SUBPROCESSES[0], started, apart=1)
    if not found and code.code:
        spoken = {code.files[p].language for p in places}
        known = [one for one in (*SEVERE, *SERIOUS) if not one.languages or one.languages & spoken]
        looked = (*([_BY_HAND] if spoken & _ASKING else []), *dict.fromkeys(one.said for one in known))
        chars = sum(code.files[p].chars for p in places)
        statement = f"None of the {len(looked)} signs of unsafe code that are looked for was seen, and no secret"
        return absent(section, unless_left_out(code, statement), looked, chars)
    return found[: section.limit]


_BY_HAND = "A query is put together from values"


def _queries(code: CodeBase) -> dict[str, list[Hit]]:
    """Strings that begin as SQL and into which values are put, by how that is done."""
    found: dict[str, list[Hit]] = {}
    for place in code.code:
        language = code.files[place].language
        text = code.text(place) if language in _ASKING else ""
        if not any(verb in text for verb in _VERBS):
            continue
        known = code.masks(place)
        for start, end, part in zip(known.starts, known.ends, known.parts, strict=True):
            inner = start + (3 if text.startswith(('"""', "'''"), start) else 1)
            if part is Where.STRING and _VERB.match(text, inner, end):
                how = _by_hand(text, Span(start, min(end, start + _LONGEST_QUERY)), language)
                if how:
                    found.setdefault(f"{_BY_HAND}, {how}", []).append(Hit(place, Span(start, end), ()))
    return found


def _by_hand(text: str, span: Span, language: str) -> str:
    """How values get into a query that is written there; nothing where only constants do."""
    body = text[span.start : span.end]
    put_in = (
        _PUT_IN.get(language)
        if language != "python" or text[max(0, span.start - 2) : span.start].lower().strip("r ").endswith("f")
        else None
    )
    put_in = _TEMPLATE if body.startswith("`") and language in SCRIPT else put_in
    if put_in is not None and any(not _constant(value) for value in put_in.findall(body)):
        return "by a formatted string"
    if (
        language == "go"
        and text[max(0, span.start - 40) : span.start].rstrip().endswith("Sprintf(")
        and re.search(r"%[sv]", body)
    ):
        return "by a formatted string"
    behind = _BEHIND.match(text, span.end)
    if behind is None or _constant(behind["what"] or behind["piece"] or behind["format"] or ""):
        return ""
    if behind["percent"]:
        return "with %" if re.search(r"%(?:\(\w+\))?[sd]", body) else ""
    return "from pieces" if behind["piece"] else "by format()"


def _constant(written: str) -> bool:
    """Whether what is put into a query is a constant by its name, as `_COLUMNS` is, or a list of marks."""
    bare = written.strip()
    return (
        re.fullmatch(r"(?:\w+\.)*_?[A-Z][A-Z0-9_]*(?:[:!].*)?", bare) is not None
        or "?" in bare
        or "placeholder" in bare.lower()
    )


def _secrets(section: Section, code: CodeBase) -> list[Finding]:
    """What was masked while reading: each place in code by itself, those in tests, examples and documents together."""
    places = [(p, one) for p in code.by_rank for one in code.files[p].secrets]
    real: list[tuple[int, Secret]] = []
    shown: list[tuple[int, Secret]] = []
    for pair in places:
        (shown if _is_shown(code, *pair) else real).append(pair)
    found: list[Finding] = []
    for place, secret in real[:5]:
        where = code.where(place, secret.span.start)
        statement = f"What looks like {_article(secret.what)} is written into the code, {where} (masked here)"
        found += say(section, statement, [code.quoted_line(place, secret.span.start, secret.span.end)], 0.75)
    for rest, said in ((real[5:], "more in code"), (shown, "in tests, examples, documents and comments")):
        paths = list(dict.fromkeys(code.files[p].path for p, _ in rest))
        quotes = [code.quoted_line(p, one.span.start, one.span.end) for p, one in rest[:3]]
        statement = f"{count(len(rest), 'place')} that look like secrets (masked here), {said}: {listed(paths, 6)}"
        found += say(section, statement, quotes, 0.5) if rest else []
    return found


def _unchecked(section: Section, code: CodeBase, one: Sign, hits: Sequence[Hit]) -> list[Finding]:
    """Certificates that are not checked: those of a branch with its condition, which may be a wish of the caller."""
    found: list[Finding] = []
    plain: list[Hit] = []
    for hit in hits:
        above = _condition(code, hit)
        if above is None or len(found) == 3:
            plain.append(hit)
            continue
        line = code.text(hit.place)[above.start : above.end].strip(" \t{}:")
        statement = f"{UNCHECKED} under a condition (`{line}`), {places_of(code, [hit])}"
        quotes = [code.quote(hit.place, above), code.quoted_line(hit.place, hit.span.start, hit.span.end)]
        found += say(section, statement, quotes, 0.7)
    return [*told(code, section, one, plain, apart=2), *found]


def _condition(code: CodeBase, hit: Hit) -> Span | None:
    """The line of the branch in which a place stands, by the depth of lines; None outside of all."""
    text = code.text(hit.place)
    end = text.rfind("\n", 0, hit.span.start)
    line = text[end + 1 : hit.span.start + 1]
    depth = len(line) - len(line.lstrip())
    for _ in range(_MOST_ABOVE):
        start = text.rfind("\n", 0, max(0, end)) + 1
        line = text[start : max(start, end)]
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            return Span(start, end) if _CONDITION.fullmatch(line) else None
        end = start - 1
        if end <= 0:
            break
    return None


def _addressed(section: Section, code: CodeBase) -> list[Finding]:
    """Tests that speak to a reader model, all together: mostly to see what becomes of it."""
    spans = list(in_tests(code.document))
    if len(spans) < 2:
        return []
    files = [(span, file) for span in spans if (file := code.document.file_at(span)) is not None]
    paths = list(dict.fromkeys(file.path for _, file in files))
    quotes = [
        code.quote(code.tree.place(file.path), Span(span.start - file.start, span.end - file.start))
        for span, file in files[:3]
    ]
    statement = f"{len(spans):,} places in tests and their data address whatever model reads them: {listed(paths, 6)}"
    return say(section, statement, quotes, 0.6)


def _is_help(code: CodeBase, hit: Hit) -> bool:
    """Whether it stands in the words that explain an option."""
    if code.part(hit.place, hit.span.start) is not Where.STRING:
        return False
    start, _ = code.masks(hit.place).around(hit.span.start)
    text = code.text(hit.place)
    return _HELP.search(text, max(0, start - _LONGEST_HELP), start) is not None


def _only_types(code: CodeBase, hit: Hit) -> bool:
    """Whether a file declares types and does nothing."""
    return code.files[hit.place].path.endswith((".d.ts", ".pyi"))


def _is_shown(code: CodeBase, place: int, secret: Secret) -> bool:
    """Whether a secret stands where one is made up: in a test, an example, a document, a comment."""
    return code.files[place].role in _SHOWN_ROLES or code.is_told(place, secret.span.start)


def _article(what: str) -> str:
    if what.split()[0].lower() in ("a", "an", "the"):
        return what
    return f"{'an' if what[:1].lower() in 'aeiou' else 'a'} {what}"


def _hashes(section: Section, code: CodeBase) -> list[Finding]:
    hits = seen(code, [HASH], code.code)[HASH]
    found: list[Finding] = []
    others: list[Hit] = []
    for hit in hits:
        if not _PASSWORD.search(_around(code, hit)):
            others.append(hit)
            continue
        name = next(group for group in hit.groups if group).upper()
        statement = f"A password is hashed with {name}, which is much too fast to protect it, {places_of(code, [hit])}"
        found += say(section, statement, [code.quoted_line(hit.place, hit.span.start)], 0.8)
    if others:
        quotes = [code.quoted_line(hit.place, hit.span.start) for hit in others[:3]]
        statement = f"MD5 or SHA-1 is used, {count(len(others), 'place')}: {places_of(code, others)}"
        found += say(section, statement, quotes, 0.5)
    for hit in seen(code, [RANDOM], code.code)[RANDOM]:
        line = code.lines(hit.place, hit.span.start)
        if _PRIVATE.search(code.text(hit.place)[line.start : line.end]):
            statement = f"Something private is drawn from a generator that can be foretold, {places_of(code, [hit])}"
            found += say(section, statement, [code.quoted_line(hit.place, hit.span.start)], 0.6)
    return found[:6]


def _around(code: CodeBase, hit: Hit) -> str:
    """The line of a hit, with the signature of its function."""
    holder = code.enclosing(hit.place, hit.span.start)
    line = code.lines(hit.place, hit.span.start)
    text = code.text(hit.place)
    head = code.signature(hit.place, holder) if holder is not None and holder.kind in FUNCTIONS else Span(0, 0)
    return f"{text[head.start : head.end]} {text[line.start : line.end]}"


# -- who may do what -------------------------------------------------------------------------------


def _guards(section: Section, code: CodeBase, routes: Sequence[Route]) -> list[Finding]:
    """Functions that check who asks, where they are used, and endpoints that change something without."""
    defined = [
        (p, n, one)
        for p in code.code
        for n, one in enumerate(code.files[p].definitions)
        if one.kind in FUNCTIONS and _GUARD.fullmatch(one.name.strip("_"))
    ]
    defined.sort(key=lambda entry: -len(code.graph.users.get(entry[:2], ())))
    defined = list({one.name: (p, n, one) for p, n, one in reversed(defined)}.values())[::-1]
    found: list[Finding] = []
    told_ = []
    for place, number, one in defined[:5]:
        users = [p for p, _ in code.graph.users.get((place, number), ()) if code.files[p].role is FileRole.CODE]
        used = f", used by {count(len(users), 'file')}" if users else ""
        told_.append(f"{one.name}() ({code.defined(place, one)}{used})")
    if told_:
        quotes = [code.quoted_signature(place, one) for place, _, one in defined[:5]]
        found += say(section, f"Signing in and permissions, by their names: {'; '.join(told_)}", quotes, 0.6)
    return found + _open(section, code, routes)


def _open(section: Section, code: CodeBase, routes: Sequence[Route]) -> list[Finding]:
    known = [route for route in routes if route.body is not None]
    checked = [route for route in known if _is_guarded(code, route) and not _SIGNS_IN.search(route.function)]
    if not checked or len(known) < 3:
        return []
    bare = [
        route
        for route in known
        if route not in checked
        and route.verb in ("POST", "PUT", "PATCH", "DELETE")
        and not _GUARD.fullmatch(route.function)
        and not re.search(r"sign|login|auth|token|session|register", f"{route.path} {route.function}", re.IGNORECASE)
    ]
    if not bare:
        return []
    bare.sort(key=lambda route: not re.search(r"admin|purge|delete|internal|staff|manage", route.path))
    told_ = listed([f"{route.said} ({route.function}())" for route in bare], 8)
    quotes = [code.quoted_line(route.place, route.span.start) for route in bare[:4]]
    quotes += [code.quoted_line(checked[0].place, checked[0].span.start)]
    statement = (
        f"{count(len(checked), 'endpoint checks', 'endpoints check')} who asks; of those that change something "
        f"{count(len(bare), 'shows', 'show')} no such check: {told_}"
    )
    return say(section, statement, quotes, 0.55)


def _is_guarded(code: CodeBase, route: Route) -> bool:
    text = code.text(route.place)
    body = text[route.body.start : route.body.end] if route.body is not None else ""
    start = route.body.start if route.body is not None else 0
    masks = code.masks(route.place)
    return any(
        _GUARD.fullmatch(name[0]) and name[0] != route.function and masks.at(start + name.start()) is Where.CODE
        for name in re.finditer(r"[A-Za-z_]\w*", body)
    )
