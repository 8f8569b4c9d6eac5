"""One Document, from source to verdicts: the sentence of the program as code.

    read ─▶ pack ─▶ find ─▶ ground ─▶ (committed) ─▶ judge ─▶ (committed)

Two halves, each resumable: `analyze` ends with located Findings in the store, `judge_run` needs
nothing but the store. Progress goes out through one function, `notify`.
"""

from docanalyze.pipeline.finding import analyze
from docanalyze.pipeline.judging import judge_run
from docanalyze.pipeline.keeping import keep_prefixes
from docanalyze.pipeline.planning import ANSWER_TOKENS, CodeBase, Models, Plan, Task, plan, prepare
from docanalyze.pipeline.serving import Wanted, open_models
from docanalyze.pipeline.whole import LIBRARIES, Found, find, finished, judge_found, run

__all__ = [
    "ANSWER_TOKENS",
    "LIBRARIES",
    "CodeBase",
    "Found",
    "Models",
    "Plan",
    "Task",
    "Wanted",
    "analyze",
    "find",
    "finished",
    "judge_found",
    "judge_run",
    "keep_prefixes",
    "open_models",
    "plan",
    "prepare",
    "run",
]
