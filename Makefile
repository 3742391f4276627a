# Every target brings .venv up to date first (scripts/set_up.sh); only Python 3.11 or newer, make
# and git are needed. PYTHON=/path/to/python3.12 chooses the interpreter.
#
#   make demo      the main job: simulate, train, release, score and explain one project
#   make test      all tests and examples of the documentation (JOBS=1: by one process; TESTS=DIR: some)
#   make check     style, types, import direction and the examples in the documentation
#   make format    rewrite the code in the project's style
#   make bench     write docs/performance.md again (BENCH=single: that part; BENCH=--resume: go on)
#   make compare   write docs/model-comparison.md again: the recipe beside other methods
#   make results   write docs/results-*.md again (JAPAN_REVIEW=FILE: the real data)
#   make notebooks run the notebooks' scripts and keep what they give
#   make lock      resolve pyproject.toml into the three locks (UPGRADE=1: newest versions)
#   make clean     remove the environment and caches; var/ is kept

SHELL := /bin/sh
.DEFAULT_GOAL := help

JOBS ?= 2
JAPAN_REVIEW ?= ../shared/data/japan_review/sheets_2015_2019.parquet
export PYTHON

.PHONY: help environment environment-dev environment-bench demo test check format bench compare results notebooks lock clean

help:
	@sed -n 's/^#   \(make .*\)/  \1/p' Makefile

environment:
	@scripts/set_up.sh

environment-dev:
	@scripts/set_up.sh dev

environment-bench:
	@scripts/set_up.sh bench

demo: environment
	.venv/bin/lingji demo

test: environment-dev
	.venv/bin/python -m pytest $(if $(filter-out 1,$(JOBS)),--numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder) $(TESTS)

check: environment-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/python -m pytest -q tests/test_documents.py features models training serving docs $(wildcard *.md)

format: environment-dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: environment-bench
	.venv/bin/python -m benchmarks $(BENCH)

compare: environment-bench
	.venv/bin/python -m benchmarks.model_comparison --japan-review "$(JAPAN_REVIEW)"

results: environment
	.venv/bin/lingji report province --out docs/results-province.md
	.venv/bin/lingji report japan_review --data "$(JAPAN_REVIEW)" --out docs/results-japan-review.md

notebooks: environment-dev
	.venv/bin/python -m tests.kept_notebooks

lock:
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis lingji.egg-info
