"""What a code base offers to the outside and needs from there: endpoints, services, libraries."""

import re
from collections.abc import Sequence

from docanalyze.extract.repo.base import CodeBase, count, listed, say, value
from docanalyze.extract.repo.manifests import BUILD, DEVELOPMENT, OPTIONAL, RUNTIME, Dependency, Manifests
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.routes import Route, undocumented
from docanalyze.extract.repo.signs import Hit, seen, sign
from docanalyze.model import FileRole, Finding, Section

_URL = sign(
    "address",
    "http:// https:// wss:// amqp:// redis:// postgres",
    r"\b((?:https?|wss?|amqps?|redis|postgres(?:ql)?|mongodb(?:\+srv)?|mysql|ftp)://[\w.-]+\.[a-z]{2,}(?::\d+)?[^\s\"'`<>(){}\\]*)",
    where=Where.STRING,
)
_NO_SERVICE = re.compile(
    r"//(?:[\w-]+\.)*(?:w3\.org|schema\.org|json-schema\.org|example\.(?:com|org|net)|localhost|127\.0\.0\.1|github\.com|gitlab\.com|"
    r"readthedocs\.(?:io|org)|docs\.[\w.-]+|opensource\.org|gnu\.org|apache\.org|creativecommons\.org|wikipedia\.org|"
    r"stackoverflow\.com|ietf\.org|python\.org|mozilla\.org|xmlns\.\w+|purl\.\w+|openoffice\.org|idpf\.org|ns\.\w+\.\w+|oasis-open\.org|openxmlformats\.org|unicode\.org|schemas\.[\w.]+)",
    re.IGNORECASE,
)
_CLIENTS = frozenset(
    "requests httpx aiohttp urllib urllib3 http.client urllib.request websockets grpc paramiko smtplib imaplib ftplib telnetlib "
    "socket boto3 botocore stripe twilio slack_sdk openai anthropic kafka pika celery paho axios got node-fetch superagent undici ws "
    "socket.io net/http net/smtp reqwest hyper tonic java.net.http okhttp3 faraday net/http httparty guzzlehttp".split()
)
_MODULES = {
    "python-dateutil": "dateutil", "pyyaml": "yaml", "pillow": "PIL", "beautifulsoup4": "bs4", "scikit-learn": "sklearn",
    "scikit-image": "skimage", "opencv-python": "cv2", "opencv-python-headless": "cv2", "pyjwt": "jwt", "python-dotenv": "dotenv",
    "attrs": "attr", "protobuf": "google", "psycopg2-binary": "psycopg2", "mysqlclient": "MySQLdb", "pycryptodome": "Crypto",
    "djangorestframework": "rest_framework", "setuptools": "pkg_resources", "pymupdf": "pymupdf", "pymupdf-lite": "pymupdf",
    "python-docx": "docx", "python-multipart": "multipart", "msgpack-python": "msgpack", "pyserial": "serial", "pyzmq": "zmq",
    "gitpython": "git", "python-jose": "jose", "google-cloud-storage": "google", "faiss-cpu": "faiss", "grpcio": "grpc",
    "nvidia-ml-py": "pynvml", "umap-learn": "umap", "typing-extensions": "typing_extensions", "pywin32": "win32api",
}  # fmt: skip
_NOT_IMPORTED = re.compile(
    r"(?:types-|@types/)|stubs?$|^(?:gunicorn|uvicorn|setuptools|wheel|pip|hatchling|tzdata|typescript|tslib|core-js|regenerator-runtime|"
    r"react-scripts|vite|webpack.*|.*-loader|.*eslint.*|prettier|autoprefixer|postcss.*|tailwindcss|psycopg2-binary|mysqlclient|"
    r".*-plugin.*|lombok|.*starter.*|rails|puma|bootsnap|colorama)$",
    re.IGNORECASE,
)
_ASKING = {
    "urllib.request": re.compile(r"\b(?:urlopen|urlretrieve|build_opener|URLopener)\b"),
    "net/http": re.compile(r"\bhttp\.(?:Get|Post|PostForm|Head|NewRequest\w*|Client\b|DefaultClient|Transport\b)"),
    "http.client": re.compile(r"\bHTTPS?Connection\b"),
}
_ECOSYSTEMS = {
    "python": "Python",
    "javascript": "npm",
    "typescript": "npm",
    "tsx": "npm",
    "go": "Go",
    "ruby": "RubyGems",
}
_LOADED = re.compile(r"\b(?:src|action|data-[\w-]+)\s*=\s*[\"']?$|<link\b[^>]*$", re.IGNORECASE)
_SENTENCE, _GOES_ON = re.compile(r"[^\W\d_]{2,}[^\w\n]*[ \n(\[]$"), re.compile(r"\S{0,3}\s+[^\W\d_]{2,}\s")
"""Words before and behind an address make it one for people to read."""
_DYNAMIC = re.compile(r"\bimport_module\(|\b__import__\(|\brequire\(\s*[^\"'`)\s]|\bimport\(\s*[^\"'`)\s]")
_MOST_ROUTES, _MOST_LIBRARIES = 14, 14


def find_interfaces(section: Section, code: CodeBase, manifests: Manifests, routes: Sequence[Route]) -> list[Finding]:
    """Endpoints, those that no document names first; services that are called; libraries, and those that nobody imports."""
    return [
        *_undocumented(section, code, list(routes)),
        *_routes(section, code, routes),
        *_clients(section, code, manifests),
        *_addresses(section, code),
        *_libraries(section, code, manifests),
        *_submodules(section, code),
    ][: section.limit]


# -- endpoints -------------------------------------------------------------------------------------


def _undocumented(section: Section, code: CodeBase, routes: list[Route]) -> list[Finding]:
    missing, pages = undocumented(code, routes)
    found: list[Finding] = []
    names = listed([code.files[p].path for p in pages], 3)
    others = "name others, but not this one" if len(pages) > 1 else "names others, but not this one"
    for route in missing[:6]:
        at = code.where(route.place, route.span.start)
        to = f", answered by {route.function}()" if route.function else ""
        statement = f"Undocumented endpoint {route.said}{to} in {at}; {names} {others}"
        quotes = [code.quoted_line(route.place, route.span.start)]
        found += say(section, statement, quotes, 0.75, [value("name", route.path)])
    if len(missing) > 6:
        quotes = [code.quoted_line(r.place, r.span.start) for r in missing[6:10]]
        statement = (
            f"{len(missing) - 6} more endpoints stand in no document: {listed([r.said for r in missing[6:]], 10)}"
        )
        found += say(section, statement, quotes, 0.7)
    return found


def _routes(section: Section, code: CodeBase, routes: Sequence[Route]) -> list[Finding]:
    found: list[Finding] = []
    for route in routes[:_MOST_ROUTES]:
        to = f" is answered by {route.function}()" if route.function else " is answered"
        statement = f"{route.said}{to} in {code.where(route.place, route.span.start)}"
        quotes = [code.quoted_line(route.place, route.span.start)]
        found += say(section, statement, quotes, 0.85, [value("name", route.path)])
    if len(routes) > _MOST_ROUTES:
        rest = routes[_MOST_ROUTES:]
        quotes = [code.quoted_line(r.place, r.span.start) for r in rest[:4]]
        told = listed([r.said for r in rest], 12)
        found += say(section, f"{count(len(rest), 'more endpoint')}: {told}", quotes, 0.85)
    return found


# -- services --------------------------------------------------------------------------------------


def _clients(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    own = {fact.value for fact in manifests.facts if fact.name == "name"}
    users: dict[str, list[tuple[int, int]]] = {}
    for place in code.code:
        ours = {number for numbers in code.graph.imports.get(place, {}).values() for number in numbers}
        for number, one in enumerate(code.files[place].imports):
            name = one.module if one.module in _CLIENTS else one.module.partition(".")[0]
            if number in ours or name.rpartition("/")[2] == code.tree.name or name in own:
                # The code base under analysis may be such a client itself.
                continue
            if name in _CLIENTS and one.module not in ("urllib.parse", "urllib.error") and name != "urllib":
                users.setdefault(name, []).append((place, one.span.start))
            elif one.module == "urllib.request" or (one.module == "urllib" and "request" in one.names):
                users.setdefault("urllib.request", []).append((place, one.span.start))
    # Of these a program often takes a table or a small function, and asks nobody.
    users = {
        name: [one for one in where if name not in _ASKING or _ASKING[name].search(code.text(one[0]))]
        for name, where in users.items()
    }
    found: list[Finding] = []
    for name, where in sorted(users.items(), key=lambda one: (-len(one[1]), one[0]))[:6]:
        paths = list(dict.fromkeys(code.files[place].path for place, _ in where))
        quotes = [code.quoted_line(place, at) for place, at in where[:3]]
        found += say(section, f"Talks to others by {name}, in {listed(paths, 4)}", quotes, 0.8, [value("name", name)])
    return found


def _addresses(section: Section, code: CodeBase) -> list[Finding]:
    hits = seen(code, [_URL], code.of_role(FileRole.CODE, FileRole.CONFIGURATION))[_URL]
    known: dict[str, Hit] = {}
    for hit in hits:
        url = hit.groups[0].rstrip(".,;:")
        if not _is_asked(code, hit):
            continue
        # Where a formatted text goes on, the host may be another.
        host = url.split("/")[2]
        if code.is_told(hit.place, hit.span.start):
            continue
        if not _NO_SERVICE.search(url) and host not in known:
            known[host] = hit
    found: list[Finding] = []
    for hit in list(known.values())[:5]:
        url = hit.groups[0].rstrip(".,;:")
        quotes = [code.quoted_line(hit.place, hit.span.start)]
        statement = f"Names the address {url} in {code.where(hit.place, hit.span.start)}"
        found += say(section, statement, quotes, 0.6, [value("name", url)])
    return found


def _is_asked(code: CodeBase, hit: Hit) -> bool:
    """Whether an address may be one that the program asks: not one in a sentence for people, nor a link of a page."""
    text = code.text(hit.place)
    before = text[text.rfind("\n", 0, hit.span.start) + 1 : hit.span.start]
    if code.files[hit.place].language in ("html", "markdown"):
        return _LOADED.search(before) is not None
    start, end = code.masks(hit.place).around(hit.span.start)
    return not _SENTENCE.search(text[max(start, hit.span.start - 200) : hit.span.start]) and not _GOES_ON.match(
        text, hit.span.end, end
    )


# -- libraries -------------------------------------------------------------------------------------


def imported_by(code: CodeBase, wanted: Dependency) -> list[tuple[int, int]]:
    """(file, import) of a library that a manifest asks for."""
    external = code.graph.external
    name = wanted.name
    names = {name, name.lower()}
    if wanted.ecosystem == "Python":
        names = {
            name.replace("-", "_"),
            name.lower().replace("-", "_"),
            _MODULES.get(name.lower(), name),
            name.partition(".")[0],
        }
        names |= {name.lower().removeprefix("python-").replace("-", "_"), name.lower().removeprefix("py")}
    elif wanted.ecosystem == "Cargo":
        names = {name.replace("-", "_")}
    elif wanted.ecosystem in ("Maven", "Gradle"):
        group = name.partition(":")[0]
        return [one for package, found in external.items() if package.startswith(group) for one in found]
    elif wanted.ecosystem == "Go":
        return [
            one
            for package, found in external.items()
            if package == name or package.startswith(f"{name}/")
            for one in found
        ]
    return sorted({one for package, found in external.items() if package in names for one in found})


def _libraries(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    runtime = list(
        {
            (d.ecosystem, d.name.lower()): d for d in reversed(manifests.dependencies) if d.use in (RUNTIME, OPTIONAL)
        }.values()
    )[::-1]
    used = [(wanted, imported_by(code, wanted)) for wanted in runtime]
    # A reader of imports is not there for every language.
    spoken = {wanted.ecosystem for wanted, where in used if where}
    found: list[Finding] = []
    used = [(w, [one for one in at if code.files[one[0]].role is not FileRole.EXAMPLE]) for w, at in used]
    ranked = sorted(((w, at) for w, at in used if at), key=lambda one: (-len({p for p, _ in one[1]}), one[0].name))
    for wanted, where in ranked[:_MOST_LIBRARIES]:
        found += _library(section, code, wanted, where)
    if len(ranked) > _MOST_LIBRARIES:
        rest = [wanted for wanted, _ in ranked[_MOST_LIBRARIES:]]
        quotes = [code.quote(d.place, d.span) for d in rest[:4]]
        found += say(
            section,
            f"{count(len(rest), 'more library is', 'more libraries are')} imported: {listed([d.name for d in rest], 20)}",
            quotes,
            0.85,
        )
    idle = [wanted for wanted, where in used if not where and wanted.ecosystem in spoken]
    found += _unused(section, code, [w for w in idle if not _NOT_IMPORTED.search(w.name)])
    silent = [wanted for wanted, where in used if not where and wanted not in idle]
    if silent:
        told = listed([f"{d.name} {d.version}".strip() for d in silent], 15)
        quotes = [code.quote(d.place, d.span) for d in silent[:4]]
        found += say(section, f"Asks for {count(len(silent), 'library', 'libraries')}: {told}", quotes, 0.8)
    return found + _without_manifest(section, code, manifests) + _for_work(section, code, manifests)


def _without_manifest(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """What is imported from outside in languages for which no manifest says what is asked for."""
    spoken = {wanted.ecosystem for wanted in manifests.dependencies}
    own = {fact.value for fact in manifests.facts if fact.name == "name"} | {code.tree.name}
    taken: dict[str, dict[int, int]] = {}
    for package, found in code.graph.external.items():
        for place, number in found:
            file = code.files[place]
            ecosystem = _ECOSYSTEMS.get(file.language)
            if file.role is FileRole.CODE and ecosystem and ecosystem not in spoken and package not in own:
                taken.setdefault(package, {}).setdefault(place, number)
    if not taken:
        return []
    ranked = sorted(taken.items(), key=lambda one: (-len(one[1]), one[0]))
    told = listed([f"{package} ({count(len(places), 'file')})" for package, places in ranked], 20)
    quotes = [
        code.quoted_line(p, code.files[p].imports[n].span.start) for _, at in ranked[:6] for p, n in [*at.items()][:1]
    ]
    return say(section, f"Imported from outside, asked for in no manifest: {told}", quotes, 0.85)


def _library(section: Section, code: CodeBase, wanted: Dependency, where: list[tuple[int, int]]) -> list[Finding]:
    places = sorted(
        {place for place, _ in where}, key=lambda p: (code.files[p].role is not FileRole.CODE, -code.ranks[p])
    )
    paths = [code.files[p].path for p in places]
    only = " (tests only)" if all(code.files[p].role is FileRole.TEST for p in places) else ""
    quotes = [code.quote(wanted.place, wanted.span)]
    quotes += [code.quoted_line(p, code.files[p].imports[n].span.start) for p, n in where if p == places[0]][:1]
    optional = ", optional" if wanted.use == OPTIONAL else ""
    statement = f"Library {wanted.name} {wanted.version}".rstrip()
    statement += f"{optional}, imported by {count(len(paths), 'file')}{only}: {listed(paths, 3)}"
    fields = [value("name", wanted.name)] + ([value("version", wanted.version)] if wanted.version else [])
    return say(section, statement, quotes, 0.9, fields)


def _unused(section: Section, code: CodeBase, idle: list[Dependency]) -> list[Finding]:
    """Libraries that no file imports, and whose names stand nowhere but in manifests and lock files."""
    found: list[Finding] = []
    dynamic = any(_DYNAMIC.search(code.text(p)) for p in code.code if "import" in code.text(p))
    vendored = any(file.role is FileRole.VENDORED for file in code.files)
    for wanted in idle[:40]:
        names = {wanted.name, wanted.name.replace("-", "_"), _MODULES.get(wanted.name.lower(), wanted.name)}
        if _is_named(code, names):
            continue
        remark = "; imports by computed names exist here" if dynamic else ""
        nobody = "nothing but what is vendored may import it" if vendored else "nothing imports it"
        path = code.files[wanted.place].path
        statement = f"{path} asks for {wanted.name} {wanted.version}".rstrip() + f", but {nobody}{remark}"
        quotes = [code.quote(wanted.place, wanted.span)]
        found += say(section, statement, quotes, 0.45 if dynamic or vendored else 0.7, [value("name", wanted.name)])
    return found[:5]


def _is_named(code: CodeBase, names: set[str]) -> bool:
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w-])")
    roles = (FileRole.CODE, FileRole.TEST, FileRole.EXAMPLE, FileRole.CONFIGURATION, FileRole.SCHEMA)
    for place in code.of_role(*roles):
        text = code.text(place)
        if any(name in text for name in names) and pattern.search(text):
            return True
    return False


def _for_work(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """What is asked for to work on it, in a line for each use."""
    found: list[Finding] = []
    for use, said in ((DEVELOPMENT, "For development and tests"), (BUILD, "To build it")):
        wanted = list({(d.name, d.place): d for d in manifests.dependencies if d.use == use}.values())
        if wanted:
            told = listed([f"{d.name} {d.version}".strip() for d in wanted], 14)
            quotes = [code.quote(d.place, d.span) for d in wanted[:6]]
            found += say(section, f"{said}: {told}", quotes, 0.9)
    return found


def _submodules(section: Section, code: CodeBase) -> list[Finding]:
    if not code.tree.submodules:
        return []
    place = next((p for p in code.by_rank if code.files[p].path == ".gitmodules"), None)
    quotes = [code.quoted_path(place)] if place is not None else []
    return say(section, f"Git submodules: {listed(list(code.tree.submodules), 8)}", quotes, 0.9)
