# Two commands: `make demo` shows a router at work, `make test` checks everything.
# Long tiers: `make fuzz`, `make crash`, `make bench`, `make mutants`, each with MINUTES=; `make sanitize`,
# `make control`.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
MINUTES ?= 10
# Parts of `make crash`, separated by commas; none is all.
TIERS   ?=
SOURCES := $(wildcard core/*.pyx core/*.pxd)

.DEFAULT_GOAL := help
.PHONY: help demo test peers bench fuzz control crash mutants sanitize tables build clean

help:
	@echo "make demo   a router, a scanner and two archives on this machine"
	@echo "make test   every test, types, lint and layers"
	@echo "make bench  speed, with figures; make fuzz and make crash run for MINUTES=$(MINUTES)"
	@echo "make control   reads past an end planted in the compiled half, which make fuzz must see"
	@echo "make mutants   mistakes planted in the compiled half, which tests must notice"
	@echo "make sanitize   the compiled half under the address and undefined sanitizers"
	@echo "make tables     the parser's tables again, after a change to lang/route.lark"

# What the machine must have; one line names all that is missing.
$(VENV)/tools:
	@missing=""; \
	for tool in $(PYTHON) gcc git; do \
	  command -v $$tool >/dev/null 2>&1 || missing="$$missing $$tool"; \
	done; \
	if command -v $(PYTHON) >/dev/null 2>&1; then \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || missing="$$missing python3>=3.11"; \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	  $(PYTHON) -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' \
	    || missing="$$missing python3-dev"; \
	fi; \
	if [ -n "$$missing" ]; then echo "missing:$$missing (on Debian: apt-get install$$missing)" >&2; exit 1; fi
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: $(VENV)/tools pyproject.toml setup.py $(SOURCES)
	@echo "building roteiro into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test: $(VENV)/demo
	@echo "installing what the tests need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

build: $(VENV)/demo

demo: $(VENV)/demo
	@$(BIN)/roteiro demo

peers:
	@sh tests/peers.sh

test: $(VENV)/test peers
	@$(BIN)/python -m pytest

$(VENV)/bench: $(VENV)/test
	@echo "installing what the bench needs into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

bench: $(VENV)/bench
	@$(BIN)/python -m pytest -q tests/test_bench_questions.py tests/test_performance_page.py
	@$(BIN)/python -m bench --minutes $(MINUTES)
	@$(BIN)/python -m pytest -q tests/speed --benchmark-enable

fuzz: $(VENV)/test
	@$(BIN)/python -m tests.long fuzz --minutes $(MINUTES)

control: $(VENV)/test
	@$(BIN)/python -m tests.long control

crash: $(VENV)/test
	@$(BIN)/python -m tests.long crash --minutes $(MINUTES) --tiers=$(TIERS)

mutants: $(VENV)/test
	@$(BIN)/python -m tests.long mutants --minutes $(MINUTES)

sanitize: $(VENV)/test
	@sh tests/sanitize.sh $(BIN)/python

tables: $(VENV)/test
	@$(BIN)/python -m tests.tables

clean:
	rm -rf build $(VENV) core/*.so
