"""Where a newcomer begins: a few files in an order, each with the reason."""

from docanalyze.extract.repo.base import CodeBase, count, say
from docanalyze.extract.repo.entries import TEMPLATE, target_of
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.extract.repo.purpose import readme
from docanalyze.extract.repo.routes import Route
from docanalyze.extract.repo.structure import public
from docanalyze.extract.repo.testing import tests_in
from docanalyze.extract.repo.words import first_sentence, of_file
from docanalyze.model import FileRole, Finding, Section


def find_start(section: Section, code: CodeBase, manifests: Manifests, routes: list[Route]) -> list[Finding]:
    """README, where it starts, what most files lean on, where most happens, a test that shows how it is used."""
    order: dict[int, str] = {}
    first = readme(code)
    if first is not None:
        order[first] = "it says what all of this is for"
    for command in manifests.commands:
        target = target_of(code, command) if command.sort == "command" else None
        if target is not None:
            order.setdefault(target.place, f"the command `{command.name}` starts here")
    started = len(order) > (first is not None)
    for place in code.code:
        if TEMPLATE.search(code.files[place].path):
            continue
        if not started and len(order) < 3 and code.files[place].mains and not code.files[place].path.endswith("__main__.py"):
            order.setdefault(place, "it can be run")
    answered: dict[int, int] = {}
    for route in routes:
        answered[route.place] = answered.get(route.place, 0) + 1
    for place in sorted(answered, key=lambda p: -answered[p])[:1]:
        order.setdefault(place, f"{count(answered[place], 'endpoint is', 'endpoints are')} answered here")
    weighty = sorted(code.code[:200], key=lambda p: -code.ranks[p] * min(code.files[p].lines, 400) ** 0.5)
    for place in weighty:
        if len(order) >= section.limit - 1:
            break
        if code.files[place].lines >= 10 and public(code, place):
            order.setdefault(place, _why(code, place))
    test = _telling_test(code)
    if test is not None:
        order.setdefault(test, "its tests show how the code is used")
    return _numbered(section, code, order)


def _why(code: CodeBase, place: int) -> str:
    users = len(code.users(place))
    if users:
        return f"{count(users, 'file of code leans', 'files of code lean')} on it"
    return "much of what happens is put together here"


def _telling_test(code: CodeBase) -> int | None:
    """The file of tests that imports most of what matters."""

    def weight(place: int) -> float:
        reached = sum(code.ranks[p] for p in code.graph.imports.get(place, {}) if code.files[p].role is FileRole.CODE)
        return reached * bool(tests_in(code.files[place], code.text(place)))

    best = max(code.tests, key=weight, default=None)
    return best if best is not None and weight(best) > 0 else None


def _numbered(section: Section, code: CodeBase, order: dict[int, str]) -> list[Finding]:
    found: list[Finding] = []
    for number, (place, why) in enumerate(list(order.items())[: section.limit], 1):
        said = of_file(code, place)
        about = f": {first_sentence(said.words, 160)}" if said is not None else ""
        statement = f"{number}. {code.files[place].path}, {count(code.files[place].lines, 'line')}; {why}{about}"
        quotes = [code.quote(place, said.span) if said is not None else code.quoted_path(place)]
        found += say(section, statement, quotes, 0.7)
    return found
