#!/usr/bin/python
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells what is recorded of CloudAgent block number groups."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ozonetel_block_group_info
short_description: Tell what is recorded of CloudAgent block number groups
version_added: 0.1.0
description:
  - Tells which block number groups and phone numbers earlier runs of M(ozonetel.cloudagent.ozonetel_block_group) have
    recorded in the ledger in O(state_store).
  - It sends no request, since no call of the API reads groups or numbers back. What was changed in the web console, or
    by runs with another store, is not in it.
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
      - This module changes nothing.
  diff_mode:
    support: N/A
  idempotent:
    support: full
options:
  api_key:
    description:
      - Not needed, since nothing is sent. It is taken so that C(module_defaults) of the action group serve this module
        too.
  name:
    description:
      - Only tell of the group with this name.
    type: str
  include_numbers:
    description:
      - Also return the numbers of each group.
    type: bool
    default: false
  expiring_within:
    description:
      - Only tell of groups that expire, or that have numbers that expire, within this span from now, such as V(7d). The
        units are C(m), C(h), C(d) and C(w).
    type: str
  server_time_zone:
    description:
      - The time zone in which the server reads expiry dates, as an IANA name. It is not documented by the vendor.
    type: str
    default: Asia/Kolkata
seealso:
  - module: ozonetel.cloudagent.ozonetel_block_group
"""

EXAMPLES = r"""
- name: What is recorded
  ozonetel.cloudagent.ozonetel_block_group_info:
    username: demo_user
  register: recorded

- name: Which groups need a renewal this week
  ozonetel.cloudagent.ozonetel_block_group_info:
    username: demo_user
    expiring_within: 7d
  register: expiring

- name: Every number of one group
  ozonetel.cloudagent.ozonetel_block_group_info:
    username: demo_user
    name: Nuisance callers
    include_numbers: true
  register: nuisance
"""

RETURN = r"""
groups:
  description: The recorded groups, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the group.
      type: str
      sample: Nuisance callers
    id:
      description: Its id on the server, null if not known.
      type: int
      sample: 20
    description:
      description: Its description as last sent.
      type: str
      sample: Reported by the service desk
    expiry_date:
      description: Its expiry as last sent, in the server's time.
      type: str
      sample: "2099-12-31 23:59:59"
    recorded_at:
      description: When something was last recorded of the group, in UTC.
      type: str
      sample: "2027-01-01T12:00:00Z"
    counts:
      description:
        - How many of the recorded numbers are C(present), C(expired), C(absent), C(removed), C(not_found), C(rejected)
          or C(unconfirmed). C(absent) is not in the group, and not known to have been there before.
        - C(expiring) is how many of the present ones expire within O(expiring_within).
      type: dict
      sample:
        present: 240
        expired: 0
        absent: 0
        not_found: 0
        rejected: 0
        removed: 2
        unconfirmed: 0
        expiring: 0
    running:
      description:
        - The run that is under way on the group, or one that was killed on its way; null if there is none.
      type: dict
      contains:
        holder:
          description: The process and its machine.
          type: str
          sample: process 4711 on runner-1
        since:
          description: When it began, in UTC.
          type: str
          sample: "2027-01-01T12:00:00Z"
        progress:
          description: How far it has come, null if it has not told yet.
          type: str
          sample: "Nuisance callers: 12,300 of 100,000 numbers, 41 requests a second, about 35 s left"
    numbers:
      description: The recorded numbers.
      returned: with O(include_numbers=true)
      type: list
      elements: dict
      contains:
        number:
          description: The number in its canonical form.
          type: str
          sample: "+919999900002"
        state:
          description: One of the names in RV(groups[].counts).
          type: str
          sample: present
        expiry_date:
          description: Its expiry in the server's time.
          type: str
          sample: "2099-12-31 23:59:59"
        recorded_at:
          description: When it was recorded, in UTC.
          type: str
          sample: "2027-01-01T12:00:00Z"
        batch:
          description: In which batch of its run it was sent.
          type: int
          sample: 1
        note:
          description: The note of its entry in the file of numbers, null if it has none.
          type: str
          sample: ticket 4711
source:
  description: Always V(ledger), what was recorded and not what the server holds.
  returned: success
  type: str
  sample: ledger
msg:
  description: A summary, or what is wrong.
  returned: always
  type: str
  sample: "Groups on record: 2. The server was not asked."
"""

from ..module_utils._ansible.block_group_info import BLOCK_GROUP_INFO
from ..module_utils._ansible.run import run


def main() -> None:
    """Runs the module."""
    run(BLOCK_GROUP_INFO)


if __name__ == "__main__":
    main()
