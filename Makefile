# All public commands. Each recipe calls a script, which states what it does and how long it takes.
.PHONY: help setup run demo dev release test screenshots bench bench-page bench-import bench-check bench-fairness bench-build queries fuzz lint fmt clean
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z-]*\): ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## install what is missing to run and test Muster (once per machine)
	@bash scripts/setup.sh run && bash scripts/setup.sh test

run: ## build, start everything, print the address
	@exec bash scripts/run.sh

demo: ## the same, with 500 plausible people
	@exec bash scripts/demo.sh

dev: ## the same, unoptimized, rebuilt and reloaded at every change
	@exec bash scripts/dev.sh

release: ## build the server and the site for installation, fully optimized, in the target folder
	@bash scripts/setup.sh run && exec bash scripts/build.sh release

test: ## run formatting, lints and every test; end with the count
	@exec bash scripts/test.sh

screenshots: ## take a picture of every screen, and the README's pictures
	@exec bash scripts/screenshots.sh

bench: ## measure what a browser has to download
	@exec bash scripts/bench.sh

bench-page: ## measure the list of a million users, searches, the first paint on a phone
	@exec bash scripts/bench-page.sh

bench-import: ## measure imports against the database's bulk load and Django's
	@exec bash scripts/bench-import.sh

bench-check: ## measure the check in the browser against PapaParse
	@exec bash scripts/bench-check.sh

bench-fairness: ## measure other institutions' pages while one sends as much as it can
	@exec bash scripts/bench-fairness.sh

bench-build: ## measure the time to the first page from a fresh clone
	@exec bash scripts/bench-build.sh

queries: ## update .sqlx and server/schema/schema.sql after a query or the schema has changed
	@bash scripts/setup.sh run && exec bash scripts/prepare-queries.sh

fuzz: ## run mutated files against the CSV reader, 60 s for each target
	@exec bash scripts/fuzz.sh

lint: ## check formatting and lints
	@exec bash scripts/lint.sh

fmt: ## format the code
	@exec bash scripts/fmt.sh

clean: ## remove what was built (not .muster, which has the data)
	@exec bash scripts/clean.sh
