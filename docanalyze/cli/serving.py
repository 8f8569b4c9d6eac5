"""Opens the model servers of an invocation, and says what they are."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docanalyze.errors import UsageError
from docanalyze.model import Event

if TYPE_CHECKING:
    from docanalyze.cli.terminal import Progress as Shown
    from docanalyze.config import Settings
    from docanalyze.llm import Progress, Served
    from docanalyze.pipeline import Models


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an invocation wants of models beside the settings."""

    judging: bool = True
    escalate: bool = False
    keep_prompts: bool = True
    finding: bool = True


@contextmanager
def open_models(settings: "Settings", wanted: Wanted, shown: "Shown") -> "Iterator[Models]":
    """The servers that the settings name, connected; none where they name none."""
    from docanalyze.llm import Sampling
    from docanalyze.pipeline import Models

    judge_url = settings.judge_url if wanted.judging else ""
    main_url = settings.main_url if wanted.finding or wanted.escalate else ""
    if wanted.escalate and not (main_url and judge_url):
        raise UsageError("--escalate needs a judge and a main model", "give --judge-url and --main-url")
    with ExitStack() as stack:
        main = _connected(settings, "main", main_url, settings.main_model, shown, stack)
        judge = _connected(settings, "judge", judge_url, settings.judge_model, shown, stack)
        sampling = Sampling(settings.temperature, settings.seed)
        yield Models(main, judge, sampling, wanted.escalate, wanted.keep_prompts)


def _connected(
    settings: "Settings", role: str, url: str, model: str, shown: "Shown", stack: ExitStack
) -> "Served | None":
    if not url:
        return None
    from docanalyze import llm, tokens

    def watch(progress: "Progress") -> None:
        shown(Event("server", f"{role} at {url}: {progress.waiting}"))

    server = llm.connect(
        url, tokens.packaged(), key=_key(role), model=model, allow_remote=settings.allow_remote, watch=watch
    )
    stack.callback(server.close)
    context = f"{server.context:,} tokens of context" if server.context else "its context unproven"
    shown(Event("server", f"{role}: {server.fingerprint.model}, {context}"))
    shown.close()
    return server


def _key(role: str) -> str:
    """From the environment alone: a command line can be read by others."""
    return os.environ.get(f"DOCANALYZE_{role.upper()}_KEY", "")
