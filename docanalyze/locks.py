"""A lock on an open file, which the system takes back when its holder ends, however that ends."""

import sys


def try_lock(descriptor: int) -> bool:
    """Locks the file for this process alone. False where another process has it; never waits."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
