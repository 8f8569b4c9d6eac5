"""Step 2 of the proof: the memory that a server takes, as its driver or the system reports it, sampled live.

Of an NVIDIA device through NVML, where its bindings (`nvidia-ml-py`) are installed; else of the process
itself. What cannot be read is not provable.
"""

import importlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from docanalyze.runtime.values import MIB, Check, Outcome

STEP = 2
EVERY = 0.1
"""Seconds between two samples."""
WITHIN = 0.05
"""By how much of the plan memory may differ from it."""
_OF_DRIVER = 256 * MIB
"""By how much more on a device: the driver's own share is an estimate."""
_NO_DRIVER = "only the driver of NVIDIA tells it, with pip install 'docanalyze[gpu]'"
_OF_PROCESS = 512 * MIB
"""What a process takes beside the model: code, libraries, vocabulary, buffers of HTTP."""
_HEAP = 128 * MIB
"""By how much that may grow with the first calls."""
_PROC = Path("/proc")
_RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)

Source = Callable[[], int | None]


@dataclass(frozen=True, slots=True)
class Planned:
    """Bytes that the plan gives a server, in all, and of its cache alone."""

    total: int
    cache: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """Bytes in use: the least and the most of so many samples; `where` says of what."""

    where: str
    least: int = 0
    most: int = 0
    count: int = 0


class Monitor:
    """Samples in a thread of its own from entering to leaving. `sampled` is what it has seen so far."""

    def __init__(self, where: str, source: Source, every: float = EVERY) -> None:
        self.sampled = Sampled(where)
        self._source = source
        self._every = every
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Monitor":
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        self._sample()

    def _run(self) -> None:
        while not self._end.wait(self._every):
            self._sample()

    def _sample(self) -> None:
        used = self._source()
        if used is None:
            return
        before = self.sampled
        least = min(before.least, used) if before.count else used
        self.sampled = Sampled(before.where, least, max(before.most, used), before.count + 1)


# -- sources ---------------------------------------------------------------------------------------


def of_process(pid: int) -> tuple[str, Source]:
    """The memory of a process that lies in RAM."""
    if sys.platform == "linux":
        return "of the process", lambda: _from_proc(pid)
    return "of the process", lambda: _from_ps(pid)


def of_device(pid: int, *, lies_there: bool = True) -> tuple[str, Source] | None:
    """The memory of NVIDIA devices that a process takes; None without such a device or its bindings.

    `lies_there` is whether it is known to use one: only then may it be there under another number.
    """
    try:
        nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
        handles = [nvml.nvmlDeviceGetHandleByIndex(number) for number in range(nvml.nvmlDeviceGetCount())]
    except nvml.NVMLError:
        return None
    return (
        ("of the device, by its driver", lambda: _from_nvml(nvml, handles, pid, lies_there=lies_there))
        if handles
        else None
    )


def source(pid: int, *, on_device: bool, lies_there: bool = True) -> tuple[str, Source]:
    """What is sampled of a server: its device where it should lie on one and that can be read, else its process."""
    return (of_device(pid, lies_there=lies_there) if on_device else None) or of_process(pid)


def _from_nvml(nvml: Any, handles: list[Any], pid: int, *, lies_there: bool) -> int | None:
    """What the process takes on all devices. Drivers of Windows tell it of none: then nothing is known.

    In a container the driver knows it by another number: then it is the one process that is there, if the
    log says that the model lies there, and nobody here has that number.
    """
    try:
        listed = [nvml.nvmlDeviceGetComputeRunningProcesses(handle) for handle in handles]
    except nvml.NVMLError:
        return None
    ours = [process for there in listed for process in there if process.pid == pid]
    if not ours and lies_there and all(len(there) <= 1 for there in listed):
        ours = [process for there in listed for process in there if _is_of_elsewhere(process.pid)]
    told = [int(process.usedGpuMemory) for process in ours if process.usedGpuMemory is not None]
    return sum(told) if told else None


def _is_of_elsewhere(pid: int) -> bool:
    """Whether a process is none of this system's own: the driver counts them from outside a container."""
    return (_PROC / "self").exists() and not (_PROC / str(pid)).exists()


def _from_proc(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    match = _RESIDENT.search(status)
    return int(match[1]) * 1024 if match else None


def _from_ps(pid: int) -> int | None:
    """By `ps`, which systems without /proc have; None on those that have neither."""
    try:
        said = subprocess.run(
            ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return int(said.stdout) * 1024 if said.stdout.strip().isdigit() else None


# -- checks ----------------------------------------------------------------------------------------


def checks(idle: Sampled, busy: Sampled, planned: Planned | None, *, on_device: bool) -> tuple[Check, ...]:
    """What was sampled against the plan, while idle and under load, and that the load does not make it grow."""
    return (
        _against("memory while idle", idle, planned, on_device=on_device),
        _against("memory under load", busy, planned, on_device=on_device),
        _growth(idle, busy, planned, on_device=on_device),
    )


def _against(name: str, sampled: Sampled, planned: Planned | None, *, on_device: bool) -> Check:
    if planned is None:
        told = _told(sampled) if sampled.count else "nothing"
        return Check(STEP, name, "no plan", told, Outcome.NOT_PROVABLE, "this architecture is not understood")
    device = on_device and "device" in sampled.where
    slack = planned.total * WITHIN + (_OF_DRIVER if device else 0)
    # Weights that are mapped count in a process only as far as they were touched: its cache is there always.
    least, most = (planned.total - slack, planned.total + slack) if device else (planned.cache, planned.total + slack)
    # Beside it, prompts that left the slot are kept in main memory: a window of them at the most.
    most += 0 if device else _OF_PROCESS + planned.cache
    wanted = f"{least / MIB:,.0f} to {most / MIB:,.0f} MiB"
    if not sampled.count:
        remedy = _NO_DRIVER if on_device else "this system tells no memory of a process"
        return Check(STEP, name, wanted, "could not be read", Outcome.NOT_PROVABLE, remedy)
    if on_device and not device:
        return Check(STEP, name, f"{wanted} of the device", _told(sampled), Outcome.NOT_PROVABLE, _NO_DRIVER)
    good = least <= sampled.most <= most
    remedy = "" if good else "something else is loaded, or part of the model is elsewhere: docanalyze server logs"
    return Check(STEP, name, wanted, _told(sampled), Outcome.PASSED if good else Outcome.FAILED, remedy)


def _growth(idle: Sampled, busy: Sampled, planned: Planned | None, *, on_device: bool) -> Check:
    name = "growth under load"
    if not idle.count or not busy.count or planned is None:
        return Check(STEP, name, "", "could not be read", Outcome.NOT_PROVABLE)
    grown = busy.most - idle.most
    told = f"{grown / MIB:+,.0f} MiB"
    most = planned.total * WITHIN + _OF_DRIVER
    if "process" in idle.where:
        if on_device:
            return Check(STEP, name, "of the device", f"{told} of the process", Outcome.NOT_PROVABLE, _NO_DRIVER)
        # What was planned and not yet touched comes with the first long prompt; prompts that left the slot are kept.
        untouched = max(0, planned.total - idle.most)
        most = untouched + planned.total * WITHIN + planned.cache + _HEAP
    good = grown <= most
    remedy = "" if good else "the next long document may not fit: leave more room, or a smaller --cache-ram"
    outcome = Outcome.PASSED if good else Outcome.FAILED
    return Check(STEP, name, f"at most {most / MIB:,.0f} MiB", told, outcome, remedy)


def _told(sampled: Sampled) -> str:
    return f"{sampled.most / MIB:,.0f} MiB {sampled.where}"
