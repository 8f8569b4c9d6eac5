"""What is wrong with this machine, before it costs an evening: each thing looked at, and what to do.

"Prebuilt wheels lie": whether a server really uses its card is decided by four things that fail in
silence (the build's code, its libraries, the driver, the attention kernels), so each has a line of its
own. Runs the server's binary with `--version`, `--help` and `--list-devices`, and nothing else.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from docanalyze import llm, tokens
from docanalyze.errors import DocanalyzeError, ServerError
from docanalyze.ingest.pdf.fonts import fonts
from docanalyze.ingest.pdf.ocr import tessdata
from docanalyze.llm.door import Patience
from docanalyze.runtime import builds, geometry, graphics, hashes, program
from docanalyze.runtime import folder as kept
from docanalyze.runtime.builds import DRIVERS_OWN, Build, Pair
from docanalyze.runtime.graphics import Graphics
from docanalyze.runtime.values import GIB, MIB
from docanalyze.store import Store

TIGHT, NONE_LEFT = 2 * GIB, 200 * MIB
"""Bytes of a disk below which it is warned of, and below which nothing more can be kept."""
_SERVES_CPU = "the processor serves"
_SOON = 5.0
"""Seconds that a server may take to get ready."""
_GPU_BUILD = "take a build for this card, which the wheel of docanalyze[llama] is not: docs/runtime.md says where"


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: how it is, what was seen, and what to do where it is not in order."""

    name: str
    state: State
    seen: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that is named by its address, of a role; `key` is its secret."""

    role: str
    url: str
    key: str = field(default="", repr=False)
    model: str = ""
    allow_remote: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be looked at. `binary` as in `program.find`; `pairs` are cache types that are to be served."""

    folder: Path
    database: Path
    binary: str = ""
    pairs: tuple[Pair, ...] = ()
    models: tuple[Path, ...] = ()
    places: tuple[tuple[str, Path], ...] = ()
    languages: str = "eng"
    endpoints: tuple[Endpoint, ...] = ()


def examine(asked: Asked) -> Iterator[Line]:
    """Everything, line by line as it is found out: hashing a model takes a while."""
    seen = graphics.look()
    yield from of_server(asked, seen)
    for endpoint in asked.endpoints:
        yield of_endpoint(endpoint)
    for model in asked.models:
        yield of_model(model, asked.folder)
    yield from of_disks(asked.places)
    yield from of_database(asked.database)
    yield of_ocr(asked.languages)
    yield of_fonts()


# -- the server ------------------------------------------------------------------------------------


def of_server(asked: Asked, seen: Graphics) -> Iterator[Line]:
    """The build that would serve, and whether it does what it is for."""
    try:
        found = program.find(asked.binary, kept.make(asked.folder))
        build = builds.of_binary(found) if found.binary else builds.of_wheel()
    except ServerError as error:
        named = builds.binary_of(asked.binary)
        # Without any, and without a model to serve, nothing is wrong: the built-in analyst needs none.
        needed = asked.binary or named or asked.models
        yield Line("server", State.BROKEN if needed else State.WARNING, error.what, error.try_)
        if named:
            yield of_libraries(builds.not_run(named), seen)
        yield of_driver(seen, builds.not_run(named) if named else None)
        return
    yield of_build(build)
    yield of_libraries(build, seen)
    yield of_driver(seen, build)
    yield of_devices(build, seen)
    yield of_kernels(build, asked.pairs)


def of_build(build: Build) -> Line:
    """Which build it is. One that calls itself a CUDA build and has none is the first of the known failures."""
    code = ", ".join(build.backends) or "processor only"
    named = f"{build.name}, {build.version or 'its build is not named'}; code for: {code}"
    if build.failure and build.devices is None:
        return Line("server", State.BROKEN, f"{build.name} does not run: {build.failure}", "take another build")
    if build.label and "CUDA" not in build.backends:
        return Line(
            "server",
            State.BROKEN,
            f"labelled CUDA without CUDA: {build.name} calls itself {build.label} and has no CUDA code in it",
            "remove it and install a build for CUDA; docs/runtime.md names them",
        )
    return Line("server", State.OK, named)


def of_libraries(build: Build, seen: Graphics) -> Line:
    """Whether the loader finds all that the build needs. Without cuBLAS or cudart it drops its CUDA code in silence."""
    missing = {name: by for name, by in build.missing.items() if name not in DRIVERS_OWN}
    if missing:
        named = ", ".join(f"{name} (for {by})" for name, by in missing.items())
        graphic = all("cuda" in name.lower() or "cublas" in name.lower() for name in missing)
        state = State.WARNING if graphic and not seen.there else State.BROKEN
        what = "its CUDA code is not loaded, and the processor serves" if graphic else "it may not start"
        return Line("libraries", state, f"missing: {named}: {what}", _install(missing))
    if not builds.can_look_for_libraries():
        return Line("libraries", State.OK, "not looked for on this system")
    return Line("libraries", State.OK, "all that it needs are found")


def _install(missing: Mapping[str, str]) -> str:
    if any(name.startswith("GLIBC") for name in missing):
        return "take a build for this system's older C library, or build llama.cpp here"
    if all(name.endswith(".dll") for name in missing):
        return "put them beside the server: they come in the archive of cudart that belongs to the build"
    if any("cuda" in name or "cublas" in name for name in missing):
        return "install the CUDA runtime of that number, and name its folder in LD_LIBRARY_PATH"
    return "install them, or take a build for this system"


def of_driver(seen: Graphics, build: Build | None) -> Line:
    """The card's driver, and whether it is new enough for the build's CUDA."""
    if not seen.there:
        return Line("driver", State.OK, "no NVIDIA card in this machine")
    if not seen.cards:
        cards = f"{seen.without_driver} NVIDIA card{'s' * (seen.without_driver != 1)}"
        why = f": {seen.failure}" if seen.failure else ""
        return Line(
            "driver", State.BROKEN, f"{cards} and no driver that answers{why}", "install NVIDIA's driver; reboot"
        )
    cards = ", ".join(f"{card.name} ({card.mib:,} MiB)" for card in seen.cards)
    serves = f"serves CUDA {seen.cuda[0]}.{seen.cuda[1]}" if seen.cuda else "does not say which CUDA it serves"
    line = f"{cards}; driver {seen.driver} {serves}"
    if build is not None and build.driver_failure:
        return Line("driver", State.BROKEN, f"{line}; the build says: {build.driver_failure}", _update(build))
    if build is not None and seen.cuda and build.cuda > seen.cuda[0]:
        return Line("driver", State.BROKEN, f"{line}, and the build needs CUDA {build.cuda}", _update(build))
    return Line("driver", State.OK, line)


def _update(build: Build) -> str:
    newer = f" that serves CUDA {build.cuda}" if build.cuda else ""
    return f"update the driver to one{newer}, or take a build for an older CUDA"


def of_devices(build: Build, seen: Graphics) -> Line:
    """Whether the build really uses the card: it counts only what it lists itself."""
    if build.devices is None:
        return Line(
            "devices",
            State.WARNING if seen.there else State.OK,
            "this build cannot list its devices",
            "docanalyze server verify sees in its log what it uses" if seen.there else "",
        )
    if build.graphics:
        listed = ", ".join(f"{one.name}: {one.title} ({one.mib:,} MiB)" for one in build.graphics)
        return Line("devices", State.OK, f"it lists {listed}")
    if not seen.there:
        return Line("devices", State.OK, f"it lists the processor alone; {_SERVES_CPU}")
    if build.backends:
        why = "its code for " + ", ".join(build.backends) + " was not loaded: see the lines above"
        return Line("devices", State.BROKEN, f"a card is there, and it lists none; {why}", "mend those first")
    return Line("devices", State.BROKEN, "a card is there, and the build has no code for it", _GPU_BUILD)


def of_kernels(build: Build, pairs: Sequence[Pair]) -> Line:
    """Whether attention runs on the device with the cache types asked for: else it goes to the processor in silence."""
    asked = ", ".join(_named(pair) for pair in pairs)
    if not build.flash:
        return Line(
            "flash attention",
            State.BROKEN,
            "no flash attention: this build does not know --flash-attn, which a quantized value cache needs",
            "take a newer build",
        )
    if not build.backends:
        return Line("flash attention", State.OK, f"on the processor for all cache types ({asked})")
    if not build.kernels:
        devices = ", ".join(build.backends)
        return Line(
            "flash attention",
            State.WARNING,
            f"whether {devices} has kernels for {asked} cannot be seen in its files",
            "docanalyze server verify --steps 1,3 measures it",
        )
    absent = [_named(pair) for pair in pairs if pair not in build.kernels]
    there = ", ".join(sorted(_named(pair) for pair in build.kernels))
    if absent:
        instead = (
            "each step first makes f16 of all of it, slowly" if build.converts else "the processor does it instead"
        )
        return Line(
            "flash attention",
            State.WARNING if build.converts else State.BROKEN,
            f"no kernels for {', '.join(absent)}: {instead}; there are {there}",
            "take the same type for keys and values, q8_0 or q4_0, or a build with GGML_CUDA_FA_ALL_QUANTS",
        )
    return Line("flash attention", State.OK, f"kernels for {asked} are in the build")


def _named(pair: Pair) -> str:
    return f"{pair[0]}/{pair[1]}"


def of_endpoint(endpoint: Endpoint) -> Line:
    """Whether a server that is named by its address answers, and what it serves."""
    name = f"{endpoint.role} server"
    try:
        server = llm.connect(
            endpoint.url,
            tokens.packaged(),
            key=endpoint.key,
            model=endpoint.model,
            allow_remote=endpoint.allow_remote,
            patience=Patience(loading=_SOON, tries=1),
        )
    except DocanalyzeError as error:
        return Line(name, State.BROKEN, error.what, error.try_)
    server.close()
    context = f"{server.context:,} tokens of context" if server.context else "it does not tell its context"
    unproven = f"; it cannot prove: {', '.join(server.unproven)}" if server.unproven else ""
    return Line(name, State.OK, f"{server.fingerprint.model} at {endpoint.url}, {context}{unproven}")


# -- files -----------------------------------------------------------------------------------------


def of_model(model: Path, folder: Path) -> Line:
    """Whether a model file is whole: its head read, the data of all tensors there, its sha256."""
    name = f"model {model.name}"
    try:
        layout = geometry.whole(model)
        digest = hashes.sha256(model, folder)
    except DocanalyzeError as error:
        return Line(name, State.BROKEN, error.what, error.try_)
    said = f"{layout.size / MIB:,.0f} MiB, {len(layout.tensors)} tensors, all there, sha256 {digest}"
    try:
        found = geometry.of_file(model)
    except DocanalyzeError as error:
        return Line(name, State.WARNING, f"{said}; {error.what}", error.try_)
    return Line(name, State.OK, f"{found.architecture} {found.quantization}, {said}")


def of_disks(places: Sequence[tuple[str, Path]]) -> Iterator[Line]:
    """Room for what is kept at places with names, a line for each disk."""
    disks: dict[int, dict[Path, list[str]]] = {}
    for name, place in places:
        try:
            there = _existing(place)
            disks.setdefault(there.stat().st_dev, {}).setdefault(there, []).append(name)
        except OSError as error:
            yield Line("disk", State.BROKEN, f"{place} cannot be used: {error.strerror}", "name another place")
    for named in disks.values():
        free = shutil.disk_usage(next(iter(named))).free
        where = ", ".join(f"{' and '.join(names)} in {there}" for there, names in named.items())
        said = f"{free / GIB:,.1f} GiB free for {where}"
        state = State.BROKEN if free < NONE_LEFT else State.WARNING if free < TIGHT else State.OK
        yield Line("disk", state, said, "" if state is State.OK else "free some space, or name another place")


def _existing(place: Path) -> Path:
    """The place, or of one that is not there yet the folder that it would be made in."""
    return next(folder for folder in (place, *place.absolute().parents) if folder.is_dir())


def of_database(path: Path) -> Iterator[Line]:
    """Whether SQLite finds the file sound, and what is stored in it holds."""
    if not path.exists():
        yield Line("database", State.OK, f"none yet at {path}")
        return
    try:
        with Store.open(path, create=False) as store:
            damage = store.damage()
            problems = store.verify() if not damage else []
    except DocanalyzeError as error:
        yield Line("database", State.BROKEN, error.what, error.try_)
        return
    if damage:
        more = f" and {len(damage) - 1} more" if len(damage) > 1 else ""
        yield Line("database", State.BROKEN, f"{path} is damaged: {damage[0]}{more}", "put a copy of it in place")
    elif problems:
        first = problems[0]
        said = f"{len(problems)} do not hold in {path}, such as {first.table} {first.id}: {first.what}"
        yield Line("database", State.BROKEN, said, "docanalyze verify names all")
    else:
        yield Line("database", State.OK, f"{path} is sound and everything in it holds")


# -- reading ---------------------------------------------------------------------------------------


def of_ocr(languages: str) -> Line:
    """Tesseract's data, without which scans are not read."""
    folder = tessdata(languages)
    if folder:
        return Line("OCR", State.OK, f"data for {languages} in {folder}")
    package = f"tesseract-ocr-{languages.split('+')[0]}"
    return Line(
        "OCR",
        State.WARNING,
        f"no data for {languages}: scans are not read",
        f"install it (Debian: {package}) or set TESSDATA_PREFIX",
    )


def of_fonts() -> Line:
    """The fonts in which pages are drawn whose own are not in the file, and those that LibreOffice finds."""
    found = fonts()
    if found.missing:
        return Line(
            "fonts",
            State.BROKEN,
            f"the reader of PDFs has no font for {', '.join(found.missing)}",
            "install docanalyze anew: its pymupdf-lite is not whole",
        )
    if found.converts and not found.on_system:
        return Line(
            "fonts",
            State.WARNING,
            "the system has no fonts: what LibreOffice converts has other lines and pages",
            "install some (Debian: fonts-liberation)",
        )
    system = f"; {found.on_system:,} on the system, for LibreOffice" if found.converts else ""
    return Line("fonts", State.OK, f"built in for {', '.join(found.built_in)}{system}")
