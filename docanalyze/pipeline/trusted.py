"""Up to how many tokens the model that serves was proven to recall, as `docanalyze server verify` found."""

from docanalyze.config import Settings
from docanalyze.llm import Served
from docanalyze.model import Note
from docanalyze.pipeline.planning import Models, Plan
from docanalyze.store import Store


def length(settings: Settings, main: Served | None) -> int | None:
    """The trusted length of the main model with its cache as it is; None where it was never measured.

    Of a server that is not ours nothing is known, since its model file and cache are not.
    """
    if main is None or not main.fingerprint.file_sha256 or not settings.db.is_file():
        return None
    with Store.open(settings.db, create=False) as store:
        return store.trusted(main.fingerprint)


def notes(plan: Plan, models: Models) -> tuple[Note, ...]:
    """Warns of what a model is shown beyond its trusted length."""
    if models.main is None or models.trusted is None:
        return ()
    if not models.trusted:
        return (
            Note("trusted", f"for {plan.analyst} with this cache no length could be proven up to which it recalls"),
        )
    most = max((window.tokens for window in plan.windows), default=0) + plan.fixed_tokens
    if most <= models.trusted:
        return ()
    told = f"{most:,} tokens are read at once, and {plan.analyst} with this cache was proven to recall"
    return (Note("trusted", f"{told} {models.trusted:,}: --window trusted keeps to them"),)
