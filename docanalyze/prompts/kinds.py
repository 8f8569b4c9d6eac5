"""Kinds: found, checked, told apart. A Kind is a folder with a `kind.toml`; whatever is wrong in one
is said with file, line and reason."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

from docanalyze.errors import ConfigError, UsageError
from docanalyze.language import cue_score, normalise
from docanalyze.model import Cue, Document, Example, FieldKind, FieldSpec, Kind, Section

KIND_FILE = "kind.toml"
FALLBACK = "document"
ORDERS = ("text", "best")
METHODS = frozenset(
    "parties dates obligations cues unusual missing summary statements figures questions none "
    "code-purpose code-build code-architecture code-entries code-modules code-data code-interfaces "
    "code-configuration code-tests code-errors code-security code-performance code-debt code-conventions "
    "code-start".split()
)
HEAD_CHARS = 60_000
"""How much of a Document is looked at to tell its Kind."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_KIND_KEYS = {"title": str, "threshold": float, "detect": list, "section": list, "cue": list, "heading": list}
_SECTION_KEYS = {
    "name": str,
    "title": str,
    "question": str,
    "method": str,
    "limit": int,
    "order": str,
    "absence": str,
    "not_found": str,
    "terms": list,
    "clauses": list,
    "field": list,
    "cue": list,
    "heading": list,
    "example": list,
}
_EXAMPLE_KEYS = {"text": str, "statement": str, "quote": str}
_FIELD_KEYS = {"name": str, "kind": str, "title": str, "clauses": list}
_CUE_KEYS = {"pattern": str, "weight": float}

Table = Mapping[str, object]


# -- kinds -----------------------------------------------------------------------------------------


def kinds(folder: Path | None = None) -> tuple[Kind, ...]:
    """The packaged Kinds and those in the user's folder, which may replace a packaged one by name."""
    found = {kind.name: kind for kind in _packaged()}
    if folder is not None:
        for path in sorted(folder.glob(f"*/{KIND_FILE}")):
            found[path.parent.name] = load(path)
    return tuple(found.values())


def find(name: str, folder: Path | None = None) -> Kind:
    """The Kind of that name; UsageError with the names that there are."""
    known = {kind.name: kind for kind in kinds(folder)}
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        raise UsageError(f"no kind {name!r}", hint)
    return known[name]


def detect(document: Document, among: Sequence[Kind]) -> tuple[Kind, str]:
    """The Kind whose cues speak loudest over its threshold, else `document`; and why, in a few words."""
    head = document.text[:HEAD_CHARS]
    best: tuple[float, Kind] | None = None
    for kind in among:
        score = cue_score(kind.detect, head)
        if kind.detect and score >= kind.threshold and (best is None or score > best[0]):
            best = (score, kind)
    if best is not None:
        return best[1], f"detected: its cues score {best[0]:g}, {best[1].threshold:g} are enough"
    fallback = next((kind for kind in among if kind.name == FALLBACK), among[0])
    return fallback, "no other kind's cues are strong enough"


@cache
def _packaged() -> tuple[Kind, ...]:
    return tuple(load(path) for path in sorted(root().glob(f"*/{KIND_FILE}")))


@cache
def root() -> Path:
    """The folder of Kinds: inside the package in a wheel, beside it in a checkout."""
    package = Path(str(files("docanalyze")))
    inside = package / "_prompts"
    return inside if inside.is_dir() else package.parent / "prompts"


def load(path: Path) -> Kind:
    """The Kind in one `kind.toml`. ConfigError with file, line and reason if it is wrong."""
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", "mend or remove it") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8", "save it as UTF-8") from None
    return _Checked(path, content).kind()


class _Checked:
    """One file being checked: knows where in it a thing stands, to say so."""

    def __init__(self, path: Path, content: str) -> None:
        self.path = path
        self.content = content

    def kind(self) -> Kind:
        try:
            table = tomllib.loads(self.content)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{self.path}: {error}", "mend that line") from None
        name = self.path.parent.name
        if not _NAME.fullmatch(name):
            raise self.wrong(f"the folder's name {name!r} is no kind's name", "", "use a-z, 0-9 and -")
        self.keys(table, _KIND_KEYS, ("title",), "")
        shared = self.cues(table, "cue"), self.cues(table, "heading")
        sections = tuple(self.section(entry, *shared) for entry in self.tables(table, "section", "section"))
        if not sections:
            raise self.wrong("a kind needs at least one [[section]]", "", "add one")
        twice = [s.name for i, s in enumerate(sections) if s.name in [t.name for t in sections[:i]]]
        if twice:
            raise self.wrong(f"two sections are named {twice[0]}", f'"{twice[0]}"', "rename one")
        return Kind(
            name,
            self.text(table, "title"),
            sections,
            self.cues(table, "detect"),
            self.number(table, "threshold", 0.0),
            self.digest(),
            str(self.path.parent),
        )

    def digest(self) -> str:
        """The hash of all files that make the Kind: its table and its own templates."""
        digest = hashlib.sha256(self.content.encode())
        for path in sorted(self.path.parent.glob("*.md.j2")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def section(self, table: Table, cues: tuple[Cue, ...], headings: tuple[Cue, ...]) -> Section:
        """One Section; the Kind's own `cues` and `headings` count in it beside its own."""
        self.keys(table, _SECTION_KEYS, ("name", "title", "question", "method"), "section.")
        name, method = self.text(table, "name"), self.text(table, "method")
        if not _NAME.fullmatch(name):
            raise self.wrong(f"{name!r} is no section's name", f'"{name}"', "use a-z, 0-9 and -")
        if method not in METHODS:
            known = ", ".join(sorted(METHODS))
            raise self.wrong(f"section {name}: unknown method {method!r}", f'"{method}"', f"known are {known}")
        limit = table.get("limit", 12)
        if not isinstance(limit, int) or limit < 1:
            raise self.wrong(f"section {name}: limit must be 1 or more", "limit", "mend it")
        order = self.text(table, "order") if "order" in table else ORDERS[0]
        if order not in ORDERS:
            raise self.wrong(f"section {name}: unknown order {order!r}", f'"{order}"', f"known are {', '.join(ORDERS)}")
        fields = tuple(self.field(entry) for entry in self.tables(table, "field", "section.field"))
        return Section(
            name,
            self.text(table, "title"),
            self.text(table, "question"),
            method,
            fields,
            self.cues(table, "cue") + cues,
            self.words(table, "terms"),
            self.text(table, "absence") if "absence" in table else "",
            limit,
            tuple(self.example(entry) for entry in self.tables(table, "example", "section.example")),
            self.cues(table, "heading") + headings,
            self.words(table, "clauses"),
            self.text(table, "not_found") if "not_found" in table else "",
            best_first=order == "best",
        )

    def words(self, table: Table, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            name = self.text(table, "name")
            raise self.wrong(f"section {name}: {key} must be a list of words", key, "put each in quotes")
        return tuple(value)

    def example(self, table: Table) -> Example:
        self.keys(table, _EXAMPLE_KEYS, ("text", "statement", "quote"), "section.example.")
        text, quote = self.text(table, "text"), self.text(table, "quote")
        if normalise(quote).text not in normalise(text).text:
            raise self.wrong("an example's quote does not stand in its text", quote, "copy it from the text")
        return Example(text, self.text(table, "statement"), quote)

    def field(self, table: Table) -> FieldSpec:
        self.keys(table, _FIELD_KEYS, ("name", "kind", "title"), "section.field.")
        kind = self.text(table, "kind")
        if kind not in {known.value for known in FieldKind}:
            known = ", ".join(known.value for known in FieldKind)
            raise self.wrong(f"unknown kind of field {kind!r}", f'"{kind}"', f"known are {known}")
        clauses = self.words(table, "clauses")
        return FieldSpec(self.text(table, "name"), FieldKind(kind), self.text(table, "title"), clauses)

    def cues(self, table: Table, key: str) -> tuple[Cue, ...]:
        cues = []
        for entry in self.tables(table, key, key):
            self.keys(entry, _CUE_KEYS, ("pattern",), f"{key}.")
            pattern = self.text(entry, "pattern")
            try:
                re.compile(pattern, re.IGNORECASE | re.DOTALL)
            except re.error as error:
                raise self.wrong(f"not a regular expression: {error}", pattern, "mend the pattern") from None
            cues.append(Cue(pattern, self.number(entry, "weight", 1.0)))
        return tuple(cues)

    # -- types -------------------------------------------------------------------------------------

    def keys(self, table: Table, known: Mapping[str, type], needed: Sequence[str], where: str) -> None:
        for key in table:
            if key not in known:
                raise self.wrong(f"unknown key {where}{key}", key, f"known are {', '.join(known)}")
        for key in needed:
            if key not in table:
                place = next((str(v) for k, v in table.items() if k in ("name", "pattern")), "")
                raise self.wrong(f"{where}{key} is missing", f'"{place}"' if place else "", "add it")

    def tables(self, table: Table, key: str, where: str) -> list[Table]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(f"{where} must be written as [[{where}]]", key, "mend it")
        return value

    def text(self, table: Table, key: str) -> str:
        value = table[key]
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{key} must be text, not {value!r}", key, "put words in quotes")
        return value.strip()

    def number(self, table: Table, key: str, otherwise: float) -> float:
        value = table.get(key, otherwise)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(f"{key} must be a number, not {value!r}", key, "leave out the quotes")
        return float(value)

    def wrong(self, reason: str, place: str, try_: str) -> ConfigError:
        """The error, with the line where `place` first stands."""
        for number, line in enumerate(self.content.splitlines(), 1):
            if place and place in line:
                return ConfigError(f"{self.path}: line {number}: {reason}", try_)
        return ConfigError(f"{self.path}: line 1: {reason}", try_)
