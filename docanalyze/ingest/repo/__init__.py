"""A code base as a Tree, and as a Document: walked without git, read in processes of its own."""

from docanalyze.ingest.repo.options import TreeOptions

__all__ = ["TreeOptions"]
