"""Which files of a code base matter: who imports and uses whom, and what that gives each as a share of 1. Pure."""

from docanalyze.rank.graph import Graph, Place, cycles, graph
from docanalyze.rank.rank import focused, is_entry, matches, rank, require_focus

__all__ = ["Graph", "Place", "cycles", "focused", "graph", "is_entry", "matches", "rank", "require_focus"]
