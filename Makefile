# Everything a newcomer, a developer and the build need, each one word. Needs Python 3.11 or later, git and make.
#
#   make run     start the service with made-up people      [PORT=8000] [DATA=var]
#   make test    every test, on SQLite and on PostgreSQL    [ARGS="-k goal"]
#   make check   format, lint, types, arrows, tests, branch coverage
#   make bench   measure against the committed figures
#   make mutate  break auth/access.py in every small way: the tests must mind
#   make contradictions  recall and precision of every contradiction rule over its table of cases
#   make pages   the styles and scripts of the pages anew; needs Node
#   make screenshots  a picture of every page  [TO=screenshots] [ARGS=part-of-a-title]
#   make lock    renew the pinned versions
#   make clean   back to a fresh checkout (the data in $(DATA) stays)

.DEFAULT_GOAL := check
.PHONY: setup pages screenshots run test lint format coverage check bench mutate contradictions lock clean
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
# The service is started many times; it is not to be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
DATA ?= var
ARGS ?=
TO ?= screenshots
PYTHON ?= $(shell for p in python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

BIN := .venv/bin
STAMP := .venv/.complete
PAGES := api/pages/assets/.complete
UV := $(BIN)/uv
UV_VERSION := 0.13.9
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' pyproject.toml

setup: $(STAMP) $(PAGES)

$(UV):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: name one by PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(STAMP): requirements.lock pyproject.toml | $(UV)
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Without Node there is nothing to build them with: the service says so, and serves its API.
$(PAGES): api/pages/web/package-lock.json api/pages/building.py api/pages/theming.py $(STAMP)
	@if command -v npm >/dev/null; then $(BIN)/python -m api.pages.building && touch $@; \
	else echo "Node is not here (npm): the service will start and serve its API, and no pages." >&2; fi

pages: $(STAMP)
	@rm -f $(PAGES)
	@$(MAKE) $(PAGES)

# sqlite:///var/... is relative, sqlite:////srv/... absolute: three slashes before DATA are right for both.
run: setup
	@mkdir -p "$(DATA)"
	@exec $(BIN)/oneplan serve --port $(PORT) --database "sqlite:///$(DATA)/oneplan.db" --demo

test: setup
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 --dist worksteal $(ARGS); status=$$?; \
	$(BIN)/coverage combine --quiet; exit $$status

lint: setup
	@$(BIN)/ruff format --check --quiet . || { echo "make format would change files" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Judges what `make test` has measured; tells of every room before it fails.
coverage: setup
	@failed=0; judge() { $(BIN)/coverage report --fail-under=$$1 --include="$$2" || failed=1; }; \
	judge 100 'plan/*'; judge 100 'auth/access.py'; judge 100 'fhir/fhir_facade/*'; \
	judge 95 'auth/*'; judge 95 'db/*'; judge 95 'api/*'; exit $$failed

check: lint
	@$(MAKE) test
	@$(MAKE) coverage

bench: setup
	@$(BIN)/python -m bench $(ARGS)

screenshots: setup
	@PYTHONPATH=.:fhir $(BIN)/python -m tests.browser.screenshots "$(TO)" $(ARGS)

mutate: setup
	@rm -rf mutants
	@$(BIN)/mutmut run >/dev/null && $(BIN)/mutmut export-cicd-stats >/dev/null; \
	$(BIN)/python -m tests.support.mutants; status=$$?; rm -rf mutants; exit $$status

contradictions: setup
	@PYTHONPATH=.:fhir $(BIN)/python -m tests.support.contradictions

lock: | $(UV)
	$(COMPILE) --upgrade --extra check --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --output-file requirements-run.lock

clean:
	rm -rf .venv api/pages/assets build dist *.egg-info .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
