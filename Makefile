# Two commands on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
TOOLS = $(VENV)/tools-$@
RELEASE := var/release
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
HTMX := 2.0.11
HTMX_SSE := 2.2.4
QUICK := $(addprefix tests/,rules city lab store connectors people cases twins desk test_rooms.py)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run test quick mutants lint bench eval lock assets reference screenshots docs \
  audit release clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.installed ## create the environment

setup-dev: $(VENV)/.installed-dev ## the environment with what tests and measurements need

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Sahut needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Sahut into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-mutants: requirements-mutants.lock $(VENV)/.installed-dev
	@echo "Installing what changes the program ..."
	@$(PIP) install --require-hashes -r requirements-mutants.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock tests/install-browser.sh tests/install-mailserver.sh $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@sh tests/install-browser.sh
	@sh tests/install-mailserver.sh
	@touch $@

demo: setup ## a city in a box: sandbox platforms, accounts, people, the queue
	@$(BIN)/sahut demo

run: setup ## Sahut with your own accounts, on SQLite unless DATABASE_URL says otherwise
	@$(BIN)/sahut db upgrade
	@$(BIN)/sahut run

# what is compiled is kept: some 60 processes of the tests import the whole program
test quick: export PYTHONDONTWRITEBYTECODE =

test: setup-dev lint ## every check and every test, on SQLite and PostgreSQL
	@$(BIN)/pytest -n 3 --dist worksteal --durations=10

quick: setup-dev ## rules and rooms without pages, on SQLite, no browser: within a minute
	@$(BIN)/pytest -n 2 --dist worksteal --durations=10 --quick -m "not slow" $(QUICK)

mutants: $(VENV)/.installed-mutants ## small changes to the rules, ingest, outbox, cases: does a test notice?
	@$(BIN)/python -m bench.mutants

lint: setup-dev ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup-dev ## measurements, printed as ratios against a named alternative
	@$(BIN)/python -m bench

eval: setup-dev ## accuracy on a folder of recorded data: make eval DATA=...
	@test -n "$(DATA)" || { echo "say where the data is: make eval DATA=../shared/data"; exit 2; }
	@$(BIN)/sahut eval payloads "$(DATA)"
	@$(BIN)/sahut eval duplicates "$(DATA)"
	@$(BIN)/sahut eval texts "$(DATA)"
	@$(BIN)/sahut eval places "$(DATA)"

lock: setup-dev ## resolve the dependencies again
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(PIP) install uv
	@$(BIN)/uv pip compile pyproject.toml --extra postgresql --group build --generate-hashes \
	  --universal --python-version 3.11 -q --no-header --no-annotate --no-emit-index-url \
	  -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group build --group dev --generate-hashes --universal \
	  --python-version 3.11 -q --no-header --no-annotate --no-emit-index-url -o requirements-dev.lock
	@$(BIN)/uv pip compile --group mutants -c requirements-dev.lock --generate-hashes --universal \
	  --python-version 3.11 -q --no-header --no-annotate --no-emit-index-url \
	  -o requirements-mutants.lock
	@for group in audit docs release; do \
	  $(BIN)/uv pip compile --group $$group --generate-hashes --universal --python-version 3.11 \
	    -q --no-header --no-annotate --no-emit-index-url -o requirements-$$group.lock || exit 1; done

assets: ## fetch the two scripts the pages use (npm) into aggregator/web/static/vendor
	@sh aggregator/web/fetch-assets.sh $(HTMX) $(HTMX_SSE)

reference: setup ## docs/commands.md, docs/channels.md and .env.example from the program
	@$(BIN)/python -m aggregator.cli.reference commands > docs/commands.md
	@$(BIN)/python -m aggregator.cli.reference channels > docs/channels.md
	@$(BIN)/sahut env-example > .env.example

audit: setup $(VENV)/tools-audit/.installed ## dependencies, licences, list of parts, secrets in the tree
	@$(BIN)/python -m bench.audit $(TOOLS)/bin

screenshots: setup-dev ## pictures of every page for README and docs
	@$(BIN)/python -m bench.screenshots

# what builds pages and releases has an environment of its own, so that Sahut's stays as it is
$(VENV)/tools-%/.installed: requirements-%.lock | $(BIN)/python
	@echo "Installing what make $* needs ..."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

docs: $(VENV)/tools-docs/.installed ## the pages of docs/ as a site in var/site, links checked
	@$(TOOLS)/bin/zensical build --strict --clean
	@echo "Open var/site/index.html"

release: setup $(VENV)/tools-release/.installed ## wheel, source, list of parts, checksums in var/release
	@git diff --quiet HEAD || { echo "commit or put away what is not committed first"; exit 1; }
	@grep -q '^## \[$(VERSION)\]' CHANGELOG.md \
	  || { echo "CHANGELOG.md says nothing of version $(VERSION)"; exit 1; }
	@$(TOOLS)/bin/reuse lint --quiet || { $(TOOLS)/bin/reuse lint; exit 1; }
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	@$(BIN)/python -m hatchling build -d $(RELEASE)
	@sed -n 's/^\([^ #].*\) \\$$/\1/p' requirements.lock > $(RELEASE)/constraints.txt
	@$(PYTHON) -m venv --without-pip $(RELEASE)/installed
	@$(PIP) --python $(RELEASE)/installed/bin/python install \
	  -c $(RELEASE)/constraints.txt $(RELEASE)/sahut-$(VERSION)-*.whl
	@$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	  --of JSON -o $(RELEASE)/sahut-$(VERSION).cdx.json $(RELEASE)/installed/bin/python
	@rm -rf $(RELEASE)/installed
	@cd $(RELEASE) && sha256sum * > SHA256SUMS && cat SHA256SUMS
	@echo "In $(RELEASE); nothing was published."

clean: ## remove the environment and the demo's data
	@rm -rf $(VENV) var/demo mutants
