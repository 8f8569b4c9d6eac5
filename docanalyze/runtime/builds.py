"""What a build of llama.cpp is made of: the devices that it lists, the code in its files, what they lack.

A build is not believed: what it is called says nothing of what is in it. Its files are searched for the
code of a backend and for the attention kernels that were compiled, and the loader is asked which of
their libraries it does not find.
"""

import json
import mmap
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from docanalyze.runtime.program import WHEEL, Program
from docanalyze.runtime.values import CacheType

Pair = tuple[CacheType, CacheType]

_SECONDS = 60
_SERVER, _WHEEL = "llama-server", "xllamacpp"
_ASK_WHEEL = (
    "import json, xllamacpp as x; print(json.dumps([x.__file__, [[d['name'], d['description'], d['memory_total']]"
    " for d in x.get_device_info()]]))"
)
_LISTED = re.compile(r"^\s+(\w+): (.+?) \((\d+) MiB, \d+ MiB free\)", re.MULTILINE)
_CODE = {
    "CUDA": b"found %d CUDA devices",
    "ROCm": b"found %d ROCm devices",
    "Vulkan": b"ggml_vulkan: ",
    "Metal": b"ggml_metal_init",
    "SYCL": b"ggml_sycl_init",
}
"""What is in the files of each backend, and in no other's."""
_TYPES = {
    0: CacheType.F32,
    1: CacheType.F16,
    2: CacheType.Q4_0,
    3: CacheType.Q4_1,
    6: CacheType.Q5_0,
    7: CacheType.Q5_1,
    8: CacheType.Q8_0,
    20: CacheType.IQ4_NL,
    30: CacheType.BF16,
}
_KERNEL = re.compile(rb"flash_attn_(?:ext_vec|vec_ext_f(?:16|32))ILi\d+ELi\d+EL9ggml_type(\d+)ELS\d*_(\d+)E")
_CONVERTS = b"converting K and V to f16 instead"
_NEEDED = re.compile(rb"lib(?:cudart|cublas|cublasLt)\.so\.\d+|(?:cudart|cublas|cublasLt)64_\d+\.dll")
_MAJOR = re.compile(r"\.so\.(\d+)|64_(\d+)\.dll")
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)
_RESOLVED = re.compile(r"=> (/\S+)", re.MULTILINE)
_CANNOT_OPEN = re.compile(r"(\S+?\.so[.\d]*): cannot open shared object file")
_OLD_GLIBC = re.compile(r"version [`'](GLIBC(?:XX)?_[\d.]+)' not found")
_DRIVER = re.compile(r"failed to initialize CUDA: (.+)|(CUDA driver version is insufficient[^\n]*)")
_LABEL = re.compile(r"\bcu\d{2,3}\b|cuda", re.IGNORECASE)
DRIVERS_OWN = frozenset({"libcuda.so.1", "nvcuda.dll"})
"""Comes with the driver, never with a build."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a build lists, as it calls it."""

    name: str
    title: str
    mib: int

    @property
    def is_host(self) -> bool:
        return self.name in ("CPU", "BLAS", "ACCEL")


@dataclass(frozen=True, slots=True)
class Build:
    """One build, as found. `devices` is None where it cannot list any.

    `backends` are those with code in its files, each with the file. `missing` are libraries that are not
    found, each with the file that needs it. `kernels` are the pairs of cache types that the CUDA code has
    attention kernels for, empty where none can be told; `converts` is whether it takes others by way of
    f16. `label` is where it calls itself a CUDA build.
    """

    name: str
    version: str
    devices: tuple[Device, ...] | None = None
    backends: Mapping[str, Path] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    kernels: frozenset[Pair] = frozenset()
    converts: bool = False
    cuda: int = 0
    label: str = ""
    flash: bool = True
    failure: str = ""
    driver_failure: str = ""

    @property
    def graphics(self) -> tuple[Device, ...]:
        """The devices that are more than the processor."""
        return tuple(device for device in self.devices or () if not device.is_host)


def of_binary(program: Program) -> Build:
    """What the llama-server of a Program is; it is run with `--list-devices` alone."""
    binary = program.binary or Path()
    said, failure = "", ""
    lists = program.knows("--list-devices")
    if lists:
        said, failure = _run([str(binary), "--list-devices"])
    files = files_of(binary.resolve())
    devices = parse_devices(said) if lists and not failure else None
    label = f"its folder {binary.resolve().parent}" if _LABEL.search(str(binary.resolve().parent)) else ""
    flash = program.knows("--flash-attn")
    told = Build(str(binary), program.version, devices, label=label, flash=flash, failure=failure)
    return _examined(told, files, said)


def of_wheel() -> Build:
    """What the installed wheel is, asked in a process of its own."""
    try:
        installed = distribution(_WHEEL)
    except PackageNotFoundError:
        return Build(_WHEEL, "", failure="it is not installed")
    origin = installed.read_text("direct_url.json") or ""
    label = next((text for text in (installed.version, origin) if _LABEL.search(text)), "")
    # Without -P a file of that name in the working directory would be run instead.
    said, failure = _run([sys.executable, "-P", "-c", _ASK_WHEEL])
    place, devices = parse_wheel(said)
    files = files_of(Path(place)) if place else []
    told = Build(f"{_WHEEL} wheel", installed.version, devices, label=label, failure=failure)
    return _examined(told, files, said)


def binary_of(asked: str) -> Path | None:
    """The program that was asked for, or the llama-server on PATH; None where there is none, and for the wheel."""
    found = None if asked == WHEEL else shutil.which(asked or _SERVER)
    return Path(found).absolute() if found else None


def not_run(binary: Path) -> Build:
    """What can be said of a llama-server that does not run, from its files alone."""
    return _examined(Build(str(binary), ""), files_of(binary.resolve()), "")


def parse_devices(said: str) -> tuple[Device, ...]:
    """The devices of `--list-devices`; none listed means the processor alone."""
    return tuple(Device(name, title, int(mib)) for name, title, mib in _LISTED.findall(said))


def parse_wheel(said: str) -> tuple[str, tuple[Device, ...] | None]:
    """Where the wheel lies and its devices, from the line that it was asked to print."""
    for line in said.splitlines():
        try:
            place, listed = json.loads(line)
            return str(place), tuple(Device(str(n), str(t), int(size) >> 20) for n, t, size in listed)
        except (ValueError, TypeError):
            continue
    return "", None


def files_of(binary: Path) -> list[Path]:
    """The binary with the libraries of llama.cpp beside it, where installing puts them, and where they are linked."""
    folder = binary.parent
    found = [binary] if binary.suffix != ".py" else []
    for place in (folder, folder.parent / "lib", folder.parent / "lib64", folder / "lib"):
        found += [path for path in sorted(place.glob("*")) if _is_ours(path.name, alone=binary.suffix == ".py")]
    linked = [Path(path) for path in _RESOLVED.findall(_linked(binary)) if _is_ours(Path(path).name)]
    return list(dict.fromkeys(path.resolve() for path in (*found, *linked) if path.is_file()))


def _is_ours(name: str, *, alone: bool = False) -> bool:
    is_library = re.search(r"\.(?:so(?:\.[\d.]+)?|dll|dylib|pyd)$", name) is not None
    return is_library and (alone or re.match(r"(?:lib)?(?:ggml|llama|mtmd)", name) is not None)


def _examined(told: Build, files: Sequence[Path], said: str) -> Build:
    """What a build told of itself, with what is in its files; `said` is all that it said when it was run."""
    code = {path: found for path in files if (found := _code(path))}
    needed = frozenset(library for found in code.values() for library in found.needed)
    driver = _DRIVER.search(said)
    return replace(
        told,
        backends={backend: path for path, found in code.items() for backend in found.backends},
        missing={**_missing(files, needed), **dict.fromkeys(_CANNOT_OPEN.findall(said), told.name)},
        kernels=frozenset(pair for found in code.values() for pair in found.kernels),
        converts=any(found.converts for found in code.values()),
        cuda=max((_major(library) for library in needed), default=0),
        driver_failure=next(filter(None, driver.groups()), "").strip() if driver else "",
    )


# -- the code in a file ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Code:
    backends: tuple[str, ...]
    kernels: frozenset[Pair]
    needed: frozenset[str]
    converts: bool


def _code(path: Path) -> _Code | None:
    """What of a backend a file holds, None for nothing. Reads it once, whole, as bytes."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            backends = tuple(backend for backend, sign in _CODE.items() if data.find(sign) >= 0)
            if not backends:
                return None
            numbers = {(int(match[1]), int(match[2])) for match in _KERNEL.finditer(data)}
            needed = frozenset(match[0].decode("ascii") for match in _NEEDED.finditer(data))
            converts = data.find(_CONVERTS) >= 0
    except (OSError, ValueError):
        return None
    known = {(_TYPES[key], _TYPES[value]) for key, value in numbers if key in _TYPES and value in _TYPES}
    return _Code(backends, frozenset(known), needed, converts)


def _major(library: str) -> int:
    match = _MAJOR.search(library)
    return int(match[1] or match[2]) if match else 0


# -- libraries -------------------------------------------------------------------------------------


def _missing(files: Iterable[Path], needed: Iterable[str]) -> dict[str, str]:
    """Libraries that the loader does not find, each with the file that needs it."""
    if sys.platform == "win32":
        folders = [path.parent for path in files]
        return missing_dlls(needed, [*folders, *_path_folders()])
    found: dict[str, str] = {}
    for path in files:
        for library in parse_missing(_linked(path)):
            found.setdefault(library, path.name)
    return found


def parse_missing(said: str) -> list[str]:
    """The libraries, and versions of the C library, that `ldd` does not find."""
    return [*_NOT_FOUND.findall(said), *_OLD_GLIBC.findall(said)]


def missing_dlls(needed: Iterable[str], folders: Iterable[Path]) -> dict[str, str]:
    """Those DLLs that lie in none of the folders in which Windows looks."""
    places = list(dict.fromkeys(folders))
    return {name: "ggml-cuda.dll" for name in sorted(needed) if not any((place / name).is_file() for place in places)}


def _path_folders() -> list[Path]:
    return [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]


def can_look_for_libraries() -> bool:
    """Whether this system tells which libraries a file lacks."""
    return sys.platform == "win32" or (sys.platform == "linux" and shutil.which("ldd") is not None)


def _linked(path: Path) -> str:
    """What the loader says of a file's libraries; nothing where there is no `ldd`."""
    ldd = shutil.which("ldd") if sys.platform == "linux" else None
    return _run([ldd, str(path)])[0] if ldd else ""


def _run(command: list[str]) -> tuple[str, str]:
    """Both outputs of a program, and why it failed, if it did."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return "", f"it did not end in {_SECONDS} seconds"
    except OSError as error:
        return "", f"it cannot be run: {error.strerror}"
    said = f"{ended.stdout}\n{ended.stderr}"
    if ended.returncode:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return said, lines[-1][:160] if lines else f"it ended with code {ended.returncode}"
    return said, ""
