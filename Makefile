# Needs only python3 (3.11 or newer) and make; everything else comes from requirements.lock.
PYTHON ?= python3
PIP = .venv/bin/python -m pip --quiet --disable-pip-version-check
PACKAGES = controller emulators reports rigs scenarios twin

.DEFAULT_GOAL := help
.PHONY: help .venv report test lint mutate docs pictures bench fuzz killed week clean

help:  ## show the targets
	@sed -n 's/^\([a-z.]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

.venv: .venv/.installed  ## make the pinned environment

.venv/.installed: requirements.lock pyproject.toml
	@echo "making .venv from requirements.lock (about a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@.venv/bin/python -m compileall -q $(PACKAGES) $(wildcard *.py)
	@touch $@

report: .venv/.installed  ## run the compliance campaign at every firmware level
	.venv/bin/hem comply --firmware all --jobs 2 --out build/report

# What these tests ask is a program of Debian's; .ci/run installs it, a fresh machine may do without.
NEEDS = chromium:tests/reports/test_report_chromium.py chromium:tests/service/test_pages_chromium.py \
  promtool:tests/service/test_metrics_promtool.py tshark:tests/rigs/bench/test_recording_tshark.py \
  mosquitto:tests/service/test_mqtt_mosquitto.py openssl:tests/service/test_serve_openssl.py \
  systemd-analyze:tests/test_packaging_systemd.py pg_ctlcluster:tests/service/test_history_postgresql.py
MISSING = $(foreach each,$(NEEDS),$(if $(shell command -v $(firstword $(subst :, ,$(each)))),,$(lastword $(subst :, ,$(each)))))

test: .venv/.installed  ## run the tests
	@$(if $(strip $(MISSING)),echo "left out for want of their program (.ci/run has it): $(strip $(MISSING))")
	.venv/bin/python -m pytest -n 2 --dist loadfile $(MISSING:%=--ignore=%)

lint: .venv/.installed  ## check style, types and the direction of imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy --strict $(PACKAGES) $(wildcard hem.py hem_bench.py hem_service.py bench)
	.venv/bin/lint-imports

mutate: .venv/.installed  ## break every point of every driver and table once: would a story notice?
	.venv/bin/hem mutate --jobs 2 --out build/report

docs: .venv/.installed  ## write docs/stories.md and the README's table from the code
	.venv/bin/python -m scenarios.campaign.pages

pictures: .venv/.installed  ## photograph the pages for docs/pages, with Chromium
	mkdir -p build
	.venv/bin/python -m pytest -q tests/service/test_pages_chromium.py -k "every_page or found" --basetemp build/pictures
	.venv/bin/python -c 'from pathlib import Path; from PIL import Image; [Image.open(each).convert("RGB").quantize(96) \
	  .save(f"docs/pages/{each.name}", optimize=True) for each in sorted(Path("build/pictures").glob("test_*/*.png"))[::-1] if "-" not in each.stem]'

bench: .venv/.installed  ## measure speed, beside pymodbus, smllib and what the wire allows
	.venv/bin/python -m bench

fuzz: .venv/.installed  ## tell a million random seconds of random houses, hear a million bent telegrams (half an hour)
	.venv/bin/python -m scenarios.fuzz --ticks 1000000 --jobs 2
	.venv/bin/python -m bench.fuzz_sml 1000000

killed: .venv/.installed  ## kill -9 who writes history 1000 times, and a bench run 500 times: is all as it was? (half an hour)
	.venv/bin/python tests/service/killing.py 1000
	.venv/bin/python tests/rigs/bench/killing.py 500

week: .venv/.installed  ## a week of `hem serve` in fast-forward with faults: does anything grow? (half an hour)
	.venv/bin/python -m rigs.endurance examples/week.toml --days 7

clean:  ## remove what is built, the environment included
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
