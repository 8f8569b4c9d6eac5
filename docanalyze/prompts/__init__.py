"""Kinds and templates: what is asked of a Document, and in which words."""

from docanalyze.prompts.kinds import FALLBACK, KIND_FILE, METHODS, detect, find, kinds, load
from docanalyze.prompts.templates import (
    render_continue,
    render_document,
    render_judge,
    render_judge_system,
    render_merge,
    render_question,
    render_reason,
    render_repair,
    render_system,
)

__all__ = [
    "FALLBACK",
    "KIND_FILE",
    "METHODS",
    "detect",
    "find",
    "kinds",
    "load",
    "render_continue",
    "render_document",
    "render_judge",
    "render_judge_system",
    "render_merge",
    "render_question",
    "render_reason",
    "render_repair",
    "render_system",
]
