"""How fully each file of a code base is shown within a budget: in full, in outline, by name only."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from docanalyze.errors import WindowError
from docanalyze.model import NEVER_IN_FULL, Detail, File, FileRole, Tree
from docanalyze.pack.forms import Begun, Form, Told
from docanalyze.pack.listing import Line, listing
from docanalyze.pack.order import reading_order
from docanalyze.pack.prose import Count

Sizes = Callable[[File, Detail], int]
"""The tokens of a file's text, or of its outline, as a Window holds them."""

# What a file is worth grows slower than how much it matters: many in outline say more than a few in full.
_WORTH = 0.7
# What an outline is worth of the whole: of code much, of what is written to be read little.
_OUTLINE_WORTH, _HEADINGS_WORTH = 0.7, 0.35
_TO_BE_READ = frozenset({FileRole.DOCUMENTATION, FileRole.MANIFEST, FileRole.CONFIGURATION})
# What was asked for comes before all else, in at most this part of the budget.
_FOCUS_SHARE = 0.5
# README and manifests of the root go in at first, each of at most this part of the budget.
_FIRST_SHARE = 0.05
# Tokens that any file counts for on top of its own: what is tiny is not worth showing for being tiny.
_NEAR = 128
# An outline over this part of the whole is not worth having: the whole is.
_OUTLINE_MOST = 0.7
# At first so much of the budget may go to names; what is left in the end may, too.
_NAMES_SHARE = 0.08
_TESTS_SHARE = 0.15
# Of the budget, what a top folder's first file may take, all together.
_FLOOR_SHARE = 0.3
_ROUNDS = 4
_AS_TESTS = frozenset(
    {"test", "tests", "testing", "testdata", "fixtures", "fixture", "__snapshots__", "spec", "__tests__"}
)


class Links(Protocol):
    """What packing asks of the graph of a code base: who imports and uses whom."""

    @property
    def imports(self) -> Mapping[int, Mapping[int, tuple[int, ...]]]: ...

    @property
    def uses(self) -> Mapping[int, Mapping[int, float]]: ...

    def layers(self) -> tuple[tuple[int, ...], ...]: ...


@dataclass(frozen=True, eq=False)
class Measured:
    """A code base with what choosing needs: how much each file matters, who needs whom, what takes how many tokens,
    and how it is written. `focused` are the places of the files that were asked for."""

    tree: Tree
    ranks: Sequence[float]
    links: Links
    sizes: Sizes
    count: Count
    form: Form
    focused: Collection[int] = ()
    _around: dict[tuple[int, Detail], int] = field(default_factory=dict)
    _lines: dict[str, int] = field(default_factory=dict)

    def line(self, text: str) -> int:
        """The tokens of a line of ours: every listing that is tried asks for most of the last one's again."""
        known = self._lines.get(text)
        if known is None:
            known = self._lines[text] = self.count(text)
        return known

    def around(self, place: int, detail: Detail) -> int:
        """The tokens of the lines before and behind a file's text."""
        known = self._around.get((place, detail))
        if known is None:
            tail = self.form.tail(place, detail)
            known = self.count(self.form.head(place, detail)) + (self.count(tail) if tail else 0)
            self._around[place, detail] = known
        return known

    def inner(self, place: int, detail: Detail) -> int:
        """The tokens of a file's text or outline, 0 for its name."""
        if detail is Detail.NAME:
            return 0
        rewritten = self.form.rewritten.get((place, detail))
        return self.sizes(self.tree.files[place], detail) if rewritten is None else rewritten

    def block(self, place: int, detail: Detail) -> int:
        """The tokens that a file takes, its lines of ours included."""
        return self.around(place, detail) + self.inner(place, detail)


@dataclass(frozen=True, eq=False)
class Choice:
    """What of a code base is shown, and how: `details` of all files, `names` the listing of those without text.

    `tokens` is the exact count of what `render` makes of it. `parts` are files of which the beginning is
    shown.
    """

    measured: Measured
    budget: int
    details: tuple[Detail, ...]
    names: tuple[Line, ...]
    overview: str
    tokens: int
    parts: Mapping[int, Begun] = field(default_factory=dict)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The files with text, in the order in which they are shown."""
        return reading_order(self.measured.tree, self.measured.links, self.measured.ranks, self.details)

    @property
    def shown_tokens(self) -> int:
        """The tokens of all blocks of files."""
        shown = (place for place, detail in enumerate(self.details) if detail is not Detail.NAME)
        return sum(self.measured.block(place, self.details[place]) for place in shown)

    @property
    def is_whole(self) -> bool:
        """Whether all that can be shown is shown in full."""
        return all(self.details[place] is Detail.FULL for place in showable(self.measured))


def showable(measured: Measured) -> list[int]:
    """The files that have a text worth showing: read, not empty, and written by hand."""
    return [
        place
        for place, file in enumerate(measured.tree.files)
        if file.is_read and file.role not in NEVER_IN_FULL and measured.inner(place, Detail.FULL)
    ]


def counts_as_test(file: File) -> bool:
    """Whether a file is of the tests or of what they need."""
    return file.role is FileRole.TEST or not _AS_TESTS.isdisjoint(file.folder.split("/"))


def choose(measured: Measured, budget: int) -> Choice:
    """The Choice of most value within `budget` tokens: all in full if that fits.

    What was asked for comes first: in full if it takes no more than half of the budget, else in outline.
    Every top folder is shown at least by one file where there is room, tests take at most 15 % of
    the budget unless all else is in. WindowError if the budget does not hold the smallest overview.
    """
    whole = _whole(measured, budget)
    if whole is not None:
        return whole
    return _Chooser(measured, budget).run()


def _whole(measured: Measured, budget: int) -> Choice | None:
    places = showable(measured)
    if sum(measured.inner(place, Detail.FULL) for place in places) > budget:
        return None
    details = [Detail.NAME] * len(measured.tree.files)
    for place in places:
        details[place] = Detail.FULL
    return _finished(measured, budget, details, sum(measured.block(place, Detail.FULL) for place in places))


def _finished(
    measured: Measured, budget: int, details: Sequence[Detail], shown: int, most: int | None = None
) -> Choice | None:
    """The Choice with these details, whose blocks take `shown` tokens; None if it takes more than the budget.

    The listing takes at most `most`.
    """
    form, count = measured.form, measured.count
    listed = [place for place, detail in enumerate(details) if detail is Detail.NAME]
    told = Told(details.count(Detail.FULL), details.count(Detail.OUTLINE), len(listed))
    overview = form.overview(told)
    ours = count(overview) + _count(count, form.end())
    if listed:
        ours += _count(count, form.names_head()) + _count(count, form.names_tail())
    left = budget - shown - ours
    room = left if most is None else min(left, most)
    names = listing(listed, form, measured.line, measured.ranks, room) if left >= 0 else None
    if names is None:
        return None
    total = shown + ours + sum(line.tokens for line in names)
    return Choice(measured, budget, tuple(details), names, overview, total)


def _count(count: Count, text: str) -> int:
    return count(text) if text else 0


@dataclass(frozen=True, slots=True)
class _Step:
    place: int
    detail: Detail
    worth: float


class _Chooser:
    """Takes what is worth most for its tokens, one step after the other, until the budget is full."""

    def __init__(self, measured: Measured, budget: int) -> None:
        self.measured, self.budget = measured, budget
        self.files = measured.tree.files
        self.details = [Detail.NAME] * len(self.files)
        self.showable = showable(measured)
        self.shown = 0
        self.in_tests = 0
        self.tests = {place for place in self.showable if counts_as_test(self.files[place])}
        # What all lines of ours take at the very least, their numbers as long as they can get.
        form, count = measured.form, measured.count
        many = len(self.files)
        self.ours = sum(
            _count(count, text)
            for text in (form.overview(Told(many, many, many)), form.names_head(), form.names_tail(), form.end())
        )
        self.least_names = count(form.fold("", many, deeper=True))
        self.steps = sorted(
            (step for place in self.showable for step in self._steps(place)),
            key=lambda step: (-step.worth, step.place, step.detail is Detail.FULL),
        )

    def run(self) -> Choice:
        choice = self._listed(int(self.budget * _NAMES_SHARE)) or self._listed(None)
        if choice is None:
            raise WindowError(
                f"{self.budget:,} tokens do not hold even the overview of {len(self.files):,} files",
                "give a larger --window",
            )
        self._focused(self.budget - self.ours - self._names_room(choice))
        self._firsts(self.budget - self.ours - self._names_room(choice))
        self._floors(self.budget - self.ours - self._names_room(choice))
        for _ in range(_ROUNDS):
            before = self.shown
            self._take(self.budget - self.ours - self._names_room(choice))
            found = self._listed(None)
            if found is None:
                break
            choice = found
            if self.shown == before:
                break
        return choice

    def _names_room(self, choice: Choice) -> int:
        """What is kept free for names: what the listing takes now, if that is no more than its share."""
        now = sum(line.tokens for line in choice.names)
        return max(min(now, int(self.budget * _NAMES_SHARE)), self.least_names)

    def _listed(self, most: int | None) -> Choice | None:
        return _finished(self.measured, self.budget, self.details, self.shown, most)

    def _steps(self, place: int) -> list[_Step]:
        file = self.files[place]
        value = self.measured.ranks[place] ** _WORTH
        worth = _HEADINGS_WORTH if file.role in _TO_BE_READ else _OUTLINE_WORTH
        near = _NEAR + len(file.path) // 3
        full = self.measured.inner(place, Detail.FULL) + near
        outline = self.measured.inner(place, Detail.OUTLINE)
        if not outline or outline + near > full * _OUTLINE_MOST:
            return [_Step(place, Detail.FULL, value / full)]
        first = worth * value / (outline + near)
        rest = (1 - worth) * value / (full - outline)
        if rest > first:
            return [_Step(place, Detail.FULL, value / full)]
        return [_Step(place, Detail.OUTLINE, first), _Step(place, Detail.FULL, rest)]

    def _focused(self, most: int) -> None:
        """What was asked for: all of it at its least detail, then in full, what matters most first."""
        share = min(most, int(self.budget * _FOCUS_SHARE))
        focused = set(self.measured.focused)
        places = sorted(focused.intersection(self.showable), key=lambda place: (-self.measured.ranks[place], place))
        for number, place in enumerate(places):
            # The first may take more than its share: better one that was asked for than none.
            self._try(place, self._least(place), share if number else most, capped=False)
        for place in places:
            if self.details[place] is not Detail.FULL:
                self._try(place, Detail.FULL, share, capped=False)

    def _firsts(self, most: int) -> None:
        """What says what the code base is, in full."""
        for place in self.showable:
            file = self.files[place]
            first = file.role is FileRole.MANIFEST or file.path.lower().startswith("readme")
            if first and not file.folder and self.measured.inner(place, Detail.FULL) <= self.budget * _FIRST_SHARE:
                self._try(place, Detail.FULL, most)

    def _floors(self, most: int) -> None:
        """One file of every top folder, that which matters most of those small enough."""
        of_folder: dict[str, list[int]] = {}
        for place in self.showable:
            of_folder.setdefault(
                self.files[place].path.partition("/")[0] if self.files[place].folder else "", []
            ).append(place)
        share = int(most * _FLOOR_SHARE) // max(1, len(of_folder))
        ranks = self.measured.ranks
        folders = sorted(of_folder.items(), key=lambda one: (-sum(ranks[place] for place in one[1]), one[0]))
        for _, places in folders:
            for place in sorted(places, key=lambda place: (-ranks[place], place)):
                detail = self._least(place)
                if self.details[place] is not Detail.NAME:
                    break
                if self.measured.inner(place, detail) <= share and self._try(place, detail, most):
                    break

    def _least(self, place: int) -> Detail:
        return self._steps(place)[0].detail

    def _take(self, most: int) -> None:
        """All steps that fit, the best first; tests beyond their share only when all else is in."""
        for step in self.steps:
            if self._is_next(step):
                self._try(step.place, step.detail, most)
        if all(self.details[place] is Detail.FULL for place in self.showable if place not in self.tests):
            for step in self.steps:
                if step.place in self.tests and self._is_next(step):
                    self._try(step.place, step.detail, most, capped=False)

    def _is_next(self, step: _Step) -> bool:
        now = self.details[step.place]
        return now is Detail.NAME or (now is Detail.OUTLINE and step.detail is Detail.FULL)

    def _try(self, place: int, detail: Detail, most: int, *, capped: bool = True) -> bool:
        now = self.details[place]
        had = 0 if now is Detail.NAME else self.measured.block(place, now)
        # Lines of ours are counted only where the text alone would fit.
        if self.shown + self.measured.inner(place, detail) - had > most:
            return False
        more = self.measured.block(place, detail) - had
        if self.shown + more > most:
            return False
        if place in self.tests:
            if capped and self.in_tests + more > self.budget * _TESTS_SHARE:
                return False
            self.in_tests += more
        self.shown += more
        self.details[place] = detail
        return True


def retold(choice: Choice, details: Sequence[Detail], shown: int) -> Choice | None:
    """The Choice with other details, whose blocks take `shown` tokens; None if that is over the budget."""
    return _finished(choice.measured, choice.budget, details, shown)


def anew(measured: Measured) -> Measured:
    """The same, once its form has learnt how some files must be written."""
    return replace(measured, _around={})
