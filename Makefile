# `make` lists what there is. Everything happens in .venv; uv is installed into it by pip.
.DEFAULT_GOAL := help
.PHONY: wheels help setup setup-dev demo smoke test test-engine test-all lint bench bench-scale chaos studio clean
.PHONY: style types quick-tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/python -m uv pip install --python $(BIN)/python --constraint constraints.txt
# Each file of tests on a core of its own, in the order that tests/conftest.py gives them, and one
# thread and one process for whatever does not ask for more: the cores are taken. More than eight
# processes gain nothing and take memory.
PYTEST := LOKY_MAX_CPU_COUNT=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	$(BIN)/pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder
STUDIO_VENV := .venv-studio
VARIANTS ?= pack
SIZE ?= 768
SAMPLES ?=
JOBS ?= 1
OUT ?= assets/pack
N ?= 60
SEED ?= 1
ONLY ?=

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.engine: $(BIN)/uv pyproject.toml constraints.txt
	$(UV) --editable '.[plots]'
	@touch $@

$(VENV)/.engine-dev: $(BIN)/uv pyproject.toml constraints.txt
	$(UV) --editable '.[engine-dev]'
	@touch $@ $(VENV)/.engine

$(VENV)/.dev: $(BIN)/uv pyproject.toml constraints.txt
	@echo "installing everything: on Linux 6.4 GB, torch with CUDA among them; minutes on a quick line"
	$(UV) --editable '.[dev]'
	@touch $@ $(VENV)/.engine-dev $(VENV)/.engine

setup: $(VENV)/.engine ## make .venv with the engine (0.4 GB, no torch)

setup-dev: $(VENV)/.dev ## make .venv with everything (6.4 GB on Linux)

demo: $(VENV)/.engine ## make, verify and show the demo dataset (48 images) in out/demo
	@$(BIN)/refmatte generate templates/runs/demo.yaml --out out/demo
	@$(BIN)/refmatte verify out/demo
	@$(BIN)/refmatte gallery out/demo

smoke: $(VENV)/.dev ## make 64 images, train 60 steps of a minimal CLIPMat, score it (out/smoke)
	@$(BIN)/refmatte generate smoke --limit 64 --out out/smoke/data
	@$(BIN)/refmatte train smoke --data out/smoke/data --out out/smoke/model --device cpu
	@$(BIN)/refmatte evaluate out/smoke/model/best out/smoke/data --split test --references --html out/smoke/report.html --device cpu
	@echo "smoke: generated, trained and scored, all without an error; 60 steps teach it little"

lint: style types ## style and types

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

quick-tests: $(VENV)/.dev
	$(PYTEST) -m 'not slow'

# The types are one core's work for a minute: the other has the tests to do.
test: style ## style, types and tests of everything (6.4 GB on Linux, then about 5 minutes on 2 cores)
	@$(MAKE) --no-print-directory --jobs 2 quick-tests types

test-engine: $(VENV)/.engine-dev ## the same for the engine alone: no torch, no models (1.0 GB, then about 4 minutes)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy refmatte_engine
	$(PYTEST) -m 'not slow'

test-all: lint ## the slow tests too, with ONNX and the formats' own readers
	$(UV) --editable '.[dev-all,onnx]'
	$(PYTEST)

bench: $(VENV)/.dev ## measure speed against a naive version and the floor
	$(BIN)/python -m tests.bench

bench-scale: $(VENV)/.dev ## measure memory and time at 200 and at 20,000 small images, and two workers (half an hour)
	$(BIN)/python -m tests.bench.scale
	$(BIN)/python -m tests.bench.workers

chaos: $(VENV)/.engine-dev ## end runs badly, at random, and go on with each (N=60 SEED=1; minutes)
	$(BIN)/python -m tests.chaos $(N) $(SEED)

studio: ## render the embedded pack, what is missing of it (JOBS=2 VARIANTS=3 SIZE=768 OUT=folder ONLY=mug,apple)
	@test -x $(STUDIO_VENV)/bin/python || $(PYTHON) -m venv $(STUDIO_VENV)
	@$(STUDIO_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r assets/studio/requirements.txt
	$(STUDIO_VENV)/bin/python assets/studio/build.py --variants "$(VARIANTS)" --size $(SIZE) --jobs $(JOBS) --out $(OUT) $(if $(SAMPLES),--samples $(SAMPLES)) $(if $(ONLY),--only "$(ONLY)")

wheels: $(BIN)/uv ## build the engine's wheel, and one of the bundled checkpoints, in dist/
	rm -rf build/weights && mkdir -p build/weights/refmatte_weights dist
	cp -R baselines/weights/tiny baselines/weights/b16_small_text build/weights/refmatte_weights/
	echo '"""Trained CLIPMat checkpoints, one folder each."""' > build/weights/refmatte_weights/__init__.py
	cp baselines/weights/pyproject.toml LICENSE build/weights/
	$(BIN)/python -m uv build --quiet --wheel --out-dir dist .
	$(BIN)/python -m uv build --quiet --wheel --out-dir dist build/weights
	@du -h dist/*.whl

clean: ## remove what was built
	rm -rf $(VENV) $(STUDIO_VENV) out build dist *.egg-info
