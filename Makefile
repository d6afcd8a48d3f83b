# Everything runs from .venv, which `make setup` fills from the two lock files and nothing else.

PYTHON ?= python3
UPGRADE ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--newline lf $(if $(UPGRADE),--upgrade)

# Named after what went in, so that a new clone, an older commit or another Python never passes for set up.
READY := .venv/ready-$(shell { $(PYTHON) -V; cat requirements.lock requirements-dev.lock pyproject.toml; } 2>&1 \
	| cksum | tr ' ' -)

.PHONY: help setup demo test test-long test-browser strings bench lint types imports check lock shell deb install \
	uninstall package-test image bundle image-test image-test-long powercut
.DEFAULT_GOAL := help

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## create .venv with what the lock files say (PYTHON=python3.13 chooses another Python)
	@:

$(READY):
	@command -v $(PYTHON) >/dev/null \
		|| { echo "make: $(PYTHON) is missing: install Python 3.11 or newer, or name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: $$($(PYTHON) -V 2>&1) is too old: Rufweiche needs 3.11 or newer; name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "make: $(PYTHON) has no venv module: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	@[ "$$($(BIN)/python -V 2>&1)" = "$$($(PYTHON) -V 2>&1)" ] || rm -rf .venv
	@echo "Setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@rm -f .venv/ready-* && touch $@

demo: setup ## the whole product on a simulated exchange
	@$(BIN)/rufweiche demo

test: setup ## all tests that take seconds
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not long and not browser"

test-long: setup ## the tests that take minutes: real time, from outside
	@$(BIN)/python -m pytest -m long

test-browser: setup ## the page in Chromium, which is installed where it is missing and that is allowed
	@.ci/chromium
	@$(BIN)/python -m pytest -m browser tests/browser

strings: setup ## bring the page's catalogues in line with its sources
	@$(BIN)/python -m tests.web.strings

bench: setup ## speed and size, as a table
	@$(BIN)/python -m tests.bench

lint: setup ## style and habits
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: setup ## mypy, strict
	@$(BIN)/python -m mypy

imports: setup ## which room may import which
	@$(BIN)/lint-imports

check: lint types imports test ## all of the above that a change must pass

SHELL_SCRIPTS := $(shell grep -rlE '^\#!/(usr/bin/env bash|bin/sh)' .ci image-build packaging systemd 2>/dev/null)

shell: ## shellcheck over every script
	@shellcheck -x $(SHELL_SCRIPTS)

deb: setup ## the Debian package, for this machine (ARCH=arm64 PYTHON_VERSION=3.13: for a Raspberry Pi)
	@packaging/deb.sh dist

install: setup ## install on this Debian or Raspberry Pi OS; again: the present state
	@packaging/install.sh

uninstall: ## remove it again (PURGE=1: settings and call log, too)
	@packaging/install.sh --uninstall $(if $(PURGE),--purge)

package-test: setup ## install the package in a container of its own and start it there (root; 3 min)
	@$(BIN)/python -m pytest tests/systemd/installed.py

image: setup ## the image for the card, in dist (root; 12 min the first time, then 3)
	@image-build/build.sh dist

bundle: setup ## the signed update bundle of the image in dist (RELEASE_KEY, RELEASE_CERT)
	@image-build/bundle.sh dist

image-test: setup ## start the image in QEMU and try it (after make image; half an hour)
	@$(BIN)/python -m pytest -x tests/image/recipe.py tests/image/boot.py tests/image/page.py tests/image/odd_cards.py \
		tests/image/power.py

image-test-long: setup ## the same, and what takes hours: a Raspberry Pi 3 in QEMU, cold builds, a bad update, 1000 power cuts
	@IMAGE_TEST_LONG=1 $(BIN)/python -m pytest -x tests/image/recipe.py tests/image/boot.py \
		tests/image/page.py tests/image/odd_cards.py tests/image/long.py
	@$(MAKE) powercut N=1000

powercut: setup ## rebuild N crash states of one recorded boot and check each (after make image)
	@N=$(or $(N),100) $(BIN)/python -m pytest -x tests/image/power.py

# The development lock is resolved within the runtime lock, so that tests run on the versions the box runs on.
lock: setup ## bring the lock files in line with pyproject.toml (UPGRADE=1 takes the newest of everything)
	@$(LOCK) -o requirements.lock pyproject.toml
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' \
		| $(LOCK) -c requirements.lock -o requirements-dev.lock -
