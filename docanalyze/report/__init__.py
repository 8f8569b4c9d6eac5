"""What was found, to be read by people: as Markdown, and as one HTML page that needs nothing else."""

from docanalyze.report.files import make_folder, write, write_reading
from docanalyze.report.page import html
from docanalyze.report.places import quotes_of
from docanalyze.report.reading import reading_html
from docanalyze.report.receipt import receipt
from docanalyze.report.text import markdown

__all__ = ["html", "make_folder", "markdown", "quotes_of", "reading_html", "receipt", "write", "write_reading"]
