#!/usr/bin/python
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out how a CloudAgent account answers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ozonetel_account_probe
short_description: Find out how a CloudAgent account answers where nobody documents it
version_added: 1.0.0
description:
  - The vendor's reference leaves open how an account answers in many cases. This module asks the account itself, one
    question after the other, in a group of its own and with numbers that are reserved for fiction.
  - Other tasks profit by it. What it finds out is kept in O(state_store), so that they need no test of their own.
  - It writes a transcript of what was asked and answered, and a summary for people, both without the API key, tokens,
    the user name and numbers of the account, so that they can be attached to an issue.
  - It makes the group C(Ansible probe) once, which later probes use again, and which no call of the API can delete,
    only the web console can. It removes its numbers again. Assign the group to no campaign.
  - It sends at most 60 requests and generates at most one token. With a token on record it generates a newer one, to
    learn what the server says of the older; tools that hold the older one without sharing O(state_store) need a new
    one.
  - That the group was made is noted in O(state_store), so that no probe makes a second one. Without a store, do not run
    two probes of an account at once.
  - It stops at the first sign of a limit or of a firewall, and then fails with what it has found out by then.
author:
  - ozonetel.cloudagent contributors (@ozonetel-cloudagent)
extends_documentation_fragment:
  - ozonetel.cloudagent.cloudagent
  - ozonetel.cloudagent.cloudagent.attributes
  - ozonetel.cloudagent.cloudagent.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - Sends nothing and says which questions would be asked.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each run asks again.
options:
  confirm:
    description:
      - Must be V(true), since the API cannot delete the group that is made. Not needed in check mode.
    type: bool
    default: false
  second_group:
    description:
      - Also ask what create does with the name of a group that exists. Where the server takes a name twice, that
        makes a second group C(Ansible probe), which only the web console can delete.
      - It is asked once for an account, as long as O(state_store) is kept. It is first asked in a way that is refused
        for another reason, if the name alone is no reason to refuse it.
      - If the probe is killed in that very request, its number may stay in the second group.
    type: bool
    default: false
  transcript_path:
    description:
      - A file for the transcript, JSON Lines with one exchange each. It is written line by line, and only the user that
        runs the module can read it. The simulator of the collection's source can be started from it.
    type: path
  summary_path:
    description:
      - A file for the summary, in Markdown.
    type: path
seealso:
  - module: ozonetel.cloudagent.ozonetel_block_group
"""

EXAMPLES = r"""
- name: Which questions would be asked
  ozonetel.cloudagent.ozonetel_account_probe:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
  check_mode: true

- name: Find out how the account answers
  ozonetel.cloudagent.ozonetel_account_probe:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    confirm: true
    transcript_path: cloudagent_probe.jsonl
    summary_path: cloudagent_probe.md
"""

RETURN = r"""
group:
  description: The group of the probe.
  returned: when questions were asked
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: Ansible probe
    id:
      description: Its id on the server, null if not known.
      type: int
      sample: 20
    created:
      description: Whether this run has made it, null where that is not known.
      type: bool
findings:
  description: The statements of the API's contract, with what the account has shown.
  returned: when questions were asked
  type: list
  elements: dict
  contains:
    statement:
      description: Its name, as in the documentation page "What the API does not tell us".
      type: str
      sample: U1
    standing:
      description:
        - C(D) and C(R) are documented by the vendor, C(C) and C(U) were seen in public code, C(I) is inferred from
          those, and of C(?) nothing is known.
      type: str
      sample: R, I
    words:
      description: What it says.
      type: str
      sample: Update is served at updateBlockNumber; the older path is updateBlockNumbers.
    verdict:
      description: C(as documented), C(otherwise), C(found) where nothing is documented, or C(not shown).
      type: str
      sample: as documented
    found:
      description: What was found out, or why the probe cannot show it; may be empty.
      type: str
      sample: the newer path is served, the older is not (HTTP 404)
habits:
  description: What is kept for other tasks, texts by name.
  returned: when questions were asked
  type: dict
  sample:
    update_path: /ca_apis/updateBlockNumber
    inserted_counter: "true"
    deleted_counter: "true"
    present_listed: succes
left:
  description: Numbers of the probe that may still be in its groups. Run it again, or remove them in the web console.
  returned: when questions were asked
  type: list
  elements: str
generated:
  description: Whether a token was generated.
  returned: when questions were asked
  type: bool
questions:
  description: What would be asked.
  returned: in check mode
  type: list
  elements: dict
  contains:
    question:
      description: Its name in the transcript.
      type: str
      sample: add_again
    words:
      description: What is asked.
      type: str
      sample: Where is a number listed that is in the group, and what is counted?
    statements:
      description: The statements of the API's contract that it is about.
      type: list
      elements: str
      sample: [U4, U6]
    only:
      description: When it is asked, null where that is always.
      type: str
      sample: where the group was made
requests_at_most:
  description: How many requests a probe sends at most.
  returned: in check mode
  type: int
  sample: 60
requests_sent:
  description: How many requests this task has sent.
  returned: always
  type: int
  sample: 39
msg:
  description: A summary, or what is wrong.
  returned: always
  type: str
  sample: "Of the 39 statements of the contract: 24 as documented, 5 found, 8 not shown, 2 otherwise."
faults:
  description: Everything that is wrong with the options.
  returned: when options are wrong
  type: list
  elements: dict
  contains:
    where:
      description: The option.
      type: str
      sample: confirm
    problem:
      description: What is wrong with it.
      type: str
"""

from ..module_utils._ansible.account_probe import ACCOUNT_PROBE
from ..module_utils._ansible.run import run


def main() -> None:
    """Runs the module."""
    run(ACCOUNT_PROBE)


if __name__ == "__main__":
    main()
