# Every way to start, test and measure Minan. `make run` needs Debian, Python 3.11 with venv, and make; nothing else.

PYTHON ?= python3
PORT ?= 8000
DATA ?= var/demo
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip
export PORT DATA KEYS DATABASE_URL
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run setup dev system messages test check deep bench bar lock clean help

run: setup  ## serve the demo city at http://127.0.0.1:$(PORT), records in $(DATA)
	@exec $(BIN)/minan demo

help:  ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/\t/' | expand -t 12

# ---- what is installed, each behind a stamp so that a second start does nothing

setup: $(VENV)/.run.stamp messages  ## the virtual environment and the compiled texts

$(VENV)/.run.stamp: requirements/uv.txt requirements/run.txt tools/install_here.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Minan needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what Minan needs (a minute at most)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt && \
	$(UV) install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt || \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	@$(BIN)/python tools/install_here.py
	@touch $@

dev: $(VENV)/.dev.stamp  ## what testing needs on top

$(VENV)/.dev.stamp: $(VENV)/.run.stamp requirements/dev.txt
	@$(UV) install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt || \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

system:  ## Debian's packages for the tests: browser, fonts, PostgreSQL, FUSE
	@sh tools/system_packages.sh

messages: $(VENV)/.run.stamp  ## compile the texts (.po to .mo) that changed
	@$(BIN)/python tools/messages.py

# ---- tests

PYTEST := $(BIN)/python -m pytest
# What each run leaves out unless asked for.
USUAL := not deep
FAST := not deep and not slow and not e2e and not faults

test: setup dev system  ## everything on SQLite, the records' tests again on PostgreSQL, real browser, faults
	@$(BIN)/python tools/test_all.py

check: setup dev  ## under two minutes: lint, types, tidy, fast tests
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(PYTEST) -q -n 2 -m "$(FAST)" minan tests

deep: setup dev system  ## long runs and full figures
	@MINAN_DEEP=1 $(BIN)/python tools/test_all.py

bench: setup dev system  ## repeatable measurements, each prints JSON
	@$(BIN)/python -m bench

bar: setup dev  ## one bar of RELIABILITY.md as JSON: make bar ID=R2
	@$(BIN)/python tools/bar.py "$(ID)"

lock: setup  ## requirements/*.in to hashed requirements/*.txt, without any registry's address
	@for name in uv run dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links --upgrade requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done; ! grep -nE '://|--(extra-)?index-url|--find-links' requirements/*.txt

clean:  ## remove the virtual environment and compiled texts; records under var/ stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache
	@find minan -name '*.mo' -delete
