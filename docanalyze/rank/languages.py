"""How each language's imports lead to files."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from heapq import nsmallest

from docanalyze.model import File, FileRole, Import, Tree
from docanalyze.rank.resolve import NOWHERE, Index, Resolved, above, join

_MOST_ROOTS = 40
"""Folders elsewhere in the tree that a module is looked for in: in so many at most."""

Resolver = Callable[[Index, File, Import], Resolved]

# -- Python ------------------------------------------------------------------------------------------


def python(index: Index, file: File, one: Import) -> Resolved:
    """`a.b`, `.b`, `..`: modules, packages, and of packages the modules that are named."""
    dots = len(one.module) - len(one.module.lstrip("."))
    parts = [part for part in one.module[dots:].split(".") if part]
    if dots:
        base = file.folder
        for _ in range(dots - 1):
            if not base:
                return NOWHERE
            base = base.rpartition("/")[0]
        return Resolved(_modules(index, base, parts, one.names))
    for root in _roots(index, file.folder, parts[0]) if parts else ():
        found = _modules(index, root, parts, one.names)
        if found:
            return Resolved(found)
    if parts and parts[0] == index.tree.name:
        # The folder that was named is the package itself.
        found = _modules(index, "", parts[1:], one.names)
        if found:
            return Resolved(found)
    if not parts or parts[0] in sys.stdlib_module_names:
        return NOWHERE
    return Resolved(package=parts[0])


def _roots(index: Index, folder: str, top: str) -> Iterator[str]:
    """The folders in which a package or module of that name lies and that are no packages themselves: those around
    `folder` from the inside out, then, of what is not Python's own, the shallowest others."""
    if top not in index.roots:
        index.roots[top] = _found_roots(index, top)
    held, shallowest_first = index.roots[top]
    near = [root for root in above(folder) if root in held]
    yield from near
    if top not in sys.stdlib_module_names:
        yield from (root for root in shallowest_first if root not in near)


def _found_roots(index: Index, top: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """All of them, and as many as are tried of those that lie elsewhere."""
    held = {one.rpartition("/")[0] for one in index.folders_named.get(top, ())}
    held |= {index.tree.files[place].folder for place in index.named.get(f"{top}.py", ())}
    usable = frozenset(root for root in held if f"{root}/__init__.py".lstrip("/") not in index.places)
    return usable, tuple(nsmallest(_MOST_ROOTS, usable, key=lambda root: (root.count("/"), root)))


def _modules(index: Index, base: str, parts: list[str], names: tuple[str, ...]) -> tuple[int, ...]:
    """The files that a dotted name below a folder leads to: the longest part of it that is there."""
    places = index.places
    start = f"{base}/" if base else ""
    for length in range(len(parts), -1, -1):
        path = start + "/".join(parts[:length]) if length else base
        within = f"{path}/" if path else ""
        package = places.get(f"{within}__init__.py", places.get(f"{within}__init__.pyi"))
        if package is None and length:
            module = places.get(f"{path}.py", places.get(f"{path}.pyi"))
            if module is not None:
                return (module,)
        if (package is not None or index.is_folder(path)) and (length or not parts or base):
            wanted = names if length == len(parts) else (parts[length],)
            inner = [_module(places, within + name) for name in wanted]
            found = {place for place in inner if place is not None}
            if package is not None and (not inner or None in inner):
                found.add(package)
            return tuple(sorted(found))
    return ()


def _module(places: dict[str, int], path: str) -> int | None:
    for end in (".py", "/__init__.py", ".pyi"):
        if path + end in places:
            return places[path + end]
    return None


# -- JavaScript and TypeScript -----------------------------------------------------------------------

_SCRIPTS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json", ".vue", ".svelte")
_AS_BUILT = {".js": (".ts", ".tsx", ".jsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_OF_NODE = frozenset(
    "assert buffer child_process cluster console constants crypto dgram dns domain events fs http http2 https "
    "inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder sys "
    "test timers tls tty url util v8 vm wasi worker_threads zlib".split()
)


def script(index: Index, file: File, one: Import) -> Resolved:
    """`./db`, `../x.js`, `@/x`, `package/part`: with extensions and index files guessed."""
    module = one.module.partition("?")[0]
    if module.startswith("."):
        found = _script(index, join(file.folder, module))
        return Resolved((found,)) if found is not None else NOWHERE
    if module.startswith(("@/", "~/", "#/", "/")):
        inner = module.split("/", 1)[1]
        for folder in above(file.folder):
            for root in (join(folder, "src"), join(folder, "app"), folder):
                found = _script(index, join(root, inner))
                if found is not None:
                    return Resolved((found,))
        return NOWHERE
    parts = module.split("/")
    depth = 2 if module.startswith("@") else 1
    if module.startswith("node:") or parts[0] in _OF_NODE:
        return NOWHERE
    found = _of_workspace(index, file, parts[depth - 1 : depth], parts[depth:]) if len(parts) >= depth else None
    if found is None and index.is_folder(parts[0]):
        found = _script(index, module)
    return Resolved((found,)) if found is not None else Resolved(package="/".join(parts[:depth]))


def _script(index: Index, path: str) -> int | None:
    if path in index.places:
        return index.places[path]
    for built, sources in _AS_BUILT.items():
        if path.endswith(built):
            found = index.first(path.removesuffix(built) + source for source in sources)
            if found is not None:
                return found
    found = index.first(path + end for end in _SCRIPTS)
    return found if found is not None else index.first(join(path, "index" + end) for end in _SCRIPTS)


def _of_workspace(index: Index, file: File, name: list[str], inner: list[str]) -> int | None:
    """A package that lies in the tree itself: a folder of its name with a manifest."""
    for folder in index.holding(name[0], "package.json"):
        for root in (folder, join(folder, "src"), join(folder, "lib")):
            found = _script(index, join(root, *inner))
            if found is not None:
                return found
    return None


# -- Go ----------------------------------------------------------------------------------------------


def go(index: Index, file: File, one: Import) -> Resolved:
    """Module path and folder: `example.org/app/store` is the folder `store` beside go.mod."""
    modules = _go_modules(index)
    for prefix in above(one.module):
        for root in modules.get(prefix, ()):
            found = index.within(join(root, one.module[len(prefix) + 1 :]), ".go")
            if found:
                return Resolved(found)
    if "." not in one.module.partition("/")[0]:
        return NOWHERE
    return Resolved(package="/".join(one.module.split("/")[:3]))


def _go_modules(index: Index) -> dict[str, list[str]]:
    """The folders of each module path of a go.mod: as it says itself, else what most imports begin with."""
    if index.go_modules is None:
        index.go_modules = {}
        manifests = [index.tree.files[place] for place in index.named.get("go.mod", ())]
        said = [(next((one.name for one in file.definitions if one.kind == "module"), ""), file) for file in manifests]
        found = [(name, file.folder) for name, file in said if name]
        # To guess one takes a look at all files.
        silent = [file.folder for name, file in said if not name][:_MOST_ROOTS] if manifests else [""]
        for prefix, root in [*found, *((_most_begin_with(index, folder), folder) for folder in silent)]:
            roots = index.go_modules.setdefault(prefix, []) if prefix else []
            if len(roots) < _MOST_ROOTS:
                roots.append(root)
    return index.go_modules


def _most_begin_with(index: Index, root: str) -> str:
    votes: Counter[str] = Counter()
    imported = {
        one.module
        for file in index.tree.files
        if file.language == "go" and (not root or file.path.startswith(root + "/"))
        for one in file.imports
    }
    for module in imported:
        parts = module.split("/")
        for length in range(1, len(parts)):
            if index.within(join(root, *parts[length:]), ".go"):
                votes["/".join(parts[:length])] += 1
                break
    dotted = {prefix: count for prefix, count in votes.items() if "." in prefix or prefix == index.tree.name}
    return min(dotted, key=lambda prefix: (-dotted[prefix], prefix), default="")


# -- Rust --------------------------------------------------------------------------------------------

_RUST_ROOTS = ("lib.rs", "main.rs", "mod.rs")
_BRACED = re.compile(r"\{.*", re.DOTALL)


def rust(index: Index, file: File, one: Import) -> Resolved:
    """`crate::a::b`, `super::x`, `self::x`, and the module of a `mod x;`."""
    path = _BRACED.sub("", one.module).strip().removesuffix("::*").strip(":")
    parts = [part for part in path.split("::") if part]
    if not parts or parts[0] in {"std", "core", "alloc"}:
        return NOWHERE
    folder = file.folder
    name = file.path.rpartition("/")[2]
    own = folder if name in _RUST_ROOTS else join(folder, name.removesuffix(".rs"))
    if parts[0] == "crate":
        return Resolved(_rust_module(index, _crate(index, folder), parts[1:], one.names))
    if parts[0] in {"super", "self"}:
        while parts and parts[0] in {"super", "self"}:
            own = own.rpartition("/")[0] if parts.pop(0) == "super" else own
        return Resolved(_rust_module(index, own, parts, one.names))
    found = _rust_module(index, own, parts, one.names, whole=False)
    if found:
        return Resolved(found)
    outside = file.role in (FileRole.TEST, FileRole.EXAMPLE)
    if outside and index.tree.name.replace("-", "_") == parts[0] and "Cargo.toml" in index.places:
        # Tests and examples take the crate at the root by its name.
        return Resolved(_rust_module(index, "src", parts[1:], one.names))
    for crate in (parts[0], parts[0].replace("_", "-")):
        for held in index.holding(crate, "Cargo.toml"):
            return Resolved(_rust_module(index, join(held, "src"), parts[1:], one.names))
    return Resolved(package=parts[0])


def _crate(index: Index, folder: str) -> str:
    for one in above(folder):
        if index.first((join(one, "lib.rs"), join(one, "main.rs"))) is not None:
            return one
        if index.first((join(one, "Cargo.toml"),)) is not None:
            return join(one, "src")
    return ""


def _rust_module(
    index: Index, base: str, parts: list[str], names: tuple[str, ...], *, whole: bool = True
) -> tuple[int, ...]:
    inner = [place for name in names if (place := _rust_file(index, join(base, *parts, name))) is not None]
    if inner:
        return tuple(sorted(set(inner)))
    for length in range(len(parts), 0, -1):
        found = _rust_file(index, join(base, *parts[:length]))
        if found is not None:
            return (found,)
    root = index.first(join(base, name) for name in ("mod.rs", "lib.rs", "main.rs")) if whole else None
    if root is None and whole and base:
        root = index.first((f"{base}.rs",))
    return (root,) if root is not None else ()


def _rust_file(index: Index, path: str) -> int | None:
    return index.first((f"{path}.rs", f"{path}/mod.rs"))


# -- Java, C#, PHP -----------------------------------------------------------------------------------

_JAVA_OWN = ("java.", "javax.", "jdk.", "sun.", "kotlin.", "scala.")


def java(index: Index, file: File, one: Import) -> Resolved:
    """`com.x.Y`, `com.x.*`, `com.x.Y.method`: the class's file, or those of the package's folder."""
    module = one.module.removeprefix("static ").strip().removesuffix(".*").removesuffix("._")
    parts = module.split(".")
    for length in range(len(parts), max(0, len(parts) - 3), -1):
        found = index.ending("/".join(parts[:length]) + file.path[file.path.rindex(".") :], file.folder)
        if found is not None:
            return Resolved((found,))
    folder = index.folder_ending("/".join(parts), file.folder)
    if folder is not None and (inside := index.within(folder, ".java", ".kt", ".scala")):
        return Resolved(inside)
    if module.startswith(_JAVA_OWN):
        return NOWHERE
    return Resolved(package=".".join(parts[: min(3, max(1, len(parts) - 1))]))


def c_sharp(index: Index, file: File, one: Import) -> Resolved:
    """`A.B.C`: the folder that the namespace ends with."""
    parts = one.module.split(".")
    if parts[0] == "System":
        return NOWHERE
    for start in range(len(parts)):
        folder = index.folder_ending("/".join(parts[start:]), file.folder)
        if folder is not None and (inside := index.within(folder, ".cs")):
            return Resolved(inside)
    return Resolved(package=".".join(parts[:2]))


def php(index: Index, file: File, one: Import) -> Resolved:
    """`App\\Store\\Db` by the end of a path, as PSR-4 has it; a path that is required as such."""
    if "\\" not in one.module and ("/" in one.module or one.module.endswith(".php")):
        return _by_path(index, file, one.module)
    parts = [part for part in one.module.split("\\") if part]
    for start in range(max(1, len(parts) - 1)):
        found = index.ending("/".join(parts[start:]) + ".php", file.folder)
        if found is not None:
            return Resolved((found,))
    if len(parts) < 2:
        return NOWHERE
    found = index.ending(f"{parts[-1]}.php", file.folder)
    own = found is not None and parts[-2].lower() in index.tree.files[found].folder.lower().split("/")
    return Resolved((found,)) if found is not None and own else Resolved(package="\\".join(parts[:2]))


# -- C and C++, Ruby, Bash ---------------------------------------------------------------------------

_C_OWN = frozenset(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
    "stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype unistd pthread fcntl "
    "dirent dlfcn netdb poll pwd grp sched semaphore strings syslog termios getopt malloc memory alloca".split()
)


def c(index: Index, file: File, one: Import) -> Resolved:
    """An include: beside the file, else by the end of a path, the nearest first."""
    module = one.module.strip('"<>')
    found = index.first((join(file.folder, module),))
    if found is None:
        found = index.ending(join(module).lstrip("./"), file.folder)
    if found is not None:
        return Resolved((found,))
    first, slash, _ = module.partition("/")
    if "." not in module or module.removesuffix(".h") in _C_OWN or first in {"sys", "linux", "netinet", "arpa", "net"}:
        # C++ names what is its own without an extension.
        return Resolved(package=first) if slash and "." in module and first in {"boost"} else NOWHERE
    return Resolved(package=first if slash else module.rpartition(".")[0])


_RUBY_OWN = frozenset(
    "English abbrev base64 benchmark bigdecimal bundler cgi coverage csv date delegate digest drb erb etc expect fcntl "
    "fiber fiddle fileutils find forwardable getoptlong io ipaddr irb json logger matrix minitest monitor mutex_m net "
    "nkf objspace observer open-uri open3 openssl optparse ostruct pathname pp prettyprint prime pstore psych pty "
    "rbconfig rdoc readline reline resolv resolv-replace rinda ripper rubygems securerandom set shellwords singleton "
    "socket stringio strscan syslog tempfile thread time timeout tmpdir tsort un uri weakref win32ole yaml zlib".split()
)


def ruby(index: Index, file: File, one: Import) -> Resolved:
    """`require_relative 'x'` and `require 'app/x'`: beside the file, else below lib or the root."""
    name = one.module.removesuffix(".rb") + ".rb"
    found = index.first((join(file.folder, name), join("lib", name), join(name)))
    if found is None:
        found = index.ending(f"lib/{name}", file.folder) if not name.startswith(".") else None
    if found is not None:
        return Resolved((found,))
    package = one.module.partition("/")[0]
    return NOWHERE if package in {".", "..", *_RUBY_OWN} else Resolved(package=package)


_VARIABLE = re.compile(r"^.*[}\)\"']+/|^\$\w+/")


def bash(index: Index, file: File, one: Import) -> Resolved:
    """`source lib.sh`, `. "$DIR/lib.sh"`: variables left out."""
    return _by_path(index, file, _VARIABLE.sub("", one.module).strip("\"'"))


def _by_path(index: Index, file: File, path: str) -> Resolved:
    found = index.first((join(file.folder, path.lstrip("/")), join(path.lstrip("/"))))
    if found is None:
        found = index.ending(join(path.lstrip("/")).lstrip("./"), file.folder)
    return Resolved((found,)) if found is not None else NOWHERE


RESOLVERS: dict[str, Resolver] = {
    "python": python,
    "javascript": script,
    "typescript": script,
    "tsx": script,
    "go": go,
    "rust": rust,
    "java": java,
    "kotlin": java,
    "c": c,
    "cpp": c,
    "c++": c,
    "csharp": c_sharp,
    "c_sharp": c_sharp,
    "c#": c_sharp,
    "php": php,
    "ruby": ruby,
    "bash": bash,
}


def resolver(tree: Tree) -> Callable[[File, Import], Resolved]:
    """What says where the imports of this tree's files lead."""
    index = Index(tree)
    kept: dict[tuple[str, ...], Resolved] = {}

    def resolve(file: File, one: Import) -> Resolved:
        of_language = RESOLVERS.get(file.language)
        if of_language is None or not one.module:
            return NOWHERE
        # In Rust what `self` means depends on the file.
        key = (file.path if file.language == "rust" else file.folder, file.language, one.module, *one.names)
        known = kept.get(key)
        if known is None:
            known = kept[key] = of_language(index, file, one)
        return known

    return resolve
