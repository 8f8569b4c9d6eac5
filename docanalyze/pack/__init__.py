"""Puts a Document into Windows: prose whole or in pieces, code bases at mixed detail. Pure."""

from docanalyze.pack.choosing import Choice, Links, Measured, Sizes, choose
from docanalyze.pack.forms import Form
from docanalyze.pack.mixed import into_mixed
from docanalyze.pack.prose import OUTSIDE, WHY_APART, Count, into_windows, render, room

__all__ = [
    "OUTSIDE",
    "WHY_APART",
    "Choice",
    "Count",
    "Form",
    "Links",
    "Measured",
    "Sizes",
    "choose",
    "into_mixed",
    "into_windows",
    "render",
    "room",
]
