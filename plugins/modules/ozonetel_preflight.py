#!/usr/bin/python
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells whether a run could work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ozonetel_preflight
short_description: Tell whether a run on a CloudAgent account could work
version_added: 1.0.0
description:
  - Looks at everything that a run needs, and says for each what is right, what is wrong and what to do. These are the
    Python libraries, the state store and its locks, the host name, the connection and its certificate, the clock, the
    token, and whether the account's setting "API Authentication" fits O(auth).
  - Each check stands alone, so that several things that are wrong are reported at once. What cannot be looked at
    because of something else is reported as C(skipped), with the reason.
  - Nothing is written but a token. None is generated when one is stored or given, with O(auth=api_key), or when it
    could not be stored; else one is, as in any other task. With O(state_store=none) that makes every earlier token of
    the account invalid, as each task with that option does.
  - The module fails only when a run could not work.
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
      - Makes the local checks only. Nothing is sent to the server and no name is looked up; only a state store on
        PostgreSQL is connected to.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - RV(ignore:changed) says whether a token was generated, which is not the case when one is stored. It is each
        time with O(state_store=none).
notes:
  - The account is tried with C(GET /ca_apis/campaignStatus), for a campaign that does not exist. That changes nothing.
    A first request to the same path carries no credential, so that no key goes to a host that is not there.
  - Where there is no token to try, it is tried with the API key, whose refusal shows the account's setting.
  - Three requests are sent at most, one of them a generation, unless some are lost and sent again or the stored token
    was replaced by another run.
  - A store that does not exist is not made, and one of an earlier version is not migrated, unless a token is to be
    stored in it.
seealso:
  - module: ozonetel.cloudagent.ozonetel_token
  - module: ozonetel.cloudagent.ozonetel_block_group
"""

EXAMPLES = r"""
- name: Whether a run could work
  ozonetel.cloudagent.ozonetel_preflight:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
  register: preflight

- name: What lies on this machine, without a request
  ozonetel.cloudagent.ozonetel_preflight:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
  check_mode: true

- name: Look, and go on whatever is found
  ozonetel.cloudagent.ozonetel_preflight:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
  register: preflight
  failed_when: false

- name: Print what was found
  ansible.builtin.debug:
    msg: "{{ preflight.table | default([preflight.msg]) }}"
"""

RETURN = r"""
ready:
  description: Whether a run could work, as far as could be seen. The module fails if it could not.
  returned: unless options are wrong
  type: bool
  sample: true
checks:
  description:
    - What was found, always in this order. C(python), C(store), C(lock), C(dns), C(reach), C(tls), C(clock), C(token),
      C(account).
  returned: unless options are wrong
  type: list
  elements: dict
  contains:
    name:
      description: What was looked at.
      type: str
      sample: clock
    verdict:
      description:
        - V(ok); V(warning), it works, but look at it; V(failed), a run could not work; or V(skipped), it could not be
          looked at.
      type: str
      sample: warning
    said:
      description: What was found.
      type: str
      sample: The clock of this machine is 95 s behind the server's.
    advice:
      description: What to do about it; empty if there is nothing to be done.
      type: str
      sample: Set it, best by NTP.
table:
  description: The same for people, line by line.
  returned: unless options are wrong
  type: list
  elements: str
  sample:
    - check    verdict  what was found, and what to do
    - clock    ok       The clocks of this machine and of the server differ by 0 s.
auth_setting:
  description: The account's setting "API Authentication", V(TOKEN_AUTH) or V(BASIC_AUTH). Null where it was not seen.
  returned: unless options are wrong
  type: str
  sample: TOKEN_AUTH
clock_offset:
  description: Seconds by which the server's clock is ahead of this machine's. Null where it was not seen.
  returned: unless options are wrong
  type: int
  sample: 0
generated:
  description: Whether a token was generated.
  returned: unless options are wrong
  type: bool
  sample: true
token_expires_at:
  description: When the stored or generated token ends, in UTC. Null where there is none.
  returned: unless options are wrong
  type: str
  sample: "2027-01-01T12:00:00Z"
generations_last_hour:
  description:
    - How many generations were sent within the last hour, by the record of the state store. Null where there is no
      record, or no API key.
  returned: unless options are wrong
  type: int
  sample: 1
generations_left:
  description: How many of the ten an hour are left, by the same record.
  returned: unless options are wrong
  type: int
  sample: 9
next_generation_at:
  description: When the next generation is free, in UTC. Null if one is free at once, or that is not known.
  returned: unless options are wrong
  type: str
  sample: "2027-01-01T12:00:00Z"
msg:
  description: A summary, or what is wrong.
  returned: always
  type: str
  sample: "Nothing stands in the way of a run, as far as could be seen. Look at: clock."
requests_sent:
  description: How many requests this task has sent.
  returned: always
  type: int
  sample: 3
faults:
  description: Everything that is wrong with the options.
  returned: when options are wrong
  type: list
  elements: dict
  contains:
    where:
      description: The option.
      type: str
      sample: timeout
    problem:
      description: What is wrong with it.
      type: str
      sample: 0 is not between 0.1 and 3600
"""

from ..module_utils._ansible.preflight import PREFLIGHT
from ..module_utils._ansible.run import run


def main() -> None:
    """Runs the module."""
    run(PREFLIGHT)


if __name__ == "__main__":
    main()
