# The two commands of the README. Both set up what they need: Python 3.11 or newer is all they ask for.
#
#   make demo   analyses samples/contract.pdf
#   make test   the whole gate: lint, types, layers, tests with coverage, the wheel in an empty place
#
# And one more for who changes something: `make explore` tries properties on ever other examples until one fails.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A uv that is on PATH but does not run (a shim without its version behind it) counts as missing.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)

# A container that forbids byte code makes every start pay for compiling again.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS ?= never

.PHONY: demo test lint types layers pytest explore wheel pins clean
.NOTPARALLEL:

NEW_ENOUGH = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

demo: $(VENV)/.installed
	$(BIN)/docanalyze samples/contract.pdf

test: lint types layers pytest wheel

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

pytest: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	$(BIN)/pytest -n 3 --dist worksteal --cov --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under=90

# Not in the gate: the properties on examples by chance, over and over until one fails.
explore: $(VENV)/.installed-dev
	while $(BIN)/pytest -q -n 2 -m "hypothesis and not large" --hypothesis-profile explore; do :; done

wheel: $(VENV)/.installed-dev
	UV="$(UV)" VENV="$(VENV)" sh tests/wheel.sh

# Pins: hashed, for every platform, naming no index.
PIN := pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command "make pins"

pins: $(UV)
	$(UV) $(PIN) pyproject.toml -o requirements.txt
	$(UV) $(PIN) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	echo uv | $(UV) $(PIN) - -o requirements-uv.txt

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/.created
	$(UV) pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.txt
	$(UV) pip install -q --python $(BIN)/python --no-deps --build-constraints requirements-dev.txt -e .
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(UV) pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.txt
	touch $@

$(VENV)/.created: | $(UV)
	@$(NEW_ENOUGH)
	$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	touch $@

# Only where uv is missing: a private one, whatever place the machine's settings would have pip install to.
.uv/bin/uv: requirements-uv.txt
	@$(NEW_ENOUGH)
	$(PYTHON) -m venv .uv
	env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT .uv/bin/python -m pip install -q \
		--disable-pip-version-check --require-hashes -r requirements-uv.txt
	touch $@

clean:
	rm -rf $(VENV) .uv build dist .coverage* .hypothesis .mypy_cache .ruff_cache .import_linter_cache
