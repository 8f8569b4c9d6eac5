"""A process that serves: llama.cpp's server out of the xllamacpp wheel, or a llama-server that it watches over.

    python -m docanalyze.runtime.child < order.json

The order is one line of JSON on standard input: no key stands in a list of processes. Unless it is
`detached`, the end of standard input is the end of the server: who holds the other end need not be
able to say goodbye. The first line that comes back is the number of the serving process.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any

_FAILED = 3
_ENUMS = {
    "cache_type_k": ("ggml_type", "GGML_TYPE_"),
    "cache_type_v": ("ggml_type", "GGML_TYPE_"),
    "flash_attn_type": ("llama_flash_attn_type", "LLAMA_FLASH_ATTN_TYPE_"),
    "rope_scaling_type": ("llama_rope_scaling_type", "LLAMA_ROPE_SCALING_TYPE_"),
}


def main() -> None:
    """Does what the order says, for as long as it is wanted."""
    order = json.loads(sys.stdin.readline())
    if "command" in order:
        _watch_over(order["command"])
    _serve(order["parameters"], leashed=order["leashed"])


def _serve(parameters: Mapping[str, Any], *, leashed: bool) -> None:
    """Serves in this process."""
    _tell(os.getpid())
    if leashed:
        threading.Thread(target=_end_with_input, args=(None,), daemon=True).start()
    import xllamacpp

    try:
        server = xllamacpp.Server(_params(xllamacpp, parameters))
    except (RuntimeError, AttributeError, TypeError, ValueError) as error:
        sys.stderr.write(f"E docanalyze: the server did not start: {error}\n")
        sys.stderr.flush()
        os._exit(_FAILED)
    threading.Event().wait()
    del server


def _params(library: Any, parameters: Mapping[str, Any]) -> Any:
    params = library.CommonParams()
    params.model.path = parameters["model"]
    for name, value in parameters.items():
        if name in _ENUMS:
            kind, prefix = _ENUMS[name]
            setattr(params, name, getattr(getattr(library, kind), f"{prefix}{value.upper()}"))
        elif name == "n_threads":
            params.cpuparams.n_threads = params.cpuparams_batch.n_threads = value
        elif name != "model":
            setattr(params, name, value)
    return params


def _watch_over(command: list[str]) -> None:
    """Runs a server that knows nothing of us, and ends it when nobody holds the other end any more."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)

    def forward(number: int, _: FrameType | None) -> None:
        server.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    _tell(server.pid)
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    code = server.wait()
    os._exit(code if code >= 0 else 128 - code)


def _tell(pid: int) -> None:
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()
    # Nobody reads on: whatever else is said belongs into the log.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _end_with_input(server: "subprocess.Popen[bytes] | None") -> None:
    while sys.stdin.buffer.read(4096):
        continue
    if server is not None:
        server.kill()
        server.wait()
    # The server's own end may hang when it comes right after loading.
    os._exit(0)


if __name__ == "__main__":
    main()
