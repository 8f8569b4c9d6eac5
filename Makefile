# The two commands of the README. Both set up what they need: Python 3.11 or newer is all they ask for.
#
#   make demo   analyses samples/contract.pdf
#   make test   the whole gate: lint, types, layers, tests with coverage, the wheel in an empty place

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

# A container that forbids byte code makes every start pay for compiling again.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS ?= never

.PHONY: demo test lint types layers pytest wheel pins clean

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
	$(BIN)/pytest -n 2 --cov --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under=90

wheel: $(VENV)/.installed-dev
	UV="$(UV)" VENV="$(VENV)" sh tests/wheel.sh

# Pins: hashed, for every platform, naming no index.
PIN := pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command "make pins" pyproject.toml

pins: $(UV)
	$(UV) $(PIN) -o requirements.txt
	$(UV) $(PIN) --group dev -c requirements.txt -o requirements-dev.txt

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/.created
	$(UV) pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.txt
	$(UV) pip install -q --python $(BIN)/python --no-deps --build-constraints requirements-dev.txt -e .
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(UV) pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.txt
	touch $@

$(VENV)/.created: | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	touch $@

# Only where uv is missing: a private one, beside the checkout's own environment.
.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install -q uv==$(UV_VERSION)

clean:
	rm -rf $(VENV) .uv build dist .coverage* .hypothesis .mypy_cache .ruff_cache .import_linter_cache
