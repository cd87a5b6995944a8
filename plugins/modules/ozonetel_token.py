#!/usr/bin/python
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provides a CloudAgent API token."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ozonetel_token
short_description: Provide a valid CloudAgent API token
version_added: 0.1.0
description:
  - Gives a token that is good for at least O(min_validity) seconds, from the state store if there is one there, else
    newly generated.
  - An account may generate ten tokens an hour, and each new one makes every earlier one invalid. All tasks, forks,
    hosts and runs that share a state store therefore share one token. An eleventh generation within an hour is never
    sent.
  - M(ozonetel.cloudagent.ozonetel_block_group) obtains its token in the same way. Use this module to let wrong
    credentials fail first, or to hand the token to something else.
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
      - Nothing is generated or forgotten. RV(ignore:changed) says whether it would be.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - Not with O(force=true), and not without a state store.
options:
  state:
    description:
      - V(present) provides a token.
      - V(absent) forgets the stored token. It stays valid on the server until it ends or a new one is generated.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Generate a new token even if there is a good one. That makes the token of every other user of the account
        invalid.
    type: bool
    default: false
  min_validity:
    description:
      - Seconds for which the token must still be good, 0 to 3500. A token lives for an hour.
    type: int
    default: 300
  return_token:
    description:
      - Whether to return the token. Set it to V(false) where only the store is to be filled.
    type: bool
    default: true
seealso:
  - module: ozonetel.cloudagent.ozonetel_block_group
"""

EXAMPLES = r"""
- name: Make sure that the credentials work, before anything else
  ozonetel.cloudagent.ozonetel_token:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    return_token: false

- name: Get a token that is good for half an hour and hand it to another tool
  ozonetel.cloudagent.ozonetel_token:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    min_validity: 1800
  register: cloudagent
  no_log: true

- name: Forget the stored token
  ozonetel.cloudagent.ozonetel_token:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    state: absent
"""

RETURN = r"""
token:
  description: The token.
  returned: success, with O(state=present) and O(return_token=true), not in check mode when it would be generated
  type: str
  sample: an.example.token
expires_at:
  description: When the token ends, in UTC. Null where there is none.
  returned: success, unless O(token) is given
  type: str
  sample: "2027-01-01T12:00:00Z"
generated:
  description: Whether a token was generated. In check mode RV(ignore:changed) says whether one would be.
  returned: success
  type: bool
  sample: true
generated_last_hour:
  description: How many generations were sent within the last hour, by the record of the state store.
  returned: success, unless O(token) is given
  type: int
  sample: 1
next_generation_at:
  description: When the next generation is free, in UTC. Null if one is free at once.
  returned: success, unless O(token) is given
  type: str
  sample: "2027-01-01T12:00:00Z"
msg:
  description: What would be done, or why nothing is.
  returned: in check mode with O(state=present), and when O(token) is given
  type: str
  sample: The stored token would be used.
requests_sent:
  description: How many requests this task has sent.
  returned: always
  type: int
  sample: 1
faults:
  description: Everything that is wrong with the options.
  returned: when options are wrong
  type: list
  elements: dict
  contains:
    where:
      description: The option.
      type: str
      sample: min_validity
    problem:
      description: What is wrong with it.
      type: str
      sample: 4000 is not between 0 and 3500
"""

from ..module_utils._ansible.run import run
from ..module_utils._ansible.token import TOKEN


def main() -> None:
    """Runs the module."""
    run(TOKEN)


if __name__ == "__main__":
    main()
