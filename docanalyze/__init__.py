"""docanalyze: whole documents, analysed on your own machine, every statement proven by a quote.

    import docanalyze

    run = docanalyze.run("contract.pdf")
    for finding in run.findings:
        print(finding.section, finding.statement)

The values are in `docanalyze.model`, the database in `docanalyze.store`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docanalyze.model import Run

__all__ = ["run"]


def run(source: str | Path, *, db: str | Path | None = None, kind: str | None = None, redo: bool = False) -> "Run":
    """Analyses one file, or a folder as a code base, and returns its Run, stored in the database and judged.

    Settings come from the environment and the user's file as for the command, the model servers among
    them; `db` and `kind` decide over them. A finished Run of the same document and settings comes back
    as it is unless `redo`.
    Raises a `docanalyze.errors.DocanalyzeError`.
    """
    from docanalyze import config, pipeline
    from docanalyze.ingest import Worker
    from docanalyze.model import Event
    from docanalyze.store import Store

    settings = config.resolve({"db": db, "kind": kind}, [str(source)])
    code = pipeline.CodeBase() if config.is_folder(str(source)) else None
    task = pipeline.Task(str(source), settings, redo=redo, code=code)

    def silent(_: Event) -> None:
        return

    wanted = pipeline.Wanted()
    with pipeline.open_models(settings, wanted, silent) as models, Worker() as worker, Store.open(settings.db) as store:
        finished, _ = pipeline.run(task, store, worker, silent, models)
    return finished
