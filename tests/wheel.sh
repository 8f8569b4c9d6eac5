#!/bin/sh
# The wheel, in an environment that holds nothing else, away from the checkout: does it analyse a
# document with its own vocabulary, kinds and templates? Called by `make wheel` with UV and VENV set.
set -eu

checkout=$(pwd)
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT

"$UV" build -q --wheel --build-constraints requirements-dev.txt --python "$VENV/bin/python" -o "$elsewhere/dist"
"$UV" venv -q --python "$VENV/bin/python" "$elsewhere/venv"
"$UV" pip install -q --python "$elsewhere/venv/bin/python" --require-hashes -r requirements.txt
"$UV" pip install -q --python "$elsewhere/venv/bin/python" --no-deps "$elsewhere"/dist/*.whl
cp samples/contract.pdf "$elsewhere/"

cd "$elsewhere"
venv/bin/docanalyze contract.pdf --json --quiet >runs.json
venv/bin/docanalyze verify
venv/bin/docanalyze query --saved sections --csv | grep -q '^obligations,'
venv/bin/python - "$checkout" <<'CHECK'
import json, sys
from pathlib import Path
import docanalyze

run = json.loads(Path("runs.json").read_text(encoding="utf-8"))["runs"][0]
assert not Path(docanalyze.__file__).is_relative_to(sys.argv[1]), docanalyze.__file__
assert run["kind"] == "contract" and run["state"] == "done", run["state"]
sections = {finding["section"] for finding in run["findings"]}
assert {"parties", "law", "liability"} <= sections, sections
assert all(path.is_file() for path in (Path("outputs") / f"{run['id']}{s}" for s in (".html", ".md")))
print(f"the wheel by itself: {len(run['findings'])} findings in {len(sections)} sections")
CHECK
