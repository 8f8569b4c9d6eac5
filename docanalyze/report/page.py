"""The report as one HTML page that needs nothing else and does nothing: no script, no network.

Jinja escapes all text. The policy in the page admits one style sheet, by its hash, and nothing more,
so that what escaping let through would still not run or load.
"""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from docanalyze.model import Document, Run
from docanalyze.report import contents, origin
from docanalyze.report.origin import HASH_SHOWN
from docanalyze.report.plain import counted, shown

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def html(run: Run, document: Document) -> str:
    """The report of a Run over the Document that it read, as a whole page."""
    style = _style()
    return _template().render(
        held=contents.of(run, document),
        made=origin.of(run, document),
        style=style,
        policy=policy(style),
        hash_shown=HASH_SHOWN,
        version=shown(dict(run.versions).get("docanalyze", "")),
    )


def policy(style: str, *, images: bool = False) -> str:
    """What a page may do: show one style sheet, and images that stand in it; nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pictures = " img-src data:;" if images else ""
    return f"default-src 'none'; style-src 'sha256-{digest}';{pictures} base-uri 'none'; form-action 'none'"


@cache
def _style() -> str:
    return packaged("report.css")


@cache
def _template() -> "Template":
    return environment().from_string(packaged("report.html.j2"))


@cache
def environment() -> "Environment":
    """Escapes all text, and knows no name that it was not given."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    made = SandboxedEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["counted"] = counted
    return made


def packaged(name: str) -> str:
    """A template or style sheet of ours."""
    return (resources.files("docanalyze.report") / "templates" / name).read_text(encoding="utf-8")
