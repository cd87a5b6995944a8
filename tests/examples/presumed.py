# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What examples presume and do not show, and what cannot be done here: each with its reason, and all of it here.

An entry that no example needs any more fails a test. In what is filled in, ``{url}``, ``{key}``, ``{database}``,
``{database_password}``, ``{work}`` (the folder in which a file's examples are run) and ``{checkout}`` and
``{venv}`` (its environment) stand for what they are at the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Tuple


@dataclass(frozen=True)
class Placeholder:
    """What is written in examples, as a regular expression, and what is put in its place."""

    written: str
    meant: str
    reason: str


@dataclass(frozen=True)
class LeftOut:
    """Code that is not run: in which files (a pattern), which code (a regular expression)."""

    path: str
    code: str
    reason: str


@dataclass(frozen=True)
class Failing:
    """A command or play that is to fail, the sentence of the file that says so, and what is printed then."""

    path: str
    code: str
    sentence: str
    printed: str


@dataclass(frozen=True)
class File:
    """A file of the reader's: its content, or where a copy of it stands in the checkout."""

    reason: str
    content: str = ""
    copy_of: str = ""


PLACEHOLDERS = (
    Placeholder(r"\byour_user_name\b", "demo_user", "the user name of the simulated account"),
    Placeholder(r"\byour_api_key\b", "{key}", "the key of the simulated account"),
    Placeholder(
        r"https://in1-ccaas-api\.ozonetel\.com", "{url}", "the record names the account by the address of its API"
    ),
    Placeholder(r"\bINVENTORY\b", "inventory.yml", "the reader's inventory"),
    Placeholder(r"postgresql://cloudagent@db\.example\.com/automation", "{database}", "a server of the test's own"),
    Placeholder(r"(?<![\w/.])/srv/", "{work}/srv/", "only root may write there"),
    Placeholder(
        r"git clone https://\S+/ozonetel\.cloudagent\b",
        "python {checkout}/tests/examples/checkout.py ozonetel.cloudagent {venv}",
        "the repository has no address yet",
    ),
    Placeholder(
        r"\bmake (?!demo\b)(?=\S)",
        "make -n -C {checkout} ",
        "they take minutes, and .ci/run has most of them; here only whether there is such a target",
    ),
)

# Variables that a reader keeps in an inventory or in Ansible Vault, each with its value and the reason.
VARIABLES: Dict[str, Tuple[object, str]] = {
    "vault_ozonetel_api_key": ("{key}", "a secret of Ansible Vault"),
    "our_own_lines": (["+91 99999 09999"], "the lines of the reader's own"),
    "nuisance_numbers": (["9999900001", "+91 99999 00002"], "what another task has found, say"),
}

_LIST = "the reader's list"
FILES: Dict[str, File] = {
    "inventory.yml": File("the reader's inventory, as in examples/", copy_of="examples"),
    "nuisance_callers.txt": File(_LIST, copy_of="examples/lists/nuisance_callers.txt"),
    "fraud_attempts.csv": File(_LIST, copy_of="examples/lists/fraud_attempts.csv"),
    "nuisance.txt": File(_LIST, "+91 99999 00011\n099999-00012\n"),
    "fraud.csv": File(
        "an export of another system, whose header the example tells",
        'Caller;Ticket;Valid until\n+91 99999 00021;FRAUD-17;2099-12-31 23:59:59\n099999 00022;"FRAUD-18; twice";\n',
    ),
}

# Tasks that are done before the examples of a file, since it tells of what follows them.
BEFORE: Dict[str, Tuple[str, str]] = {
    "docs/docsite/rst/personal_data.rst": (
        """
- ozonetel.cloudagent.ozonetel_block_group:
    name: Nuisance callers
    description: Reported by the service desk
    block_numbers: ["+91 99999 00001", "+91 99999 00002"]
    state_store: "{{ item }}"
  loop: ["~/.local/state/ozonetel.cloudagent", "{database}"]
""",
        "tells how to be rid of what is on record, on each engine",
    ),
}

FAILING = (
    Failing(
        "docs/docsite/rst/lists_files_speed.rst",
        r"block_numbers_file: damaged",
        "the task fails without having done anything",
        "is in scientific notation",
    ),
    Failing(
        "examples/mixed_outcome.yml",
        r"mixed_outcome\.yml",
        "the play fails with a full account",
        "4 added, 2 rejected",
    ),
)

_AWX = "docs/docsite/rst/awx.rst"
_RELEASING = "docs/docsite/rst/releasing.rst"
_SIGNED = "tests/unit/make/test_tarball.py builds, signs and verifies with a key of its own"
_CI = "docs/docsite/rst/ci_pipelines.rst"
_EVENTS = "docs/docsite/rst/event_driven.rst"
_RULEBOOK = "tests/events/test_block_alerts.py runs it as it is shown, where Java is"
_NO_CONTAINERS = "needs containers; tests/awx looks at what they are made from"
LEFT_OUT = (
    LeftOut(_AWX, r"^\$? ?ansible-builder build", _NO_CONTAINERS),
    LeftOut(_AWX, r"^\$ ansible-builder introspect", "tests/awx/test_execution_environment.py runs it"),
    LeftOut(_AWX, r"^postgresql://", "a URL"),
    LeftOut(_AWX, r"^\$ ansible-playbook configure\.yml", "needs AWX; tests/awx/test_controller.py plays one"),
    LeftOut(_AWX, r"^Nuisance callers changed", "tests/awx/test_runner.py runs it"),
    LeftOut("examples/execution-environment.yml", r"^\$? ?ansible-builder build", _NO_CONTAINERS),
    LeftOut(_CI, r"^--- before:", "tests/pipelines/test_recipes.py makes such a plan"),
    LeftOut(_CI, r"^\$ (git apply|rm) postgresql-", "tests/pipelines applies each patch and plays the result"),
    LeftOut(_CI, r"^CREATE ROLE", "tests/unit/docs/test_ci_pipelines.py runs it"),
    LeftOut(_EVENTS, r"^\$ pip install ansible-rulebook", "tests/requirements/events.txt pins what it installs"),
    LeftOut(_EVENTS, r"^\$ ansible-rulebook", _RULEBOOK),
    LeftOut(_EVENTS, r"^\$ curl", _RULEBOOK),
    LeftOut("CONTRIBUTING.md", r"^# changelogs/fragments/", "tests/unit/docs/test_contributing.py takes it"),
    LeftOut("docs/docsite/rst/how_it_is_built.rst", r"^plugins/modules  →", "a picture"),
    LeftOut("docs/docsite/rst/lists_files_speed.rst", r"12,300 of 100,000", "integration target progress waits for it"),
    LeftOut("docs/docsite/rst/performance.rst", r"^requests  +=  numbers", "a formula"),
    LeftOut(
        "docs/docsite/rst/troubleshooting.rst", r"^block_numbers, entry 4", "tests/unit/docs compares each message"
    ),
    LeftOut(_AWX, r"^dependencies:", "tests/awx/test_execution_environment.py makes a build context of it"),
    LeftOut(_RELEASING, r"^\$ cd \.build/release", _SIGNED),
    LeftOut(_RELEASING, r"^\$ git tag --sign", "needs a repository with an address, and a key"),
    LeftOut(_RELEASING, r"^\$ tar -xzf", _SIGNED),
    LeftOut(_RELEASING, r"^\$ gpg --no-default-keyring", _SIGNED),
    LeftOut("docs/docsite/rst/surprises.rst", r"^Failed to import", "tests/unit/docs/test_surprises.py has it printed"),
)

# Files of documentation that show no code, or code that other tests run.
NO_EXAMPLES: Dict[str, str] = {
    ".github/*.md": "for those who contribute",
    "CHANGELOG.rst": "made by antsibull-changelog",
    "docs/site/_static/**": "the frame of the site",
    "docs/site/conf.py": "the frame of the site",
    "docs/site/links.txt": "where links lead",
    "docs/*.png": "a picture",
    "docs/docsite/*.yml": "what the site consists of",
    "docs/docsite/rst/*.svg": "a picture",
    "examples/ci/**": "tests/pipelines plays them",
    "examples/group_vars/**": "read by the examples, with the inventory beside it",
    "examples/lists/**": "read by the examples",
    "examples/with_ansible_runner.py": "tests/awx/test_runner.py runs it",
    "extensions/awx/**": "tests/awx plays it",
    "extensions/eda/**": "tests/events runs it",
    "extensions/molecule/**": "make molecule runs it",
    "playbooks/block_alerts.yml": "its rulebook runs it, in tests/events",
    "tests/simulator/README.md": "for contributors; tests/unit/simulator starts it as shown",
}
