"""The words in which models are asked: Jinja templates, in a sandbox, rendered and hashed.

A Kind may have a template of its own beside its `kind.toml`; else the shared one holds. What a
document says is a value in a template and never becomes one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.errors import ConfigError
from docanalyze.model import Finding, Kind, Prompt, Section, hash_text
from docanalyze.prompts.kinds import root

if TYPE_CHECKING:
    from jinja2 import Template


def render_system() -> Prompt:
    """What the model is told before anything else; the same for all Documents, Kinds and Sections."""
    return _render("system.md.j2", {})


def render_document(window_text: str, document_name: str) -> Prompt:
    """The Document as the prefix of every question about it: nothing in it depends on what is asked."""
    return _render("document.md.j2", {"text": window_text, "name": document_name, "mark": _mark(window_text)})


def render_question(kind: Kind, section: Section, language: str) -> Prompt:
    """What is asked of one Section, after the Document."""
    return _render("question.md.j2", {"kind": kind, "section": section, "language": language}, kind)


def render_continue(kind: Kind, section: Section, language: str, given: Sequence[Finding], last: int) -> Prompt:
    """The same question once more, for what comes after Segment `last`; `given` was answered already."""
    values = {"kind": kind, "section": section, "language": language, "given": given, "last": last}
    return _render("continue.md.j2", values, kind)


def render_repair(
    kind: Kind, section: Section, language: str, wrong: Sequence[tuple[Finding, str]], problem: str = ""
) -> Prompt:
    """Findings whose quotes are not in the Document, each with what is wrong; or that nothing could be read."""
    values = {"kind": kind, "section": section, "language": language, "wrong": wrong, "problem": problem}
    return _render("repair.md.j2", values, kind)


def render_merge(kind: Kind, section: Section, language: str, found: Sequence[Finding]) -> Prompt:
    """What several parts of a Document gave for one summary, to be made one."""
    return _render("merge.md.j2", {"kind": kind, "section": section, "language": language, "found": found}, kind)


def render_judge_system() -> Prompt:
    """What a judge is told."""
    return _render("judge_system.md.j2", {})


def render_judge(
    question: str, statement: str, passages: Sequence[tuple[str, str]], *, quoted: bool, absence: bool = False
) -> Prompt:
    """One statement with what it rests on: (locator, text) each.

    `quoted` asks of the built-in analyst's quote, `absence` of a thing that is said to be missing.
    """
    mark = _mark("".join(text for _, text in passages))
    said: dict[str, object] = {"question": question, "statement": statement, "passages": passages}
    values = {**said, "quoted": quoted, "absence": absence, "mark": mark}
    return _render("judge.md.j2", values)


def render_reason(label: str) -> Prompt:
    """How the answer goes on that gives the reason for a label."""
    return _render("reason.md.j2", {"label": label})


def _mark(text: str) -> str:
    """Stands beside BEGIN and END of a text. It cannot end itself: what it holds would change its mark.

    Eight figures, so that it takes as many tokens for any text.
    """
    return f"{int(hash_text(text), 16) % 10**8:08}"


def _render(name: str, values: Mapping[str, object], kind: Kind | None = None) -> Prompt:
    own = Path(kind.folder) / name if kind is not None and kind.folder else None
    path = own if own is not None and own.is_file() else root() / name
    template, source = _loaded(path, path.stat().st_mtime_ns)
    # Jinja's own errors and whatever an expression may raise: a template is somebody's program.
    try:
        text = template.render(values)
    except Exception as error:  # noqa: BLE001
        raise ConfigError(f"{path}: line {_line(error)}: {error}", "mend the template") from None
    return Prompt(name, hashlib.sha256(source.encode()).hexdigest(), text)


@cache
def _loaded(path: Path, _changed: int) -> "tuple[Template, str]":
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "mend or remove it") from None
    # Not HTML: what a model reads is plain text, and escaping would change the quotes.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        return environment.from_string(source), source
    except TemplateSyntaxError as error:
        raise ConfigError(f"{path}: line {error.lineno}: {error.message}", "mend the template") from None


def _line(error: BaseException) -> int:
    """The template's line that an error came from; 1 where it does not tell."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
