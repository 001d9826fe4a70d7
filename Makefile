# The commands a newcomer needs. Everything is installed into .venv; nothing outside this folder is touched
# but Tandem's own data folder.
PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.run-stamp
TEST_STAMP := .venv/.test-stamp

.DEFAULT_GOAL := help
.PHONY: help install demo quick test lint check bench load drill pages lock sbom chromium

help:
	@echo "make demo     a sample one-tutor database, moved over to Tandem and served, with sign-ins printed"
	@echo "make quick    the tests that need neither browser nor Node, each of which is short: under a minute"
	@echo "make test     run every test (installs what the tests need)"
	@echo "make check    format, lint, types, floors and tests: the one gate"
	@echo "make lint     the gate without its tests"
	@echo "make bench    measure Tandem against its reference, and print the tables"
	@echo "make load     200 people for five minutes on a million sessions; again while things fail"
	@echo "make drill    long trials: writes at once in every order that matters, kills; behind nginx; installed, lost, restored; booted; the image"
	@echo "make pages    write anew what is made from code: the API's document, the tables, who sees what"
	@echo "make install  install Tandem into .venv"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Tandem needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.x." if sys.version_info < (3, 11) else 0)'
	@echo "Making .venv, with Python $$($(PYTHON) -c 'import sys; print(sys.version.split()[0])')…"
	@$(PYTHON) -m venv .venv

$(RUN_STAMP): $(BIN)/python requirements/build.txt requirements/run.txt pyproject.toml
	@echo "Installing what Tandem needs into .venv: some hundred megabytes, PostgreSQL among them; a minute or two, once…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/run.txt
	@echo "Installing Tandem itself…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_STAMP): $(RUN_STAMP) requirements/test.txt
	@echo "Installing what the tests need: a minute, once…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

install: $(RUN_STAMP)

demo: install
	@echo "Starting the demonstration: a sample one-tutor database is made and moved over, ten seconds or so…"
	@$(BIN)/tandem demo

quick: $(TEST_STAMP)
	$(BIN)/python -m tests.run --quick

test: $(TEST_STAMP)
	$(BIN)/python -m tests.run

lint: $(TEST_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m tests.run --embedded-only

bench: $(TEST_STAMP)
	$(BIN)/python -m bench

load: $(TEST_STAMP)
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.load --with-failures

drill: $(TEST_STAMP)
	$(BIN)/python -m drills
	$(BIN)/python -m drills.installed
	$(BIN)/python -m drills.booted
	$(BIN)/python -m drills.container

pages: $(TEST_STAMP)
	$(BIN)/python -m tests.api.snapshot
	$(BIN)/python -m tests.api.who_sees_page
	$(BIN)/python -m tests.tables_page
	$(BIN)/python -m tests.security.asvs_page

# Run by hand after a change of dependencies; needs the package uv.
lock:
	printf 'setuptools>=77\n' | uv pip compile -q - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/build.txt
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/run.txt
	uv pip compile -q pyproject.toml --group test --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements/run.txt -o requirements/test.txt
	$(BIN)/python -m tests.security.locked
	$(MAKE) sbom

# The list of Tandem's parts, of the lock; needs the package cyclonedx-bom.
sbom:
	cyclonedx-py requirements requirements/run.txt --output-reproducible --pyproject pyproject.toml | $(BIN)/python -m tests.security.parts_list
