"""Writes the documentation of the schema: `python -m docanalyze.store > docs/schema.md`."""

import sys

from docanalyze.store.schema import schema_markdown

sys.stdout.write(schema_markdown())
