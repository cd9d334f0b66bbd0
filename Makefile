# The verbs of the project. Every target is idempotent and says what it does.
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Where the machine has no Node, setup puts one into .venv.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup setup-dev run test check format bless bench campaign lock frontend clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: ## install what is missing to run the service
	@scripts/setup.sh run

setup-dev: ## the same, with test tools
	@scripts/setup.sh dev

run: setup ## everything: embedded store, sample county, risk, map at http://127.0.0.1:8000
	@.venv/bin/yingji up

test: setup-dev ## all tests, on a real PostGIS and a real Chromium
	cd frontend && npm run --silent test
	$(PY) -m pytest

check: setup-dev ## format, lint, types, arrows, drift of generated files
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	PYTHONPATH=src .venv/bin/lint-imports
	$(PY) -m yingji_map docs --check
	cd frontend && npm run --silent typecheck

format: setup-dev ## rewrite the sources in the house style
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bless: setup-dev ## remake schemas and reference pages (say why in the commit)
	$(PY) -m yingji_map docs

bench: setup-dev ## the benchmarks, as ratios to a reference in the same run
	for file in benchmarks/*.py; do echo "== $$file"; $(PY) $$file || exit 1; done

campaign: setup-dev ## kill imports, servers and PostgreSQL many times (YINGJI_KILLS, 20 of each)
	YINGJI_KILLS=$${YINGJI_KILLS:-20} $(PY) -m pytest -q -s tests/store/test_crash_safety.py tests/store/test_server_crash.py

PIP_COMPILE = .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
  --no-emit-index-url --no-emit-find-links --no-header
lock: setup-dev ## remake the lock files from pyproject.toml (on Debian 12: its Python 3.11.2 is the oldest we serve)
	$(PIP_COMPILE) --extra build --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --all-extras --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

frontend: setup ## rebuild the map page when its sources have changed

clean: ## remove what the build made (never the data folder)
	rm -rf .venv build dist frontend/node_modules src/yingji_map/web/static/app .pytest_cache .mypy_cache .ruff_cache
