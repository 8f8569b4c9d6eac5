"""A code base as a Tree, and as a Document: walked without git, read in processes of its own."""

from docanalyze.ingest.repo.options import TreeOptions
from docanalyze.ingest.repo.reader import TreeReader
from docanalyze.ingest.repo.walk import is_home

__all__ = ["TreeOptions", "TreeReader", "is_home"]
