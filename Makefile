# 水保 shuibao. Every target sets itself up in .venv from nothing but Python >= 3.11.
#
#   make demo     两个演示：忻州 14 县（模拟数据）与 Jacksboro（真实地形）
#   make serve    水保平台：私有 PostGIS、演示数据、网页（http://127.0.0.1:8000；make PORT=8010 serve 换端口）
#   make test     tests that take seconds            make test-slow   the rest
#   make test-browser   the bureau's pages in a real browser
#   make test-laws   the laws once more, with all their examples
#   make test-interpreted   the kernels once more as plain Python
#   make lint     ruff, mypy, import contracts       make docs        the site, into site/
#   make bench    benchmarks, into benchmarks/       make clean       remove what make has made
#
#   make PYTHON=/path/to/python3.12 demo    choose the Python           SHUIBAO_LANG=en make demo    in English

VENV := .venv
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
PYTEST_FLAGS ?= -n 2 --dist loadfile --no-loadscope-reorder
DIST := src/bureau/pages/static/dist

export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept, whatever the environment says: else every process of a test compiles them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo serve test test-slow test-browser test-laws test-interpreted lint docs bench lock clean distclean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

# Two stamps: what the lock names, and the project itself. Neither is repeated while its file is unchanged.
$(VENV)/.locked: requirements.lock .ci/venv
	sh .ci/venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/.installed
	@sh .ci/fonts
	$(BIN)/shuibao demo demo/xinzhou
	$(BIN)/shuibao demo demo/jacksboro --land jacksboro

# The scripts of the bureau's pages, built anew when one of them changed.
$(DIST)/pages-page.js: .ci/front-end src/bureau/front/package-lock.json src/bureau/front/build.mjs $(wildcard src/bureau/*/front/*.js)
	sh .ci/front-end

serve: $(VENV)/.installed $(DIST)/pages-page.js
	@sh .ci/fonts
	@sh .ci/postgis
	$(BIN)/bureau serve$(if $(PORT), --port $(PORT))

test: $(VENV)/.installed
	@sh .ci/postgis
	$(BIN)/python -m pytest -m "not slow and not browser" $(PYTEST_FLAGS)

test-slow: $(VENV)/.installed $(DIST)/pages-page.js
	@sh .ci/postgis
	$(BIN)/python -m pytest -m "slow and not browser"

# The pages in Chromium, on a desk and on a phone.
test-browser: $(VENV)/.installed $(DIST)/pages-page.js
	@sh .ci/fonts
	@sh .ci/postgis
	@sh .ci/chromium
	$(BIN)/python -m pytest -m browser tests

# `make test` tries each law on one example in four; here it is tried on all of them (tests/trials.py).
test-laws: $(VENV)/.installed
	SHUIBAO_TRIALS=all $(BIN)/python -m pytest -m "hypothesis and not slow and not browser" $(PYTEST_FLAGS) tests

# What a compiled kernel hides, an interpreted one shows, and the other way round.
test-interpreted: $(VENV)/.installed
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -m "not slow and not browser" $(PYTEST_FLAGS) tests/terrain tests/watershed tests/erosion tests/zoning

lint: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/.installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/one_pass.py

# New versions of everything, tried in an environment of their own.
lock:
	rm -rf build/lock && sh .ci/venv build/lock
	build/lock/bin/python -m pip install --quiet '.[cluster,bureau,docs,dev]'
	{ sed -n '/^#/p' requirements.lock; build/lock/bin/python -m pip freeze --exclude shuibao --exclude pip --exclude setuptools; } > build/requirements.lock
	mv build/requirements.lock requirements.lock

clean:
	rm -rf demo $(DIST) site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests docs benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) src/bureau/front/node_modules
