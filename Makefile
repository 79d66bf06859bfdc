.DEFAULT_GOAL := help
PY := .venv/bin/python
STAMP := .venv/.installed

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml hatch_build.py
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

install: $(STAMP) ## set up .venv from the hash-pinned lock file

lock: ## pin the newest allowed versions into requirements.lock
	$(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra sandbox --group dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock

format: install ## rewrite the code into its one format
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .

lint: install ## format and lint, checked
	$(PY) -m ruff format --check . && $(PY) -m ruff check .

types: install ## strict types
	$(PY) -m mypy

contracts: install ## the layers of the house
	.venv/bin/lint-imports --no-logo

test: install ## the test suite, without what takes long
	$(PY) -m pytest -n 2

check: lint types contracts test ## everything that must hold before a merge

.PHONY: help install lock format lint types contracts test check
