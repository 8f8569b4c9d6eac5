"""Places that matter for speed and memory: queries in loops, caches, waiting, threads, large reads, limits that are set."""

import re
from collections.abc import Iterator, Sequence

from docanalyze.extract.repo.base import FUNCTIONS, CodeBase, count, listed, say
from docanalyze.extract.repo.calls import Function, called, resolved
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.signs import GO, JAVA, PYTHON, RUBY, RUST, SCRIPT, Hit, Sign, seen, sign, told
from docanalyze.model import Finding, Section, Span

_LOOP = re.compile(r"^(?P<indent>[ \t]*)(?:async )?(?:for|while|foreach)\b[^\n]*", re.MULTILINE)
_QUERY = re.compile(
    r"(?<!\bexec)(?<!xecutor)(?<!\bpool)(?<!Pool)\.(?:execute|executemany|executescript)\((?!\s*(?:\(\)\s*[-=]>|new Runnable|[\w.]+::))|\.objects\.\w+|\bsession\.(?:query|get|scalars?)\(|\brequests\.(?:get|post|put|request)\(|"
    r"\bhttpx\.(?:get|post|put|request)\(|\burlopen\(|\bawait fetch\(|\bdb\.(?:query|Query|QueryRow|Exec)\(|\.find_one\(|\.findOne\(|\.findUnique\("
)
_ASKS = (
    ".execute",
    ".objects.",
    "session.",
    "requests.",
    "httpx.",
    "urlopen(",
    "await fetch(",
    "db.",
    ".find_one(",
    ".find",
)
"""What stands in every file with a query: looked for first, which is cheap."""
_CALL = re.compile(r"(?:(?P<of>[A-Za-z_]\w*)\.)?(?P<name>[A-Za-z_]\w*)\(")
_COMPREHENSION = re.compile(
    r"[\[({]\s*(?:(?P<of>[A-Za-z_]\w*)\.)?(?P<name>[A-Za-z_]\w*)\([^\n\[\]]{0,200}\)\s+for\s+\w+[^\n]{0,80}\bin\b"
)
_AT_ONCE = "Whole files or results are read at once"
_CACHES = sign(
    "Results are kept in a cache",
    "cache memoize useMemo",
    r"@(?:\w+\.)*(?:lru_cache|cache|cached_property|cached|memoize|cache_page)\b|\bmemoize\(|\buseMemo\(|\bcache\.(?:get|set|get_or_set|fetch)\(|@Cacheable\b|Rails\.cache",
    confidence=0.75,
)
_SIGNS: tuple[Sign, ...] = (
    _CACHES,
    sign(
        "The code waits for a fixed time",
        "sleep",
        r"\btime\.sleep\(|\basyncio\.sleep\((?!0\))|\bThread\.sleep\(|\btime\.Sleep\(|\bthread::sleep\(|(?<![\w.])sleep\s+\d",
        PYTHON | JAVA | GO | RUST | RUBY,
        confidence=0.7,
    ),
    sign(
        "Work is spread over threads, processes or tasks",
        "Executor Thread multiprocessing gather TaskGroup go+func spawn Worker( Promise.all ThreadingHTTPServer ThreadPool",
        r"\b(?:Thread|Process)PoolExecutor\(|\bThread\(|\bmultiprocessing\.\w+\(|\basyncio\.(?:gather|TaskGroup|create_task)\b|^\s*go (?:func|\w[\w.]*\()|\btokio::spawn\(|\bthread::spawn\(|\bnew Worker\(|\bPromise\.all\(|\bThreadingHTTPServer\(|\bExecutors\.\w+\(",
        PYTHON | SCRIPT | GO | RUST | JAVA,
        confidence=0.75,
    ),
    sign(
        "A call over the network sets no time limit",
        "requests.",
        r"\brequests\.(?:get|post|put|delete|patch|head|request)\((?:(?!timeout)[^()]|\([^()]*\))*\)",
        PYTHON,
        confidence=0.6,
    ),
    sign(
        _AT_ONCE,
        "read( readlines( read_text( read_bytes( fetchall(",
        r"(?<!rfile)(?<!self)(?<!request)\.(?:read|readlines|read_text|read_bytes|fetchall)\(\s*\)|\.read_text\(",
        PYTHON,
        confidence=0.5,
    ),
    # Elsewhere `.read()` takes a lock, or one byte.
    sign(
        _AT_ONCE,
        "readFileSync ReadAll ReadFile read_to_string read_to_end fs::read( readAllBytes",
        r"\breadFileSync\(|\b(?:io|ioutil|os)\.Read(?:All|File)\(|\bread_to_(?:string|end)\(|\bfs::read\(|\breadAllBytes\(",
        SCRIPT | GO | RUST | JAVA,
        confidence=0.5,
    ),
)
_LIMIT = re.compile(
    r"^[ \t]*(?:export |public |private |static |final |const |pub(?:\([^)\n]*\))? |let |var )*(?P<name>_?(?:MAX|MOST|LARGEST|LONGEST|LIMIT|TIMEOUT|LEAST_WAIT|BATCH|CHUNK|POOL|TRIES|RETRIES|PAGE)_?[A-Z0-9_]*|"
    r"_?[A-Z][A-Z0-9_]*_(?:LIMIT|TIMEOUT|MAX|SIZE|RETRIES|SECONDS|TTL|BYTES))\s*(?::[^=\n]+)?=\s*(?P<value>[^\n;#]{1,40})",
    re.MULTILINE,
)
_STATUS = re.compile(
    r"\w*(?:REQUEST|GATEWAY|CONNECT|READ|LOGIN)_TIMEOUT\s*(?::[^=\n]+)?=\s*\(?\s*(?:408|440|504|522|524|598|599)\b"
)
"""A status of HTTP, which bounds nothing."""
_NO_LIMIT = re.compile(r"(?:SHIFT|MASK|INDEX|OFFSET|KEY|NAME|PATH|URL|CLASS|HEADER|TYPE|VERSION|TITLE|FORMAT)S?$")
_SIZE = re.compile(
    r"(?:^|_)(?:BUF|CHUNK|PAGE|BATCH|BLOCK|POOL|CACHE|FILE|UPLOAD|BODY|READ|WRITE|QUEUE|HEADER|WINDOW|MESSAGE|PACKET|FRAME|LOG|REQUEST|RESPONSE|MAX|MIN|HEAP|STACK)"
)
"""What a size bounds: that of a number's parts bounds nothing."""
_AGAIN = re.compile(r"attempt|tries|retr(?:y|ies)", re.IGNORECASE)
"""A loop that tries again asks once if all goes well."""
_ONCE = re.compile(r"(?:^|/)(?:migrations?|alembic)/|/m\d{3}\w*\.py$")
"""What runs once, when a database is made or changed."""
_BODY_LINES = 25
_SHORTEST = 3


def find_performance(section: Section, code: CodeBase) -> list[Finding]:
    """Queries in loops first, then what is cached, waited for, spread, read at once, limited."""
    found = _in_loops(section, code)
    by_words: dict[str, tuple[Sign, list[Hit]]] = {}
    for one, hits in seen(code, _SIGNS, code.code).items():
        by_words.setdefault(one.said, (one, []))[1].extend(_own(code, hits))
    for one, hits in by_words.values():
        found += told(code, section, one, hits, apart=1)
    return [*found, *_limits(section, code)][: section.limit]


def _own(code: CodeBase, hits: Sequence[Hit]) -> list[Hit]:
    """Hits as they are; of one function only the first, lest a file of caches takes all the room."""
    kept: dict[tuple[int, int], Hit] = {}
    for hit in hits:
        holder = code.enclosing(hit.place, hit.span.start)
        kept.setdefault((hit.place, holder.span.start if holder is not None else hit.span.start), hit)
    return list(kept.values())


def _in_loops(section: Section, code: CodeBase) -> list[Finding]:
    near = {place for place in code.code if any(word in code.text(place) for word in _ASKS)}
    asking = _asking(code, near)
    direct: list[tuple[int, Span, Span]] = []
    through: list[tuple[int, Span, Span, Function]] = []
    names = {function.of(code).name for function in asking}
    for place in code.code:
        if _ONCE.search(code.files[place].path):
            continue
        text = code.text(place)
        wanted = place in near or not names.isdisjoint(n for n, _ in code.files[place].references)
        for loop, body in _loops(code, place, text) if wanted else ():
            if _AGAIN.search(text, loop.start, loop.end):
                continue
            match = _QUERY.search(text, body.start, body.end) if place in near else None
            if match is not None and code.part(place, match.start()) is Where.CODE:
                if all((place, match.start()) != (p, at.start) for p, _, at in direct):
                    direct.append((place, loop, Span(*match.span())))
                continue
            through += [(place, loop, at, function) for at, function in _asked(code, place, body, text, asking, names)]
        if code.files[place].language == "python":
            through += _comprehended(code, place, text, asking, names)
    return _told_of_loops(section, code, direct, through)


def _told_of_loops(
    section: Section,
    code: CodeBase,
    direct: Sequence[tuple[int, Span, Span]],
    through: Sequence[tuple[int, Span, Span, Function]],
) -> list[Finding]:
    found: list[Finding] = []
    for place, loop, at in direct[:4]:
        statement = f"A query or request stands in a loop, {code.where(place, at.start)}{code.inside(place, at.start)}"
        quotes = [code.quoted_line(place, loop.start), code.quoted_line(place, at.start)]
        found += say(section, statement, quotes, 0.65)
    told_ = {(place, code.line(place, at.start)) for place, _, at in direct}
    through = [entry for entry in through if (entry[0], code.line(entry[0], entry[2].start)) not in told_]
    # Each function once in a file, and each line once: loops stand in loops.
    functions = {(place, function): (place, loop, at, function) for place, loop, at, function in reversed(through)}
    by_line = {(place, code.line(place, at.start)): (place, loop, at, f) for place, loop, at, f in functions.values()}
    once = list(by_line.values())[::-1]
    for place, loop, at, function in once[:4]:
        callee = called(code, function)
        statement = f"{callee}, which asks a database or a service, is called in a loop, {code.where(place, at.start)}"
        statement += code.inside(place, at.start)
        quotes = [code.quoted_line(place, loop.start), code.quoted_line(place, at.start)]
        quotes.append(code.quoted_signature(function.place, function.of(code)))
        found += say(section, statement, quotes, 0.55)
    rest = len(direct[4:]) + len(once[4:])
    if rest:
        more = [(place, at) for place, _, at in direct[4:]] + [(place, at) for place, _, at, _ in once[4:]]
        quotes = [code.quoted_line(place, at.start) for place, at in more[:3]]
        where = listed([code.where(place, at.start) for place, at in more], 4)
        found += say(section, f"{count(rest, 'more loop')} with queries or requests in them: {where}", quotes, 0.5)
    return found


def _asking(code: CodeBase, near: set[int]) -> set[Function]:
    """Functions in which a query or a request stands."""
    found = set()
    for place in sorted(near):
        text = code.text(place)
        numbers = {one.span: number for number, one in enumerate(code.files[place].definitions)}
        for match in _QUERY.finditer(text):
            one = code.enclosing(place, match.start())
            if one is not None and one.kind in FUNCTIONS and len(one.name) > _SHORTEST:
                found.add(Function(place, numbers[one.span]))
    return found


def _loops(code: CodeBase, place: int, text: str) -> Iterator[tuple[Span, Span]]:
    """Loops with what stands in them, by the depth of their lines."""
    for match in _LOOP.finditer(text):
        if code.part(place, match.start() + len(match["indent"])) is not Where.CODE:
            continue
        end = match.end()
        depth = len(match["indent"].expandtabs(4))
        for _ in range(_BODY_LINES):
            following = text.find("\n", end + 1)
            line = text[end + 1 : following if following >= 0 else len(text)]
            if following < 0 or (line.strip() and len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) <= depth):
                break
            end = following
        yield Span(*match.span()), Span(match.end(), max(match.end(), end))


def _asked(
    code: CodeBase, place: int, body: Span, text: str, asking: set[Function], names: set[str]
) -> Iterator[tuple[Span, Function]]:
    for match in _CALL.finditer(text, body.start, body.end):
        if match["name"] in names and code.part(place, match.start()) is Where.CODE:
            function = resolved(code, place, match["name"], match["of"] or "")
            if function in asking and function is not None:
                yield Span(*match.span()), function


def _comprehended(
    code: CodeBase, place: int, text: str, asking: set[Function], names: set[str]
) -> Iterator[tuple[int, Span, Span, Function]]:
    """Calls once for each entry of a list that is built; also of a function that calls one that asks."""
    for match in _COMPREHENSION.finditer(text):
        if match["name"] not in code.graph.definers or code.part(place, match.start("name")) is not Where.CODE:
            continue
        function = resolved(code, place, match["name"], match["of"] or "")
        if function is None:
            continue
        span = function.of(code).span
        inner = function.place
        inside = code.text(inner)
        asks = function in asking or any(
            call["name"] in names and resolved(code, inner, call["name"], call["of"] or "") in asking
            for call in _CALL.finditer(inside, span.start, span.end)
        )
        if asks:
            yield place, Span(*match.span()), Span(match.start("name"), match.end()), function


def _limits(section: Section, code: CodeBase) -> list[Finding]:
    """Constants that bound something."""
    found = []
    for place in code.code:
        for match in _LIMIT.finditer(code.text(place)):
            if _STATUS.match(match[0], match.start("name") - match.start()) or _NO_LIMIT.search(match["name"]):
                continue
            if match["name"].endswith("_SIZE") and not _SIZE.search(match["name"]):
                continue
            if re.search(r"\d", match["value"]) and code.part(place, match.start("name")) is Where.CODE:
                found.append((place, match))
    if not found:
        return []
    told_ = [f"{match['name']} = {match['value'].strip()} ({code.files[place].path})" for place, match in found]
    told_ = list(dict.fromkeys(told_))
    quotes = [code.quoted_line(place, match.start("name")) for place, match in found[:5]]
    return say(
        section,
        f"{count(len(told_), 'limit is set as a constant', 'limits are set as constants')}: {listed(told_, 6)}",
        quotes,
        0.7,
    )
