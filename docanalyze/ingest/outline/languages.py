"""Which languages there are, and what tells that a file is written in one."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language with a grammar: its query lies in `queries/<name>.scm`.

    `module` holds the grammar, which its function `function` gives. `suffixes`, `names` and `shebangs` are in
    lower case. `comment` begins a comment that ends with its line; `blocks` tells whether there are `/* */` too,
    `macros` whether it has those of the preprocessor.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    names: tuple[str, ...] = ()
    shebangs: tuple[str, ...] = ()
    comment: str = "//"
    blocks: bool = True
    function: str = "language"
    macros: bool = False


LANGUAGES = {
    one.name: one
    for one in (
        Language(
            "python",
            "tree_sitter_python",
            (".py", ".pyi", ".pyw"),
            ("sconstruct", "sconscript", "wscript"),
            ("python", "pypy"),
            comment="#",
            blocks=False,
        ),
        Language("javascript", "tree_sitter_javascript", (".js", ".jsx", ".mjs", ".cjs"), (), ("node", "deno", "bun")),
        Language(
            "typescript",
            "tree_sitter_typescript",
            (".ts", ".mts", ".cts"),
            (),
            ("ts-node", "tsx"),
            function="language_typescript",
        ),
        Language("tsx", "tree_sitter_typescript", (".tsx",), function="language_tsx"),
        Language("go", "tree_sitter_go", (".go",)),
        Language("rust", "tree_sitter_rust", (".rs",)),
        Language("java", "tree_sitter_java", (".java",)),
        Language("c", "tree_sitter_c", (".c", ".h"), macros=True),
        Language(
            "cpp",
            "tree_sitter_cpp",
            (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".tpp", ".inl", ".cu", ".cuh"),
            macros=True,
        ),
        Language("c_sharp", "tree_sitter_c_sharp", (".cs",)),
        Language(
            "ruby",
            "tree_sitter_ruby",
            (".rb", ".rake", ".gemspec", ".ru"),
            ("rakefile", "gemfile", "guardfile", "vagrantfile", "podfile", "capfile"),
            ("ruby",),
            comment="#",
            blocks=False,
        ),
        Language("php", "tree_sitter_php", (".php", ".phtml"), (), ("php",), function="language_php"),
        Language(
            "bash",
            "tree_sitter_bash",
            (".sh", ".bash", ".zsh", ".ksh"),
            (".bashrc", ".bash_profile", ".profile", ".zshrc"),
            ("sh", "bash", "zsh", "dash", "ksh", "ash"),
            comment="#",
            blocks=False,
        ),
    )
}

_BY_LINES = {
    "markdown": (".md", ".markdown", ".mdx"),
    "toml": (".toml",),
    "ini": (".ini", ".cfg", ".conf", ".properties", ".editorconfig", ".flake8", ".gitconfig"),
    "yaml": (".yml", ".yaml"),
    "json": (".json", ".jsonc", ".json5", ".webmanifest"),
    "sql": (".sql", ".ddl"),
    "dockerfile": (".dockerfile", "dockerfile", "containerfile"),
    "makefile": (".mk", ".mak", "makefile", "gnumakefile", "bsdmakefile"),
    "proto": (".proto",),
    "graphql": (".graphql", ".gql", ".graphqls"),
    "html": (".html", ".htm", ".xhtml"),
    "css": (".css", ".scss", ".less", ".sass"),
    "vue": (".vue",),
    "svelte": (".svelte",),
}
_NAMES = {name: one.name for one in LANGUAGES.values() for name in (*one.suffixes, *one.names)}
_NAMES |= {name: language for language, names in _BY_LINES.items() for name in names}
_NAMES |= {"pipfile": "toml", "cargo.lock": "toml", "poetry.lock": "toml", "uv.lock": "toml", "go.mod": ""}
_SHEBANGS = {name: one.name for one in LANGUAGES.values() for name in one.shebangs}
_SHEBANG = re.compile(r"#!\s*(?:\S*/)?env\s+(?:-\S+\s+)*(?:\w+=\S*\s+)*(\S+)|#!\s*(\S+)")
_CPP = re.compile(r"^\s*(?:class\s+\w|namespace\b|template\s*<|using\s|public:|private:|#\s*include\s*<[a-z_]+>)", re.M)


def language_of(path: str, head: str) -> str:
    """The language of a file by its name, else by its first line (`#!`); empty where it is not known.

    `head` is how the text begins: the longer, the better a header of C++ is told from one of C.
    """
    name = path.rpartition("/")[2].lower()
    suffix = "." + name.rpartition(".")[2] if "." in name else name
    language = _NAMES.get(name, _NAMES.get(suffix, ""))
    if not language and name.startswith(("dockerfile.", "containerfile.")):
        language = "dockerfile"
    if not language and name.startswith("makefile."):
        language = "makefile"
    if suffix == ".h" and _CPP.search(head):
        return "cpp"
    return language or _by_shebang(head)


def _by_shebang(head: str) -> str:
    found = _SHEBANG.match(head)
    if not found:
        return ""
    program = (found[1] or found[2]).rpartition("/")[2]
    return _SHEBANGS.get(program, _SHEBANGS.get(program.rstrip("0123456789."), ""))
