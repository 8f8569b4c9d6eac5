"""What was found, to be read by people: as Markdown, and as one HTML page that needs nothing else."""

from docanalyze.report.files import make_folder, write
from docanalyze.report.page import html
from docanalyze.report.text import markdown

__all__ = ["html", "make_folder", "markdown", "write"]
