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
from docanalyze.report.contents import Contents
from docanalyze.report.origin import HASH_SHOWN
from docanalyze.report.places import Picture, Places, places
from docanalyze.report.plain import counted, shown
from docanalyze.report.source import Sources, sources
from docanalyze.report.tree import code_base

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup


def html(run: Run, document: Document, picture: Picture | None = None, held: Contents | None = None) -> str:
    """The report of a Run over the Document that it read, as a whole page.

    With `picture` it shows the pages that hold findings, else the text, with the quotes marked; of a code
    base the tree, and the files that hold findings. `held` are its contents, where they are made already.
    """
    is_code = document.tree is not None
    style, script = _style(is_code), _script()
    placed = Places() if is_code else places(run, document, picture)
    beside, made = sources(run, document) if is_code else Sources(), origin.of(run, document)
    return _template().render(
        placed=placed,
        sources=beside,
        code=code_base(run, document),
        anchors=placed.anchors | beside.anchors,
        pictured={page.number for page in placed.pages},
        script=script,
        held=held or contents.of(run, document),
        made=made,
        calls={call.number for call in made.calls},
        style=style,
        policy=policy(style, script, images=bool(placed.pages)),
        hash_shown=HASH_SHOWN,
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
def _style(is_code: bool) -> str:
    return packaged("report.css") + (packaged("code.css") if is_code else "")


@cache
def _template() -> "Template":
    return environment().from_string(packaged("report.html.j2"))


@cache
def environment() -> "Environment":
    """Escapes all text, and knows no name that it was not given."""
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    made = SandboxedEnvironment(
        loader=FunctionLoader(packaged),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["counted"] = counted
    made.filters["code"] = _code
    return made


def _code(text: str) -> "Markup":
    """The text between tags: quotes, of which code is full, need no escape there, and would take five characters."""
    from markupsafe import Markup

    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704


def packaged(name: str) -> str:
    """A template or style sheet of ours."""
    return (resources.files("docanalyze.report") / "templates" / name).read_text(encoding="utf-8")
