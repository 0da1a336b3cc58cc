# Every target sets up .venv by itself. PYTHON names another interpreter: make PYTHON=python3.12
PYTHON ?= python3
STUDY ?= data/cdnow.yaml
BIN := .venv/bin
READY := .venv/ready

.PHONY: report test spark-test lab bench docs complete-journey ta-feng clean help

report: $(READY)  ## compare schemes on STUDY and write the report
	$(BIN)/segment report $(STUDY)

test: $(READY)  ## run the linter and every test
	$(BIN)/ruff check src tests bench data docs
	$(BIN)/ruff format --check src tests bench data docs
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

spark-test: $(READY)  ## compare the figures of Spark with those of DuckDB; needs Java
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e ".[spark]"
	$(BIN)/python -m pytest tests/test_spark.py

lab: $(READY)  ## open JupyterLab
	$(BIN)/jupyter lab

bench: $(READY)  ## measure time and memory
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
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

docs: $(READY)  ## build the documentation into site/index.html
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.txt -c requirements.lock
	$(BIN)/python docs/make_reference.py
	$(BIN)/mkdocs build --quiet --strict

clean:  ## remove .venv and caches; reports stay
	rm -rf .venv site .pytest_cache .ruff_cache .hypothesis
	find src tests data bench docs -name __pycache__ -prune -exec rm -r {} +

help:  ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*  ## /make \1 - /p' Makefile
