# One-line verbs; `make help` says what each is for. PYTHON may name another Python (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# nbgrader starts programs of its own by name.
IN_VENV := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: setup help demo test fast build check bench fuzz siege parity hints pictures clean

setup: $(READY) bubblewrap ## install everything into .venv

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 9

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

demo: setup ## grade a made-up class of 24 and say where its report is
	@rm -rf demo
	$(IN_VENV) autograder sample --students 24 --seed 1 -a 01 -o demo/submissions
	$(IN_VENV) autograder grade demo/submissions -o demo/grades

# ALL=1 sends every known mistake through the sandbox once more, not a day's sample of each exercise.
test: setup ## all tests; ALL=1: every known mistake too, and builds anew
	$(IN_VENV) pytest -n 2 --dist loadgroup

# What pytest.mark.slow marks: attacks and faults, the sandbox's limits, other graders' programs,
# the practicals themselves, fuzzing.
fast: setup ## two minutes of tests, without attacks, limits, nbgrader, otter and the practicals
	$(IN_VENV) pytest -n 2 --dist loadgroup -m "not slow"

build: setup ## make release/ and solutions/ from source/ and tests/
	$(IN_VENV) autograder build

check: setup ## nothing built is stale, and the code keeps the rules of the house
	$(IN_VENV) ruff check
	$(IN_VENV) ruff format --check
	$(IN_VENV) lint-imports
	$(IN_VENV) mypy
	$(IN_VENV) autograder build --check

# Twelve submissions of each practical, two rounds, five ways. ARGS="--quick --practical 02" is minutes;
# python -m checks.bench.profile 02 says where one submission's time goes.
bench: setup ## the same submissions graded three ways, and what each costs, hours; ARGS=--quick: minutes
	$(IN_VENV) python -m checks.bench $(ARGS)

# Ten minutes; atheris, which looks for inputs that reach new code, is used where it can be had.
fuzz: setup ## odd bytes for all that reads what students hand in, ten minutes
	@$(BIN)/pip install --quiet atheris || true
	$(IN_VENV) python -m checks.fuzz

# As root also as an ordinary user: four columns.
siege: setup ## all attacks at every level that this machine offers, the table of SECURITY.md, an hour
	$(IN_VENV) python -m checks.attacks.siege -v

# Twenty submissions a practical through notebook, batch, nbgrader and otter: the same points?
parity: setup ## the same points through all four doors, an hour
	$(IN_VENV) python -m checks.parity

# ARGS="02.toml --all" prints each answer of a file with its word.
hints: setup ## answers that nobody listed: judged right? noticed? with which word?, minutes
	$(IN_VENV) python -m checks.hints $(ARGS)

# ARGS="02 --only conv2d": one practical, the variants of one exercise.
pictures: setup ## each notebook with every accepted answer in it: does each picture survive?, twenty minutes
	$(IN_VENV) python -m checks.pictures $(ARGS)

clean: ## remove what setup and demo made
	rm -rf .venv demo
