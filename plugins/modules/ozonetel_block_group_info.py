#!/usr/bin/python
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retrieves what is on record about CloudAgent block number groups."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ozonetel_block_group_info
short_description: Retrieve what is on record about CloudAgent block number groups
version_added: 0.1.0
description:
  - Tells which block number groups and phone numbers earlier runs of M(ozonetel.cloudagent.ozonetel_block_group) have
    recorded in the ledger in O(state_store).
  - Answers the question of a support desk with O(block_numbers), why a caller is blocked, since when, until when, by
    which run and with which note.
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
      - Only return the group with this name.
    type: str
  include_numbers:
    description:
      - Also return the numbers of each group.
    type: bool
    default: false
  expiring_within:
    description:
      - Only return groups that expire, or that have numbers that expire, within this span from now, such as V(7d). The
        units are C(m), C(h), C(d) and C(w).
    type: str
  server_time_zone:
    description:
      - The time zone in which the server reads expiry dates, as an IANA name. It is not documented by the vendor.
    type: str
    default: Asia/Kolkata
  block_numbers:
    description:
      - Phone numbers to look up. RV(found) says in which groups each is on record, and RV(msg) says it in words.
      - A number is found in whatever spelling it was recorded or is asked for, as long as both may be the same
        telephone. Ten digits may be a number of India. A number of another country is found with its country code, or
        without it with O(default_region).
      - Write them as in M(ozonetel.cloudagent.ozonetel_block_group), as strings in quotes. Whole numbers and everything
        that cannot be dialled are refused.
    type: list
    elements: raw
  default_region:
    description:
      - An ISO 3166 country such as V(IN), as in M(ozonetel.cloudagent.ozonetel_block_group). The numbers in
        O(block_numbers) are then brought to the international form E.164 where they can be numbers of that country.
        Needs the Python library C(phonenumbers).
    type: str
  runs:
    description:
      - How many of the last runs of each group to return, 0 to 100. Of each group the last 100
        are kept, and the last 500 that have changed it.
    type: int
    default: 0
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

- name: Why is this caller blocked, since when, until when, and with which note?
  ozonetel.cloudagent.ozonetel_block_group_info:
    username: demo_user
    block_numbers: ["+91 99999 00002"]
  register: caller

- name: Tell the support desk
  ansible.builtin.debug:
    var: caller.msg

- name: What the last five runs did to one group
  ozonetel.cloudagent.ozonetel_block_group_info:
    username: demo_user
    name: Nuisance callers
    runs: 5
  register: nuisance
"""

RETURN = r"""
groups:
  description:
    - All groups of which anything is on record, by name, also those of which there is nothing but a run that failed.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the group.
      type: str
      sample: Nuisance callers
    seen:
      description:
        - Whether a run has seen the group on the server. If not, its first run may have failed, been killed, or still
          be under way, or it was only to be emptied; see O(runs) for why.
      type: bool
      sample: true
    id:
      description: Its id on the server, null if not known.
      type: int
      sample: 20
    description:
      description: Its description as last sent, null if not known.
      type: str
      sample: Reported by the service desk
    expiry_date:
      description: Its expiry as last sent, in the server's time, null if it has none or that is not known.
      type: str
      sample: "2099-12-31 23:59:59"
    recorded_at:
      description:
        - When something was last recorded of the group, in UTC. When its last run began, if nothing else is on record.
      type: str
      sample: "2027-01-01T12:00:00Z"
    counts:
      description:
        - How many of the recorded numbers are C(present), C(expired), C(absent), C(removed), C(not_found), C(rejected)
          or C(unconfirmed). C(absent) is not in the group, and not known to have been there before. C(expired) is a
          number whose recorded expiry has passed; one that has none of its own has the expiry of its group.
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
          description: How far it has come, null if it has not reported yet.
          type: str
          sample: "Nuisance callers: 12,300 of 100,000 numbers, 41 requests a second, about 35 s left"
    runs:
      description:
        - The last runs of M(ozonetel.cloudagent.ozonetel_block_group) on the group, latest first, without those in
          check mode and those that were refused before they could read the ledger.
      returned: with O(runs) greater than 0
      type: list
      elements: dict
      contains:
        id:
          description: The id of the run.
          type: str
          sample: 3b1c5a7d9e21
        started_at:
          description: When it began, in UTC.
          type: str
          sample: "2027-01-01T12:00:00Z"
        ended_at:
          description:
            - When it ended, in UTC. Null while it runs, and for good if it was killed, or if the store could not be
              written at its end. One run at a time works on a group, so one that another follows does not run any more.
          type: str
          sample: "2027-01-01T12:00:04Z"
        user:
          description: The user of the process, by the name or the number that its machine has for it.
          type: str
          sample: deploy
        machine:
          description: The machine that it ran on.
          type: str
          sample: runner-1
        state:
          description: Its option O(ozonetel.cloudagent.ozonetel_block_group#module:state).
          type: str
          sample: present
        changed:
          description: Whether it changed something. Null if it has no end.
          type: bool
          sample: true
        change_source:
          description:
            - What RV(ignore:changed) rests on, see RV(ozonetel.cloudagent.ozonetel_block_group#module:change_source).
              Null if it has no end, or was stopped before it could say.
          type: str
          sample: server
        counts:
          description:
            - How many numbers had each outcome, see RV(ozonetel.cloudagent.ozonetel_block_group#module:counts). Empty
              if it has no end, or was stopped before it could say.
          type: dict
          sample:
            added: 3
            already_present: 297
            present: 0
            removed: 0
            not_found: 0
            absent: 0
            exempt: 1
            shared: 0
            rejected: 0
            unconfirmed: 0
            not_sent: 0
            duplicates: 2
        requests_sent:
          description: How many requests it sent. Null if it has no end.
          type: int
          sample: 3
        error:
          description: Why it failed, at most 1000 characters. Null if it did not fail, or has no end.
          type: str
          sample: null
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
        since:
          description:
            - When it came into the group, in UTC, as far as the ledger knows. Null if it is not in the group, or if
              that is not known. It is not known of a number that was there before the first run that named it, that an
              earlier version recorded, or that may have gone in between, when its expiry had passed or another group
              was given it, and of which the server did not say whether it was still there.
          type: str
          sample: "2027-01-01T12:00:00Z"
        run:
          description: The id of the run that put it there. Null if it is not in the group, or if that is not known.
          type: str
          sample: 3b1c5a7d9e21
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
found:
  description:
    - Where each of the numbers in O(block_numbers) is on record, in their order.
  returned: with O(block_numbers)
  type: list
  elements: dict
  contains:
    number:
      description: The number as given.
      type: str
      sample: +91 99999 00002
    canonical:
      description: The number as compared.
      type: str
      sample: "+919999900002"
    groups:
      description:
        - What is on record of it in each group, by the name of the group. Groups that it was removed from are here,
          too, until that is dropped, see O(ozonetel.cloudagent.ozonetel_block_group#module:keep_removed). Empty if it
          is on record in none. With O(name), of that group alone.
      type: list
      elements: dict
      contains:
        group:
          description: The name of the group.
          type: str
          sample: Nuisance callers
        number:
          description: The number in the canonical form in which it is recorded.
          type: str
          sample: "9999900002"
        state:
          description: One of the names in RV(groups[].counts).
          type: str
          sample: present
        since:
          description: When it came into the group, see RV(groups[].numbers[].since).
          type: str
          sample: "2027-01-01T12:00:00Z"
        expiry_date:
          description: Its expiry, else that of the group, in the server's time. Null if neither is on record.
          type: str
          sample: "2099-12-31 23:59:59"
        note:
          description: The note of its entry in the file of numbers, null if it has none.
          type: str
          sample: ticket 4711
        recorded_at:
          description: When this was recorded, in UTC.
          type: str
          sample: "2027-01-02T12:00:00Z"
        batch:
          description: In which batch it was sent when this was recorded, null if no answer has confirmed it then.
          type: int
          sample: 1
        run:
          description: The run that put it into the group. Null if it is not in the group, or if that is not known.
          type: dict
          contains:
            id:
              description: Its id. All else is null once the run is no longer on record, see O(runs).
              type: str
              sample: 3b1c5a7d9e21
            started_at:
              description: When it began, in UTC.
              type: str
              sample: "2027-01-01T12:00:00Z"
            user:
              description: The user of its process.
              type: str
              sample: deploy
            machine:
              description: The machine that it ran on.
              type: str
              sample: runner-1
runs_of_numbers:
  description:
    - The runs that RV(groups[].numbers[].run) names, as far as they are still on record, latest first.
  returned: with O(include_numbers=true)
  type: list
  elements: dict
  contains:
    id:
      description: The id of the run.
      type: str
      sample: 3b1c5a7d9e21
    started_at:
      description: When it began, in UTC.
      type: str
      sample: "2027-01-01T12:00:00Z"
    user:
      description: The user of its process.
      type: str
      sample: deploy
    machine:
      description: The machine that it ran on.
      type: str
      sample: runner-1
recorded:
  description: How much is on record of the account in all.
  returned: success
  type: dict
  contains:
    groups:
      description: Groups of which anything is on record, see RV(groups), with or without O(name).
      type: int
      sample: 2
    numbers:
      description: Numbers of all groups, whatever is on record of them.
      type: int
      sample: 251
    removed:
      description:
        - Those of them of which it is only kept that they are not in a group any more, or were not there when they were
          to be removed. Numbers that the server has refused are not among them.
      type: int
      sample: 2
    notes:
      description: Notes of numbers.
      type: int
      sample: 17
    runs:
      description: Runs.
      type: int
      sample: 40
source:
  description: Always V(ledger), what was recorded and not what the server holds.
  returned: success
  type: str
  sample: ledger
msg:
  description:
    - A summary, or what is wrong. With O(block_numbers), where the first three of them are on record, in words.
  returned: always
  type: str
  sample: >-
    +91 99999 00002 (as 9999900002): in Nuisance callers since 2027-01-01T12:00:00Z until 2099-12-31 23:59:59 (server
    time), ticket 4711.
"""

from ..module_utils._ansible.block_group_info import BLOCK_GROUP_INFO
from ..module_utils._ansible.run import run


def main() -> None:
    """Runs the module."""
    run(BLOCK_GROUP_INFO)


if __name__ == "__main__":
    main()
