"""Opens the model servers of an invocation, and says what they are."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from docanalyze import config, llm, tokens
from docanalyze.config import Settings
from docanalyze.errors import UsageError
from docanalyze.llm import Progress, Sampling, Served
from docanalyze.model import Event, Notify
from docanalyze.pipeline.planning import Models


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an invocation wants of models beside the settings."""

    judging: bool = True
    escalate: bool = False
    keep_prompts: bool = True
    finding: bool = True


@contextmanager
def open_models(settings: Settings, wanted: Wanted, notify: Notify) -> Iterator[Models]:
    """The servers that the settings name, connected; none where they name none.

    Raises UsageError, and ServerError where one cannot be used.
    """
    judge_url = settings.judge_url if wanted.judging else ""
    main_url = settings.main_url if wanted.finding or wanted.escalate else ""
    if wanted.escalate and not (main_url and judge_url):
        raise UsageError("--escalate needs a judge and a main model", "give --judge-url and --main-url")
    with ExitStack() as stack:
        main = _connected(settings, "main", main_url, settings.main_model, notify, stack)
        judge = _connected(settings, "judge", judge_url, settings.judge_model, notify, stack)
        sampling = Sampling(settings.temperature, settings.seed)
        yield Models(main, judge, sampling, wanted.escalate, wanted.keep_prompts)


def _connected(settings: Settings, role: str, url: str, model: str, notify: Notify, stack: ExitStack) -> Served | None:
    if not url:
        return None
    stage = f"{role} server"

    def watch(progress: Progress) -> None:
        notify(Event(stage, f"{role} at {url}: {progress.waiting}"))

    server = llm.connect(
        url,
        tokens.packaged(),
        key=config.api_key(role),
        model=model,
        allow_remote=settings.allow_remote,
        watch=watch,
    )
    stack.callback(server.close)
    context = f"{server.context:,} tokens of context" if server.context else "its context unproven"
    notify(Event(stage, f"{role}: {server.fingerprint.model}, {context}"))
    return server
