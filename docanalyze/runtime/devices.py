"""The devices of this machine that a model can be served on, and how much memory they have.

NVIDIA's are found through NVML, with the package nvidia-ml-py (extra `gpu`); without it, or without such
a device, there is the host's own memory.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docanalyze.errors import UsageError
from docanalyze.runtime.values import GIB, MIB

_SIZE = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)\s*(gib|gb|g|mib|mb|m|)", re.IGNORECASE)
_LARGEST = 4096 * GIB


@dataclass(frozen=True, slots=True)
class Device:
    """Memory to serve a model in. `free` is what was free when asked, None where nobody was asked."""

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


def found() -> tuple[Device, ...]:
    """The NVIDIA devices of this machine, in the driver's order; none where they cannot be asked for."""
    with _nvml() as nvml:
        if nvml is None:
            return ()
        driver = str(nvml.nvmlSystemGetDriverVersion())
        devices = []
        for number in range(nvml.nvmlDeviceGetCount()):
            handle = nvml.nvmlDeviceGetHandleByIndex(number)
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
            name = str(nvml.nvmlDeviceGetName(handle))
            devices.append(Device(name, int(memory.total), True, int(memory.free), driver))
        return tuple(devices)


def host() -> Device:
    """The machine's own memory; of size 0 where the system does not say."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        size, free = page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return Device("host memory", 0, gpu=False)
    return Device("host memory", size, gpu=False, free=free)


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
