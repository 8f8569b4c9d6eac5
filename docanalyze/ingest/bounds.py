"""What a system offers to bound and to end a process: the one place that knows of platforms.

On POSIX memory and processor time are bounded by the system and a process is ended with all that it
started. On Windows the wall clock alone bounds it, and it alone is ended: that was written from the
documentation and not run there.
"""

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


def bound(memory_bytes: int, cpu_seconds: int) -> None:
    """Bounds this process: memory for good, processor time from here on."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + cpu_seconds
    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory_bytes)):
        _, hard = resource.getrlimit(what)
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def extend(seconds: int) -> None:
    """Gives this process so much more processor time than it has used."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + seconds
    if soft != resource.RLIM_INFINITY and wanted > soft:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (wanted, hard))


_GRACE_SECONDS = 5.0


def leave(process: "subprocess.Popen[bytes]") -> None:
    """Asks a process that has nothing to do to end, so that what watches it can write its figures down."""
    # A reading process imports this module, too, and starts none.
    from subprocess import TimeoutExpired

    process.terminate()
    with suppress(TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process that was started in a session of its own, with all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def why(code: int) -> str:
    """Why a process ended by itself, from its exit code."""
    if code == -getattr(signal, "SIGXCPU", 24):
        return "it used up its processor time"
    if code == -getattr(signal, "SIGKILL", 9):
        return "the system ended it, most likely for want of memory or processor time"
    return f"its process ended with {code}"
