"""The README's first screen is what the command prints."""

from pathlib import Path

import pytest

from docanalyze import config
from tests.conftest import Command

ROOT = Path(__file__).resolve().parent.parent


def test_the_result_shown_is_the_result(docanalyze: Command) -> None:
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("```\n")[2].partition("```")[0]
    lines = [line.rstrip() for line in shown.splitlines() if line.strip()]
    printed = {line.rstrip() for line in docanalyze(ROOT / "samples" / "contract.pdf", "--quiet").out.splitlines()}
    assert len(lines) > 10
    assert [line for line in lines if line not in printed] == []


def test_what_is_said_of_its_own_source_is_said(docanalyze: Command) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("```\nEntry points")[2].partition("```")[0]
    lines = [line.rstrip() for line in f"Entry points{shown}".splitlines() if line.strip()]
    sections = ("--section", "entry-points")
    out = docanalyze("repo", ROOT, *sections, "--exclude", "/tests", "--quiet").out
    printed = {line.rstrip() for line in out.splitlines()}
    assert len(lines) > 5
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: config.Setting) -> None:
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    [row] = [line for line in table.splitlines() if line.startswith(f"| `{setting.name}` ")]
    assert setting.variable in row and setting.help in row
