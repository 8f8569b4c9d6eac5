"""What a server is told: a Profile as flags of a `llama-server`, or as parameters of the wheel.

Everything that decides memory is said outright, since the defaults change what is not said: four slots,
a context cut to fit, layers left on the CPU. Flags that a build does not know are left out, or said as
it knows them.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docanalyze.errors import ServerError
from docanalyze.runtime import processes
from docanalyze.runtime.program import Program
from docanalyze.runtime.values import Profile

_ALL_LAYERS = 999
_DEVICES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES")
_NOBODYS = "LLAMA_"
"""What changes how a server computes, or what its cache holds, unseen by its log and by what calls are resumed by."""
Parameters = dict[str, str | int | float | bool | list[str]]


@dataclass(frozen=True, slots=True)
class Order:
    """What a server is to serve, and where. `ram_cache` is MiB of host memory for evaluated prompts, 0 for none;
    `device` which NVIDIA device it sees, counted among those that we see, -1 for all.

    `context_key` names the value of the model file that a build without YaRN's longer limit takes its
    limit from; given only where that limit is to be lifted.
    """

    profile: Profile
    model: Path
    port: int
    key: str
    slots: Path
    ram_cache: int = 0
    device: int = -1
    context_key: str = ""


def flags(program: Program, order: Order) -> list[str]:
    """The command line of a llama-server, fitted to what it knows. The key is not in it."""
    profile = order.profile
    return [
        str(program.binary),
        *("--model", str(order.model), "--host", "127.0.0.1", "--port", str(order.port)),
        *("--ctx-size", str(profile.context), "--batch-size", str(profile.batch)),
        *("--ubatch-size", str(profile.micro_batch)),
        *("--cache-type-k", str(profile.cache_k), "--cache-type-v", str(profile.cache_v)),
        *_flash(program, profile),
        *_layers(program, profile),
        *(("--threads", str(profile.threads)) if profile.threads else ()),
        *_yarn(order),
        *_known(program, ("--parallel", "1"), ("--fit", "off"), ("--cache-ram", str(order.ram_cache))),
        *_known(program, ("--slot-save-path", str(order.slots)), ("--metrics",), ("--slots",), ("--jinja",)),
        *_known(program, ("--no-context-shift",), ("--offline",)),
        *_page(program),
        *_verbosity(program),
    ]


def environment(order: Order, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the server finds in its environment: its key, and nothing that changes what it was told."""
    found = {name: value for name, value in base.items() if not name.startswith(_NOBODYS)}
    found["LLAMA_API_KEY"] = order.key
    if order.profile.layers == 0:
        # Without layers a device would still be taken for large batches, and hold a driver's memory.
        found |= dict.fromkeys(_DEVICES, "-1")
    elif order.device >= 0:
        found |= _on_one(order.device, base.get("CUDA_VISIBLE_DEVICES"))
    return found


def _on_one(device: int, shown: str | None) -> dict[str, str]:
    """What leaves one device to be seen: of those that the user leaves to be seen, if not all of them.

    Where they are named and not numbered, which is which is not known, and it stays as the user has it.
    """
    if shown is None:
        # The order in which the driver numbers them, which is not CUDA's own.
        return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": str(device)}
    numbers = [part.strip() for part in shown.split(",")]
    if device >= len(numbers) or not all(re.fullmatch(r"-?\d*", number) for number in numbers):
        return {}
    return {"CUDA_VISIBLE_DEVICES": numbers[device]}


def parameters(order: Order) -> Parameters:
    """The same for the wheel, by the names of its parameters."""
    profile = order.profile
    found: Parameters = {
        "model": str(order.model),
        "port": order.port,
        "api_keys": [order.key],
        "n_ctx": profile.context,
        "n_batch": profile.batch,
        "n_ubatch": profile.micro_batch,
        "n_parallel": 1,
        "cache_type_k": str(profile.cache_k),
        "cache_type_v": str(profile.cache_v),
        "flash_attn_type": "enabled" if profile.flash else "disabled",
        "n_gpu_layers": _ALL_LAYERS if profile.layers < 0 else profile.layers,
        "fit_params": False,
        "ui": False,
        "verbosity": 4,
        "endpoint_metrics": True,
        # The wheel puts file names right behind it.
        "slot_save_path": f"{order.slots}{os.sep}",
        "cache_ram_mib": order.ram_cache,
    }
    if profile.layers == 0:
        found |= {"no_kv_offload": True, "no_op_offload": True}
    if profile.threads:
        found["n_threads"] = profile.threads
    if profile.yarn_factor:
        found |= {
            "rope_scaling_type": "yarn",
            "rope_freq_scale": 1 / profile.yarn_factor,
            "yarn_orig_ctx": profile.yarn_context,
        }
    return found


def _flash(program: Program, profile: Profile) -> list[str]:
    if re.search(r"--flash-attn\s+(\[|<|FA|on)", program.says_of("--flash-attn")):
        return ["--flash-attn", "on" if profile.flash else "off"]
    # Builds before August 2025 have a switch, off unless given.
    return ["--flash-attn"] if profile.flash and program.knows("--flash-attn") else []


def _layers(program: Program, profile: Profile) -> list[str]:
    if not program.knows("--n-gpu-layers"):
        return []
    if profile.layers == 0:
        return ["--n-gpu-layers", "0", *_known(program, ("--device", "none"))]
    if profile.layers > 0:
        return ["--n-gpu-layers", str(profile.layers)]
    return ["--n-gpu-layers", "all" if "'all'" in program.says_of("--n-gpu-layers") else str(_ALL_LAYERS)]


def _yarn(order: Order) -> list[str]:
    profile = order.profile
    if not profile.yarn_factor:
        return []
    lifted = ["--override-kv", f"{order.context_key}=int:{profile.context}"] if order.context_key else []
    scale = ["--rope-scale", f"{profile.yarn_factor:g}", "--yarn-orig-ctx", str(profile.yarn_context)]
    return ["--rope-scaling", "yarn", *scale, *lifted]


def _page(program: Program) -> list[str]:
    """No web page, as this year's builds call it or older ones do."""
    return next(([flag] for flag in ("--no-ui", "--no-webui") if program.knows(flag)), [])


def _verbosity(program: Program) -> list[str]:
    """The level that shows the lines of the cache: the fourth where that is not yet for finding faults.

    Older builds show them unasked, and would write prompts into the log at that level.
    """
    return ["--log-verbosity", "4"] if "trace" in program.says_of("--log-verbosity") else []


def _known(program: Program, *options: tuple[str, ...]) -> list[str]:
    return [word for option in options if program.knows(option[0]) for word in option]


def spawned(found: Program, order: Order, log: Path, *, leashed: bool) -> "subprocess.Popen[str]":
    """The process: the server itself, or one that is yet to be told what to serve or watch over."""
    direct = found.binary is not None and not leashed
    # Without -P a folder of that name in the working directory would be run instead.
    asked = flags(found, order) if direct else [sys.executable, "-P", "-m", "docanalyze.runtime.child"]
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        return subprocess.Popen(
            asked,
            stdin=subprocess.DEVNULL if direct else subprocess.PIPE,
            stdout=descriptor if direct else subprocess.PIPE,
            stderr=descriptor,
            env=environment(order),
            cwd=log.parent,
            text=True,
            start_new_session=True,
            creationflags=processes.GROUP_FLAGS,
        )
    except OSError as error:
        raise ServerError(f"{asked[0]} cannot be run: {error.strerror}", "name another with --binary") from None
    finally:
        os.close(descriptor)
