# make demo    everything that a first look needs, then three answers from the running service, and a signed file
# make quick   the fast and most telling tests: no browser, no server, no sweep; under two minutes
# make test    linters, types, import contracts and all tests
# make sweep   what the tests try a few times in every run, tried many times
# make serve   the service and its page at http://127.0.0.1:8000
# make docs    the documentation as a site, in site/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo docs docs-pages package test quick sweep coverage serve lint bench bench-smoke bench-suites bench-runner bench-growth bench-signing bench-detectors bench-watermarks bench-registry bench-service fuzz-service attack train-detectors train-pictures cards messages schema formats samples clean

demo: $(VENV)/.installed-demo
	@$(BIN)/python -m provenance_service.demo samples/signed-ai.jpg samples/altered-after-signing.jpg samples/declared-ai.png

serve: $(VENV)/.installed-demo
	@$(BIN)/provenance serve

# A worker that has nothing left takes half of what the other has: neither works alone at the end.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

test: $(VENV)/.installed-test lint
	@$(PYTEST)

quick: $(VENV)/.installed-test
	@$(PYTEST) -m "not slow and not sweep"

sweep: $(VENV)/.installed-test
	@$(PYTEST) -m sweep

# The same tests, and which lines they do not reach, worker processes and servers included; half as long again.
coverage: $(VENV)/.installed-test
	@$(PYTEST) --cov --cov-report=term

lint: $(VENV)/.installed-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.verify_speed --write benchmarks/results

# The wheel and the source distribution, each installed into an empty environment and used there; under a minute. With
# FULL=1 all that they depend on is installed anew, as a user gets it.
package: $(VENV)/.installed-test
	@$(BIN)/python tests/packaging/installed.py $(if $(FULL),--full)

# Every task once on the few items that are in the repository; under a minute.
bench-smoke: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.smoke

# Every bundled detector, baseline and verifier on every shipped suite, and the leaderboard; hours.
bench-suites: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.project_runs --write benchmarks/results

# What the runner costs over a plain loop, and what a second worker gives.
bench-runner: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.runner_cost --write benchmarks/results

bench-growth: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.growth --write benchmarks/results

bench-signing: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.signing_speed --write benchmarks/results

# FILES: folders with the pictures and texts that detectors/training/data names, under any name.
bench-detectors: $(VENV)/.installed-test
	@$(PIP) install --constraint constraints.txt --editable ".[detectors,training]"
	@$(BIN)/python -m provenance_benchmarks.detector_stability --write benchmarks/results $(FILES)

# FILES: folders with JSON lines of texts, with the fields text and label (human or ai).
bench-watermarks: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.watermark_rates --write benchmarks/results $(FILES)

# FILES: folders with pictures, in one folder for each source.
bench-registry: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.registry_rates --write benchmarks/results $(FILES)

# DATABASE: the URL of a PostgreSQL database of no other use; without it everything is kept in SQLite.
fuzz-service: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.service_fuzz --write benchmarks/results $(if $(DATABASE),--database $(DATABASE))

# Signed files, changed by a grammar of attacks. One of them again: python -m provenance_benchmarks.attack --case N
CASES ?= 100000
SEED ?= 1
attack: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.attack --cases $(CASES) --seed $(SEED) --write benchmarks/results

# Needs wrk (Debian: apt install wrk). DATABASE as above: for the part with two service processes.
bench-service: $(VENV)/.installed-test
	@$(BIN)/python -m provenance_benchmarks.service_load --write benchmarks/results $(if $(DATABASE),--database $(DATABASE))

train-detectors: $(VENV)/.installed-test
	@$(PIP) install --constraint constraints.txt --editable ".[detectors,training]"
	@cd detectors/training && ../../$(BIN)/python texts.py $(abspath $(FILES))
	@cd detectors/training && ../../$(BIN)/python forensics.py $(abspath $(FILES))

# MIRROR: a folder with a git directory for each repository of picture-sources.csv, named OWNER+NAME.
train-pictures: $(VENV)/.installed-test
	@$(PIP) install --constraint constraints.txt --editable ".[detectors,training]"
	@cd detectors/training && ../../$(BIN)/python picture_data.py $(abspath $(MIRROR)) --out $(abspath $(VENV))/pictures
	@cd detectors/training && ../../$(BIN)/python picture_features.py $(abspath $(VENV))/pictures --out $(abspath $(VENV))/picture-features.npz
	@cd detectors/training && ../../$(BIN)/python picture_train.py $(abspath $(VENV))/picture-features.npz $(abspath $(VENV))/pictures

# The pages that follow from the code and from the results; a test fails where one is out of date.
docs-pages: $(VENV)/.installed-test
	@$(BIN)/python docs/pages

# The documentation as a site in site/, and whether any of its links is dead. It loads nothing from elsewhere.
docs: docs-pages $(VENV)/.installed-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --clean
	@$(BIN)/python docs/pages/links.py site

# The model cards as pages of the documentation, after a change of a card.
cards: $(VENV)/.installed-demo
	@$(BIN)/python -m provenance_detectors.card_page docs/detectors

# After a change of a sentence: brings all catalogues up to date; translate what is empty or fuzzy, then run it again.
LOCALES := $(foreach package,src/provenance $(wildcard */provenance_*),$(if $(wildcard $(package)/locale),$(notdir $(package)):$(package)/locale))
messages: $(VENV)/.installed-test
	@for catalogue in $(LOCALES); do domain=$${catalogue%%:*}; folder=$${catalogue#*:}; \
	  $(BIN)/pybabel -q extract --no-location -o $(VENV)/$$domain.pot $$folder/*.py && \
	  $(BIN)/pybabel -q update --ignore-obsolete -D $$domain -i $(VENV)/$$domain.pot -d $$folder && \
	  $(BIN)/pybabel -q compile --statistics -D $$domain -d $$folder || exit 1; done

# The report's JSON Schema, after a change of its shape: raise SCHEMA_VERSION in report.py first.
schema: $(VENV)/.installed-demo
	@$(BIN)/python -c 'import json; from provenance.report import SCHEMA_FILE, report_schema; SCHEMA_FILE.write_text(json.dumps(report_schema(), indent=2) + "\n")'

# The table of formats in the documentation, after a change of an engine or of sources/c2pa/formats.py.
formats: $(VENV)/.installed-demo
	@$(BIN)/python -m provenance.sources.c2pa.formats > docs/formats.md

samples: $(VENV)/.installed-demo
	@$(BIN)/python samples/make.py

clean:
	@rm -rf $(VENV)

# Programs that the tests start by the hundred would be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

# pip is called only when what it installs has changed, so that a second run starts at once.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit("provenance needs Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed-demo: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Installing (first run only) ..."
	@$(PIP) install --constraint constraints.txt --editable ".[service,detectors]"
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed-demo
	@echo "Installing what the tests need (first run only) ..."
	@$(PIP) install --constraint constraints.txt --editable ".[service,detectors,pkcs11,hf,bench,dev]"
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed-test
	@echo "Installing what the documentation needs (first run only) ..."
	@$(PIP) install --constraint constraints.txt --editable ".[docs]"
	@touch $@
