"""The report as one HTML page that needs nothing else: one script of ours, no network.

Jinja escapes all text. The policy in the page admits one style sheet and one script, by their hashes,
and images that stand in the page; so that what escaping let through would still not run or load.
Without the script everything can be read: it only filters, and turns to findings and their places.
"""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from docanalyze.model import Document, Run
from docanalyze.report import contents, origin
from docanalyze.report.origin import HASH_SHOWN
from docanalyze.report.places import Picture, places
from docanalyze.report.plain import counted, shown

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def html(run: Run, document: Document, picture: Picture | None = None) -> str:
    """The report of a Run over the Document that it read, as a whole page.

    With `picture` it shows the pages that hold findings, else the text, with the quotes marked.
    """
    style, script = _style(), _script()
    placed, made = places(run, document, picture), origin.of(run, document)
    return _template().render(
        placed=placed,
        anchors=placed.anchors,
        pictured={page.number for page in placed.pages},
        script=script,
        held=contents.of(run, document),
        made=made,
        calls={call.number for call in made.calls},
        style=style,
        policy=policy(style, script, images=bool(placed.pages)),
        hash_shown=HASH_SHOWN,
        no_model=contents.NO_MODEL,
        version=shown(dict(run.versions).get("docanalyze", "")),
    )


def policy(style: str, script: str = "", *, images: bool = False) -> str:
    """What a page may do: show one style sheet and images that stand in it, run one script; nothing else."""
    scripts = f" script-src '{_digest(script)}';" if script else ""
    pictures = " img-src data:;" if images else ""
    return f"default-src 'none'; style-src '{_digest(style)}';{scripts}{pictures} base-uri 'none'; form-action 'none'"


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


@cache
def _script() -> str:
    return packaged("report.js")


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
