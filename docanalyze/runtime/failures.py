"""Why a server did not start, read from its log: one line, and what to do."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from docanalyze.errors import ServerError
from docanalyze.runtime.values import MIB

_SMALLER = "take a smaller context, cache type or model: docanalyze server plan shows what fits"
_AGAIN = "copy or download the model file again"
_NEWER = "take a newer build of llama.cpp"
_KILLED = 9
_SHOWN = 160
_TAIL = 400_000


@dataclass(frozen=True, slots=True)
class _Sign:
    """A line of the log that says why, and what it means."""

    pattern: re.Pattern[str]
    what: Callable[[re.Match[str], str], str]
    try_: str


def port_is_taken(log: str) -> bool:
    """Whether the server could not listen where it should."""
    return re.search(r"couldn't bind|bind.*(?:failed|in use)|Address already in use", log) is not None


def reason(log: str, code: int, name: str, instead: str = "") -> ServerError:
    """What a log says of a server that ended before it served.

    `name` is the model's, `code` as of a process, `instead` what to try where memory ran out.
    """
    smaller = instead or _SMALLER
    if (found := known(log)) is not None:
        return ServerError(found.what, smaller if found.try_ == _SMALLER else found.try_)
    if -code == _KILLED or code == _KILLED + 128:
        return ServerError(
            f"the system ended the server while {name} loaded, as it does when memory runs out", _SMALLER
        )
    last = _last_error(log)
    said = f": {last}" if last else f" and ended with code {code}"
    return ServerError(f"the server did not start{said}", "docanalyze server logs shows all that it said")


def known(log: str) -> ServerError | None:
    """What a log says in words that are known here; None where it does not."""
    for sign in _SIGNS:
        if match := sign.pattern.search(log):
            return ServerError(sign.what(match, log), sign.try_)
    return None


def _last_error(log: str) -> str:
    """The last line that calls itself an error, without its time."""
    lines = [line for line in log[-_TAIL:].splitlines() if re.search(r"(?:^[\d.]+ E |error|failed|fatal)", line, re.I)]
    meant = [line for line in lines if "exiting due to" not in line and "did not start" not in line]
    return re.sub(r"^[\d.]+ [EW] ", "", (meant or lines or [""])[-1]).strip()[:_SHOWN]


def _device_memory(match: re.Match[str], log: str) -> str:
    device = match[2]
    free = re.findall(rf"using device \w+?{device} .*- (\d+) MiB free", log)
    had = f" of {int(free[-1]):,} MiB free at the start" if free else ""
    return f"device {device} is out of memory: {float(match[1]):,.0f} MiB more were asked for{had}"


def _host_memory(match: re.Match[str], log: str) -> str:
    free = re.search(r"- CPU\s*:.*\(\d+ MiB, (\d+) MiB free\)", log)
    had = f" of {int(free[1]):,} MiB free" if free else ""
    return f"the machine is out of memory: {float(match[1]):,.0f} MiB were asked for{had}"


def _buffer(match: re.Match[str], log: str) -> str:
    return f"{match[1]} is out of memory: {int(match[2]) / MIB:,.0f} MiB were asked for"


def _always(text: str) -> Callable[[re.Match[str], str], str]:
    def what(match: re.Match[str], _: str) -> str:
        return text.format(*(group or "" for group in match.groups()))

    return what


def _sign(pattern: str, what: str | Callable[[re.Match[str], str], str], try_: str) -> _Sign:
    return _Sign(re.compile(pattern, re.IGNORECASE), _always(what) if isinstance(what, str) else what, try_)


_SIGNS = (
    _sign(r"allocating ([\d.]+) MiB on device (\d+): \w+ failed", _device_memory, _SMALLER),
    _sign(r"insufficient memory \(attempted to allocate\s+([\d.]+) MB\)", _host_memory, _SMALLER),
    _sign(r"failed to allocate (\w+) buffer of size (\d+)", _buffer, _SMALLER),
    _sign(r"failed to open GGUF file '([^']*)' \(([^)]*)\)", "cannot open the model file {0}: {1}", "name a GGUF file"),
    _sign(r"invalid magic characters", "the model file is not a GGUF file", "name a GGUF file"),
    _sign(
        r"data is not within the file bounds|tensor data is not|unexpectedly reached end of file|failed to read tensor",
        "the model file is cut short or damaged",
        _AGAIN,
    ),
    _sign(r"unknown model architecture: '([^']*)'", "this build does not know the architecture {0}", _NEWER),
    _sign(r"unknown pre-tokenizer type: '([^']*)'", "this build does not know the tokenizer {0}", _NEWER),
    _sign(
        r"quantized V cache requires flash_attn|V cache quantization requires flash_attn",
        "a quantized value cache needs flash attention, which is off",
        "leave flash attention on, or take f16 for the values",
    ),
    _sign(
        r"unsupported cache type:?\s*(\S+)|invalid (?:cache )?type:?\s*(\S+)",
        "this build does not know the cache type {0}{1}",
        "take q8_0 or q4_0, or a newer build",
    ),
    _sign(
        r"([KV]) cache type (\w+) with block size \d+ does not divide",
        "the {0} cache of this model cannot be {1}",
        "take q8_0 or f16",
    ),
    _sign(r"couldn't bind.*port:? (\d+)", "port {0} is taken by another program", "leave out --port"),
    _sign(r"invalid argument: (\S+)", "this build does not know {0}", _NEWER),
    _sign(r"error while loading shared libraries: (\S+?):", "the server does not find {0}", "docanalyze doctor"),
    _sign(r"No module named '([^']+)'", "the module {0} is missing", "pip install 'docanalyze[llama]'"),
    _sign(
        r"CUDA driver version is insufficient",
        "the driver is too old for the CUDA of this build",
        "update the driver, or take a build for an older CUDA",
    ),
    _sign(
        r"no kernel image is available",
        "this build has no code for this card",
        "take a build for the card's compute capability",
    ),
)
