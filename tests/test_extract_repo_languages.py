"""The built-in analyst of code bases, by what each language writes in its own way: what was wrong of real ones once."""

from pathlib import Path

from docanalyze.ingest import TreeReader
from docanalyze.ingest.repo import TreeOptions
from tests.code_base_material import Made, found, made, one, reader, said

__all__ = ["made", "reader"]


# -- where a definition stands ---------------------------------------------------------------------


def test_the_words_above_a_function_are_no_lines_of_it(made: Made) -> None:
    words = "".join(f"  # Line {number} of what folded() is told to be.\n" for number in range(90))
    body = "".join(f"    puts {number}\n" for number in range(85))
    document = made(
        {
            "lib/a.rb": f"class Words\n{words}  def folded\n    puts 1\n  end\n\n"
            f"  # Says unrolled as it is.\n  def unrolled\n{body}  end\nend\n"
        }
    )
    finding = one(document, "debt", "lines long")
    assert finding.statement.startswith("Words.unrolled() in lib/a.rb:97 is 87 lines long")
    assert finding.quotes[0].text == "def unrolled"


# -- what a file offers ----------------------------------------------------------------------------


def test_what_stands_in_a_module_of_ruby_is_offered(made: Made) -> None:
    document = made(
        {
            "lib/a.rb": 'require "b"\nmodule Harbour\n  # A place for one boat.\n  class Berth\n    def free?\n      true\n    end\n  end\nend\n',
            "lib/b.rb": "module Harbour\n  module Words\n    def said\n      1\n    end\n  end\nend\n",
        }
    )
    modules = said(document, "modules")
    assert any("lib/a.rb" in statement and "A place for one boat; offers Berth" in statement for statement in modules)
    assert any("lib/b.rb" in statement and "offers Words" in statement for statement in modules)


def test_a_file_with_methods_alone_does_not_define_nothing(made: Made) -> None:
    document = made(
        {
            "store/store.go": "// Package store keeps boats.\npackage store\n\ntype Store struct {\n\tBoats int\n}\n",
            "store/wire.go": 'package store\n\nimport "fmt"\n\nfunc (s *Store) encode() string {\n\treturn fmt.Sprint(s.Boats)\n}\n',
        }
    )
    [statement] = [statement for statement in said(document, "modules") if statement.startswith("store/wire.go")]
    assert "holds encode()" in statement
    assert "defines nothing" not in statement


# -- Rust ------------------------------------------------------------------------------------------

_CRATE = {
    "Cargo.toml": '[package]\nname = "harbour"\nversion = "1.0.0"\nbuild = "build.rs"\n',
    "build.rs": 'fn main() {\n    println!("cargo:rerun-if-changed=build.rs");\n}\n',
    "src/lib.rs": "//! Berths.\nmod berth;\npub use self::berth::Berth;\npub fn all() -> usize {\n    1\n}\n",
    "src/berth.rs": "use crate::all;\n/// A `Berth` for one boat.\npub struct Berth {\n    pub name: String,\n}\n"
    "impl Berth {\n    pub fn named(&self) -> &str {\n        let _ = all();\n        &self.name\n    }\n}\n"
    '#[cfg(test)]\nmod tests {\n    #[test]\n    fn is_named() {\n        let a: Option<u8> = None;\n        a.unwrap();\n        panic!("x");\n    }\n}\n',
}


def test_the_script_of_a_build_is_no_program(made: Made) -> None:
    assert not any("build.rs" in statement for statement in said(made(_CRATE), "entry-points"))


def test_tests_that_stand_in_a_file_of_rust_are_none_of_its_errors(made: Made) -> None:
    assert not any("berth.rs" in statement for statement in said(made(_CRATE), "errors"))


def test_a_module_and_its_child_are_no_cycle(made: Made) -> None:
    document = made(_CRATE)
    assert not any("Import cycle" in s for name in ("architecture", "debt") for s in said(document, name))


def test_what_is_said_of_a_type_does_not_hide_that_it_is_public(made: Made) -> None:
    [statement] = [statement for statement in said(made(_CRATE), "modules") if statement.startswith("src/berth.rs")]
    assert "offers Berth" in statement


# -- programs --------------------------------------------------------------------------------------


def test_a_script_among_the_commands_is_a_program(made: Made) -> None:
    document = made(
        {"exe/tidy": '#!/usr/bin/env ruby\nrequire "tidy"\nTidy.run\n', "lib/tidy.rb": "module Tidy\nend\n"}
    )
    assert any(statement.startswith("Program exe/tidy") for statement in said(document, "entry-points"))


# -- READMEs and licences --------------------------------------------------------------------------


def test_a_readme_of_rdoc_and_a_licence_named_by_its_kind_are_read(made: Made) -> None:
    readme = (
        "= TIDE\n\nhome :: https://example.org/tide and all that is there of it\n\n== Description\n\n"
        "Tide is a calendar of high water for small harbours. Its parts\nare:\n\n* words\n\n"
        "== Installation\n\nInstall it with the following.\n\n  gem install tide\n\n== Usage\n\nMore of it.\n"
    )
    granted = "Copyright (c) 2020 A. Nonymous\n\nPermission is hereby granted, free of charge, to any person obtaining\na copy\n"
    document = made({"README.rdoc": readme, "MIT-LICENSE": granted, "lib/tide.rb": "module Tide\nend\n"})
    purpose = said(document, "purpose")
    assert "Tide is a calendar of high water for small harbours." in purpose
    assert "Licence, by MIT-LICENSE: MIT, by its words" in purpose
    assert said(document, "build") == ["README.rdoc, under “Installation”: gem install tide"]


def test_a_licence_is_told_with_its_version(made: Made) -> None:
    licence = "      Apache License\n   Version 2.0, January 2004\n"
    assert "Licence, by LICENSE: Apache License Version 2.0" in said(
        made({"LICENSE": licence, "a.py": "x = 1\n"}), "purpose"
    )


def test_what_sends_elsewhere_is_no_purpose(made: Made) -> None:
    readme = (
        "# Tide\n\n*A calendar of high water for all small harbours*\n\n"
        "Check out the official pages at example.org and try our demo of it.\n"
    )
    purpose = said(made({"README.md": readme, "a.py": "x = 1\n"}), "purpose")
    assert purpose[0] == "A calendar of high water for all small harbours"
    assert not any("official" in statement for statement in purpose)


# -- JavaScript ------------------------------------------------------------------------------------


def test_what_another_library_offers_is_not_told_of_a_file_that_is_required_beside_it(made: Made) -> None:
    document = made(
        {
            "package.json": '{"name": "a", "bin": {"a": "./cli.js"}}\n',
            "cli.js": "#!/usr/bin/env node\nconst maps = require('source-map');\nconst made = require('./made');\n"
            "const map = new maps.Written();\nmap.appended('x');\nmade.finished(map);\n",
            "made.js": "function Written() {}\nfunction appended(x) { return x; }\nfunction finished(x) { return x; }\n"
            "module.exports = { Written, appended, finished };\n",
        }
    )
    [statement] = [statement for statement in said(document, "entry-points") if "The command `a`" in statement]
    assert statement.endswith("and calls made.finished()")


def test_text_that_becomes_a_function_is_run_as_code(made: Made) -> None:
    document = made({"a.js": "module.exports = function (params) {\n  return Function.apply(this, params);\n};\n"})
    assert any("run as code" in statement for statement in said(document, "security"))


def test_a_declaration_of_types_is_no_exception(made: Made) -> None:
    document = made({"types/a.d.ts": "export class LostError {\n  message: string;\n}\n", "a.js": "exports.x = 1;\n"})
    assert not any("LostError" in statement for statement in said(document, "errors"))


# -- Go --------------------------------------------------------------------------------------------


def test_what_wraps_a_handler_answers_nothing(made: Made) -> None:
    document = made(
        {
            "web.go": 'package web\n\nimport "net/http"\n\nfunc top(w http.ResponseWriter, r *http.Request) {}\n\n'
            "func serve(handler http.Handler) {\n\tmux := http.NewServeMux()\n"
            '\tmux.Handle("/ui/", http.StripPrefix("/ui", handler))\n'
            '\tmux.Handle("/top", http.HandlerFunc(top))\n'
            '\tall := map[string]http.Handler{\n\t\t"/all": http.HandlerFunc(top),\n\t\t"/save": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n\t\t}),\n\t}\n\t_ = all\n}\n'
        }
    )
    endpoints = [statement for statement in said(document, "interfaces") if "is answered" in statement]
    assert endpoints == [
        "ANY /ui/ is answered in web.go:9",
        "ANY /top is answered by top() in web.go:10",
        "ANY /all is answered by top() in web.go:12",
        "ANY /save is answered in web.go:13",
    ]


# -- manifests -------------------------------------------------------------------------------------


def test_the_commands_of_a_setup_that_writes_them_as_one_text_are_found(made: Made) -> None:
    setup = 'from setuptools import setup\n\nsetup(\n    name="tide",\n    entry_points="""\n        [console_scripts]\n        tide=tide.cli:main\n    """,\n)\n'
    document = made({"setup.py": setup, "tide/__init__.py": "", "tide/cli.py": "def main():\n    print(1)\n"})
    assert any(
        s.startswith("The command `tide` starts main() in tide/cli.py:1") for s in said(document, "entry-points")
    )


def test_what_ruby_brings_along_is_asked_for_in_no_manifest(made: Made) -> None:
    document = made({"lib/a.rb": 'require "optparse"\nrequire "net/http"\nrequire "sinatra"\n'})
    assert one(document, "interfaces", "asked for in no manifest").statement.endswith(": sinatra (1 file)")


# -- C++ and Java ----------------------------------------------------------------------------------


def test_a_header_of_cpp_offers_its_classes(made: Made) -> None:
    document = made(
        {
            "tide.h": "#pragma once\n#include <string>\n\nclass Tide : public Base {\npublic:\n    explicit Tide(int at);\n    int high() const;\n};\n",
            "tide.cpp": '#include "tide.h"\n\nTide::Tide(int at) {}\nint Tide::high() const {\n    return 1;\n}\n',
        }
    )
    modules = said(document, "modules")
    assert any(s.startswith("tide.h") and s.endswith("offers Tide") for s in modules)
    assert any(s.startswith("tide.cpp") and s.endswith("holds Tide(), high()") for s in modules)


def test_constants_of_an_interface_are_no_values_that_it_holds(made: Made) -> None:
    document = made(
        {
            "a/Wire.java": "package a;\npublic interface Wire {\n    int CLOSED = 1;\n    void send(String words);\n}\n",
            "a/Use.java": "package a;\npublic class Use {\n    Wire wire;\n}\n",
        }
    )
    assert not any("CLOSED" in statement for statement in said(document, "data-model"))


# -- what is for people to read --------------------------------------------------------------------


def test_addresses_in_sentences_and_links_of_pages_are_no_services(made: Made) -> None:
    document = made(
        {
            "a.py": 'HELP = "See https://help.example-one.com/all for how to read it"\nAPI = "https://api.example-two.com/v1"\n',
            "page.html": '<a href="https://www.example-three.com/">x</a>\n<script src="https://cdn.example-four.com/a.js"></script>\n',
        }
    )
    named = [statement for statement in said(document, "interfaces") if "address" in statement]
    assert [statement.split()[3] for statement in named] == [
        "https://api.example-two.com/v1",
        "https://cdn.example-four.com/a.js",
    ]


def test_what_an_option_explains_is_not_done(made: Made) -> None:
    text = 'import click\n@click.option(\n    "--cors", is_flag=True, help="Serve with Access-Control-Allow-Origin: *"\n)\ndef serve(cors):\n    pass\n'
    assert not any("CORS" in statement for statement in said(made({"a.py": text}), "security"))


def test_an_address_at_the_begin_of_a_line_is_no_target(made: Made) -> None:
    document = made(
        {"Makefile": "$(error moved, see \\\nhttps://example.org/build.md)\n\nall:\n\tcc a.c\n", "a.c": "int a;\n"}
    )
    assert [s for s in said(document, "build") if "make" in s] == ["`make all`: cc a.c"]


def test_cpp_throws_catches_ends_and_asks_a_shell(made: Made) -> None:
    document = made(
        {
            "a.cpp": '#include <stdexcept>\nvoid a() {\n    try {\n        throw std::runtime_error("x");\n'
            '    } catch (...) {\n        exit(1);\n    }\n    system("ls");\n    job.system("x");\n}\n'
        }
    )
    errors = said(document, "errors")
    assert any(s.startswith("A catch takes whatever goes wrong") and "a.cpp:5" in s for s in errors)
    assert any(s.startswith("Errors are thrown, a.cpp:4") for s in errors)
    assert any(s.startswith("The program ends with an exit code, a.cpp:6") for s in errors)
    assert any(s.startswith("A command goes through a shell, a.cpp:8") for s in said(document, "security"))


def test_a_crate_tells_what_its_root_opens(made: Made) -> None:
    lib = "mod berth;\npub use self::berth::Berth;\npub use crate::tide::{High, Low as Ebb};\npub mod tide {\n    pub struct High;\n    pub struct Low;\n}\n"
    document = made(
        {"Cargo.toml": '[package]\nname = "harbour"\n', "src/lib.rs": lib, "src/berth.rs": "pub struct Berth;\n"}
    )
    assert said(document, "entry-points") == [
        "Nothing is started here; src/lib.rs offers 4 names: Berth, High, Ebb, tide"
    ]


def test_a_type_is_used_where_it_is_named_by_its_path(made: Made) -> None:
    document = made(
        {
            "src/lib.rs": "pub mod gate;\npub mod one;\npub mod two;\n",
            "src/gate.rs": "pub struct Acquire {\n    pub permits: u32,\n}\n",
            "src/one.rs": "use std::sync::atomic::Ordering::{Acquire, Release};\npub fn a() -> u32 {\n    load(Acquire)\n}\n",
            "src/two.rs": "use crate::gate::Acquire;\npub fn b(one: Acquire) -> u32 {\n    one.permits\n}\n",
        }
    )
    assert said(document, "data-model") == ["Acquire, src/gate.rs, used by 1 file: permits"]


# -- builds and tools ------------------------------------------------------------------------------


def test_cmake_is_needed_and_only_the_signs_of_the_languages_were_looked_for(made: Made) -> None:
    cmake = "cmake_minimum_required(VERSION 3.14)\nproject(tide C)\n"
    document = made({"CMakeLists.txt": cmake, "a.c": "int a(void) {\n    return 1;\n}\n"})
    assert said(document, "build") == ["Needs CMake 3.14"]
    [finding] = found(document, "security")
    assert finding.sweep is not None
    assert "A command goes through a shell" in finding.sweep.terms
    assert not any("eval" in term or "query" in term for term in finding.sweep.terms)


def test_scripts_that_set_tools_are_no_code(made: Made) -> None:
    document = made(
        {".eslintrc.js": "module.exports = {};\n", "vite.config.ts": "export default {};\n", "a.js": "let a = 1;\n"}
    )
    assert document.tree is not None
    assert [file.role.value for file in document.tree.files] == ["configuration", "code", "configuration"]


def test_another_name_of_an_error_is_no_error_of_its_own(made: Made) -> None:
    text = "use std::io;\npub struct LostError(u8);\nimpl Into for Boat {\n    type Error = io::Error;\n}\n"
    assert said(made({"src/lib.rs": text}), "errors") == ["1 own exception: LostError (src/lib.rs)"]


# -- Python ----------------------------------------------------------------------------------------


def test_what_decorators_take_is_not_called_by_the_function(made: Made) -> None:
    document = made(
        {
            "pyproject.toml": '[project]\nname = "a"\n[project.scripts]\na = "a:main"\n',
            "a.py": 'import click\n\n\nclass Place(click.ParamType):\n    name = "place"\n\n\ndef berth():\n    return 1\n\n\n'
            '@click.option("--at", type=Place())\ndef main(at):\n    berth()\n    berthed = at\n    return berthed\n',
        }
    )
    assert "From main(): main() calls berth()" in said(document, "entry-points")


def test_a_class_with_methods_alone_holds_no_settings(made: Made) -> None:
    document = made(
        {
            "a.py": 'class PlaceConfig(Kind):\n    name = "place"\n\n    def convert(self, words):\n        left, right = words.split()\n        return left\n\n\n'
            "class TideConfig:\n    height = 1\n\n\nclass BerthConfig:\n    def __init__(self):\n        self.name = 1\n",
        }
    )
    held = [statement.split()[0] for statement in said(document, "configuration") if "holds settings" in statement]
    assert sorted(held) == ["BerthConfig", "TideConfig"]


def test_all_ways_to_end_are_counted(made: Made) -> None:
    end = "import click\n\n\ndef a():\n    raise click.UsageError('x')\n"
    document = made({"a.py": end, "b.py": end, "c.py": "import sys\n\n\ndef c():\n    sys.exit(1)\n"})
    assert one(document, "errors", "ends with an exit code").statement.startswith(
        "The program ends with an exit code, 3 places in 3 files"
    )


def test_flags_over_several_lines_and_variables_of_options_are_found(made: Made) -> None:
    text = (
        'import click\n\n\n@click.command()\n@click.option(\n    "-t",\n    "--tag",\n    help="Name of the image, or of \'it\'",\n)\n'
        '@click.option("--open", is_flag=True)\n@click.option(\n    "--secret",\n    envvar="TIDE_SECRET",\n    help="Signs",\n)\n'
        "def main(tag, open, secret):\n    pass\n"
    )
    configuration = said(made({"a.py": text}), "configuration")
    assert (
        "3 flags of the command line in a.py: --tag (Name of the image, or of 'it'), --open, --secret (Signs)"
        in configuration
    )
    assert any(statement.startswith("Environment variable TIDE_SECRET, read in a.py") for statement in configuration)


def test_the_first_string_of_a_list_says_nothing_of_it(made: Made) -> None:
    document = made({"a.py": 'PLUGINS = (\n    "tide.high",\n    "tide.low",\n)\n\n\ndef all():\n    return PLUGINS\n'})
    assert not any("tide.high" in statement for statement in said(document, "modules"))


def test_a_crate_that_tests_take_by_its_name_is_tested(tmp_path: Path, reader: TreeReader) -> None:
    files = {
        "Cargo.toml": '[package]\nname = "harbour"\n',
        "src/lib.rs": "pub mod berth;\npub mod tide;\n",
        "src/berth.rs": "pub fn free() -> u32 {\n    let a = 1;\n    a\n}\n" + "// words\n" * 20,
        "src/tide.rs": "pub fn high() -> u32 {\n    let a = 1;\n    a\n}\n" + "// words\n" * 20,
        "tests/all.rs": "use harbour::berth;\nuse harbour::tide;\n#[test]\nfn a() {\n    berth::free();\n    tide::high();\n}\n",
    }
    for name, text in files.items():
        path = tmp_path / "harbour" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    document = reader.read(str(tmp_path / "harbour"), TreeOptions(), lambda event: None)
    tests = said(document, "tests")
    assert "tests/all.rs, 1 test, imports src/berth.rs, src/tide.rs" in tests
    assert not any("No test imports" in statement for statement in tests)


def test_what_becomes_of_an_error_is_told(made: Made) -> None:
    text = (
        "class Boat\n  def a\n    yield\n  rescue Exception => ex\n    shown(ex)\n    exit_because(ex)\n  end\n\n"
        "  def b\n    yield\n  rescue StandardError => ex\n    @kept = ex\n  end\n\n"
        "  def c\n    yield\n  rescue StandardError\n    @lost = true\n  end\nend\n"
    )
    errors = said(made({"lib/boat.rb": text}), "errors")
    assert [statement.partition(", ")[0].removeprefix("A rescue takes all errors and ") for statement in errors] == [
        "ends the program",
        "passes it on",
        "goes on",
    ]


def test_errors_of_one_name_in_several_modules_are_all_counted(made: Made) -> None:
    lost = "pub struct LostError(u8);\n"
    document = made({"src/lib.rs": "pub mod a;\npub mod b;\n", "src/a.rs": lost, "src/b.rs": lost})
    assert said(document, "errors") == [
        "2 own exceptions, none derived from another: LostError (src/a.rs), LostError (src/b.rs)"
    ]


def test_html_that_is_a_constant_is_no_risk(made: Made) -> None:
    document = made({"a.js": "const MENU = '<b>x</b>';\na.innerHTML = MENU;\nb.innerHTML = words;\n"})
    [statement] = [statement for statement in said(document, "security") if "HTML" in statement]
    assert statement == "HTML is put into a page as it is, a.js:3"


def test_what_a_package_of_java_shares_without_an_import_is_leant_on(made: Made) -> None:
    handler = "package a;\n/** Takes the words of a Logger and writes them; no interface. */\npublic class Handler {\n    int level = 1;\n    int a() {\n        return 1;\n    }\n    int b() {\n        return 2;\n    }\n}\n"
    document = made(
        {
            "a/Handler.java": handler,
            "a/First.java": "package a;\npublic class First {\n    Handler handler;\n}\n",
            "a/Second.java": "package a;\npublic class Second {\n    Handler handler;\n}\n",
        }
    )
    assert any("a/Handler.java" in s and "2 files of code use what it defines" in s for s in said(document, "start"))
    assert not any(statement.startswith("Handler") for statement in said(document, "data-model"))


def test_limits_are_counted_once_and_the_parts_of_a_number_are_none(made: Made) -> None:
    document = made(
        {
            "a.py": "CHUNK_SIZE = 65_536\nMANTISSA_SIZE = 23\n\n\ndef a():\n    CHUNK_SIZE = 65_536\n    return CHUNK_SIZE\n"
        }
    )
    assert one(document, "performance", "limit").statement == "1 limit is set as a constant: CHUNK_SIZE = 65_536 (a.py)"


def test_what_every_file_says_and_a_script_of_make_tell_nothing(made: Made) -> None:
    document = made(
        {
            "lib/a.js": "/**\n * Module dependencies.\n * @private\n */\nvar b = require('./b');\nmodule.exports = function go() { b(); };\n",
            "lib/b.js": "module.exports = function b() {};\n",
            "Makefile": "all:\n\tif test -e x; then \\\n\t  cc a.c; fi\n\nb:\n\tcc b.c \\\n\t  -o b\n",
        }
    )
    assert not any("Module dependencies" in statement for statement in said(document, "modules"))
    assert [s for s in said(document, "build") if "make" in s] == ["`make b`: cc b.c"]


def test_commands_that_a_readme_names_in_its_prose_are_told_where_it_shows_none(made: Made) -> None:
    readme = "# Tide\n\nWords on it, and `make sense of it`.\n\n## Development\n\nTo install it, run `bundle exec rake install`, and see `lib`.\n"
    assert said(made({"README.md": readme, "lib/a.rb": "x = 1\n"}), "build") == [
        "README.md, under “Development”: bundle exec rake install"
    ]


def test_only_what_a_readme_says_of_the_whole_limits_it(made: Made) -> None:
    readme = (
        "# Tide\n\nA calendar of high water for all small harbours.\n\n## Use\n\n"
        "This is the same function as before, but this time the words are long, and it says what is wrong if the layout does not fit.\n\n"
        "This library is not intended for ships of any size at all.\n"
    )
    limits = [s for s in said(made({"README.md": readme, "a.py": "x = 1\n"}), "purpose") if "limits it" in s]
    assert limits == ["README.md limits it: This library is not intended for ships of any size at all."]


def test_marks_for_tools_are_no_words_of_a_comment(made: Made) -> None:
    document = made(
        {
            "lib/a.js": "/**\n * Normalize the given words of a boat.\n *\n * @param {String} a\n */\nexports.normal = function normal(a) { return a; };\n"
            "/** Response prototype. @public */\nfunction res() {}\nexports.res = res;\n",
            "b/Tide.java": "package b;\n/** A {@code Tide} that is told by {@link b.Moon the moon}. */\npublic class Tide {\n}\n",
            "use.js": "const a = require('./lib/a');\na.res();\n",
        }
    )
    modules = " ".join(said(document, "modules"))
    assert "@" not in modules
    assert "A Tide that is told by b.Moon the moon" in modules


def test_the_name_of_an_option_is_not_what_it_is_for(made: Made) -> None:
    text = 'import click\n\n\n@click.command()\n@click.option(\n    "--method",\n    "method",\n    help="Request method",\n)\ndef main(method):\n    pass\n'
    assert "1 flag of the command line in a.py: --method (Request method)" in said(
        made({"a.py": text}), "configuration"
    )


def test_a_column_in_quotes_is_one_whatever_it_is_called(made: Made) -> None:
    table = 'CREATE TABLE indexes (\n    name TEXT,\n    "unique" INTEGER,\n    UNIQUE (name)\n);\n'
    assert said(made({"a.sql": table, "a.py": "x = 1\n"}), "data-model") == ["Table indexes, a.sql:1: name, unique"]


def test_what_is_vendored_may_import_a_library(made: Made) -> None:
    document = made(
        {
            "setup.py": 'from setuptools import setup\n\nsetup(name="a", install_requires=["tides", "moons"])\n',
            "a/__init__.py": "import moons\n",
            "a/_vendor/b.py": "import tides\n",
        }
    )
    asked = [statement for statement in said(document, "interfaces") if "asks for tides" in statement]
    assert asked == ["setup.py asks for tides, but nothing but what is vendored may import it"]


def test_limits_of_a_crate_alone_are_counted(made: Made) -> None:
    document = made({"src/lib.rs": "pub(crate) const MAX_BERTHS: usize = 4;\nconst MAX_BOATS: usize = 8;\n"})
    assert one(document, "performance", "limits").statement.startswith("2 limits are set as constants")


def test_an_address_alone_says_nothing_of_a_file(made: Made) -> None:
    document = made({"src/lib.rs": "// https://example.org/a/b/tests/io.rs\n\npub fn berths() {}\n"})
    assert not any("example.org" in statement for statement in said(document, "modules"))
