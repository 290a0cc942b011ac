# Each target sets up first; when nothing has changed that takes no time.
# Without make, run the lines of a target by hand, with `python3 packaging/setup_venv.py` for setup.

.PHONY: setup run test lint lock answers bench beside bundle busy cluster crash fuzz journey journey-analyst journey-backtest journey-desk journey-quant long packages peers pictures reference rollout screens site soak spending weekend wheels
.DEFAULT_GOAL := setup

# Any Python from 3.11 on; `make PYTHON=/path/to/python` chooses one.
PYTHON ?=
FIND_PYTHON = \
	for python in "$(PYTHON)" .venv/bin/python python3 python3.13 python3.12 python3.11 python; do \
		"$$python" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Tickreel needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi

setup:
	@$(FIND_PYTHON); exec "$$python" packaging/setup_venv.py

run: setup
	@.venv/bin/python packaging/run_sample.py

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# Byte code is kept, whatever the shell says: without it every worker and every program it starts compiles anew.
test: lint
	PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen .venv/bin/pytest --numprocesses auto --dist loadfile

lock:
	@$(FIND_PYTHON); exec "$$python" packaging/lock.py

# Every target of speed and size beside its peers, each in its own environment below .bench.
bench: setup
	@.venv/bin/python packaging/bench/run.py

# One folder that needs no Python, built by PyInstaller, and tried where there is neither Python nor source.
bundle: setup
	@.venv/bin/python packaging/bundle.py

# What desks install on Linux, from the bundle: .deb, .rpm, an archive; with a list of what is inside, and checksums.
packages: setup
	@.venv/bin/python packaging/packages.py

# The .deb, the archive and the .rpm on a Debian 12 without Python, compilers or a network: installed, used, removed. As root.
rollout: setup
	@.venv/bin/python packaging/rollout.py

# 200 seeded ends by kill -9 of each change to a home; the test suite does ten of each.
crash: setup
	@.venv/bin/python packaging/crash.py

# What is read from outside, made wrong in a million ways; `packaging/fuzz.py --minutes 20` for longer.
fuzz: setup
	@.venv/bin/python packaging/fuzz.py

# Runs and sweeps in every way that they can end, whole flows of the window, the shared cache by hand, the bench.
long: setup
	PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen .venv/bin/pytest --numprocesses auto --dist loadfile -m long

# Redis Clusters of six servers, with a primary that dies; a small server with ten times its room; a desk of 20.
cluster: setup
	QT_QPA_PLATFORM=offscreen .venv/bin/pytest -m cluster tests/core/shared tests/core/fetch/test_shared_cache.py tests/core/test_article_redis.py tests/desktop/sharing

# The vendor's own clients against our stand-in for the vendor, a client of tardis-machine against the replay
# server, and hftbacktest against our simulated exchange.
peers: setup
	QT_QPA_PLATFORM=offscreen .venv/bin/pytest -m peers tests/core/sources tests/core/server tests/core/backtest

# Half an hour of everything at once while servers fail and programs are killed; then what is left is looked at.
soak: setup
	@.venv/bin/python packaging/soak.py

# A replay with analyses that stream beside it, and without: frames a second, their cost, the speed.
beside: setup
	@.venv/bin/python packaging/beside.py

# 10,000 windows analysed by several programs under one cap, with faults and one of them killed.
spending: setup
	@.venv/bin/python packaging/spending.py

# The pictures of the guides, dark and light, taken anew.
pictures: setup
	@.venv/bin/python packaging/pictures.py

# The pages of commands and of the catalog, written anew from what they are about.
reference: setup
	@.venv/bin/python packaging/reference.py

# The pages of Help as a site, into build/site.
site: setup
	@.venv/bin/python packaging/guide.py

# 2,000 days fetched with faults of every kind and a fetcher that is killed every few seconds.
weekend: setup
	@.venv/bin/python packaging/weekend.py

# A picture of every screen in every state, dark and light, in three sizes, to build/screens.
screens: setup
	@.venv/bin/python packaging/screens.py

# The way of the analyst's guide, from the first start to a sweep, by mouse and keys alone, counted.
journey-analyst: setup
	@.venv/bin/python packaging/analyst_journey.py

# How many actions it takes from the welcome screen to a compared pair of backtests.
journey-backtest: setup
	@.venv/bin/python packaging/backtest_journey.py

# The way of whoever develops strategies, by command lines and Python alone, counted.
journey-quant: setup
	@.venv/bin/python packaging/quant_journey.py

# The way of whoever rolls Tickreel out to a desk, by a policy file and command lines alone, counted; as root.
journey-desk: setup
	@.venv/bin/python packaging/desk_journey.py

# How many actions it takes to find a symbol, see its bad days, fetch the missing ones and pin the month.
journey: setup
	@.venv/bin/python packaging/journey.py

# The window with 100,000 days while it fetches and imports: how long it keeps its user waiting, and where.
busy: setup
	@.venv/bin/python packaging/busy.py
	@.venv/bin/python packaging/busy_runs.py

# How long the window keeps its user waiting in each of these screens, and where.
answers: setup
	@.venv/bin/python packaging/answers.py

# The wheel and the sdist, built and tried in clean environments of each Python that is here.
wheels: setup
	@.venv/bin/python packaging/wheels.py
