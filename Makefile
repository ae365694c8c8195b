# `make run` and `make test` are all you need; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: run test check install lock messages tour clean

run: $(STAMP)  ## Serve the whole marketplace with a sample world on http://127.0.0.1:8000
	$(BIN)/market run

test: $(DEV_STAMP)  ## Run every test (SQLite, PostgreSQL, browser)
	$(BIN)/pytest -n 2 --dist worksteal

check: $(DEV_STAMP)  ## Lint, types, import rules, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy market
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

install: $(DEV_STAMP)  ## Make .venv with everything for development

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

lock: $(VENV)/bin/python  ## Renew constraints.txt: the newest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check -e '.[dev]'
	build/lock/bin/pip freeze --exclude-editable | grep -v '^pip==' > constraints.txt

tour: $(DEV_STAMP)  ## Take the README's pictures anew
	$(BIN)/pytest tests/story/test_tour.py
	cp build/tour/*.png market/static/tour/

messages: $(DEV_STAMP)  ## Collect the texts to translate
	$(BIN)/pybabel extract -q -F pyproject.toml -o market/locale/messages.pot .

clean:  ## Forget everything that was made here, the data of `make run` too
	rm -rf $(VENV) build var *.egg-info
