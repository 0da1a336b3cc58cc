# Every target sets up .venv by itself. PYTHON names another interpreter: make PYTHON=python3.12
PYTHON ?= python3
STUDY ?= data/cdnow.yaml
BIN := .venv/bin
READY := .venv/ready

.PHONY: report test lab bench complete-journey ta-feng clean

report: $(READY)
	$(BIN)/segment report $(STUDY)

test: $(READY)
	$(BIN)/ruff check src tests bench data
	$(BIN)/ruff format --check src tests bench data
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lab: $(READY)
	$(BIN)/jupyter lab

bench: $(READY)
	$(BIN)/python bench/features.py
	$(BIN)/python bench/evidence.py
	$(BIN)/python bench/report.py

complete-journey: $(READY)
	$(BIN)/python data/make_complete_journey.py
	$(BIN)/segment report data/complete_journey.yaml

ta-feng: $(READY)
	$(BIN)/python data/make_ta_feng.py
	$(BIN)/segment report data/ta_feng.yaml

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "segment needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

clean:
	rm -rf .venv
	find reports -mindepth 1 -maxdepth 1 ! -name README.md ! -name example -exec rm -r {} +
