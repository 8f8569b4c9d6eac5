"""Which NVIDIA cards this machine has, and what their driver says: seen from outside any build of llama.cpp.

Asks `nvidia-smi`, which comes with the driver; where that is missing or fails, the machine's own list of
devices still tells that a card is there.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 30
_NVIDIA, _DISPLAY = "0x10de", "0x03"
_DEVICES = Path("/sys/bus/pci/devices")
_CUDA = re.compile(r"CUDA (?:UMD )?Version:\s*(\d+)\.(\d+)")
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Card:
    """One card as its driver names it, with its memory in MiB."""

    name: str
    mib: int


@dataclass(frozen=True, slots=True)
class Graphics:
    """The cards and their driver. `cuda` is the newest CUDA that the driver serves, None where it does not say.

    `without_driver` counts cards that are there while no driver answers; `failure` is what was said then.
    """

    cards: tuple[Card, ...] = ()
    driver: str = ""
    cuda: tuple[int, int] | None = None
    without_driver: int = 0
    failure: str = ""

    @property
    def there(self) -> bool:
        """Whether there is any card."""
        return bool(self.cards) or self.without_driver > 0


def look(devices: Path = _DEVICES, program: str | None = None) -> Graphics:
    """What there is. `program` is the nvidia-smi to ask, by default the one on PATH."""
    smi = shutil.which("nvidia-smi") if program is None else program
    failure = ""
    if smi:
        listed, failure = _said(smi, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")
        cards, driver = parse_cards(listed)
        if cards:
            match = _CUDA.search(_said(smi)[0])
            return Graphics(cards, driver, (int(match[1]), int(match[2])) if match else None)
        failure = failure or " ".join(listed.split())[:_SHOWN]
    return Graphics(without_driver=_on_the_bus(devices), failure=failure)


def parse_cards(listed: str) -> tuple[tuple[Card, ...], str]:
    """The cards and the driver's version, from the lines `name, memory, driver`."""
    found, driver = [], ""
    for line in listed.splitlines():
        name, _, rest = line.partition(",")
        memory, _, version = (part.strip() for part in rest.partition(","))
        if memory.isdigit() and version:
            found.append(Card(name.strip(), int(memory)))
            driver = version
    return tuple(found), driver


def _on_the_bus(devices: Path) -> int:
    """How many NVIDIA cards the machine lists, driver or not."""
    found = 0
    for device in devices.glob("*"):
        try:
            vendor, kind = ((device / name).read_text(encoding="ascii").strip() for name in ("vendor", "class"))
        except (OSError, UnicodeDecodeError):
            continue
        found += vendor == _NVIDIA and kind.startswith(_DISPLAY)
    return found


def _said(program: str, *arguments: str) -> tuple[str, str]:
    """What the program said, and why it failed, if it did."""
    command: Sequence[str] = (program, *arguments)
    try:
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return "", f"nvidia-smi did not end in {_SECONDS} seconds"
    except OSError as error:
        return "", f"nvidia-smi cannot be run: {error.strerror}"
    if ended.returncode:
        said = " ".join((ended.stdout + " " + ended.stderr).split())
        return "", said[:_SHOWN] or f"nvidia-smi ended with code {ended.returncode}"
    return ended.stdout, ""
