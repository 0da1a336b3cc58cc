# Every target sets up .venv by itself, with the Python that it has already. PYTHON names another
# interpreter, for which it is made anew: make PYTHON=python3.12
BIN := .venv/bin
PYTHON ?= $(shell $(BIN)/python -c 'import sys; print(sys._base_executable)' 2>/dev/null || echo python3)
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
STUDY ?= data/cdnow.yaml
READY := .venv/ready-$(VERSION)
TESTED := .venv/ready-for-tests-$(VERSION)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock

.PHONY: setup report test spark-test lab bench docs complete-journey ta-feng clean help

report: $(READY)  ## compare schemes on STUDY and write the report
	$(BIN)/segment report $(STUDY)

test: $(TESTED)  ## run the linter and every test
	$(BIN)/ruff check src tests bench data docs
	$(BIN)/ruff format --check src tests bench data docs
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

spark-test: $(TESTED)  ## compare the figures of Spark with those of DuckDB; needs Java
	SPARK=1 $(BIN)/python -m pytest tests/test_engines.py

lab: $(READY)  ## open JupyterLab
	$(BIN)/jupyter lab

bench: $(TESTED)  ## measure time and memory
	$(BIN)/python bench/features.py
	$(BIN)/python bench/evidence.py
	$(BIN)/python bench/report.py

complete-journey: $(READY)  ## fetch the data of a grocer and report on them
	$(BIN)/python data/make_complete_journey.py
	$(BIN)/segment report data/complete_journey.yaml

ta-feng: $(READY)  ## fetch the data of a supermarket and report on them
	$(BIN)/python data/make_ta_feng.py
	$(BIN)/segment report data/ta_feng.yaml

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "segment needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(VERSION)")' \
	  2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation -e .
	@touch $(READY)

$(TESTED): $(READY)
	$(PIP) setuptools wheel
	$(PIP) --no-build-isolation -e '.[dev]'
	@touch $(TESTED)

setup: $(READY)  ## set up .venv alone

docs: $(READY)  ## build the documentation into site/index.html
	$(PIP) -r docs/requirements.txt
	$(BIN)/python docs/make_reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

clean:  ## remove .venv and caches; reports stay
	rm -rf .venv site .pytest_cache .ruff_cache .hypothesis
	find src tests data bench docs -name __pycache__ -prune -exec rm -r {} +

help:  ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*  ## /make \1 - /p' Makefile
