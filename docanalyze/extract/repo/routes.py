"""Endpoints: which path is answered by which function, in the ways that web frameworks write it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.signs import CSHARP, GO, JAVA, PHP, PYTHON, RUBY, RUST, SCRIPT
from docanalyze.model import Definition, FileRole, Span

_VERBS = "get|post|put|patch|delete|head|options"


@dataclass(frozen=True, slots=True)
class Route:
    """`verb` is `ANY` where none is named; `function` is empty where none is seen. `span` is of the file's text."""

    verb: str
    path: str
    function: str
    place: int
    span: Span
    body: Span | None = None

    @property
    def said(self) -> str:
        return f"{self.verb} {self.path}"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to write a route. Groups of the expression: `verb`, `path`, `to`, each if it has it."""

    languages: frozenset[str]
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    needs: str = ""


def _way(languages: frozenset[str], words: str, pattern: str, needs: str = "") -> _Way:
    return _Way(languages, tuple(words.split()), re.compile(pattern, re.MULTILINE), needs)


_WAYS = (
    _way(
        PYTHON,
        "@",
        rf"^[ \t]*@[\w.]+\.(?P<verb>{_VERBS}|route|websocket|api_route)\(\s*[rf]?[\"'](?P<path>/[^\"'\n]*)[\"'](?P<more>[^\n]*)",
    ),
    _way(
        PYTHON,
        "add_route add_get add_post add_url_rule",
        rf"\.add_(?:(?P<verb>{_VERBS})|route|url_rule|api_route)\(\s*(?:[\"'](?P<verb2>[A-Z*]+)[\"'],\s*)?[\"'](?P<path>/[^\"'\n]*)[\"'](?:\s*,\s*(?:view_func=)?(?P<to>[\w.]+))?",
    ),
    _way(
        PYTHON,
        "urlpatterns",
        r"^[ \t]*(?:re_)?(?:path|url)\(\s*r?[\"'](?P<path>[^\"'\n]*)[\"']\s*,\s*(?!include\b)"
        # What wraps a view answers nothing: `wrap(self.index)`.
        r"(?:(?:(?![\w.]*\.as_view\b)[\w.]+\(\s*)+(?=[\w.]+\s*[(),]))?(?P<to>[\w.]+)",
        "urlpatterns",
    ),
    _way(
        SCRIPT,
        "app. router. server. api. Router. fastify.",
        rf"\b(?:app|server|api|fastify|\w*[rR]outer?|route)\.(?P<verb>{_VERBS}|all)\(\s*[\"'`](?P<path>/[^\"'`\n]*)[\"'`]\s*,(?:[^\n]*?\b(?P<to>\w+)\s*\)\s*;?[ \t]*$)?",
    ),
    _way(
        SCRIPT,
        "@Controller",
        r"^[ \t]*@(?P<verb>Get|Post|Put|Patch|Delete|All)\(\s*(?:[\"'`](?P<path>[^\"'`\n]*)[\"'`])?\s*\)",
        "@Controller",
    ),
    _way(
        JAVA,
        "Mapping",
        r"@(?P<verb>Get|Post|Put|Patch|Delete|Request)Mapping(?:\(\s*(?:value\s*=\s*|path\s*=\s*)?\{?\s*\"(?P<path>[^\"\n]*)\"[^\n]*)?",
    ),
    _way(
        GO,
        "HandleFunc Handle(",
        r"\.(?:HandleFunc|Handle)\(\s*\"(?:(?P<verb>[A-Z]+) )?(?P<path>/[^\"\n]*)\"\s*,\s*(?:http\.\w+\(\s*(?:\"[^\"\n]*\",\s*)?)*(?P<to>[\w.]+)?",
    ),
    _way(
        GO,
        "http.HandlerFunc(",
        r"^[ \t]*\"(?P<path>/[^\"\n]*)\":\s*http\.HandlerFunc\((?P<to>[\w.]+)",
    ),
    _way(
        GO,
        ".GET( .POST( .Get( .Post( .PUT( .DELETE(",
        r"\.(?P<verb>GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete)\(\s*\"(?P<path>/[^\"\n]*)\"\s*(?:,\s*(?:[\w.]+,\s*)*(?P<to>[\w.]+)\s*\))?",
    ),
    _way(RUST, "#[", rf"^[ \t]*#\[(?:\w+::)?(?P<verb>{_VERBS})\(\s*\"(?P<path>/[^\"\n]*)\""),
    _way(
        RUST, ".route(", rf"\.route\(\s*\"(?P<path>/[^\"\n]*)\"\s*,\s*(?:\w+::)*(?P<verb>{_VERBS})\(\s*(?P<to>[\w:]+)"
    ),
    _way(
        RUBY,
        "routes.draw Sinatra sinatra",
        rf"^[ \t]*(?P<verb>{_VERBS}|resources?|root)\s*\(?\s*[\"':](?P<path>[\w/:#.*()-]+)[\"']?(?:[^\n]*?(?:to:|=>)\s*[\"'](?P<to>[\w/#]+)[\"'])?",
    ),
    _way(
        PHP,
        "Route::",
        r"Route::(?P<verb>get|post|put|patch|delete|any|resource)\(\s*[\"'](?P<path>[^\"'\n]*)[\"'](?:\s*,\s*\[?(?P<to>[\w\\:]+))?",
    ),
    _way(
        CSHARP,
        "[Http .Map",
        r"(?:\[Http(?P<verb>Get|Post|Put|Patch|Delete)\(\"|\.Map(?P<verb2>Get|Post|Put|Patch|Delete)\(\s*\")(?P<path>[^\"\n]*)\"",
    ),
)
_METHODS = re.compile(r"methods\s*=\s*[\[({]([^\])}]*)")
_PREFIX = re.compile(r"@(?:RequestMapping|Controller|Path)\(\s*(?:value\s*=\s*|path\s*=\s*)?[\"'`]([^\"'`\n]*)[\"'`]")
_MOST, _MOST_PAGES = 300, 200


def routes(code: CodeBase) -> list[Route]:
    """All endpoints, file by file, each with the function that answers it."""
    found: list[Route] = []
    for place in code.of_role(FileRole.CODE, FileRole.CONFIGURATION):
        language = code.files[place].language
        text = code.text(place)
        for way in _WAYS:
            if language in way.languages and any(w.replace("+", " ") in text for w in way.words) and way.needs in text:
                found += islice(_written(code, way, place, text), _MOST)
        if len(found) > _MOST:
            break
    return found


def _written(code: CodeBase, way: _Way, place: int, text: str) -> Iterator[Route]:
    prefix = _PREFIX.search(text) if way.languages in (JAVA, SCRIPT) else None
    for match in way.pattern.finditer(text):
        groups, written = match.groupdict(), match[0].lstrip()
        at = match.start("to") if written.startswith('"') else match.end() - len(written)
        if code.part(place, at) is not Where.CODE:
            continue
        path = groups.get("path") or ""
        verb = groups.get("verb") or groups.get("verb2") or "ANY"
        if prefix is not None and match.start() <= prefix.start() < match.end():
            # The mapping of a whole class is no endpoint.
            continue
        if verb.lower() in ("route", "api_route", "request", "all", "any", "*"):
            methods = _METHODS.search(groups.get("more") or match[0])
            verb = "/".join(re.findall(r"\w+", methods[1])) if methods else "ANY"
        if prefix is not None and "@" in match[0][:8].lstrip():
            path = f"/{prefix[1].strip('/')}/{path.strip('/')}".rstrip("/")
        answering = _answering(code, place, match.end(), groups.get("to") or "", decorates=written[0] in "@#[")
        name = answering.name if answering is not None else (groups.get("to") or "").removesuffix(".as_view")
        if way.languages is GO and name.rpartition(".")[2] not in code.graph.definers:
            # A variable, or something of the library's.
            name = ""
        span = Span(match.start() + len(match[0]) - len(match[0].lstrip()), match.end())
        yield Route(verb.upper(), path or "/", name, place, span, answering.span if answering is not None else None)


def _answering(code: CodeBase, place: int, end: int, to: str, *, decorates: bool) -> Definition | None:
    """The function that is named, if it stands in the same file, else the one that a decorator stands over."""
    functions = [one for one in code.files[place].definitions if one.kind in FUNCTIONS | HOLDERS]
    if to:
        name = re.split(r"[.:#\\]+", to)[-1]
        return next((one for one in functions if one.name == name and one.kind in FUNCTIONS), None)
    if not decorates:
        return None
    around = [one for one in functions if one.span.start <= end < one.span.end and one.kind in FUNCTIONS]
    if around:
        return min(around, key=lambda one: len(one.span))
    after = [one for one in functions if 0 <= one.span.start - end < 200 and one.kind in FUNCTIONS]
    return min(after, key=lambda one: one.span.start, default=None)


# -- what is documented ----------------------------------------------------------------------------

_PARAMETER = re.compile(r"<[^>]*>|\{[^}]*\}|:\w+|\([^)]*\)")
_LEAST_DOCUMENTED = 0.34


def undocumented(code: CodeBase, found: list[Route]) -> tuple[list[Route], list[int]]:
    """Endpoints whose paths stand in no document, and the documents that name the others.

    Nothing where the documents name under a third of the endpoints: then they do not list them at all.
    """
    places = code.of_role(FileRole.DOCUMENTATION, FileRole.SCHEMA)[:_MOST_PAGES]
    pages = [(place, code.text(place)) for place in places]
    named: set[int] = set()
    missing = []
    for route in found:
        if len(route.path) < 2:
            continue
        where = _naming(route, pages)
        named.update(where)
        if not where:
            missing.append(route)
    looked = sum(len(route.path) > 1 for route in found)
    if not looked or (looked - len(missing)) < _LEAST_DOCUMENTED * looked:
        return [], []
    return missing, sorted(named)


def _naming(route: Route, pages: list[tuple[int, str]]) -> list[int]:
    parts = [re.escape(part) for part in _PARAMETER.split(route.path)]
    pattern = re.compile(r"[<{:(]?[\w>})-]+".join(parts) + r"(?![\w/<{:-])")
    fixed = max(_PARAMETER.split(route.path), key=len)
    return [place for place, text in pages if fixed in text and pattern.search(text)]
