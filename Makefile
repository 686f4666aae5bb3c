# The two that a newcomer needs: `make run` and `make test`. Python 3.11 or newer is all they ask for.
PORT ?= 8000
WORKERS ?= auto
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
export PORT

.PHONY: run test check bench lock messages

run: .venv/run.stamp ## Serve the demo on http://127.0.0.1:$(PORT)
	@$(BIN)/python config/bootstrap.py
	@$(BIN)/python manage.py migrate -v0
	@$(BIN)/python manage.py collectstatic --noinput -v0
	@$(BIN)/python manage.py demo
	@echo && echo "Serving on http://127.0.0.1:$(PORT)"
	@exec $(BIN)/gunicorn -c deploy/gunicorn.conf.py --log-level warning

test: .venv/dev.stamp ## All tests, on SQLite or on the database of DATABASE_URL, shared out to all cores
	@$(BIN)/pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

check: .venv/dev.stamp ## Format, lint, types, floors, migrations, texts, deploy checks
	@$(BIN)/python config/bootstrap.py
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy config experiences warranty parts ownership analytics products manage.py deploy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check
	$(BIN)/python deploy/check.py

bench: .venv/dev.stamp ## The benchmarks, as ratios within one run
	@$(BIN)/python config/bootstrap.py
	$(BIN)/python -m bench $(ARGS)

lock: .venv/dev.stamp ## Compile the exact pins from requirements.in and requirements-dev.in
	$(PIP) install uv
	$(BIN)/uv pip compile -q --python-version 3.11 --no-header --no-emit-find-links --no-emit-index-url \
		requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --python-version 3.11 --no-header --no-emit-find-links --no-emit-index-url \
		-c requirements.txt requirements-dev.in -o requirements-dev.txt

messages: .venv/dev.stamp ## Collect the texts to translate, and compile them (needs gettext)
	$(BIN)/python manage.py makemessages --all --no-location --no-wrap --ignore '.venv/*' --ignore 'tests/*' --ignore 'bench/*'
	$(BIN)/python manage.py compilemessages --ignore '.venv/*'

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is needed (Debian: python3-venv)." >&2; exit 1; }

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what requirements.txt names …"
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Installing what requirements-dev.txt names …"
	@$(PIP) install -r requirements-dev.txt
	@touch $@
