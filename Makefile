# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
# a target below tests/integration/targets, or several; all of them when empty
TARGET ?=
# the unit tests to run: files, folders, or single tests; those that take longest come first, so that none is left to run
# alone
TESTS ?= tests/unit/roles tests/unit
# what make test runs for the tests in Python: these two, the first of them beside the rest, or coverage, which is both,
# and measures the unit tests
PYTHON_TESTS ?= unit truth
# how long make fuzz and make soak run
MINUTES ?= 60
# how many changes make mutants tries
MUTANTS ?= 300
# how often make bench measures each thing, and which cases or measurements alone; all of them when empty
ROUNDS ?= 3
ONLY ?=
# one version of ansible-core, where a target runs on several; all of them when empty
VERSION ?=
# what make load runs: how many playbooks at once, and how long a list
PLAYBOOKS ?= 20
NUMBERS ?= 100000

BUILD := .build
VENV := $(BUILD)/venv/bin/python
TREE := $(BUILD)/ansible_collections/ozonetel/cloudagent
COLLECTION := ansible_collections.ozonetel.cloudagent
# run there, so that messages name files as they stand in the checkout; nothing lands in the user's home
in_tree = cd $(TREE) && HOME="$(CURDIR)/$(BUILD)/home" PATH="$(CURDIR)/$(BUILD)/venv/bin:$$PATH" \
  PYTHONPATH="$(CURDIR)/$(BUILD)" MYPYPATH="$(CURDIR)/$(BUILD)" ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/$(BUILD)"
# by three workers, since a third of the time they wait, who share the tests out between them until the last
pytest = python -m pytest -q -n 3 --dist worksteal
# the session of noxfile.py that is named behind it; those of antsibull-nox put code into form where CI is not set, and look
# for ansible-galaxy
in_nox = $(VENV) -m nox --session
in_antsibull_nox = CI=true HOME="$(CURDIR)/$(BUILD)/home" PATH="$(CURDIR)/$(BUILD)/venv/bin:$$PATH" \
  ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/$(BUILD)" $(in_nox)
typed = $(subst /,.,$(wildcard plugins/module_utils plugins/modules plugins/action extensions/eda/plugins/event_filter \
  tests/simulator tests/unit tests/truth tests/docs tests/make tests/bench tests/awx \
  tests/examples tests/judges tests/load tests/privacy tests/pipelines tests/events))

# compiled code is kept, but not among the sources
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(BUILD)/pycache
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

.DEFAULT_GOAL := help
.PHONY: help venv collection-tree lint types unit truth examples sanity integration test matrix fuzz coverage mutants bench privacy \
  load soak demo picture awx pipelines events molecule docs docs-test links contract-page format clean \
  judges antsibull-nox docs-check license-check galaxy-importer bandit pip-audit sbom-check collection sbom

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

lint: collection-tree ## form of code, YAML, scripts, roles, playbooks and changelog; schemas of .github
	@$(VENV) -m black --quiet --check --diff .
	@$(VENV) -m ruff check --quiet --cache-dir $(BUILD)/ruff .
	@$(VENV) -m yamllint --strict .
	@$(BUILD)/venv/bin/shellcheck .ci/run tests/make/*.sh
	@$(VENV) -m check_jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(VENV) -m check_jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(VENV) -m check_jsonschema --quiet --builtin-schema vendor.github-issue-forms \
	  $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@$(VENV) -m check_jsonschema --quiet --builtin-schema vendor.renovate .github/renovate.json
	@$(VENV) -m antsibull_changelog lint
	@$(in_tree) NO_COLOR=1 python -m ansiblelint --offline --profile production -q

types: collection-tree ## types of plugins, simulator, tests and bench
	@$(in_tree) python -m mypy $(typed:%=-p $(COLLECTION).%)

unit: collection-tree ## unit tests; TESTS=path for some
	@$(in_tree) $(pytest) $(TESTS)

truth: collection-tree ## every fault, and random histories of whole tasks, held against the rules of truth
	@$(in_tree) $(pytest) tests/truth

examples: collection-tree ## every example in README, guides, role pages, playbooks and modules, run against the simulator
	@$(VENV) tests/make/ansible_home.py $(BUILD)/home
	@$(in_tree) $(pytest) tests/examples

fuzz: collection-tree ## new histories for an hour (MINUTES=...), and every fault in every state
	@$(in_tree) tests/make/fuzz.sh $(MINUTES) "$(CURDIR)/$(BUILD)/fuzz"

coverage: collection-tree ## unit and truth, and which code the quick unit tests reach; too little fails
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
	@$(in_nox) pipelines

events: collection-tree ## the rulebook in extensions/eda: 500 alerts in a burst, run by ansible-rulebook (needs Java 17)
	@$(in_nox) events

molecule: collection-tree ## the Molecule scenario in extensions/molecule
	@$(in_nox) molecule

test: venv ## everything: lint types unit truth sanity integration (PYTHON_TESTS=coverage: measured, too)
	@tests/make/all.sh lint+types+sanity+integration+$(PYTHON_TESTS)

matrix: collection-tree ## sanity, units and integration on each ansible-core, the modules on each Python (VERSION=2.18 for one)
	@$(VENV) -m nox $(if $(VERSION),--session "matrix-$(VERSION)",--tags matrix --parallel 3)

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
	@$(in_nox) awx

docs: collection-tree ## the documentation site, into .build/docs
	@$(in_nox) docs

docs-test: docs ## the documentation site: its links, and what it does in Chromium
	@$(in_tree) python -m pytest -q -n 2 tests/docs

links: venv ## whether the pages elsewhere that the documentation links to are there; needs the internet
	@$(VENV) tests/make/links.py docs/site/links.txt

contract-page: collection-tree ## docs/docsite/rst/what_the_api_does_not_tell_us.rst, from the statements and the questions of the probe
	@$(in_tree) python tests/make/contract_page.py >"$(CURDIR)/$(BUILD)/contract_page.rst"
	@cp $(BUILD)/contract_page.rst docs/docsite/rst/what_the_api_does_not_tell_us.rst

judges: venv ## what the tools of the ecosystem say: all of the next seven
	@tests/make/all.sh antsibull-nox+pip-audit docs-check license-check galaxy-importer bandit sbom-check

antsibull-nox: collection-tree ## antsibull-nox: black, ruff, yamllint of all files and of documentation; action groups, unwanted files, blanks
	@$(in_antsibull_nox) lint extra-checks

docs-check: collection-tree ## antsibull-docs: markup and references of modules, roles and guides (make docs does it as well); code blocks
	@$(in_antsibull_nox) docs-check

license-check: collection-tree ## reuse: every file has its licence
	@$(in_antsibull_nox) license-check

# a failure on the left of the pipe counts, too
galaxy-importer: private SHELL := bash
galaxy-importer: private .SHELLFLAGS := -o pipefail -c
galaxy-importer: collection-tree ## galaxy-importer, at its strictest, on the tarball
	@$(in_antsibull_nox) build-import-check | $(VENV) tests/make/importer_log.py

# the Makefile's programs start others, by name, and draw mutants at random
bandit: collection-tree ## bandit: weak spots of the modules, and of what the Makefile runs
	@$(in_nox) judges -- bandit --quiet --configfile pyproject.toml --recursive plugins extensions
	@$(in_nox) judges -- bandit --quiet --configfile pyproject.toml --skip B311,B404,B603,B607 --recursive tests/make noxfile.py

pip-audit: collection-tree ## pip-audit: published vulnerabilities of what tests/requirements pins; tells what no service told of
	@$(in_nox) judges -- tests.make.advisories $(wildcard tests/requirements/*.txt)

# the tarball is one of its own, so that none that is to be released is replaced
sbom-check: collection-tree ## the bill of materials of the tarball: the same bytes each time, valid, and complete
	@rm -f $(BUILD)/judged/*.tar.gz
	@$(in_tree) python tests/make/tarball.py . "$(CURDIR)/$(BUILD)/judged" >/dev/null
	@$(in_nox) judges -- pytest -q -p no:cacheprovider tests/judges

# the time of the last commit
collection sbom sbom-check: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)

collection: collection-tree ## the tarball, into .build/release: byte for byte the same from the same commit
	@rm -f $(BUILD)/release/*.tar.gz
	@$(in_tree) python tests/make/tarball.py . "$(CURDIR)/$(BUILD)/release"

sbom: collection ## its bill of materials, in CycloneDX's JSON
	@$(in_nox) judges -- tests.make.sbom $(BUILD)/release/ozonetel-cloudagent-*.tar.gz

clean: ## removes everything that was made
	rm -rf $(BUILD)
