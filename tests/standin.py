"""A program that stands for `llama-server`: says what it knows as the real one does, then does as scripted."""

import json
import stat
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

VERSION = "version: 6123 (abc1234)\nbuilt with cc (Debian) 13.2.0 for x86_64-linux-gnu"

HELP = """
----- common params -----

-h,    --help, --usage                  print usage and exit
--version                               show version and build info
-t,    --threads N                      number of CPU threads to use during generation (default: -1)
-c,    --ctx-size N                     size of the prompt context (default: 0, 0 = loaded from model)
-b,    --batch-size N                   logical maximum batch size (default: 2048)
-ub,   --ubatch-size N                  physical maximum batch size (default: 512)
-fa,   --flash-attn [on|off|auto]       set Flash Attention use ('on', 'off', or 'auto', default: 'auto')
--rope-scaling {none,linear,yarn}       RoPE frequency scaling method
--rope-scale N                          RoPE context scaling factor
--yarn-orig-ctx N                       YaRN: original context size of model
-ctk,  --cache-type-k TYPE              KV cache data type for K
-ctv,  --cache-type-v TYPE              KV cache data type for V
-np,   --parallel N                     number of server slots (default: -1, -1 = auto)
-dev,  --device <dev1,dev2,..>          comma-separated list of devices to use for offloading (none = don't offload)
-ngl,  --gpu-layers, --n-gpu-layers N   max. number of layers to store in VRAM, either an exact number,
                                        'auto', or 'all' (default: auto)
-fit,  --fit [on|off]                   whether to adjust unset arguments to fit in device memory
-m,    --model FNAME                    model path to load
--override-kv KEY=TYPE:VALUE,...        advanced option to override model metadata by key
--offline                               Offline mode: forces use of cache, prevents network access
-lv,   --verbosity, --log-verbosity N   Set the verbosity threshold. Messages with a higher verbosity will be
                                        ignored. Values:
                                         - 3: info
                                         - 4: trace (more info)
                                         - 5: debug
-cram, --cache-ram N                    set the maximum cache size in MiB (default: 8192)
--context-shift, --no-context-shift     whether to use context shift on infinite text generation
--host HOST                             ip address to listen (default: 127.0.0.1)
--port PORT                             port to listen (default: 8080)
--ui, --webui, --no-ui, --no-webui      whether to enable the Web UI (default: enabled)
--api-key KEY                           API key to use for authentication
--metrics                               enable prometheus compatible metrics endpoint
--slots, --no-slots                     expose slots monitoring endpoint (default: enabled)
--slot-save-path PATH                   path to save slot kv cache (default: disabled)
--jinja, --no-jinja                     whether to use jinja template engine for chat (default: enabled)
"""

OLD_HELP = """
-h,    --help, --usage                  print usage and exit
-c,    --ctx-size N                     size of the prompt context (default: 4096, 0 = loaded from model)
-b,    --batch-size N                   logical maximum batch size (default: 2048)
-ub,   --ubatch-size N                  physical maximum batch size (default: 512)
-fa,   --flash-attn                     enable Flash Attention (default: disabled)
-ctk,  --cache-type-k TYPE              KV cache data type for K (default: f16)
-ctv,  --cache-type-v TYPE              KV cache data type for V (default: f16)
-np,   --parallel N                     number of parallel sequences to decode (default: 1)
-ngl,  --gpu-layers, --n-gpu-layers N   number of layers to store in VRAM
-m,    --model FNAME                    model path
-lv,   --verbosity, --log-verbosity N   Set the verbosity threshold. Messages with a higher verbosity will be
                                        ignored.
--no-context-shift                      disables context shift on infinite text generation (default: disabled)
--host HOST                             ip address to listen (default: 127.0.0.1)
--port PORT                             port to listen (default: 8080)
--no-webui                              Disable the Web UI (default: enabled)
--api-key KEY                           API key to use for authentication (default: none)
--metrics                               enable prometheus compatible metrics endpoint (default: disabled)
--slots                                 enable slots monitoring endpoint (default: disabled)
--slot-save-path PATH                   path to save slot kv cache (default: disabled)
"""

_PROGRAM = """#!{python} -I
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

began = time.time()
script = json.loads(Path(__file__).with_suffix(".json").read_text())
arguments = sys.argv[1:]
if arguments == ["--version"]:
    sys.stderr.write(script["version"])
    sys.exit(0)
if arguments == ["--help"]:
    sys.stdout.write(script["help"])
    sys.exit(0)
calls = Path(__file__).with_suffix(".calls")
told = [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
with calls.open("a") as file:
    file.write(json.dumps({{"arguments": arguments, "pid": os.getpid(), "environment": dict(os.environ)}}) + "\\n")
turn = script["turns"][min(len(told), len(script["turns"]) - 1)]
sys.stderr.write(turn["log"])
sys.stderr.flush()
if turn["code"] is not None:
    sys.exit(turn["code"])
said = dict(zip(arguments, arguments[1:]))
ready = time.monotonic() + turn["loading"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        key = self.headers.get("Authorization")
        if time.monotonic() < ready:
            code, body = 503, {{"error": {{"code": 503, "message": "Loading model"}}}}
        elif self.path == "/health":
            code, body = 200, {{"status": "ok"}}
        elif key != "Bearer " + os.environ["LLAMA_API_KEY"]:
            code, body = 401, {{"error": {{"code": 401}}}}
        else:
            model = turn["model"] or said["--model"]
            context = turn["granted"] or int(said["--ctx-size"])
            code, body = 200, {{"model_path": model, "default_generation_settings": {{"n_ctx": context}}}}
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", int(said["--port"])), Handler)
Path(__file__).with_suffix(".times").write_text(json.dumps([began, time.time() + turn["loading"]]))
server.serve_forever()
"""


@dataclass(frozen=True)
class Turn:
    """What it does when it is started: what it logs, then ends with a code, or serves with what it grants."""

    log: str = ""
    code: int | None = None
    granted: int = 0
    model: str = ""
    loading: float = 0.0


@dataclass(frozen=True)
class Call:
    """How it was started once."""

    arguments: list[str]
    pid: int
    environment: dict[str, str]

    def value(self, flag: str) -> str:
        return self.arguments[self.arguments.index(flag) + 1]


@dataclass
class StandIn:
    """The program at `path`. Its last turn repeats."""

    path: Path
    turns: list[Turn] = field(default_factory=lambda: [Turn()])
    help: str = HELP
    version: str = VERSION

    def write(self) -> "StandIn":
        self.path.write_text(_PROGRAM.format(python=sys.executable), encoding="utf-8")
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)
        script: dict[str, Any] = {"help": self.help, "version": self.version}
        self.path.with_suffix(".json").write_text(json.dumps(script | {"turns": [asdict(turn) for turn in self.turns]}))
        return self

    @property
    def needed(self) -> float:
        """Seconds that it took, the last time, from its first line to serving."""
        began, serving = json.loads(self.path.with_suffix(".times").read_text())
        return float(serving - began)

    @property
    def calls(self) -> list[Call]:
        calls = self.path.with_suffix(".calls")
        return [Call(**json.loads(line)) for line in calls.read_text(encoding="utf-8").splitlines()]
