.DEFAULT_GOAL := help
# The Python that .venv is made with: `make PYTHON=python3.12 demo`.
PYTHON ?= python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PY := .venv/bin/python
STAMP := .venv/.installed
# Tests of one module share a worker, and so its servers; many wait, so three workers fill two cores.
# tests/conftest.py puts the modules that take long first.
PYTEST := $(PY) -m pytest -n 3 --dist loadscope --no-loadscope-reorder
# Hundreds of processes start here, and each reads what one compiled: also where the shell forbids it.
export PYTHONDONTWRITEBYTECODE :=
# The pure layers, and the percentage of lines and branches that the unit tests must cover of each.
# A figure only ever rises.
GATES := decisions=100 reconciler=97 language=94 render=94 model=98

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: install ## play the story, from a first pull request to a freeze, all on this machine, in about a minute
	$(PY) -m gitbot demo

sandbox: install ## keep a local GitHub, a local AWS and gitbot up, with pages to click in
	$(PY) -m gitbot sandbox

test: coverage ## the test suite (what takes long has targets of its own, below)
	$(PYTEST) --ignore=tests/unit

coverage: install ## the unit tests, and that they cover enough of every pure layer
	$(PYTEST) tests/unit --cov --cov-report=
	@for gate in $(GATES); do \
	  report="$(PY) -m coverage report --include=gitbot/$${gate%=*}/*"; \
	  echo "gitbot/$${gate%=*}: $$($$report --format=total) % covered, $${gate#*=} % needed"; \
	  $$report --fail-under=$${gate#*=} --format=total > /dev/null \
	    || { $$report --show-missing --skip-covered; exit 1; }; \
	done

stories: install ## the longer stories of a running server: attacks, secrets, races, lost deliveries, a failing GitHub, promotions, expiry; what goes on from a test of `make test`
	$(PYTEST) -m "story and not full" tests/contract tests/e2e tests/fault

check: lint types contracts test ## everything that must hold before a merge

kill: install ## SIGKILL at every mutation boundary and every state write of the examples, of PostgreSQL and S3 at each seventh
	$(PY) -m pytest -n 3 -m full --timeout 600 tests/fault

fault: install ## a laboratory of more than forty types: deaths one after the other, each change failing once in each way, a lost lease, two at once
	$(PY) -m pytest -n 3 -m "soak or not soak" --timeout 3600 tests/fault/mixed

soak: install ## every type of Cloud Control, many writers of a bucket, SIGKILL at every boundary on each store, then three servers with people and faults at random for SECONDS=600
	$(PYTEST) -m soak --timeout 1800 tests/soak
	$(PYTEST) -m soak tests/contract/test_every_cloud_control_type.py
	$(PY) -m pytest -n 3 -m soak --ignore=tests/fault/mixed tests/fault
	$(PY) -m tests.soak $(or $(SECONDS),600)

model: install ## schedules, windows and the lives of stacks and issues against models, over years and many steps; every path of each type
	WHOLE_MODELS=1 $(PY) -m pytest -n 3 --dist load -m model --timeout 1200 tests

pages: install ## the demo, what the examples, the tutorial and other pages tell to type, and every module from nothing and back
	$(PY) -m pytest -n 2 -m full tests/pages

fuzz: install ## text from outside, made at random, for SECONDS=60; what fails is kept in tests/cases
	$(PY) -m tests.fuzz $(or $(SECONDS),60)

openapi: install ## the local GitHub against GitHub's description, commands against CommonMark's examples (fetches three npm packages)
	$(PY) tests/openapi/fetch.py && $(PY) -m pytest -m full tests/openapi

bench: install ## gitbot beside Terraform on the same stacks, planning, webhook to comment, drift scans, long histories
	$(PY) -m benchmarks

install: $(STAMP) ## set up .venv from the hash-pinned lock file

$(STAMP): requirements.lock pyproject.toml hatch_build.py gitbot/providers/aws/pack_build.py
	@command -v $(PYTHON) > /dev/null && $(PYTHON) -c '$(NEW_ENOUGH)' || { \
	  echo "gitbot needs Python 3.11 or later; $(PYTHON) is: $$($(PYTHON) --version 2>&1)."; \
	  echo "Install one and name it: make PYTHON=python3.12 $(firstword $(MAKECMDGOALS))"; exit 1; }
	@test -x $(PY) && $(PY) -c '$(NEW_ENOUGH)' || $(PYTHON) -m venv --clear .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

format: install ## rewrite the code into its one format
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .

lint: install ## format and lint, checked
	$(PY) -m ruff format --check . && $(PY) -m ruff check .

types: install ## strict types
	$(PY) -m mypy

contracts: install ## the layers of the house
	.venv/bin/lint-imports --no-logo

lock: install ## pin the newest allowed versions into requirements.lock
	$(PY) -m uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --extra keyring --extra lsp --extra otel --extra sam --extra sandbox --extra terraform --group dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock
	$(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra otel --constraint requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements-server.lock

.PHONY: help demo sandbox test stories coverage check kill fault soak model pages fuzz openapi bench install format lint types contracts lock
