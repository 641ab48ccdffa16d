# Four commands matter. `make serve` starts the simulator. `make test` is for before every push, some three minutes
# on two processors: linter, types, and every test but the thorough ones. `make thorough` runs those: whole corpora
# of planted bugs, fuzzing, browsers, other languages, servers killed again and again. `make quick` is for the inner
# loop, well below a minute: linter, types, the rules of the house, and the rooms that need neither socket nor process.
# Each test is in one of test and thorough; .ci/run runs both.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Some tests wait for what they try: three workers keep two processors busy. Each keeps to neighbours, which share
# what they need, until it helps another.
PYTEST := $(BIN)/python -m pytest -n 3 --dist worksteal -q
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# These look at the checkout itself.
WITHOUT_SOURCES := --ignore tests/test_packaging.py --ignore tests/test_readme.py --ignore tests/test_house_rules.py \
  --ignore tests/test_thoroughness.py

# Hundreds of tests start processes: none of them compiles what another has compiled.
export PYTHONDONTWRITEBYTECODE :=

OLDEST := tests/test_oldest.py tests/test_app.py tests/admin tests/web tests/vendors/callo
QUICK := tests/test_house_rules.py tests/test_layers.py tests/telephony tests/formats tests/conformance tests/scenario

.PHONY: install serve test thorough quick rooms lint types tests oldest test-wheel bench torture corpus proof faults clean-clients readme audit image-steps lock clean

install: $(VENV)/serve.stamp

serve: $(VENV)/serve.stamp
	@exec $(BIN)/simulator serve $(ARGS)

test: lint types tests

quick: $(VENV)/test.stamp
	$(BIN)/ruff check --output-format concise
	$(BIN)/mypy
	$(PYTEST) -m "not thorough" $(QUICK) $(ARGS)

rooms: $(VENV)/test.stamp  # the tests of quick alone: whether another Python runs them as well
	$(PYTEST) -m "not thorough" $(QUICK) $(ARGS)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check --output-format concise
	$(BIN)/ruff format --check --quiet
	$(BIN)/simulator contracts lint
	$(BIN)/simulator scenarios lint $$(find scenarios -name "*.yaml")

types: $(VENV)/test.stamp
	$(BIN)/mypy

tests: $(VENV)/test.stamp
	$(PYTEST) -m "not thorough" $(ARGS)

thorough: $(VENV)/test.stamp
	$(PYTEST) -m thorough $(ARGS)

oldest: $(VENV)/test.stamp  # what touches Flask, with the oldest Flask and Werkzeug that are supported
	@rm -rf build/oldest && mkdir -p build/oldest
	@$(PIP) install --no-deps --target build/oldest $$($(BIN)/python -m tests.oldest)
	PYTHONPATH=build/oldest $(PYTEST) -m "not thorough" $(OLDEST) $(ARGS)

test-wheel: $(VENV)/test.stamp  # the suite against the built wheel, in a folder without the sources
	@rm -rf build/wheel && mkdir -p build/wheel
	@$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . > build/wheel/build.log
	@$(PIP) install --no-deps --target build/wheel/installed build/wheel/*.whl
	@cp -r tests pyproject.toml README.md CHANGELOG.md Makefile build/wheel/
	cd build/wheel && PYTHONPATH=$$PWD/installed:$$PWD $(abspath $(BIN))/python -m pytest -n 3 -q $(WITHOUT_SOURCES) $(ARGS)

bench: $(VENV)/test.stamp  # beside peers, installed into .benchmarks where npm and java are at hand; takes minutes
	$(BIN)/python -m tests.benchmarks $(ARGS)

torture: $(VENV)/test.stamp  # servers killed 200 times with a state file and 100 times with a Redis; takes half an hour
	$(BIN)/python -m tests.state.torture sqlite 200
	$(BIN)/python -m tests.state.torture redis 100

corpus: $(VENV)/test.stamp  # every planted bug, and what is caught of each kind
	CORPUS=all $(PYTEST) tests/clients $(ARGS)
	$(BIN)/python -m tests.clients.corpus

proof: $(VENV)/test.stamp  # every planted bug of every client, and whether a suite or `check` finds it; takes 20 minutes
	$(BIN)/python -m tests.suites.proof $(ARGS)

faults: $(VENV)/test.stamp  # every planted fault of the simulator, and whether a test of ours notices it; takes 10 minutes
	$(BIN)/python -m tests.faulty_simulator $(ARGS)

clean-clients: $(VENV)/test.stamp  # every right client ten times under each clock
	$(BIN)/python -m tests.clients.corpus --clean 10 $(ARGS)

readme: $(VENV)/test.stamp  # everything written that is made of what the simulator answers
	@mkdir -p build
	$(BIN)/python -m tests.readme
	$(BIN)/simulator scenarios schema > build/schema.json && mv build/schema.json scenarios/scenario.schema.json
	$(BIN)/simulator words --all > build/words.md && mv build/words.md scenarios/README.md

audit: .venv-audit/audit.stamp  # advisories on what is locked, and build/sbom.cdx.json (CycloneDX)
	.venv-audit/bin/python -m tests.audit .venv-audit/bin

.venv-audit/audit.stamp: requirements/audit.lock
	@$(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@touch $@

image-steps: $(VENV)/test.stamp  # what `simulator deploy dockerfile` does, in a clean virtual environment
	$(BIN)/python -m tests.image_steps

lock: $(VENV)/test.stamp  # needs the resolver `uv` on the path
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --strip-extras --upgrade --extra js --extra tls --extra redis pyproject.toml requirements/build.in -o requirements/serve.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --strip-extras --upgrade --extra test pyproject.toml requirements/build.in -o requirements/test.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --strip-extras --upgrade requirements/audit.in -o requirements/audit.lock

clean:
	rm -rf $(VENV) .venv-audit dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks

$(VENV)/%.stamp: requirements/%.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one by make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing locked dependencies into $(VENV) ..."
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
