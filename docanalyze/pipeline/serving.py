"""Opens the model servers of an invocation, and says what they are.

A server that is named by its address is used as it is. A model that is named by its file is served here,
on this machine, from when it is first asked something and for as long as it is needed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docanalyze.config import Settings
from docanalyze.errors import UsageError
from docanalyze.llm import Sampling
from docanalyze.model import Notify
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
    if settings.main_url or settings.main_file or settings.judge_url or settings.judge_file:
        # Who names no model does not wait for the import of what serves one.
        from docanalyze.pipeline.opening import opened

        with opened(settings, wanted, notify) as models:
            yield models
        return
    if wanted.escalate:
        raise lacks_one()
    yield Models(sampling=Sampling(settings.temperature, settings.seed), keep_prompts=wanted.keep_prompts)


def lacks_one() -> UsageError:
    """What to say where two models are needed and are not there."""
    return UsageError("--escalate needs a judge and a main model", "give --judge-url and --main-url, or their files")
