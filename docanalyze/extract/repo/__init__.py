"""The built-in analyst of code bases: what a colleague would say after a week, from the symbol graph, the manifests and
the documentation alone. Nothing of a code base is run, and nothing is said that was not seen.

Each Finding quotes lines of files, to the character. What is counted was counted over all files that were read.
"""

from collections.abc import Callable
from functools import cached_property

from docanalyze.extract.repo import single
from docanalyze.extract.repo.base import CodeBase
from docanalyze.extract.repo.building import find_build
from docanalyze.extract.repo.conventions import find_conventions
from docanalyze.extract.repo.debt import find_debt
from docanalyze.extract.repo.entries import find_entries
from docanalyze.extract.repo.failing import find_errors
from docanalyze.extract.repo.manifests import Manifests, read_manifests
from docanalyze.extract.repo.outside import find_interfaces
from docanalyze.extract.repo.performance import find_performance
from docanalyze.extract.repo.purpose import find_purpose
from docanalyze.extract.repo.routes import Route, routes
from docanalyze.extract.repo.security import find_security
from docanalyze.extract.repo.settings import find_configuration
from docanalyze.extract.repo.start import find_start
from docanalyze.extract.repo.storage import find_data
from docanalyze.extract.repo.structure import find_architecture, find_modules
from docanalyze.extract.repo.testing import find_tests
from docanalyze.model import Document, Finding, Section

__all__ = ["METHODS", "Known", "answer"]


class Known:
    """What is read of a code base once and used by several Sections."""

    def __init__(self, document: Document) -> None:
        self.code = CodeBase(document)

    @cached_property
    def is_one_file(self) -> bool:
        return single.is_one_file(self.code)

    @cached_property
    def manifests(self) -> Manifests:
        return read_manifests(self.code)

    @cached_property
    def routes(self) -> list[Route]:
        return routes(self.code)


METHODS: dict[str, Callable[[Section, Known], list[Finding]]] = {
    "code-purpose": lambda section, known: find_purpose(section, known.code, known.manifests),
    "code-build": lambda section, known: find_build(section, known.code, known.manifests),
    "code-architecture": lambda section, known: find_architecture(section, known.code),
    "code-entries": lambda section, known: find_entries(section, known.code, known.manifests, known.routes),
    "code-modules": lambda section, known: find_modules(section, known.code),
    "code-data": lambda section, known: find_data(section, known.code),
    "code-interfaces": lambda section, known: find_interfaces(section, known.code, known.manifests, known.routes),
    "code-configuration": lambda section, known: find_configuration(section, known.code),
    "code-tests": lambda section, known: find_tests(section, known.code, known.manifests),
    "code-errors": lambda section, known: find_errors(section, known.code),
    "code-security": lambda section, known: find_security(section, known.code, known.routes),
    "code-performance": lambda section, known: find_performance(section, known.code),
    "code-debt": lambda section, known: find_debt(section, known.code, known.manifests),
    "code-conventions": lambda section, known: find_conventions(section, known.code),
    "code-start": lambda section, known: find_start(section, known.code, known.manifests, known.routes),
}


def answer(section: Section, known: Known) -> list[Finding]:
    """What one Section finds in a code base; at most its limit."""
    if known.is_one_file:
        of_file = single.METHODS.get(section.method)
        found = of_file(section, known.code) if of_file else METHODS[section.method](section, known)
        return single.without_absences(section, found)[: section.limit]
    return METHODS[section.method](section, known)[: section.limit]
