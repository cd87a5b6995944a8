# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
# a target below tests/integration/targets, or several; all of them when empty
TARGET ?=
# the unit tests to run: files, folders, or single tests
TESTS ?= tests/unit
# how long make fuzz and make soak run
MINUTES ?= 60
# how many changes make mutants tries
MUTANTS ?= 300
# how often make bench measures each thing, and which cases or measurements alone; all of them when empty
ROUNDS ?= 3
ONLY ?=

# what make load runs: how many playbooks at once, and how long a list
PLAYBOOKS ?= 20
NUMBERS ?= 100000
# one version of ansible-core, where a target runs on several
VERSION ?=

BUILD := .build
VENV := $(BUILD)/venv/bin/python
TREE := $(BUILD)/ansible_collections/ozonetel/cloudagent
COLLECTION := ansible_collections.ozonetel.cloudagent
# run there, so that messages name files as they stand in the checkout; nothing lands in the user's home
in_tree = cd $(TREE) && HOME="$(CURDIR)/$(BUILD)/home" PATH="$(CURDIR)/$(BUILD)/venv/bin:$$PATH" \
  PYTHONPATH="$(CURDIR)/$(BUILD)" MYPYPATH="$(CURDIR)/$(BUILD)" ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/$(BUILD)"
typed = $(subst /,.,$(wildcard plugins/module_utils plugins/modules plugins/action extensions/eda/plugins/event_filter \
  tests/simulator tests/unit tests/truth tests/docs tests/make tests/bench tests/awx \
  tests/examples tests/load tests/privacy tests/pipelines tests/events))

export PYTHONDONTWRITEBYTECODE := 1
unexport PYTHONPATH ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

.DEFAULT_GOAL := help
.PHONY: help venv collection-tree lint types unit truth examples sanity integration test fuzz coverage mutants bench privacy \
  load soak demo picture awx pipelines events molecule docs docs-test links contract-page format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

venv: ## the virtual environment, as tests/requirements/development.txt pins it
	@tests/make/venv.sh "$(PYTHON)" $(BUILD)/venv

collection-tree: venv ## a copy of the collection where Ansible finds it
	@mkdir -p $(BUILD)/home
	@$(VENV) tests/make/collection_tree.py . $(TREE)

format: venv ## the code put into form
	$(VENV) -m ruff check --quiet --fix-only .
	$(VENV) -m black --quiet .

lint: collection-tree ## form of code, YAML, scripts, roles, playbooks and changelog
	@$(VENV) -m black --quiet --check --diff .
	@$(VENV) -m ruff check --quiet --cache-dir $(BUILD)/ruff .
	@$(VENV) -m yamllint --strict .
	@$(BUILD)/venv/bin/shellcheck .ci/run tests/make/*.sh
	@$(VENV) -m antsibull_changelog lint
	@$(in_tree) NO_COLOR=1 python -m ansiblelint --offline --profile production -q

types: collection-tree ## types of plugins, simulator, tests and bench
	@$(in_tree) python -m mypy $(typed:%=-p $(COLLECTION).%)

unit: collection-tree ## unit tests; TESTS=path for some
	@$(in_tree) python -m pytest -q -n 2 $(TESTS)

truth: collection-tree ## every fault, and random histories of whole tasks, held against the rules of truth
	@$(in_tree) python -m pytest -q -n 2 tests/truth

examples: collection-tree ## every example in README, guides, role pages, playbooks and modules, run against the simulator
	@$(VENV) tests/make/ansible_home.py $(BUILD)/home
	@$(in_tree) python -m pytest -q -n 2 --dist worksteal tests/examples

fuzz: collection-tree ## new histories for an hour (MINUTES=...), and every fault in every state
	@$(in_tree) tests/make/fuzz.sh $(MINUTES) "$(CURDIR)/$(BUILD)/fuzz"

coverage: collection-tree ## which code the unit tests and the tests of the truth reach; too little fails
	@$(in_tree) tests/make/coverage.sh "$(CURDIR)/$(BUILD)/coverage"

mutants: collection-tree ## whether the tests of the domain notice changes in its core (MUTANTS=... of them)
	@$(in_tree) python tests/make/mutants.py "$(CURDIR)/$(BUILD)/mutants" $(MUTANTS)

bench: collection-tree ## the collection beside other ways, into docs/docsite/rst/performance.rst (ROUNDS=...; ONLY=name, not kept)
	@$(in_tree) python -m $(COLLECTION).tests.bench --rounds "$(ROUNDS)" --only "$(ONLY)" \
	  --page "$(CURDIR)/docs/docsite/rst/performance.rst"

sanity: collection-tree ## ansible-test sanity
	@tests/make/ansible_test.sh sanity --color no

integration: collection-tree ## ansible-test integration; TARGET=name for one
	@tests/make/ansible_test.sh integration --color no $(TARGET)

pipelines: collection-tree ## the CI recipes in examples/ci: what their platforms understand, and played in a throwaway repository
	@$(VENV) -m nox -s pipelines

events: collection-tree ## the rulebook in extensions/eda: 500 alerts in a burst, run by ansible-rulebook (needs Java 17)
	@$(VENV) -m nox -s events

molecule: collection-tree ## the Molecule scenario in extensions/molecule
	@$(VENV) -m nox -s molecule

test: venv ## everything: lint types unit truth examples sanity integration
	@tests/make/all.sh lint types unit truth integration+sanity

privacy: collection-tree ## a search for secrets in everything that tasks leave anywhere, on three ansible-core (VERSION=2.19 for one)
	@$(VENV) -m nox $(if $(VERSION),--session "privacy-$(VERSION)",--tags privacy)

load: collection-tree ## many playbooks on one store, and a long list with faults (PLAYBOOKS=..., NUMBERS=...; VERSION=2.19)
	@PLAYBOOKS="$(PLAYBOOKS)" NUMBERS="$(NUMBERS)" $(VENV) -m nox $(if $(VERSION),--session "load-$(VERSION)",--tags load)

soak: MINUTES = 30
soak: collection-tree ## playbooks over and over while a stranger generates tokens, MINUTES=... for each store; VERSION=2.19
	@MINUTES="$(MINUTES)" $(VENV) -m nox $(if $(VERSION),--session "soak-$(VERSION)",--tags soak)

demo: collection-tree ## what the collection does, shown against a simulated CloudAgent
	@tests/make/demo.sh

picture: collection-tree ## docs/page.png, the page that the README shows, from the example lists
	@$(in_tree) tests/make/picture.sh "$(CURDIR)/$(BUILD)/picture" "$(CURDIR)/docs/page.png"

awx: collection-tree ## execution environment, extensions/awx on a controller, jobs of ansible-runner
	@$(VENV) -m nox -s awx

docs: collection-tree ## the documentation site, into .build/docs
	@$(VENV) -m nox -s docs

docs-test: docs ## the documentation site: its links, and what it does in Chromium
	@$(in_tree) python -m pytest -q -n 2 tests/docs

links: venv ## whether the pages elsewhere that the documentation links to are there; needs the internet
	@$(VENV) tests/make/links.py docs/site/links.txt

contract-page: collection-tree ## docs/docsite/rst/what_the_api_does_not_tell_us.rst, from the statements and the questions of the probe
	@$(in_tree) python tests/make/contract_page.py >"$(CURDIR)/$(BUILD)/contract_page.rst"
	@cp $(BUILD)/contract_page.rst docs/docsite/rst/what_the_api_does_not_tell_us.rst

clean: ## removes everything that was made
	rm -rf $(BUILD)
