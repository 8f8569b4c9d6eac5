"""Makes docanalyze/vocabulary/qwen2.bin from a GGUF file with that vocabulary.

    python tools/make_vocabulary.py ggml-vocab-qwen2.gguf

The file is in the folder `models` of llama.cpp's sources. The result is the same for the same tokens.
"""

import sys
from pathlib import Path

from docanalyze import tokens

OUT = Path(__file__).resolve().parent.parent / "docanalyze" / "vocabulary" / "qwen2.bin"


def main() -> None:
    name, ranks = tokens.read_vocabulary(Path(sys.argv[1]))
    OUT.write_bytes(tokens.to_bytes(name, ranks))
    sys.stdout.write(f"{OUT}: {len(ranks):,} tokens, sha256 {tokens.packaged().sha256}\n")


if __name__ == "__main__":
    main()
