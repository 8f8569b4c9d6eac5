"""The main model as analyst: asks a Section, goes on with long answers, has wrong quotes mended."""

from docanalyze.analyze.answer import grammar, merge_grammar, merge_schema, schema
from docanalyze.analyze.asking import Asked, Asker, Limits, Outcome, Step, find, merged

__all__ = [
    "Asked",
    "Asker",
    "Limits",
    "Outcome",
    "Step",
    "find",
    "grammar",
    "merge_grammar",
    "merge_schema",
    "merged",
    "schema",
]
