"""Puts a Document into Windows: prose whole or in pieces, code bases at mixed detail. Pure."""

from docanalyze.pack.prose import OUTSIDE, WHY_APART, Count, into_windows, render, room

__all__ = ["OUTSIDE", "WHY_APART", "Count", "into_windows", "render", "room"]
