# Every target makes its own .venv where there is none, and asks nothing.
PYTHON ?= python3
Q ?= who are the guarantors?
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -q --disable-pip-version-check -c constraints.txt

.PHONY: ask app eval eval-gate index test check soak bench browser install

install: $(VENV)/base
ask: $(VENV)/base
	@$(PY) -m rag.ask "$(Q)"

app: $(VENV)/base
	$(PY) app.py

index: $(VENV)/base
	$(PY) -m rag.build seeds

eval: $(VENV)/base
	$(PY) eval

eval-gate: $(VENV)/base
	$(PY) eval --gate

test: $(VENV)/all check
	$(PY) -m pytest

check: $(VENV)/all
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# Gradio's threads leave event loops and their sockets unclosed, which are found when the tests have ended.
browser: $(VENV)/all
	$(PY) -m pytest tests/browser -m browser -W ignore::ResourceWarning

soak: $(VENV)/all
	@$(PIP) -e ".[all,test,ray]"
	$(PY) -m pytest -m soak tests
	$(PY) tests/soak/kill_builds.py 200
	$(PY) tests/soak/faulty_disk.py
	$(PY) tests/soak/large_inputs.py
	$(PY) tests/soak/load.py

bench: $(VENV)/all
	$(PY) -m bench.llama

$(VENV)/base: pyproject.toml constraints.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing Sanad into $(VENV) …" >&2
	@$(PIP) -e .
	@touch $@

# llama-cpp-python is compiled from source: about ten minutes on two cores, once.
$(VENV)/all: pyproject.toml constraints.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing Sanad with all extras into $(VENV) (llama.cpp is compiled: about 10 minutes) …" >&2
	@$(PIP) -e ".[all,test]"
	@touch $@ $(VENV)/base
