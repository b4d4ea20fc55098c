# What one does with the course, one command each. `make` alone lists them.
# Nothing needs to be installed first: each command brings .venv up to date for what it needs.

PYTHON ?= python3
# Passed to every `pip install`, and to torch's alone. On Linux the CPU build of torch is much smaller:
#     make test TORCH_PIP_ARGS="--index-url https://download.pytorch.org/whl/cpu"
PIP_ARGS ?=
TORCH_PIP_ARGS ?=
# Passed to pytest:  make test PYTEST_ARGS="-k lstm"
PYTEST_ARGS ?=
# Which experiments to run; none means all:  make experiments EXPERIMENTS="running_mean"
EXPERIMENTS ?=
# How to measure:  make bench BENCH_ARGS=quick
BENCH_ARGS ?=

# constraints.txt is the one place that names a version of torch.
TORCH ?= $(shell sed -n '/^torch==/p' constraints.txt)
PIP := .venv/bin/python -m pip install -qq
# Slow tests run where CI is set, as it is at every public forge.
MARKS := $(if $(CI),,-m "not slow")

# nbgrader calls `alembic` by its bare name.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Processes share the cores already; threads inside them only get in each other's way.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint notebooks contracts experiments bench check-the-checks constraints clean distclean bubblewrap

help: ## list the commands
	@echo "Unrolled. Commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

setup: .venv/.installed-base ## make .venv with the course in it (the others do so by themselves)

demo: .venv/.installed-base bubblewrap ## grade a small class, hostile submissions among it, and show the result
	@.venv/bin/autograder demo

test: .venv/.installed-dev bubblewrap ## run the tests; with CI=1 the slow ones too
	@.venv/bin/python -m pytest -n auto --dist loadgroup $(MARKS) $(PYTEST_ARGS)

lint: .venv/.installed-dev ## check style, format and types
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python -m mypy course autograder experiments

notebooks: .venv/.installed-dev ## build every worksheet and its solved twin from solutions/*.py, then docs/
	@.venv/bin/autograder build
	@.venv/bin/python -m autograder.pages
	@$(MAKE) --no-print-directory contracts

contracts: .venv/.installed-dev ## write the table of exercises and their signatures
	@.venv/bin/autograder contracts --write docs/contracts.md

experiments: .venv/.installed-dev ## run the long experiments and write their tables, course/results/*.csv
	@.venv/bin/python -m experiments $(EXPERIMENTS)

bench: .venv/.installed-dev bubblewrap ## measure how fast submissions are graded
	@.venv/bin/python -m benchmarks $(BENCH_ARGS)

check-the-checks: .venv/.installed-dev ## prove that every check rejects wrong answers and names them rightly
	@.venv/bin/python -m autograder.prove

constraints: .venv/.created ## resolve all versions anew, into constraints.txt and environment.yml
	@PIP_ARGS='$(PIP_ARGS)' TORCH_PIP_ARGS='$(TORCH_PIP_ARGS)' \
		.venv/bin/python scripts/constraints.py $(TORCH)

clean: ## remove what building and testing left behind
	@rm -rf .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -path ./.git -prune -o \
		\( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +

distclean: clean ## remove .venv as well
	@rm -rf .venv

# Hidden prerequisites. A stamp is younger than what it was made from, or is made again.

bubblewrap:
	@sh scripts/bubblewrap.sh

.venv/.created:
	@sh scripts/venv.sh $(PYTHON)
	@touch $@

.venv/.installed-base: pyproject.toml constraints.txt course/__init__.py | .venv/.created
	@echo "Installing the course into .venv (the first time takes a few minutes) ..."
	@$(PIP) $(PIP_ARGS) -c constraints.txt -e .
	@touch $@

# torch first, alone and without its dependencies: so whichever build TORCH_PIP_ARGS points at is taken,
# and what that build needs comes afterwards, from where everything else does.
.venv/.installed-dev: pyproject.toml constraints.txt course/__init__.py | .venv/.created
	@echo "Installing the course, torch and the tools into .venv (the first time takes some minutes) ..."
	@$(PIP) $(TORCH_PIP_ARGS) --no-deps $(TORCH)
	@$(PIP) $(PIP_ARGS) -c constraints.txt -e ".[dev,torch,cluster,postgresql]"
	@touch .venv/.installed-base $@
