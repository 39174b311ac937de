# `make` alone lists the tasks. All of them use this folder's own .venv, built from requirements.lock.

BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
# Clones of what is in uv's cache where the disk can do that, else copies: through links, which uv would make, an edit of
# a library here would reach that cache and every environment.
CLONE = cp $$([ "$$(uname)" = Darwin ] && echo -c || echo --reflink=always) Makefile .venv/clone 2>/dev/null
LINKS = $$($(CLONE) && echo clone || echo copy)
SYNC = UV_LINK_MODE=$(LINKS) $(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode
OWN = $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ,$(PACKAGES))
ENVIRONMENT := .venv/built-from.lock
SITE = .venv/lib/python3*/site-packages
PACKAGES := . $(patsubst %/pyproject.toml,%,$(sort $(wildcard plugins/*/pyproject.toml)))
# Plugins of this repository that .venv does not have: a pull brought them.
LACKING = $(foreach one,$(subst -,_,$(notdir $(filter plugins/%,$(PACKAGES)))),$(if $(wildcard $(SITE)/$(one)-*.dist-info),,$(one)))
DEMO := demo/late-flights
# Without bytecode every start is three times slower; another environment's settings must not leak in.
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONPATH PYTHONHOME

# DVC starts each stage through a shell, which has to find this .venv's regrow, whatever is active.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test slow long dvc-suite faults bench lint format types site coverage durations check components lock clean environment FORCE

help:  ## list the tasks
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "make %-10s %s\n", $$1, $$2 }'

setup: $(ENVIRONMENT)  ## build .venv from requirements.lock, every package checked by hash

demo: setup  ## generate demo/late-flights, run its pipeline, show metrics and report
	@[ -e $(DEMO) ] || $(BIN)/cookiecutter template/project --no-input --output-dir demo
	@cd $(DEMO) && regrow run && echo && cat metrics.json && echo && echo "report: $(DEMO)/report.html"

test: setup  ## the suite, without the slow end-to-end cases
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

slow: setup  ## the slow end-to-end cases, the first of each kind
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "slow and not long"

long: setup  ## the other slow cases
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m long

dvc-suite: setup  ## DVC's own tests of what regrow changes about DVC, with those changes; some minutes
	@$(BIN)/python tools/dvc_suite $(SUITE)

faults: setup  ## kills, corrupted files, other environments, full disks: the long form, an hour and more
	@REGROW_FAULTS=long $(BIN)/pytest -q -n 2 --dist loadfile tests/faults tests/warm

bench: setup  ## what regrow costs beside other tools, on this machine, to docs/benchmarks.md; half an hour
	@$(BIN)/python -m benchmarks --output docs $(BENCH) && $(BIN)/python -m benchmarks.replay

lint: setup  ## ruff, without changing anything
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: setup  ## ruff, changing what it can
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: setup  ## mypy
	@$(BIN)/mypy

site: setup  ## site/, the documentation as web pages; a warning is an error
	@$(BIN)/python -m tools.site

coverage: setup  ## the suite without its slow part, with the lines that no test ran
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not slow" --cov --cov-report=term:skip-covered $(COVERAGE)

durations: setup  ## the suite's 60 slowest tests, and what each file takes; DURATIONS="-m slow" is the slow part
	@$(BIN)/python -m tools.durations -n 2 --dist loadfile --no-loadscope-reorder $(or $(DURATIONS),-m "not slow")

check: lint types site test slow dvc-suite  ## lint, types, site, the suite with the first of each slow kind, DVC's own tests

components: setup  ## docs/reference/components.md, from the declarations
	@$(BIN)/python -m tools.components_page

lock: setup  ## requirements.lock, and the template's; LOCK=--upgrade moves all versions
	@$(BIN)/python tools/lock.py $(LOCK)

clean:  ## remove .venv, the demo and caches
	@rm -rf .venv demo site .cache .pytest_cache .ruff_cache .mypy_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is a copy of the lock, so that another commit's lock is noticed, too, and so is a new plugin. _regrow_dvc.py
# is installed as a copy, and the version that packages are installed as is that of the Git tag then.
$(ENVIRONMENT): FORCE
	@cmp -s requirements.lock $@ && cmp -s src/_regrow_dvc.py $(SITE)/_regrow_dvc.py && [ -d $(SITE)/regrow-$$($(BIN)/python hooks/release.py).dist-info ] && [ -z "$(strip $(LACKING))" ] || $(MAKE) --no-print-directory environment

FORCE:

environment:
	@for python in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
	  [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found="$$python" && break; \
	done; \
	[ -n "$$found" ] || { echo "Python 3.11 or newer is needed, and none was found: install it, or make setup PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	[ -x $(BIN)/python ] && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$$found" -m venv --clear .venv
	@awk '/^[^ #]/ { take = /^uv==/ } take' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	@$(SYNC) requirements.lock
	@$(OWN)
	@rm -f .venv/.regrow-files.json
	@$(BIN)/regrow doctor --environment || { echo "so packages are fetched anew, past the installer's cache" >&2; \
	  $(SYNC) --no-cache --reinstall requirements.lock && $(OWN) && $(BIN)/regrow doctor --environment; }
	@cp requirements.lock $(ENVIRONMENT)
