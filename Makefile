# Every target does its own set-up; what is there already is not done again. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
SETUP := deployments/setup
.NOTPARALLEL:

PYTEST_ARGUMENTS ?=
ON_MYSQL := tests/mysql tests/integration tests/faults/test_mysql_faults.py tests/flows/test_rights.py --deselect tests/integration/test_embedded_database.py
LONG := tests/faults tests/kills tests/end_to_end tests/processes tests/stateful tests/tls tests/secrecy tests/cluster \
	$(addprefix tests/integration/test_,$(addsuffix .py,attempts bombs chores dimensions door names reconcile restore s3_requests)) \
	$(addprefix tests/flows/test_,$(addsuffix .py,commands comes_back maintain prod reconcile stream_run))
UNDER_POLICIES := tests/integration/test_stream.py tests/integration/test_reconcile.py tests/flows/test_archive.py tests/flows/test_clean_up.py
MEASURED := peers tail lake history customers waiting huge

export PYTHONUNBUFFERED := 1

.PHONY: help demo up status down report test coverage gates unit lint fmt bench $(MEASURED) soak browser pictures image-test policies mysql audit sbom venv dev-venv java jars clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: runtime ## set up, start the servers, generate 500,000 sales, ingest them, show what happened
	@$(PYTHON) -m deployments.demo

up: runtime ## start the embedded servers: S3, database, Prefect and its worker
	@$(PYTHON) -m deployments.embedded up

status: venv ## show the state, address and log of each embedded server
	@$(PYTHON) -m deployments.embedded status || true

down: venv ## stop the embedded servers and all they started; data stays
	@$(PYTHON) -m deployments.embedded down

report: venv ## write the report of dev as one HTML file, and say where it is
	@$(PYTHON) -m flows.report --environment dev

test: dev ## run all gates and all tests
	@$(MAKE) gates
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGUMENTS)

coverage: ## the same, and which lines no test of them reaches
	@$(MAKE) test PYTEST_ARGUMENTS='--cov --cov-report=term:skip-covered'

unit: dev-venv ## run the tests that need neither Spark nor servers
	@$(PYTHON) -m pytest tests/unit $(PYTEST_ARGUMENTS)

lint: dev-venv gates ## check style, types, import direction, SQL, secrets

fmt: dev-venv ## format the code
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .

PARTS := $(filter $(MEASURED),$(MAKECMDGOALS))
bench: dev ## measure: 500,000 rows cold, a warm batch, file to marts; or `make bench peers tail lake history customers waiting huge`
	@$(if $(filter waiting,$(PARTS)),$(SETUP)/versitygw)
	@$(if $(filter peers,$(PARTS)),$(SETUP)/peer)
	@$(PYTHON) -m tests.bench $(if $(PARTS),--what $(PARTS))

$(MEASURED):
	@:

browser: dev ## walk through Prefect's UI in a real browser; pictures in .tillstream/screenshots
	@$(SETUP)/browser
	@$(PYTHON) -m pytest -m browser tests/browser $(PYTEST_ARGUMENTS)

pictures: browser ## the same, and keep those that the docs show
	@$(SETUP)/pictures

image-test: dev ## build the container image without Docker, look into its layers, have it ingest; as root, a quarter of an hour
	@tests/image/prove

soak: dev ## the long proof: every fault, a death at every point, 60 kills at random, hundreds of lives, all servers away
	@$(PYTHON) -m pytest -m 'soak or not soak' tests/soak/stateful.py $(LONG)
	@$(PYTHON) -m tests.soak.kills --kills 60

policies: dev ## run what enters the bucket under each role's policy, on an S3 server that enforces them (needs Go)
	@$(SETUP)/versitygw
	@TILLSTREAM_ENFORCE_POLICIES=1 $(PYTHON) -m pytest -m 'soak or not soak' tests/policies $(UNDER_POLICIES)

mysql: dev ## run what speaks SQL on Oracle's MySQL (from Debian's unstable packages, unpacked aside)
	@$(SETUP)/mysql
	@TILLSTREAM_REAL_MYSQL=1 $(PYTHON) -m pytest -m 'soak or not soak' $(ON_MYSQL)

audit: dev-venv ## ask which locked packages have known vulnerabilities (asks PyPI's own interface, which mirrors may lack)
	@$(SETUP)/audit

sbom: dev-venv ## write the bill of materials, CycloneDX as JSON, and say where it is
	@$(PYTHON) -m deployments.sbom

venv: ## have .venv with what the project needs to run
	@$(SETUP)/venv runtime

jars: venv java ## have the Spark, S3 and database jars in the cache
	@$(PYTHON) -m deployments.jars

clean: ## remove caches and reports of the tools
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* build dist *.egg-info
	find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: ## stop the servers, remove all the project made here: data, keys, .venv
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m deployments.embedded down; fi
	@$(MAKE) clean
	rm -rf .tillstream .venv

# --- steps of the above ---

.PHONY: runtime dev
runtime: jars

dev: dev-venv java
	@$(PYTHON) -m deployments.jars

dev-venv:
	@$(SETUP)/venv dev

java: venv
	@$(SETUP)/java

gates:
	@echo "gate: ruff"; $(PYTHON) -m ruff check .
	@echo "gate: ruff format"; $(PYTHON) -m ruff format --check .
	@echo "gate: mypy"; $(PYTHON) -m mypy
	@echo "gate: import-linter"; .venv/bin/lint-imports
	@echo "gate: sqlfluff"; .venv/bin/sqlfluff lint --disable-progress-bar streaming/warehouse
	@echo "gate: secrets"; $(PYTHON) -m tests.gates.secrets_scan
