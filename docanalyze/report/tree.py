"""A code base as a report shows it: what it is made of, and what became of every file, before any markup.

Files beyond the most that are listed are counted where they lie. Every text has passed through `plain`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from docanalyze.model import Detail, Document, File, FileCovered, Run, Skipped, Tree
from docanalyze.report.labels import language_name
from docanalyze.report.plain import counted, shown
from docanalyze.report.quotes import stands

MOST_FILES = 2_000
"""Files listed one by one in a report's tree."""
MOST_REASONS = 20
"""Reasons told one by one: a text may be part of each."""
MOST_TOLD = 200
"""Secrets, submodules, and things left aside, listed of each."""
_OPEN = 40
"""A tree of so few files and folders is shown unfolded."""
_DEPTH = 12
"""Folders deeper than this are told in the name of what lies in them: a path may have thousands."""
_SHARED = 10
"""A reason is not repeated where at least so many files, and one of twenty, have it."""
_STEPS = 10
_LANGUAGES = 6


@dataclass(frozen=True, slots=True)
class Level:
    """How a Detail is shown: its name, the shape that goes with its colour, and what colours it."""

    name: str
    shape: str
    tone: str


LEVELS = {
    Detail.FULL: Level("full", "●", "full"),
    Detail.OUTLINE: Level("outline", "◐", "outline"),
    Detail.NAME: Level("name only", "○", "name"),
    Detail.NONE: Level("left out", "×", "out"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: how many of what, its share of 1, and what colours it."""

    name: str
    told: str
    share: float
    tone: str

    @property
    def percent(self) -> str:
        return f"{self.share:.0%}" if self.share >= 0.005 or not self.share else "< 1%"


@dataclass(frozen=True, slots=True)
class Row:
    """A file. `place` is that in `Tree.files`, `step` its rank beside the highest, 0 to 10; `tokens` are those in
    the Window, `whole` those of its text where these are fewer. `level` is None where nothing was recorded."""

    place: int
    name: str
    level: Level | None
    tokens: str
    whole: str
    rank: int
    step: int
    findings: int
    reason: str
    window: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with the sums of all that lies in it; `more` says what of it is not listed."""

    name: str
    files: int
    tokens: int
    levels: tuple[tuple[Level, int], ...]
    findings: int
    folders: tuple["Folder", ...]
    rows: tuple[Row, ...]
    more: str
    is_open: bool

    @property
    def told(self) -> str:
        """`3 full, 2 outline`."""
        return ", ".join(f"{count:,} {level.name}" for level, count in self.levels)


@dataclass(frozen=True, slots=True)
class Aside:
    """What was not read at all for one reason: paths, how many more, how many files they stand for (0: unknown)."""

    reason: str
    paths: tuple[str, ...]
    more: int
    files: int


@dataclass(frozen=True, slots=True)
class CodeBase:
    """All that a report says of a Tree. `line` is one for the top, `told` says what the tree does not list; `usual` are
    the reasons of many files, with how many: they do not stand with each."""

    line: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    languages: tuple[Share, ...]
    spent: tuple[Share, ...]
    root: Folder
    told: str
    usual: tuple[tuple[str, int], ...]
    secrets: tuple[tuple[str, str], ...]
    more_secrets: int
    submodules: tuple[str, ...]
    more_submodules: int
    asides: tuple[Aside, ...]
    ranked: bool
    windows: int

    @property
    def secret_lines(self) -> tuple[str, ...]:
        """`src/app.py:3: a private key`."""
        return tuple(f"{place}: {what}" for place, what in self.secrets)


def code_base(run: Run, document: Document, most: int = MOST_FILES) -> CodeBase | None:
    """What became of a code base; None of what is none. `most` files are listed: those with findings first."""
    tree = document.tree
    if tree is None:
        return None
    covered = run.coverage.files if run.coverage else ()
    found = findings_by_file(run, document)
    listed = _listed(tree, covered, found, most)
    usual = _usual(tree, covered)
    secrets = [(shown(document.locator(f.within(s.span))), shown(s.what)) for f in tree.files for s in f.secrets]
    return CodeBase(
        line=_line(tree),
        facts=_facts(tree, covered),
        languages=_languages(tree),
        spent=_spent(covered),
        root=_Planting(tree, covered, found, listed, frozenset(usual)).root(),
        told=_told(len(tree.files), len(listed)),
        usual=tuple(usual.items()),
        secrets=tuple(secrets[:MOST_TOLD]),
        more_secrets=max(0, len(secrets) - MOST_TOLD),
        submodules=tuple(map(shown, tree.submodules[:MOST_TOLD])),
        more_submodules=max(0, len(tree.submodules) - MOST_TOLD),
        asides=_asides(tree.skipped),
        ranked=any(one.rank for one in covered),
        windows=len(run.windows),
    )


def findings_by_file(run: Run, document: Document) -> Mapping[int, tuple[int, ...]]:
    """The numbers of the Findings that quote a file, by its place in `Tree.files`."""
    held: defaultdict[int, dict[int, None]] = defaultdict(dict)
    for finding in run.findings:
        for evidence in finding.evidence:
            for span in evidence.spans if stands(evidence) else ():
                file = document.file_at(span)
                if file is not None and document.tree is not None:
                    held[document.tree.place(file.path)][finding.number] = None
    return {place: tuple(numbers) for place, numbers in held.items()}


# -- facts -----------------------------------------------------------------------------------------


def _line(tree: Tree) -> tuple[str, ...]:
    """Files, lines, the main languages, branch and commit, as short as one says them."""
    lines = sum(file.lines for file in tree.files)
    mains = [f"{one.name} {one.percent}" for one in _languages(tree)[:3]]
    where = [f"branch {shown(tree.branch)}"] if tree.branch else []
    where += [f"commit {shown(tree.commit)[:10]}"] if tree.commit else []
    return counted(len(tree.files), "file"), counted(lines, "line"), *mains, *where


def _facts(tree: Tree, covered: Sequence[FileCovered]) -> tuple[tuple[str, str], ...]:
    read = [file for file in tree.files if file.is_read]
    files = counted(len(tree.files), "file")
    unread = len(tree.files) - len(read)
    tokens = sum(file.tokens for file in read)
    in_windows = sum(one.tokens for one in covered if one.window)
    facts = (
        ("Name", shown(tree.name)),
        ("Branch", shown(tree.branch)),
        ("Commit", shown(tree.commit)),
        ("Files", f"{files}, {unread:,} not read" if unread else files),
        ("Lines", f"{sum(file.lines for file in read):,}"),
        ("Tokens", f"{tokens:,} in all files" + (f", {in_windows:,} in view, with their names" if covered else "")),
    )
    return tuple((name, value) for name, value in facts if value)


def _languages(tree: Tree) -> tuple[Share, ...]:
    """The languages by lines, the first few, then all others as one."""
    lines: Counter[str] = Counter()
    for file in tree.files:
        if file.is_read and file.lines:
            lines[language_name(file.language) or "other text"] += file.lines
    total = sum(lines.values())
    ranked = sorted(lines.items(), key=lambda one: (-one[1], one[0]))
    parts, rest = ranked[:_LANGUAGES], sum(count for _, count in ranked[_LANGUAGES:])
    shares = [*parts, (f"{len(ranked) - _LANGUAGES:,} more", rest)] if rest else parts
    return tuple(
        Share(name, counted(count, "line"), count / total, f"part-{number}")
        for number, (name, count) in enumerate(shares, 1)
    )


def _spent(covered: Sequence[FileCovered]) -> tuple[Share, ...]:
    """The tokens in view by Detail, with how many files they are of."""
    files, tokens = Counter(one.detail for one in covered), Counter[Detail]()
    for one in covered:
        tokens[one.detail] += one.tokens if one.window else 0
    total = sum(tokens.values())
    return tuple(
        Share(
            level.name,
            f"{counted(files[detail], 'file')}, {counted(tokens[detail], 'token')}",
            tokens[detail] / total if total else 0.0,
            level.tone,
        )
        for detail, level in LEVELS.items()
        if files[detail]
    )


def _asides(skipped: Sequence[Skipped]) -> tuple[Aside, ...]:
    by_reason: dict[str, list[Skipped]] = {}
    for one in skipped:
        is_rare = one.reason not in by_reason and len(by_reason) >= MOST_REASONS
        by_reason.setdefault("other reasons" if is_rare else one.reason, []).append(one)
    return tuple(
        Aside(
            shown(reason),
            tuple(shown(one.path) for one in of_reason[:MOST_TOLD]),
            max(0, len(of_reason) - MOST_TOLD),
            sum(one.count for one in of_reason) if all(one.count for one in of_reason) else 0,
        )
        for reason, of_reason in by_reason.items()
    )


def _usual(tree: Tree, covered: Sequence[FileCovered]) -> dict[str, int]:
    """The reasons that so many files share that they would fill the tree, the most frequent first."""
    reasons = Counter(_reason(tree.files[one.file], one) for one in covered)
    least = max(_SHARED, len(tree.files) // 20)
    return {reason: count for reason, count in reasons.most_common() if reason and count >= least}


def _told(files: int, listed: int) -> str:
    if listed == files:
        return ""
    return f"Of {counted(files, 'file')} {listed:,} are listed: those with findings, then those that matter most."


# -- the tree --------------------------------------------------------------------------------------


def _listed(tree: Tree, covered: Sequence[FileCovered], found: Mapping[int, object], most: int) -> frozenset[int]:
    ranks = {one.file: one.rank for one in covered}
    places = range(len(tree.files))
    if len(places) <= most:
        return frozenset(places)
    return frozenset(sorted(places, key=lambda place: (place not in found, -ranks.get(place, 0.0), place))[:most])


@dataclass(slots=True)
class _Growing:
    """A folder while files are laid into it."""

    name: str = ""
    folders: dict[str, "_Growing"] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    levels: Counter[Detail] = field(default_factory=Counter)
    unlisted: Counter[Detail] = field(default_factory=Counter)
    files: int = 0
    hidden: int = 0
    tokens: int = 0
    findings: dict[int, None] = field(default_factory=dict)


class _Planting:
    """Lays every file into its folder: those listed as Rows, the others as sums of the nearest folder that has any."""

    def __init__(
        self,
        tree: Tree,
        covered: Sequence[FileCovered],
        found: Mapping[int, tuple[int, ...]],
        listed: frozenset[int],
        usual: frozenset[str],
    ) -> None:
        self.tree, self.found, self.listed, self.usual = tree, found, listed, usual
        self.covered = {one.file: one for one in covered}
        ranked = sorted(covered, key=lambda one: (-one.rank, one.file))
        self.orders = {one.file: order for order, one in enumerate(ranked, 1)}
        self.highest = max((one.rank for one in covered), default=0.0)
        self.folders = 0

    def root(self) -> Folder:
        root = _Growing()
        order = sorted(range(len(self.tree.files)), key=lambda place: place not in self.listed)
        for place in order:
            self._lay(root, place)
        small = self.folders + len(self.listed) <= _OPEN
        return _grown(root, 0, small)

    def _lay(self, root: _Growing, place: int) -> None:
        names, name = _parts(self.tree.files[place].path)
        is_listed, one = place in self.listed, self.covered.get(place)
        folder = root
        self._count(folder, place, one)
        for part in names:
            if part not in folder.folders and not is_listed:
                break
            if part not in folder.folders:
                self.folders += 1
                folder.folders[part] = _Growing(part)
            folder = folder.folders[part]
            self._count(folder, place, one)
        if is_listed:
            folder.rows.append(self._row(place, name, one))
            return
        folder.hidden += 1
        if one is not None:
            folder.unlisted[one.detail] += 1

    def _count(self, folder: _Growing, place: int, one: FileCovered | None) -> None:
        folder.files += 1
        folder.findings |= dict.fromkeys(self.found.get(place, ()))
        if one is not None:
            folder.levels[one.detail] += 1
            folder.tokens += one.tokens if one.window else 0

    def _row(self, place: int, name: str, one: FileCovered | None) -> Row:
        file, findings = self.tree.files[place], len(self.found.get(place, ()))
        if one is None:
            return Row(place, shown(name), None, "", _tokens(file.tokens), 0, 0, findings, shown(file.reason), 0)
        return Row(
            place=place,
            name=shown(name),
            level=LEVELS[one.detail],
            tokens=_tokens(one.tokens if one.window else 0),
            whole=_tokens(file.tokens) if one.detail is not Detail.FULL else "",
            rank=self.orders[place] if one.rank else 0,
            step=self._step(one.rank),
            findings=findings,
            reason="" if (reason := _reason(file, one)) in self.usual else reason,
            window=one.window,
        )

    def _step(self, rank: float) -> int:
        """Ranks fall off steeply: their square roots can be told apart by the eye."""
        if not rank or not self.highest:
            return 0
        return max(1, round(_STEPS * float((rank / self.highest) ** 0.5)))


def _parts(path: str) -> tuple[Sequence[str], str]:
    """The folders of a path, at most `_DEPTH`, and the rest of it."""
    *folders, name = path.split("/")
    return folders[:_DEPTH], "/".join([*folders[_DEPTH:], name])


def _tokens(count: int) -> str:
    return f"{count:,}" if count else ""


def _reason(file: File, one: FileCovered) -> str:
    return shown("; ".join(dict.fromkeys(filter(None, (file.reason, one.reason)))))


def _grown(folder: _Growing, depth: int, small: bool) -> Folder:
    names = [folder.name]
    while depth and len(folder.folders) == 1 and not folder.rows and not folder.hidden:
        # `src/main/java`: a folder with nothing but a folder in it is told in one line.
        (folder,) = folder.folders.values()
        names.append(folder.name)
    return Folder(
        name=shown("/".join(names)),
        files=folder.files,
        tokens=folder.tokens,
        levels=_counted(folder.levels),
        findings=len(folder.findings),
        folders=tuple(_grown(one, depth + 1, small) for _, one in sorted(folder.folders.items())),
        rows=tuple(sorted(folder.rows, key=lambda row: row.place)),
        more=_more(folder),
        is_open=small,
    )


def _more(folder: _Growing) -> str:
    if not folder.hidden:
        return ""
    levels = ", ".join(f"{count:,} {level.name}" for level, count in _counted(folder.unlisted))
    beside = "more " if folder.rows or folder.folders else ""
    files = f"{folder.hidden:,} {beside}{'file' if folder.hidden == 1 else 'files'}"
    return f"{files}, not listed{f': {levels}' if levels else ''}"


def _counted(levels: Counter[Detail]) -> tuple[tuple[Level, int], ...]:
    return tuple((level, levels[detail]) for detail, level in LEVELS.items() if levels[detail])


def walk(folder: Folder) -> Iterable[Folder]:
    """The folder and all below it."""
    yield folder
    for one in folder.folders:
        yield from walk(one)
