# One word per chore. Everything lives in .venv; the only needs are Python 3.11+ and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SERVER := $(VENV)/.server-installed
DEV    := $(VENV)/.dev-installed

.PHONY: setup demo test explore check format bench clean

setup: $(DEV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "FastLabel needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(SERVER): pyproject.toml | $(BIN)/python
	@echo "Installing the server into $(VENV); this takes a minute the first time."
	$(BIN)/python -m pip install --quiet --editable '.[server]'
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@echo "Installing the server and the tools of its developers into $(VENV)."
	$(BIN)/python -m pip install --quiet --editable '.[server,dev]'
	@touch $(SERVER) $@

demo: $(SERVER)
	$(BIN)/fastlabel demo

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup

explore: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m hypothesis --hypothesis-profile=explore

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .cache
