"""What a file is for, by its path, its name and its first bytes, and why its text is not read if it is not."""

import re
from typing import NamedTuple

from docanalyze.model import FileRole


class Found(NamedTuple):
    """A role, and the reason why its text is not read; empty if it is."""

    role: FileRole
    reason: str = ""


_HEAD = 8_192
_MARKED = 2_048
_WIDE_LINE = 300
_VERY_WIDE_LINE = 1_500
_LEAST_MINIFIED = 2_000

_VENDORED = frozenset(
    "node_modules bower_components jspm_packages vendor vendored _vendor _vendored third_party third-party thirdparty "
    "site-packages dist-packages Pods Carthage .yarn virtualenv".split()
)
_TESTS = frozenset("test tests testing __tests__ spec specs testdata test-data fixtures __mocks__ e2e".split())
_EXAMPLES = frozenset("example examples sample samples demo demos tutorial tutorials".split())
_DOCUMENTATION = frozenset("doc docs documentation man".split())

_SECRETIVE = re.compile(
    r"\.env(?:\..*|-.*)?|.*\.env|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx)"
    r"|\.netrc|\.pgpass|\.npmrc|\.pypirc|\.htpasswd|credentials"
)
_LOCK = re.compile(
    r".*\.lock|.*\.lockb|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|gradle\.lockfile"
    r"|packages\.lock\.json|conda-lock\.ya?ml|Package\.resolved|\.terraform\.lock\.hcl|cabal\.project\.freeze"
)
_MINIFIED = re.compile(r".*[.-]min\.(?:js|mjs|cjs|css)|.*\.(?:js|mjs|cjs|css)\.map|.*\.(?:bundle|chunk)\.(?:js|css)")
_GENERATED = re.compile(
    r".*_pb2(?:_grpc)?\.pyi?|.*\.pb\.(?:go|cc|h)|.*\.pb\.validate\.go|.*\.g\.(?:dart|cs)|.*\.designer\.cs"
    r"|.*[._]generated\.\w+|.*\.snap"
)
_TEST_NAME = re.compile(
    r"test_.*\.py|tests?\.(?:py|rs)|.*_tests?\.\w+|.*[.-](?:test|spec)\.\w+|.*_spec\.rb|conftest\.py|.*Tests?\.(?:java|kt|cs|php)"
)
_DOCUMENT_NAME = re.compile(
    r"(?i)(?:readme|changelog|changes|history|news|contributing|authors|license|licence|copying|notice|code_of_conduct"
    r"|security|architecture|install|todo|codeowners|maintainers)(?:[.-].*)?"
)
_MANIFEST = re.compile(
    r"package\.json|pyproject\.toml|setup\.(?:py|cfg)|Cargo\.toml|go\.(?:mod|work)|pom\.xml|(?:build|settings)\.gradle(?:\.kts)?"
    r"|Gemfile|.*\.gemspec|composer\.json|requirements.*\.(?:txt|in)|Pipfile|environment\.ya?ml|(?:GNU)?[Mm]akefile|CMakeLists\.txt"
    r"|(?:.*\.)?[Dd]ockerfile(?:\..*)?|(?:docker-)?compose.*\.ya?ml|meson\.build|BUILD(?:\.bazel)?|WORKSPACE|MODULE\.bazel"
    r"|[Jj]ustfile|Taskfile\.ya?ml|Procfile|mix\.exs|Package\.swift|.*\.(?:csproj|fsproj|sln|cabal)|pubspec\.yaml|deno\.jsonc?"
    r"|stack\.yaml|build\.sbt|Rakefile|Vagrantfile|Chart\.yaml|flake\.nix|default\.nix|MANIFEST\.in|Jenkinsfile"
)
_SCHEMA = re.compile(
    r".*\.(?:sql|proto|graphqls?|gql|prisma|avsc|thrift|xsd|dtd|rng|fbs|capnp|wsdl|asn1)|.*\.schema\.json"
    r"|(?:openapi|swagger).*\.(?:json|ya?ml)"
)
_CONFIGURATION = re.compile(
    r".*\.(?:toml|ini|cfg|conf|config|ya?ml|properties|editorconfig|tf|tfvars|nix|hcl)|(?:ts|js)config.*\.json|.*rc(?:\.json)?"
    r"|.*config.*\.json|\.[^.].*"
)
_SETTINGS = re.compile(r"\.\w+rc\.[cm]?js|[\w-]+\.config\.[cm]?[jt]s")
"""Scripts that only set tools: `.eslintrc.js`, `vite.config.ts`."""

_SUFFIXES = {
    FileRole.BINARY: (
        "png jpg jpeg gif bmp ico webp avif tiff tif psd pdf doc docx xls xlsx ppt pptx odt ods odp zip gz "
        "bz2 xz zst tar tgz 7z rar jar war ear whl egg so dll dylib exe bin o a class pyc pyo pyd wasm mo ttf "
        "otf woff woff2 eot mp3 mp4 m4a avi mov mkv webm ogg oga ogv wav flac db sqlite sqlite3 mdb parquet "
        "feather npy npz pkl pickle h5 hdf5 pt pth onnx safetensors gguf ckpt tflite joblib rdb deb rpm dmg "
        "iso img apk ipa nupkg swf fla blend fbx glb shp shx dbf gpkg grib nc pack"
    ),
    FileRole.DOCUMENTATION: "md markdown mdx rst adoc asciidoc txt org tex textile pod rdoc 1 5 7 8",
    FileRole.DATA: (
        "csv tsv dat obj json jsonl ndjson json5 geojson topojson xml po pot svg log bib srt vtt xlf xliff "
        "arb plist strings kml gpx wkt vcf ics lst out diff patch sum asc gpg sig cer crt crl fixture golden "
        "tmx rdf ttl nt owl prj cpg rtf pdb sdf mol fasta"
    ),
    FileRole.CODE: (
        "py pyi pyx pxd ipynb js mjs cjs jsx ts mts cts tsx vue svelte astro go rs java kt kts scala sc "
        "groovy clj cljs c h cc cpp cxx hpp hh hxx inl m mm cs fs fsx vb swift dart rb erb php phtml pl pm "
        "lua r jl hs lhs ml mli ex exs erl hrl elm nim zig v sv vhd vhdl d pas ada adb ads f f90 f95 for cob "
        "asm s sh bash zsh fish ps1 psm1 bat cmd awk sed tcl vim el lisp scm rkt html htm xhtml css scss sass "
        "less styl jinja j2 jinja2 tmpl tpl mustache hbs ejs pug haml liquid djt sol move cairo cu cuh cl "
        "glsl hlsl vert frag wgsl y l g4 cmake mk gradle bzl star po4a ipf rego cue jsonnet libsonnet"
    ),
}
_ROLES = {f".{suffix}": role for role, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_WIDE = frozenset({".js", ".mjs", ".cjs", ".css", ".html", ".htm", ".json", ".svg", ".xml"})

_MAGIC = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF", b"BZh", b"wOF")
_BY_A_TOOL = re.compile(
    rb"(?i)^[ \t]*(?:#|//|/?\*|--|;|<!--|%|\"\"\"|'|rem\b|\.\.)[^\n]*?"
    rb"(?:@generated\b|\bdo not (?:edit|modify)\b|\bauto-?(?:matically )?generated\b|\bautomatically generated\b"
    rb"|\b(?:jison|bison|yacc|antlr|ragel|pegjs|peg\.js|re2c|swig)\b[^\n]{0,40}\bgenerated\b"
    rb"|\bgenerated (?:from|by|with)\b[^\n]{0,80}\b(?:jison|bison|yacc|antlr|ragel|pegjs|peg\.js|re2c|swig)\b)",
    re.MULTILINE,
)


def by_path(path: str) -> Found | None:
    """What its path and name alone say of a file; None where its content must tell."""
    folder, _, name = path.rpartition("/")
    parts = frozenset(folder.split("/"))
    return _never_read(name, parts) or _of_use(name, parts, _suffix(name))


def _never_read(name: str, parts: frozenset[str]) -> Found | None:
    if _SECRETIVE.fullmatch(name):
        return Found(FileRole.CONFIGURATION, "may hold passwords or keys: listed by name, not read")
    if inside := parts & _VENDORED:
        return Found(FileRole.VENDORED, f"vendored: lies in {min(inside)}")
    if _LOCK.fullmatch(name):
        return Found(FileRole.LOCK, "a lock file: what a tool resolved")
    suffix = _suffix(name)
    if _ROLES.get(suffix) is FileRole.BINARY:
        return Found(FileRole.BINARY, f"binary, by its name ({suffix})")
    if _MINIFIED.fullmatch(name):
        return Found(FileRole.MINIFIED, "minified or bundled, by its name")
    if _GENERATED.fullmatch(name):
        return Found(FileRole.GENERATED, "generated, by its name")
    return None


def _of_use(name: str, parts: frozenset[str], suffix: str) -> Found | None:
    role = _ROLES.get(suffix)
    if parts & _TESTS or _TEST_NAME.fullmatch(name):
        return Found(FileRole.TEST)
    if _MANIFEST.fullmatch(name):
        return Found(FileRole.MANIFEST)
    if parts & _EXAMPLES:
        return Found(FileRole.EXAMPLE)
    if role is FileRole.DOCUMENTATION or (_DOCUMENT_NAME.fullmatch(name) and role is not FileRole.CODE):
        return Found(FileRole.DOCUMENTATION)
    if parts & _DOCUMENTATION and role is FileRole.CODE:
        # Code among documentation shows how something is used.
        return Found(FileRole.EXAMPLE)
    if _SCHEMA.fullmatch(name):
        return Found(FileRole.SCHEMA)
    if _SETTINGS.fullmatch(name) or (_CONFIGURATION.fullmatch(name) and role is not FileRole.CODE):
        return Found(FileRole.CONFIGURATION)
    return Found(role) if role else None


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def is_wide(data: bytes) -> bool:
    """Whether it is UTF-16 or UTF-32, whose NUL bytes say nothing."""
    from docanalyze.ingest.decoding import wide

    marked = data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    return marked or bool(wide(data))


def by_content(path: str, role: FileRole, data: bytes) -> Found:
    """The role of a file whose bytes are known, and why its text is of no use if it is of none."""
    head = data[:_HEAD]
    if head.startswith(_MAGIC) or _is_binary(head):
        return Found(FileRole.BINARY, "binary, by its first bytes")
    if role in (FileRole.DOCUMENTATION, FileRole.MANIFEST):
        return Found(role)
    wide = len(data) // (data.count(b"\n") + 1)
    most = _WIDE_LINE if _suffix(path.rpartition("/")[2]) in _WIDE else _VERY_WIDE_LINE
    if len(data) > _LEAST_MINIFIED and wide > most and role is not FileRole.DATA:
        return Found(FileRole.MINIFIED, f"minified: {wide:,} bytes a line")
    if _is_by_a_tool(data[:_MARKED]):
        return Found(FileRole.GENERATED, "generated: its first lines say so")
    return Found(role)


def _is_by_a_tool(head: bytes) -> bool:
    low = head.lower()
    return (b"generated" in low or b"do not " in low) and _BY_A_TOOL.search(head) is not None


def _is_binary(head: bytes) -> bool:
    if 0 in head:
        return not is_wide(head)
    controls = len(head.translate(None, delete=_NO_CONTROLS))
    return controls > len(head) * 3 // 10


_NO_CONTROLS = bytes(byte for byte in range(256) if byte >= 32 or byte in b"\t\n\r\f\x1b")
