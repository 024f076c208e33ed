# One-line verbs; README says what each is for. PYTHON may name another Python (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# nbgrader starts programs of its own by name.
IN_VENV := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: setup demo test build check bench fuzz parity clean

setup: $(READY) bubblewrap

# Everything pinned, then this package itself; made again only when the pins or the package change.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "On Debian and Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	$(BIN)/pip install --quiet --requirement requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Isolation is better with bubblewrap; without it grading still works and says so.
.PHONY: bubblewrap
bubblewrap:
	@command -v bwrap >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  { apt-get install -qq -y bubblewrap || { apt-get update -qq && apt-get install -qq -y bubblewrap; }; } \
	  >/dev/null 2>&1; } || echo "For grading in a sandbox install bubblewrap (apt-get install bubblewrap)."

demo: setup
	@rm -rf demo
	$(IN_VENV) autograder sample --students 24 --seed 1 -a 01 -o demo/submissions
	$(IN_VENV) autograder grade demo/submissions -o demo/grades

test: setup
	$(IN_VENV) pytest -n 2 --dist loadgroup

build: setup
	$(IN_VENV) autograder build

check: setup
	$(IN_VENV) autograder build --check
	$(IN_VENV) ruff check
	$(IN_VENV) ruff format --check

bench: setup
	$(IN_VENV) python -m checks.bench

# Ten minutes; atheris, which looks for inputs that reach new code, is used where it can be had.
fuzz: setup
	@$(BIN)/pip install --quiet atheris || true
	$(IN_VENV) python -m checks.fuzz

# Twenty submissions a practical through notebook, batch, nbgrader and otter: the same points?
parity: setup
	$(IN_VENV) python -m checks.parity

clean:
	rm -rf .venv demo
