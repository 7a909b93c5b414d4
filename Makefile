# The same commands for people and for continuous integration.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help setup check types conventions test docs demo wheel clean

help:
	@echo "make demo    talk to the model of the package"
	@echo "make test    run the tests, on all cores"
	@echo "make check   run the linters, the type checker and the repository's own checks"
	@echo "make docs    write docs/cli.md from the command line's help"
	@echo "make wheel   build the distributions and try the wheel without the source"
	@echo "make setup   create $(VENV) with the development tools (the others do so on their own)"
	@echo "make clean   remove what building and testing leave behind, but not $(VENV)"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The stamps tell what is installed: rerunning a target costs nothing until a version changes.
$(VENV)/.base: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[dev]'
	@touch $(VENV)/.base $@

setup: $(VENV)/.dev

check: types conventions

types: setup
	$(BIN)/mypy

conventions: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_sizes.py src scripts
	$(BIN)/python scripts/check_config_fields.py src/pecrs
	$(BIN)/python scripts/cli_docs.py --check docs/cli.md

test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

docs: setup
	$(BIN)/python scripts/cli_docs.py docs/cli.md

demo: $(VENV)/.base
	$(BIN)/pecrs demo

wheel: setup
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist
	$(BIN)/python scripts/check_wheel.py dist

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
