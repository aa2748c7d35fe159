# Every target says what it does: make help

.DEFAULT_GOAL := help
LINTER := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

playground: ## try the bot in the browser
	go run ./cmd/goalkeeper playground

test: ## all tests; says what it skips where there is no redis-server or chromium
	go test ./...

race: ## the same with the race detector and Redis required, as in CI
	GOALKEEPER_REQUIRE_REDIS=1 go test -race ./...

faults: ## years of check-ins while everything goes wrong, on all kinds of stores; about an hour
	go run ./cmd/faults -occurrences 100000 -worlds 2 -people 300
	go run ./cmd/faults -occurrences 20000 -store redis
	go run ./cmd/faults -occurrences 2000 -store sentinel
	go run ./cmd/faults -occurrences 2000 -store cluster
	GOALKEEPER_KILLS=120 go test ./cmd/goalkeeper -run TestKills -v -count=1 -timeout 30m

lint: ## the linter, whose rules and reasons are in .golangci.yml, and a check that they bite
	@go run $(LINTER) run ./...
	@.ci/rules

golden: ## write the golden files of all renderers anew; read the diff before committing it
	go test ./bot/slack ./bot/teams ./bot/playground -update

fuzz: ## each fuzz target for half a minute
	@for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime 30s $$pkg || exit 1; \
	  done; \
	done

bench: ## all benchmarks, about a quarter of an hour; writes docs/benchmarks.md
	cd bench && go run -mod=mod . -out ../docs/benchmarks.md

soak: ## two replicas under load for 20 minutes, with weeks going by; writes docs/soak.md and its graph
	cd bench && go run -mod=mod ./soak -for 20m -out ../docs/soak.svg -markdown ../docs/soak.md

build: ## a static binary in bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/goalkeeper ./cmd/goalkeeper

image: ## the container image, with docker, podman or buildah
	@if command -v docker >/dev/null; then exec docker build -t goalkeeper .; fi; \
	for tool in podman buildah; do \
	  if command -v $$tool >/dev/null; then exec $$tool build --format docker -t goalkeeper .; fi; \
	done; \
	echo "none of docker, podman, buildah is installed"; exit 1

.PHONY: help playground test race lint golden fuzz bench soak build image
