"""Where a newcomer begins: a few files in an order, each with the reason."""

from collections import Counter

from docanalyze.extract.repo.base import CodeBase, count, listed, say
from docanalyze.extract.repo.entries import TEMPLATE, target_of
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.extract.repo.offered import public, top_packages, weighty
from docanalyze.extract.repo.purpose import readme
from docanalyze.extract.repo.routes import Route
from docanalyze.extract.repo.testing import tests_in
from docanalyze.extract.repo.words import first_sentence, of_file
from docanalyze.model import FileRole, Finding, Section

_MOST_READ, _LEAST_LINES, _MOST_TOPS, _LEAST_ROUTES = 200, 10, 2, 3


def find_start(section: Section, code: CodeBase, manifests: Manifests, routes: list[Route]) -> list[Finding]:
    """README, where it starts, what most files lean on, where most happens, a test that shows how it is used."""
    order: dict[int, str] = {}
    first = readme(code)
    if first is not None:
        order[first] = "it says what all of this is for"
    started = _started(code, manifests)
    for place, why in {**(started or _offered(code) or _run(code)), **_answering(routes)}.items():
        order.setdefault(place, why)
    for place in weighty(code, _MOST_READ):
        if len(order) >= section.limit - 1:
            break
        path = code.files[place].path
        if code.files[place].lines >= _LEAST_LINES and public(code, place) and not path.endswith((".d.ts", ".pyi")):
            order.setdefault(place, _why(code, place))
    test = _telling_test(code)
    if test is not None:
        order.setdefault(test, "its tests show how the code is used")
    return _numbered(section, code, order)


def _started(code: CodeBase, manifests: Manifests) -> dict[int, str]:
    """Where commands start."""
    commands = [command for command in manifests.commands if command.sort == "command"]
    targets = [(command, target_of(code, command)) for command in commands]
    return {target.place: f"the command `{command.name}` starts here" for command, target in targets[:3] if target}


def _offered(code: CodeBase) -> dict[int, str]:
    """The files at the top that gather what others import."""
    tops = [p for p in top_packages(code) if len(code.graph.imports.get(p, ())) > 1]
    return {p: "what others import is gathered here" for p in tops[:_MOST_TOPS]}


def _run(code: CodeBase) -> dict[int, str]:
    """Programs, the ones that matter most."""
    found = [p for p in code.code if code.files[p].mains and not TEMPLATE.search(code.files[p].path)]
    found = [p for p in found if not code.is_apart(p) and not code.files[p].path.endswith("__main__.py")]
    return {p: "it can be run" for p in found[:2]}


def _answering(routes: list[Route]) -> dict[int, str]:
    """The file that answers most endpoints, if it answers half of them or more."""
    answered = Counter(route.place for route in routes).most_common(1)
    told = [(p, number) for p, number in answered if number >= _LEAST_ROUTES and 2 * number >= len(routes)]
    return {p: f"{count(number, 'endpoint is', 'endpoints are')} answered here" for p, number in told}


def _why(code: CodeBase, place: int) -> str:
    users = len(code.users(place))
    if users:
        return f"{count(users, 'file of code leans', 'files of code lean')} on it"
    used = {
        p
        for number in range(len(code.files[place].definitions))
        for p, _ in code.graph.users.get((place, number), ())
        if code.files[p].role is FileRole.CODE
    }
    if used:
        return f"{count(len(used), 'file of code uses', 'files of code use')} what it defines"
    return "much of what happens is put together here"


def _telling_test(code: CodeBase) -> int | None:
    """The file of tests that imports most of what matters."""

    def weight(place: int) -> float:
        reached = sum(code.ranks[p] for p in code.graph.imports.get(place, {}) if code.files[p].role is FileRole.CODE)
        # What others import is what tests are written with, and holds none itself.
        holds = not code.importers.get(place) and tests_in(code.files[place], code.text(place))
        return reached * bool(holds)

    best = max(code.tests, key=weight, default=None)
    return best if best is not None and weight(best) > 0 else None


def _numbered(section: Section, code: CodeBase, order: dict[int, str]) -> list[Finding]:
    found: list[Finding] = []
    for number, (place, why) in enumerate(list(order.items())[: section.limit], 1):
        said = of_file(code, place)
        names = [one.name for one in public(code, place)]
        offers = f": it defines {listed(names, 5)}" if names else ""
        about = f": {first_sentence(said.words, 160)}" if said is not None else offers
        statement = f"{number}. {code.files[place].path}, {count(code.files[place].lines, 'line')}; {why}{about}"
        quotes = [code.quote(place, said.span) if said is not None else code.quoted_path(place)]
        found += say(section, statement, quotes, 0.7)
    return found
