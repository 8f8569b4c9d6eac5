"""Processes by what they are and not by their number alone: a number that was given out again is another process."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

GROUP_FLAGS = 0x200 if sys.platform == "win32" else 0
"""With `start_new_session`: a new process is the first of a group, out of reach of the terminal's Ctrl-C."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PAUSE = 0.02
_STATE, _STARTED = 0, 19
"""Places in /proc/PID/stat, counted from what stands behind the name of the program."""


def born(pid: int) -> str:
    """When a process began, as its system says it; empty where there is none, or only its remains."""
    if pid <= 0:
        return ""
    if sys.platform == "linux":
        return _born_linux(pid)
    if sys.platform == "win32":
        return _said(["tasklist", "/fi", f"PID eq {pid}", "/fo", "csv", "/nh"], str(pid))
    return _said(["ps", "-o", "lstart=", "-p", str(pid)])


def is_alive(pid: int, since: str) -> bool:
    """Whether the process that began at that time still runs."""
    _reap(pid)
    return since != "" and born(pid) == since


def end(pid: int, since: str, group: int, patience: float = 10.0) -> bool:
    """Ends a process with its group: asked first, killed when that takes too long. False if it was gone.

    Of one that is gone nothing is touched: whoever has its number, or that of its group, may be another's.
    """
    if not is_alive(pid, since):
        return False
    _signal(pid, group, signal.SIGTERM)
    if not _wait(pid, since, patience):
        _signal(pid, group, _KILL)
        _wait(pid, since, patience)
    return True


def kill_begun(process: "subprocess.Popen[str]") -> None:
    """Ends a process that was begun here a moment ago, with its group, and closes what leads to it.

    Until somebody has waited for it, nobody else is given its number.
    """
    if sys.platform == "win32":
        _signal(process.pid, process.pid, _KILL)
    elif process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, _KILL)
    process.wait()
    close(process)


def close(process: "subprocess.Popen[str]") -> None:
    """Closes what leads to a process and what comes from it."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # What was not written any more has nobody to read it.
            with suppress(OSError):
                pipe.close()


def _born_linux(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    if len(fields) <= _STARTED or fields[_STATE] in "ZX":
        return ""
    boot = ""
    with suppress(OSError):
        boot = _BOOT.read_text(encoding="ascii").strip()
    return f"{boot} {fields[_STARTED]}"


def _said(command: list[str], having: str = "") -> str:
    """The first line of what a program of the system says."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    line = said.strip().partition("\n")[0]
    return line if having in line else ""


def _signal(pid: int, group: int, number: signal.Signals) -> None:
    """To a process that is there, with its group if that is the one it is in."""
    if sys.platform == "win32":
        _said(["taskkill", "/t", "/f", "/pid", str(pid)])
        return
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == group:
            os.killpg(group, number)
        else:
            os.kill(pid, number)


_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


def _wait(pid: int, since: str, patience: float) -> bool:
    until = time.monotonic() + patience
    while is_alive(pid, since):
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _reap(pid: int) -> None:
    """Takes the remains of a process that this one started, if it did."""
    if sys.platform != "win32":
        with suppress(ChildProcessError, OSError):
            os.waitpid(pid, os.WNOHANG)
