"""What decides the result of every document of a batch beside its content, as one hash: who is unchanged is skipped."""

import os
from dataclasses import asdict
from pathlib import Path

from docanalyze import extract, judge, prompts
from docanalyze.code import hash_code
from docanalyze.pipeline import Models, Task
from docanalyze.pipeline.clock import code, hashed


def asked(task: Task, models: Models) -> str:
    """The hash of all that is asked: kinds, questions, window, models, how files are read, and our own code."""
    settings = task.settings
    kinds = prompts.kinds(settings.prompts) if not settings.kind else [prompts.find(settings.kind, settings.prompts)]
    reading = asdict(task.options)
    # A password opens a file and changes nothing of what is in it; nor is it to be guessed from a hash.
    del reading["password"]
    if models.main is None:
        analyst: list[object] = [extract.NAME, extract.fingerprint().file_sha256]
    else:
        frames = [prompts.render_system().template_sha256, prompts.render_document("", "").template_sha256]
        analyst = [*models.main.identity, str(models.sampling), models.answer, models.least, models.main.context]
        analyst += [models.trusted, *frames]
    return hashed(
        [
            sorted([kind.name, kind.sha256] for kind in kinds),
            [settings.kind, settings.window, settings.lang],
            [task.sections, task.questions, sorted(task.pages or ()), task.pages is None, task.include_hidden],
            analyst,
            [models.judge.fingerprint.model if models.judge else judge.NAME, models.escalate],
            reading,
            [code(), hash_code("ingest")],
        ]
    )


def batch_key(sources: tuple[str, ...], *chosen: object) -> str:
    """By which the same command is known again: what it names, wherever one stands, and which files of that."""
    # By their bytes: names of files need not be valid Unicode.
    return hashed([sorted(os.fsencode(Path(source).absolute()).hex() for source in sources), *chosen])
