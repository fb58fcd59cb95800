# Two commands do all the set-up: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-fast lint format docs surrogates benchmarks clean

demo: $(VENV)/installed
	$(BIN)/printron demo --out demo

# Tests run on all cores, a file in one process; what one process has compiled serves the others.
test: lint
	@tools/ngspice.sh
	$(BIN)/python -m pytest -n auto

test-fast: $(VENV)/installed-test
	$(BIN)/python -m pytest -n auto -m "not slow"

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Draw the picture, write the table of columns, check links and commands of all pages, and run the
# snippets of README, recipes and cells.
docs: $(VENV)/installed-test
	$(BIN)/python tools/house.py > docs/images/.house.svg && mv docs/images/.house.svg docs/images/house.svg
	$(BIN)/python tools/table_doc.py
	$(BIN)/python -m pytest tests/docs tests/test_readme.py tests/technology/test_docs.py

# Speed, on data that need no download (beside PyTorch, where that is installed).
benchmarks: $(VENV)/installed-test
	$(BIN)/python benchmarks/training.py --datasets iris
	$(BIN)/python benchmarks/loaded.py iris balance_scale
	$(BIN)/python benchmarks/characterization.py

# Rebuild the surrogates that ship with the package (about five minutes on two cores). Those that ship
# are of an earlier training, which published results depend on: new ones change these results.
surrogates: $(VENV)/installed
	$(BIN)/printron surrogates --out src/printron/characterization/data

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "printron needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (choose another with: make PYTHON=python3.11 ...)")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is missing; on Debian install it with: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
