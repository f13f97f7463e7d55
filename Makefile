.DEFAULT_GOAL := help
.PHONY: book serve pdf epub offline site test test-browser test-colab test-kernels test-models test-wheel execute student course lint format bench sweeps address help

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
CHAPTER ?=
COHORT ?=
OF_COHORT = $(if $(COHORT),--cohort='$(COHORT)')

book: $(READY) ## build the whole book into _build/html, warnings as errors
	$(BIN)/jupyter-book build . -W -n --all
	@echo "The book is built. Open: $(CURDIR)/_build/html/index.html"

serve: book ## build the book and serve it on http://localhost:8000 (PORT=8000)
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

pdf: book ## print the whole book into _build/layer-normalization.pdf (needs Chromium or Chrome)
	$(BIN)/python tools/pdf.py

epub: book ## write the whole book into _build/layer-normalization.epub (needs Chromium or Chrome)
	$(BIN)/python tools/epub.py

ZIP = $(BIN)/python -c "import shutil; shutil.make_archive('_build/layer-normalization', 'zip', '_build/html')"

offline: book ## pack the site into _build/layer-normalization.zip, to be read without a network
	$(ZIP)
	@echo "The site is packed: _build/layer-normalization.zip. Unpack it and open index.html."

site: export OFFER_DOWNLOADS = 1
site: book student ## build the site as it is published, with all that can be taken away
	$(ZIP)
	$(BIN)/python tools/pdf.py
	$(BIN)/python tools/epub.py
	mkdir -p _build/html/downloads
	cp _build/layer-normalization.* _build/html/downloads
	cp -r _build/student _build/html/downloads

# As many workers as processors, one thread each; a file, and so a notebook, stays whole on one, and
# files begin in the order of tests/conftest.py.
PARALLEL := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
test test-kernels: export OMP_NUM_THREADS = 1

test: lint ## run everything: lint, unit tests, every cell of every chapter, tests of the site
	$(BIN)/python -m pytest $(PARALLEL)

test-browser: $(READY) ## try every page in Chromium or Chrome, on phones and wide, light and dark
	$(BIN)/python -m pytest $(PARALLEL:loadfile=worksteal) -m browser tests/browser

test-colab: $(READY) ## run each chapter alone, at Colab's versions, as Colab would
	$(BIN)/python -m pytest -m colab tests/test_colab.py

test-models: $(READY) ## train models of transformers and timm with our norms, and compare Flax and Keras, in an environment of their own
	$(PYTHON) -m venv _build/models
	_build/models/bin/python -m pip install --quiet --requirement requirements-models.txt
	PYTHONPATH=src _build/models/bin/python -m pytest -o addopts="--import-mode=importlib" -m models tests/test_models.py

test-wheel: $(READY) ## install the built wheel beside the oldest and the newest of what it needs
	$(BIN)/python -m pytest -m wheel tests/test_wheel.py

test-kernels: $(READY) ## compile every GPU kernel for an H100, without one, and read the machine code
	$(BIN)/python -m pytest $(PARALLEL) -m "not gpu and not triton" tests/accelerated/test_compiled.py

execute: $(READY) ## run chapters again and store their outputs (CHAPTER=by_hand; default: all)
	$(BIN)/python tools/execute.py $(CHAPTER)

student: $(READY) ## write the notebooks without and with solutions (CHAPTER=by_hand; COHORT=2027: its own numbers)
	$(BIN)/python tools/student.py $(CHAPTER) $(OF_COHORT)

course: $(READY) ## write what nbgrader, Otter, Gradescope and GitHub Classroom need (CHAPTER=; COHORT=)
	$(BIN)/python tools/course.py $(CHAPTER) $(OF_COHORT)

lint: $(READY) ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## repair style and formatting where a machine can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## check and time layer norm on this machine's processor, and draw the times
	@mkdir -p _build
	$(BIN)/python -m lnlearn.bench cpu --json _build/bench-cpu.json --plot _build/bench-cpu.svg
	@echo "The plot is _build/bench-cpu.svg, the figures are in _build/bench-cpu.json."

sweeps: $(READY) ## run again the experiments whose records chapters read (an hour)
	$(BIN)/python tools/sweeps.py

address: $(READY) ## set the repository's address everywhere (URL=https://github.com/OWNER/REPOSITORY, TAG=v1.0.0)
	@$(BIN)/python tools/address.py $(URL) $(TAG)

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# The environment: made when missing, brought up to date when the pins change.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one, for example: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python's venv module is needed. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --requirement requirements.txt
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@
