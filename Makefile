# relu-regions: `make` alone prints what there is to make.
PYTHON ?= python3
SCALE  ?= quick
BIN    := .venv/bin
STAMP  := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup test check figures bench clean

help: ## print this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## make the virtual environment .venv with all that tests and figures need

$(STAMP): setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[all]'
	@touch $(STAMP)

test: $(STAMP) ## run the tests and the examples of the docstrings
	$(BIN)/python -m pytest -n 2

check: $(STAMP) ## linters, formatting and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --config setup.cfg

figures: $(STAMP) ## train, count, bound and draw: SCALE=quick (minutes) or SCALE=paper
	$(BIN)/python -m experiments run all --scale $(SCALE)
	$(BIN)/python -m figures --scale $(SCALE)

bench: $(STAMP) ## measure ratios against peers; rows for PERFORMANCE.md
	$(BIN)/python -m benchmarks

clean: ## remove what a command can make again
	rm -rf experiments/results/quick figures/out/quick .pytest_cache .ruff_cache .import_linter_cache
