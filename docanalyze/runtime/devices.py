"""The devices of this machine that a model can be served on, and how much memory they have.

NVIDIA's are found through NVML, with the package nvidia-ml-py (extra `gpu`), else by what else tells of
them: `nvidia-smi`, the machine's own list. Without such a device there is the host's own memory.
"""

import contextlib
import functools
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from docanalyze.errors import UsageError
from docanalyze.runtime import graphics
from docanalyze.runtime.graphics import Graphics
from docanalyze.runtime.values import GIB, MIB

_SIZE = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)\s*(gib|gb|g|mib|mb|m|)", re.IGNORECASE)
_MEMORY = Path("/proc/meminfo")
_LARGEST = 4096 * GIB


@dataclass(frozen=True, slots=True)
class Device:
    """Memory to serve a model in: `size` is 0 of a card that is there and does not say how much it has.

    `free` is what was free when asked, None where nobody was asked.
    """

    name: str
    size: int
    gpu: bool = True
    free: int | None = None
    driver: str = ""


def parse_size(text: str) -> Device:
    """A device of so much memory: `24GB`, `24`, `11.5 GiB`, `8192MB`. GB is that of a card's label: GiB."""
    match = _SIZE.fullmatch(text.strip())
    size = int(float(match[1]) * (MIB if match[2].lower().startswith("m") else GIB)) if match else 0
    if not 0 < size <= _LARGEST:
        raise UsageError(f"not the memory of a card: {text}", "give it as 24GB")
    return Device(f"{text.strip()} card", size)


def found(environment: Mapping[str, str] = os.environ) -> tuple[Device, ...]:
    """The NVIDIA devices of this machine that CUDA may use; none where they cannot be asked for."""
    hidden = environment.get("CUDA_VISIBLE_DEVICES")
    with _nvml() as nvml:
        if nvml is None:
            return _otherwise(hidden)
        try:
            numbers = _visible(hidden, nvml.nvmlDeviceGetCount())
            driver = str(nvml.nvmlSystemGetDriverVersion())
        except nvml.NVMLError:
            return _otherwise(hidden)
        told = tuple(device for number in numbers if (device := _device(nvml, number, driver)) is not None)
        return tuple(device for device in told if device.size) or told


def _otherwise(hidden: str | None) -> tuple[Device, ...]:
    """The devices as nvidia-smi names them; where it does not, those that are there, of unknown memory."""
    seen = _looked(shutil.which("nvidia-smi") or "")
    if seen.cards:
        known = [Device(card.name, card.mib * MIB, driver=seen.driver) for card in seen.cards]
    else:
        known = [Device("NVIDIA card", 0)] * seen.without_driver
    return tuple(known[number] for number in _visible(hidden, len(known)))


@functools.lru_cache(maxsize=4)
def _looked(program: str) -> Graphics:
    """What is there, asked once: cards stay where they are."""
    return graphics.look(program=program)


def _device(nvml: Any, number: int, driver: str) -> Device | None:
    """One device, of size 0 where it does not say how much memory it has; None where it says nothing at all."""
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(number)
        name = str(nvml.nvmlDeviceGetName(handle))
    except nvml.NVMLError:
        return None
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    except nvml.NVMLError:
        return Device(name, 0, driver=driver)
    return Device(name, int(memory.total), True, int(memory.free), driver)


def _visible(said: str | None, count: int) -> Sequence[int]:
    """The numbers of the devices that are not hidden from CUDA; names of devices are not looked into."""
    parts = [] if said is None else [part.strip() for part in said.split(",")]
    if said is None or not all(re.fullmatch(r"-?\d*", part) for part in parts):
        return range(count)
    # CUDA stops at the first that is none.
    shown = takewhile(lambda part: part.isdigit() and int(part) < count, parts)
    return [int(part) for part in shown]


def host() -> Device:
    """The machine's own memory; of size 0 where the system does not say."""
    if sys.platform == "win32":
        size, free = _of_windows()
        return Device("host memory", size, gpu=False, free=free)
    page, pages = _of_system("SC_PAGE_SIZE"), _of_system("SC_PHYS_PAGES")
    free = _available(_MEMORY) or page * _of_system("SC_AVPHYS_PAGES")
    return Device("host memory", page * pages, gpu=False, free=free or None)


def _available(path: Path) -> int:
    """What Linux could give: what is free and what it keeps of files, which it drops when asked; 0 elsewhere."""
    try:
        match = re.search(r"^MemAvailable:\s+(\d{1,15}) kB$", path.read_text(encoding="ascii"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return 0
    return int(match[1]) * 1024 if match else 0


def _of_system(name: str) -> int:
    """What the system says under a name; 0 where it has no such name."""
    try:
        return max(os.sysconf(name), 0)
    except (AttributeError, ValueError, OSError):
        return 0


if sys.platform == "win32":
    import ctypes

    class _MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            ("available", ctypes.c_uint64),
            ("rest", ctypes.c_uint64 * 5),
        )

    def _of_windows() -> tuple[int, int | None]:
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return 0, None
        return int(status.total), int(status.available)


@contextlib.contextmanager
def _nvml() -> Iterator[Any]:
    """NVML, or None where there is no such package, driver or device."""
    try:
        import pynvml
    except ImportError:
        yield None
        return
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()
