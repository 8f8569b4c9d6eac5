"""Writes a twin of a model: its shape and its quantization, and numbers that mean nothing.

    python -m benchmarks.twins 14B twin.gguf              as large as Qwen2.5-14B-Instruct in Q4_K_M
    python -m benchmarks.twins 3B judge.gguf --type q8_0
    python -m benchmarks.twins 14B-cache small.gguf       the cache of the 14B, and small everywhere else

Speed and memory of a server are those that the model would have: they do not depend on what the numbers
are. What it writes is noise, and no quality can be measured on it.
"""

import argparse
import sys
import time
from pathlib import Path

from tests import twins

SHAPES = {
    "14B": twins.REAL_14B,
    "3B": twins.REAL_3B,
    "14B-cache": twins.TWIN_14B,
    "3B-cache": twins.TWIN_3B,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("file", type=Path)
    parser.add_argument("--type", choices=["q4_k_m", "q8_0", "f16"], default="q4_k_m")
    parser.add_argument("--holes", action="store_true", help="zeros that take no disk: for memory alone")
    asked = parser.parse_args()
    types = {"q4_k_m": ("q4_K", "q6_K"), "q8_0": ("q8_0", "q8_0"), "f16": ("f16", "f16")}[asked.type]
    shape = SHAPES[asked.shape]
    if asked.shape.endswith("-cache"):
        # Too short for blocks of 256.
        types = ("f16", "f16")
    begun = time.perf_counter()
    write = twins.zeros if asked.holes else twins.noise
    write(asked.file, shape, *types)
    print(f"{asked.file}: {asked.file.stat().st_size / (1 << 30):.2f} GiB in {time.perf_counter() - begun:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
