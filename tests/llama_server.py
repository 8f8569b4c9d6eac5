"""The real llama.cpp server, from the wheel, in a child process, with a model that the tests write."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_CHILD = """
import json, os, sys, xllamacpp
asked = json.loads(sys.argv[1])
params = xllamacpp.CommonParams()
params.model.path = asked.pop("model")
if threads := asked.pop("threads"):
    # Several threads that share a busy processor wait for each other.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
for name, value in asked.items():
    setattr(params, name, value)
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
# The server's own end may hang when it comes right after loading.
os._exit(0)
"""


class LlamaServer:
    """A server that runs until it is closed, or killed. `url` is where it listens."""

    def __init__(self, model: Path, log: Path, **asked: object) -> None:
        settings = {
            "model": str(model),
            "n_ctx": 8192,
            "n_parallel": 1,
            "threads": 1,
            "fit_params": False,
            "warmup": False,
            "ui": False,
            "endpoint_metrics": True,
            **asked,
        }
        self.log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _CHILD, json.dumps(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "LlamaServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def model_for_all(folder: Path) -> Path:
    """The tiny model in a folder that test processes share: made once, whoever comes first."""
    from tests import tiny_model

    path = folder / "tiny.gguf"
    if not path.exists():
        part = folder / f"tiny.{os.getpid()}.part"
        tiny_model.write(part)
        # Whoever comes second leaves the first one's as it is: servers may have begun to read it.
        with suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
    return path
