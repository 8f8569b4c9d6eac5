"""Where a quote stands in a Document, or that it does not. Pure: no server, no store, no model."""

from docanalyze.ground.index import Index
from docanalyze.ground.quotes import LEAST_SIMILARITY, ONLY_PUNCTUATION, locate, locate_value

__all__ = ["LEAST_SIMILARITY", "ONLY_PUNCTUATION", "Index", "locate", "locate_value"]
