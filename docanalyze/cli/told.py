"""What a model was told and what it said, or what it would be told."""

import sys
from typing import TYPE_CHECKING

from docanalyze.cli import output
from docanalyze.cli.terminal import safe
from docanalyze.errors import UsageError
from docanalyze.model import Call, Document, Run

if TYPE_CHECKING:
    from docanalyze.config import Settings


def show_calls(run: Run, document: Document, number: int, *, as_json: bool) -> None:
    """All calls of a Run, a line each, or everything about one."""
    chosen = [call for call in run.calls if not number or call.number == number]
    if number and not chosen:
        last = max((call.number for call in run.calls), default=0)
        raise UsageError(f"run {run.id} has no call {number}", f"its calls are 1 to {last}")
    if as_json:
        calls = [output.call_object(call) for call in chosen]
        output.write({"schema": "docanalyze.calls", "version": output.VERSION, "run": run.id, "calls": calls})
    elif number:
        sys.stdout.write(safe(_whole(chosen[0], run, document)))
    else:
        for call in chosen:
            sys.stdout.write(safe(_line(call)) + "\n")


def _line(call: Call) -> str:
    window = f"window {call.window}" if call.window else ""
    about = " ".join(filter(None, (call.section, window)))
    if call.reply is None:
        return f"{call.number:>4} {call.role:<9} {about:<26} failed: {call.error}"
    reply = call.reply
    tokens = f"{reply.prompt_tokens:,} in ({_share(call)} cached), {reply.output_tokens:,} out, " if call.sent else ""
    return f"{call.number:>4} {call.role:<9} {about:<26} {tokens}{reply.seconds:.1f} s, {reply.finish}"


def _share(call: Call) -> str:
    reply = call.reply
    return f"{reply.cached_tokens / reply.prompt_tokens:.0%}" if reply and reply.prompt_tokens else "0%"


def _whole(call: Call, run: Run, document: Document) -> str:
    from docanalyze import prompts

    parts = [("call", _line(call).strip()), ("started", call.started), ("key", call.key)]
    if call.sent is not None:
        parts += [("prompt sha256", call.sent.whole_sha256), ("system", call.sent.system)]
        window = next((window for window in run.windows if window.number == call.window), None)
        if window is not None and call.sent.kept:
            parts.append(("document", prompts.render_document(window.text, document.source.name).text))
    kept = call.sent is None or call.sent.kept
    parts.append((f"question, by {call.prompt.template}", call.prompt.text if kept else "(not kept: only its hash)"))
    if call.sent is not None:
        parts.append(("form of the answer", call.sent.schema))
    if call.reply is None:
        parts.append(("failed", call.error))
    else:
        served = ((name, value) for name, value in output.call_object(call)["fingerprint"].items() if value)
        timings = f"prompt {call.reply.prompt_seconds:.2f} s, answer {call.reply.output_seconds:.2f} s by the server"
        parts += [
            ("served by", "\n".join(f"{name}: {value}" for name, value in served)),
            ("sampling", call.reply.sampling),
            ("timings", f"{call.reply.seconds:.2f} s in all; {timings}"),
            ("reply", call.reply.text),
        ]
    return "".join(f"== {title}\n{text.rstrip()}\n\n" for title, text in parts)


def show_prompts(name: str, section: str | None, document: Document | None, settings: "Settings") -> None:
    """What a model is told of a Kind: the system text, the Document, each Section's question."""
    from docanalyze import pack, prompts

    kind = prompts.find(name, settings.prompts)
    chosen = [one for one in kind.sections if section in (None, one.name)]
    if not chosen:
        known = ", ".join(one.name for one in kind.sections)
        raise UsageError(f"the kind {kind.name} has no section {section!r}", f"it has {known}")
    text = pack.render(document, document.body)[0] if document else "[1] (the document's parts, numbered)"
    told = [("system", prompts.render_system().text)]
    told.append(("document", prompts.render_document(text, document.source.name if document else "FILE").text))
    told += [(one.name, prompts.render_question(kind, one, settings.lang).text) for one in chosen]
    for title, words in told:
        sys.stdout.write(f"== {title}\n{safe(words).rstrip()}\n\n")
