# The only commands a person needs. Each recipe calls a script, which says what it does and how long it takes.
.PHONY: help setup run demo dev release test screenshots bench bench-page bench-import bench-check bench-fairness bench-build queries fuzz lint fmt clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\): ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## install what is missing to run Muster and to test it (once a machine)
	@bash scripts/setup.sh run && bash scripts/setup.sh test

run: ## build, start everything, print the address
	@exec bash scripts/run.sh

demo: ## the same, with 500 plausible people to look around among
	@exec bash scripts/demo.sh

dev: ## the same, unoptimised, rebuilt and reloaded at every change
	@exec bash scripts/dev.sh

release: ## what is installed: the server and the site, fully optimized, in the target folder
	@bash scripts/setup.sh run && exec bash scripts/build.sh release

test: ## formatting, lints and every test; ends with the count
	@exec bash scripts/test.sh

screenshots: ## a picture of every screen, and the README's
	@exec bash scripts/screenshots.sh

bench: ## how much a browser has to fetch
	@exec bash scripts/bench.sh

bench-page: ## the list of users at a million, searches, a phone's first paint
	@exec bash scripts/bench-page.sh

bench-import: ## files of people, against the database's own bulk load and Django's
	@exec bash scripts/bench-import.sh

bench-check: ## a file checked in the browser, against PapaParse
	@exec bash scripts/bench-check.sh

bench-fairness: ## another institution's pages while one institution sends all it can
	@exec bash scripts/bench-fairness.sh

bench-build: ## how long a new user waits for the first page, from a fresh clone
	@exec bash scripts/bench-build.sh

queries: ## update .sqlx after a database query has changed
	@bash scripts/setup.sh run && exec bash scripts/prepare-queries.sh

fuzz: ## mutated files against the import's reader, 60 s a target
	@exec bash scripts/fuzz.sh

lint: ## formatting and lints alone
	@exec bash scripts/lint.sh

fmt: ## format the code
	@exec bash scripts/fmt.sh

clean: ## remove what was built (not .muster, which holds the data)
	@exec bash scripts/clean.sh
