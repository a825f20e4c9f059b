# make run · make test · make bench · make lock; PORT, HOST and DATA_DIR are read from the environment.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lists name every package with its hash, so there is nothing to resolve; Python compiles what it comes to import.
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps --no-compile
NAME ?=
# Many containers say so, and then each start would compile every package anew, some four seconds of it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test types units bench lock clean

run: $(VENV)/.run-installed
	@exec $(BIN)/python app.py

test: $(VENV)/.dev-installed chromium
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory -j2 types units
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/e2e

# The types are checked while the unit tests wait for clocks and disks; browser tests want the machine for themselves.
types:
	$(BIN)/python -m mypy
units:
	$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder --ignore=tests/e2e

bench: $(VENV)/.dev-installed
	$(BIN)/python -m bench $(NAME)

lock:
	uv pip compile -q --universal -p 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml -o requirements.txt
	uv pip compile -q --universal -p 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Plainsight needs Python 3.11, 3.12 or 3.13; name one with PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

# Installed anew only when the content of the list has changed; every file is checked against its hash.
$(VENV)/.run-installed: requirements.txt | $(BIN)/python
	@sum=$$(cksum < requirements.txt); \
	if [ "$$sum" != "$$(cat $@ 2>/dev/null)" ]; then \
	  echo "Installing what Plainsight needs into $(VENV) (once, a minute or two)"; \
	  $(PIP) -r requirements.txt || exit 1; fi; \
	echo "$$sum" > $@

$(VENV)/.dev-installed: requirements-dev.txt | $(BIN)/python
	@sum=$$(cksum < requirements-dev.txt); \
	if [ "$$sum" != "$$(cat $@ 2>/dev/null)" ]; then \
	  echo "Installing what the tests need into $(VENV)"; \
	  $(PIP) -r requirements-dev.txt || exit 1; fi; \
	echo "$$sum" > $@; cksum < requirements.txt > $(VENV)/.run-installed

.PHONY: chromium
chromium:
	@command -v $${CHROMIUM:-chromium} > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo "Installing Debian's chromium for the browser tests"; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null; \
	  else \
	    echo "The browser tests need Chromium: sudo apt-get install chromium, or set CHROMIUM=/path/to/chrome"; exit 1; fi; }

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/artifacts
