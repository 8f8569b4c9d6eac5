"""The built-in analyst of code bases: where it starts, how it is built, what it stores, and what a question finds."""

from pathlib import Path

from docanalyze.extract.repo import Known
from docanalyze.extract.repo.manifests import read_manifests
from docanalyze.ingest import TreeReader
from docanalyze.ingest.repo import TreeOptions
from docanalyze.model import Document, Section
from tests import code_base_material as material
from tests.code_base_material import KIND, Made, found, made, reader

__all__ = ["made", "reader"]


def said(document: Document, section: str) -> str:
    return "\n".join(material.said(document, section))


# -- one file --------------------------------------------------------------------------------------

TIDES = '''"""Foretells tides from two waves."""

import math
from dataclasses import dataclass

import numpy


@dataclass
class Wave:
    """One wave of the sea."""

    height: float

    def at(self, hour):
        return numpy.float64(self.height * math.sin(hour))


def level(waves, hour):
    return sum(wave.at(hour) for wave in waves)


def main():
    print(level([Wave(1.0), Wave(2.0)], 3))


if __name__ == "__main__":
    main()
'''


def test_of_one_file_its_parts_are_told_and_not_what_a_file_never_has(tmp_path: Path, reader: TreeReader) -> None:
    (tmp_path / "tides.py").write_text(TIDES)
    document = reader.read(str(tmp_path / "tides.py"), TreeOptions(), lambda event: None)
    told = {section.name: said(document, section.name) for section in KIND.sections}
    assert told["purpose"] == "tides.py: Foretells tides from two waves."
    assert told["architecture"] == (
        "tides.py, 28 lines: 1 class or type, 2 functions: Wave (lines 9 to 16), level() (lines 19 to 20),"
        " main() (lines 23 to 24)\nWithin the file main() uses level(), Wave"
    )
    assert "Wave, class, lines 9 to 16: One wave of the sea; with at(); used by main()" in told["modules"]
    assert told["interfaces"] == (
        "It needs, from outside of its language: numpy\n"
        "It takes, from its language or from files beside it: math, dataclasses (dataclass)"
    )
    assert told["start"].splitlines()[:2] == [
        "1. tides.py:27, where the program starts",
        "2. main(), lines 23 to 24; it puts 2 other parts to work",
    ]
    assert told["entry-points"].startswith("Program tides.py:27")
    assert (told["build"], told["data-model"], told["tests"]) == ("", "", "")
    for section in KIND.sections:
        for finding in found(document, section):
            assert all(quote.at and document.slice(quote.at) == quote.text for quote in finding.quotes)


def test_a_folder_with_one_file_is_a_code_base(made: Made) -> None:
    document = made({"tides.py": TIDES})
    assert "No README was found at the top" in said(document, "purpose")
    assert said(document, "tests") == "No tests were found"


def test_one_file_of_no_code_is_told_as_any_other(tmp_path: Path, reader: TreeReader) -> None:
    (tmp_path / "README.md").write_text("# Tide\n\nForetells tides from two waves of the sea.\n")
    document = reader.read(str(tmp_path / "README.md"), TreeOptions(), lambda event: None)
    assert "Foretells tides from two waves of the sea" in said(document, "purpose")


# -- entries ---------------------------------------------------------------------------------------


def test_commands_of_typer_lead_to_what_they_call(made: Made) -> None:
    document = made(
        {
            "pyproject.toml": '[project]\nname = "a"\n[project.scripts]\na = "a:main"\n',
            "a/__init__.py": "import typer\n\nfrom a import work\n\napp = typer.Typer()\napp.command('tidy')(work.tidy_all)\n\n\ndef main():\n    app()\n",
            "a/work.py": "def tidy_all():\n    return sweep_floor()\n\n\ndef sweep_floor():\n    return 1\n",
        }
    )
    told = said(document, "entry-points")
    assert "The command `a` starts main() in a/__init__.py:9" in told
    assert "a/__init__.py offers 1 command: tidy" in told
    assert "From tidy_all(): tidy_all() calls sweep_floor()" in told


def test_commands_of_click(made: Made) -> None:
    document = made(
        {
            "a.py": "import click\n\n\n@click.command()\n@click.option('--loud', help='say it loudly')\ndef greet_all():\n    ...\n"
        }
    )
    assert "a.py offers 1 command: greet-all" in said(document, "entry-points")
    assert "--loud (say it loudly)" in said(document, "configuration")


def test_a_command_of_npm_names_its_file(made: Made) -> None:
    document = made(
        {
            "package.json": '{"name": "tidy", "bin": {"tidy": "./bin/tidy.js"}, "engines": {"node": ">=20"}}\n',
            "bin/tidy.js": "// Tidies a folder.\nimport { run } from '../lib/run.js';\nrun();\n",
            "lib/run.js": "export function run() {}\n",
        }
    )
    told = said(document, "entry-points")
    assert "The command `tidy`, by package.json, runs ./bin/tidy.js (Tidies a folder); that takes ../lib/run.js" in told
    assert "Needs node >=20" in said(document, "build")


def test_a_library_is_entered_by_what_it_offers(made: Made) -> None:
    document = made(
        {"p/__init__.py": "from p.a import one\n\n__all__ = ['one', 'two']\n", "p/a.py": "def one():\n    return 1\n"}
    )
    assert "Nothing is started here; p/__init__.py offers 2 names: one, two" in said(document, "entry-points")


def test_programs_and_jobs(made: Made) -> None:
    document = made(
        {
            "m.go": "package main\n\nfunc main() {\n\tserve()\n}\n\nfunc serve() {}\n",
            "jobs.py": "from celery import shared_task\n\n\n@shared_task\ndef send_mail():\n    ...\n",
        }
    )
    told = said(document, "entry-points")
    assert "m.go:3" in told and "serve()" in told
    assert "Background job send_mail(), jobs.py:4" in told


def test_flows_go_through_aliases_and_classes(made: Made) -> None:
    document = made(
        {
            "pyproject.toml": '[project]\nname = "a"\n[project.scripts]\na = "a.cli:main"\n',
            "a/__init__.py": "",
            "a/cli.py": "from a import tools as t\nfrom a.shop import Shop\n\n\ndef main():\n    t.open_door()\n    Shop.of_town()\n",
            "a/tools.py": "def open_door():\n    return 1\n",
            "a/shop.py": "class Shop:\n    @classmethod\n    def of_town(cls):\n        return cls()\n",
        }
    )
    assert "main() calls tools.open_door(), Shop.of_town()" in said(document, "entry-points")


# -- building --------------------------------------------------------------------------------------


def test_containers_and_continuous_integration(made: Made) -> None:
    document = made(
        {
            "a.py": "x = 1\n",
            "Dockerfile": 'FROM python:3.12\nEXPOSE 80\nENTRYPOINT ["a", "--now"]\n',
            "compose.yaml": "services:\n  web:\n    image: a\n  store:\n    image: b\nvolumes:\n  c:\n",
            ".gitlab-ci.yml": "test:\n  script:\n    - pip install .\n    - pytest\n",
            ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - run: |\n          make all\n      - run: make test\n",
            "justfile": "tidy:\n    rm -rf out\n",
        }
    )
    told = said(document, "build")
    assert "FROM python:3.12; EXPOSE 80; it starts a --now" in told
    assert "compose.yaml starts 2 services: web, store" in told
    assert "runs make all; make test" in told
    assert ".gitlab-ci.yml, runs pip install ." in told
    assert "`just tidy`: rm -rf out" in told


def test_older_manifests_of_python(made: Made) -> None:
    document = made(
        {
            "setup.py": "from setuptools import setup\nsetup(name='old', install_requires=['six>=1.16', 'attrs'], python_requires='>=3.8',\n"
            "      entry_points={'console_scripts': ['old = old.cli:main']})\n",
            "x/pyproject.toml": '[tool.poetry]\nname = "p"\n[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = { version = "^0.27" }\n'
            '[tool.poetry.group.dev.dependencies]\npytest = "*"\n[tool.poetry.scripts]\np = "p:main"\n',
        }
    )
    manifests = read_manifests(Known(document).code)
    assert {(one.name, one.version, one.use) for one in manifests.dependencies} == {
        ("six", ">=1.16", "runtime"),
        ("attrs", "", "runtime"),
        ("httpx", "^0.27", "runtime"),
        ("pytest", "*", "development"),
    }
    assert {(one.name, one.runs) for one in manifests.commands} == {("old", "old.cli:main"), ("p", "p:main")}
    assert {one.value for one in manifests.facts if one.name == "requires-python"} == {">=3.8", "^3.11"}


# -- data, interfaces ------------------------------------------------------------------------------


def test_models_of_object_mappers(made: Made) -> None:
    document = made(
        {
            "m.py": "from django.db import models\n\n\nclass Ship(models.Model):\n    name = models.CharField()\n    length = models.IntegerField()\n",
            "s.py": "class Berth(Base):\n    __tablename__ = 'berths'\n    id = Column(Integer)\n",
            "r.rb": "class Boat < ApplicationRecord\nend\n",
            "g.go": 'package g\n\nimport "database/sql"\n\ntype Stay struct {\n\tFrom string\n}\n',
        }
    )
    told = said(document, "data-model")
    assert "Django model Ship, m.py:4: name, length" in told
    assert "SQLAlchemy table berths" in told and "ActiveRecord model Boat" in told
    assert "database/sql, imported by 1 file: g.go" in told


def test_services_that_are_called(made: Made) -> None:
    document = made(
        {
            "a.py": 'import requests\n\nURL = "https://tides.example/v1"\nNS = "http://www.w3.org/2000/svg"\n\n\ndef f():\n    """See https://words.example/x."""\n    return requests.get(URL)\n'
        }
    )
    told = said(document, "interfaces")
    assert "Talks to others by requests, in a.py" in told
    assert "Names the address https://tides.example/v1 in a.py:3" in told
    assert "w3.org" not in told and "words.example" not in told
    assert "sets no time limit" in said(document, "performance")


# -- debt, conventions -----------------------------------------------------------------------------


def test_many_marks_are_counted(made: Made) -> None:
    document = made({"a.py": "".join(f"# TODO: number {n}\nx{n} = {n}\n" for n in range(9))})
    told = said(document, "debt")
    assert "9 marks TODO, FIXME, HACK or XXX in all, in 1 file: a.py (9)" in told
    assert told.count("TODO in a.py") == 6


def test_long_functions_are_counted(made: Made) -> None:
    functions = "".join(f"def f{n}():\n" + f"    x{n} = 1\n" * (90 + n) for n in range(7))
    told = said(made({"a.py": functions}), "debt")
    assert "f6() in a.py" in told and "is 97 lines long" in told
    assert "2 more functions of over 80 lines" in told


def test_what_is_counted_of_conventions(made: Made) -> None:
    body = "".join(f'def do_thing_{n}(x: int) -> int:\n    """Does it."""\n    return x\n\n\n' for n in range(9))
    document = made(
        {
            "a.py": '"""Does things."""\n\n' + body + "def undone(x):\n    return x\n",
            "CONTRIBUTING.md": "Lines are kept short and names are kept plain here.\n",
        }
    )
    told = said(document, "conventions")
    assert "90 % of 10 Python functions declare what they return; without: undone() in a.py" in told
    assert "90 % of 10 public functions and classes are documented" in told
    assert "100 % of 9 Python functions of several words are named in snake_case" in told
    assert "CONTRIBUTING.md: Lines are kept short" in told


# -- questions -------------------------------------------------------------------------------------


def asked(question: str) -> Section:
    return Section("ask-1", question, question, "asked", limit=4)


def test_a_question_finds_definitions_by_their_names_and_words(made: Made) -> None:
    document = made(
        {
            "a.py": 'def compute_tide_height(hour):\n    """The height of water at an hour."""\n    return hour\n\n\ndef parseMoonPhase(text):\n    return text\n',
            "README.md": "# A\n\nThe moon pulls at the water of the harbour every day.\n",
        }
    )
    [first, *_] = found(document, asked("Where is the height of a tide computed?"))
    assert first.statement == "compute_tide_height in a.py:1: The height of water at an hour"
    told = [finding.statement for finding in found(document, asked("How is the phase of the moon parsed?"))]
    assert told[0].startswith("parseMoonPhase in a.py:6")
    assert found(document, asked("the of and?")) == []
