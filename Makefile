# relu-regions: `make` alone prints what there is to make.
PYTHON  ?= python3
SCALE   ?= quick
BIN     := .venv/bin
STAMP   := .venv/.installed
GALLERY := counts_and_bounds depth_and_bound tightness regions_and_accuracy \
           training_and_regions empirical pruning
CLAIMS  := $(sort $(basename $(notdir $(wildcard benchmarks/*.py))))

.DEFAULT_GOAL := help
.PHONY: help setup test check package docs figures gallery bench clean

help: ## print this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## make the virtual environment .venv with all that tests and figures need

$(STAMP): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[all]' --constraint constraints.txt
	$(BIN)/regions doctor --compile > /dev/null
	@touch $(STAMP)

test: $(STAMP) ## run the tests and the examples of the docstrings; say what they cover
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term

check: $(STAMP) ## linters, formatting, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --config setup.cfg
	$(BIN)/mypy

package: $(STAMP) ## build the wheel and the sdist, and try both where nothing else is installed
	tests/packages.sh $(PYTHON) $(BIN)/python

figures: $(STAMP) ## train, count, bound and draw: SCALE=quick (minutes) or SCALE=paper
	$(BIN)/python -m experiments run all --scale $(SCALE)
	$(BIN)/python -m figures --scale $(SCALE)

gallery: $(STAMP) ## draw the pictures of the README from the committed tables
	$(BIN)/python -m figures --scale paper $(GALLERY)
	cp $(GALLERY:%=figures/out/paper/%.png) figures/gallery/

docs: $(STAMP) ## build the pages under site/, warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(STAMP) ## measure each claim against its peer in the same run
	for claim in $(CLAIMS); do $(BIN)/python -m benchmarks.$$claim || exit 1; done

clean: ## remove what a command can make again
	rm -rf experiments/results/quick figures/out/quick .pytest_cache .ruff_cache .import_linter_cache .mypy_cache .coverage*
