#!/usr/bin/python
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a CloudAgent block number group match a list."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ozonetel_block_group
short_description: Make a CloudAgent block number group match a list
version_added: 0.1.0
description:
  - Makes sure that phone numbers are in a block number group (a call block list) of an Ozonetel CloudAgent account, or
    that they are not in it. The group is made if it does not exist.
  - Lists of any length are cleaned, freed of duplicates and sent in batches. Every number gets an outcome of its own.
  - The API cannot be read back. What was applied is kept in a ledger in O(state_store), and every result says in
    RV(change_source) what its RV(ignore:changed) rests on.
  - A group acts only through the campaigns it is assigned to in the web console. No public call assigns it.
author:
  - ozonetel.cloudagent contributors (@ozonetel-cloudagent)
extends_documentation_fragment:
  - ozonetel.cloudagent.cloudagent
  - ozonetel.cloudagent.cloudagent.attributes
  - ozonetel.cloudagent.cloudagent.actiongroup
  - ozonetel.cloudagent.cloudagent.controller
attributes:
  check_mode:
    support: full
    details:
      - No request is sent and no token is generated. The prediction rests on the ledger; where nothing is recorded of
        the group it is assumed that no listed number is in it yet with O(state=present), and that each is with
        O(state=absent).
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Full where the server's counters are true or the ledger is kept between runs. Without either, sending numbers
        again is reported as a change, with RV(change_source=assumed).
      - The description and the expiry of the group are compared with what is recorded only; the server shows neither.
options:
  state:
    description:
      - V(present) puts the numbers into the group.
      - V(absent) takes the numbers out of the group. The group itself stays; no call of the API deletes one.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the group, 2 to 50 characters without an C(@). Required.
    type: str
  description:
    description:
      - The description of the group, 2 to 100 characters.
      - Required with O(state=present) unless it is recorded from an earlier run.
    type: str
  group_id:
    description:
      - The id of the group on the server, when it is known from the web console. Otherwise it is learnt from answers.
      - Numbers are removed only from the group that is on record. With another id than the recorded one, a task that
        would remove and adds nothing is refused, until a task that adds numbers has shown which group it is.
    type: int
  block_numbers:
    description:
      - The phone numbers, of 3 to 16 digits each. Spaces, hyphens, dots, brackets and slashes are dropped, and so are
        C(tel:) and the C((0)) after a country code. Required, unless O(block_numbers_file) is given.
      - Write them as strings in quotes. Without quotes YAML makes another number of C(02012345670), so whole numbers
        are refused, as are decimal numbers, dates, V(true), V(false) and V(null).
      - Everything that cannot be dialled is reported at once, before any request.
    type: list
    elements: raw
  block_numbers_file:
    description:
      - A file with phone numbers, which may have any length. With O(block_numbers), the numbers of both are taken.
      - Without O(number_column) it holds one number a line. With it, it is CSV with a header; whether commas,
        semicolons, tabs or vertical bars separate the cells is found out.
      - It is in UTF-8, or in UTF-16 with a byte-order mark. Blank lines are skipped, and so are lines that begin with
        C(#). Spreadsheets must be saved as CSV first.
      - It is looked for on the controller as other modules look for C(src), in C(files/) of the role or the play for
        instance, and brought to the target where that is needed. A file that is encrypted with Ansible Vault is
        decrypted.
      - Everything that is wrong with it is reported with its line, before any request.
    type: path
  number_column:
    description:
      - The column of O(block_numbers_file) that holds the numbers, by its name in the header. Case matters only where
        names differ in nothing else.
      - Goes with O(block_numbers_file) only.
    type: str
  expiry_column:
    description:
      - The column of O(block_numbers_file) that holds the expiry of each number in the form of O(expiry_date). Where it
        is empty, the number gets the expiry of the task, if that sets one.
      - Each request carries one expiry, so rows are sent in batches of the same one. Whether the server keeps it for
        each number or for the whole group is not documented.
      - A row that repeats a number with another expiry is refused. With O(state=absent) the column is not read.
      - Goes with O(number_column) only.
    type: str
  note_column:
    description:
      - The column of O(block_numbers_file) that says why a number is blocked, or in which ticket, in up to 500
        characters. It is kept in the ledger and never sent.
      - An empty cell drops the recorded note of its number. Without this option, and of numbers that the file does not
        name, notes stay as they are. Neither is a change.
      - Goes with O(number_column) only.
    type: str
  remote_src:
    description:
      - V(true) reads O(block_numbers_file) on the target, where nothing is decrypted.
    type: bool
    default: false
  exempt_numbers:
    description:
      - Numbers that are never sent, whatever the lists say. A number is spared too if it is written in another
        way that may reach the same line, as a number of O(default_region), or without that option as a number of India.
        They are written as in O(block_numbers).
    type: list
    elements: raw
    default: []
  default_region:
    description:
      - An ISO 3166 country such as V(IN). Numbers are then brought to the international form E.164 where they can be
        numbers of that country. Needs the Python library C(phonenumbers).
      - Without it digits are compared and sent as they are, and a warning names numbers that may be the same
        telephone written in another way.
    type: str
  expiry_date:
    description:
      - When the block ends, as C(YYYY-MM-DD HH:MM:SS) in the server's time. It must be in quotes.
      - Mutually exclusive with O(expires_in).
    type: str
  expires_in:
    description:
      - When the block ends, as a span from now in minutes, hours, days or weeks, such as V(90d), V(12h) or V(2w).
      - It is set once and recorded; later runs keep it, and renew it when less than O(renew_before) is left. Another
        span than the recorded one sets it again.
      - Needs a state store that is kept between runs. Without one, every run sets a new date, which is reported as a
        change.
      - Mutually exclusive with O(expiry_date).
    type: str
  renew_before:
    description:
      - With O(expires_in), a span such as V(14d). An expiry that is nearer than this is renewed. Without this option it
        is renewed when it has passed.
      - Goes with O(expires_in) only, and is shorter.
    type: str
  server_time_zone:
    description:
      - The time zone in which the server reads expiry dates, as an IANA name.
      - The vendor does not document it. India's time is a guess for the domestic host; nothing is known for others.
    type: str
    default: Asia/Kolkata
  refresh:
    description:
      - V(true) sends recorded numbers again, so that what was removed in the web console comes back.
      - V(false) trusts the ledger and sends differences only. A task with none makes no request at all.
    type: bool
    default: true
  refresh_after:
    description:
      - With O(refresh=true), a span such as V(1d) or V(12h). Numbers that the server has confirmed more recently than
        this are not sent again, so that a pipeline that runs on every commit repairs drift once a day and costs nothing
        in between.
      - Refused with O(refresh=false).
    type: str
  purge:
    description:
      - With O(state=present), also remove the numbers that the ledger holds for this group, or that may be in it since
        an answer was lost, and that the list no longer names. Numbers that no list has named are not touched.
      - Refused with O(state=absent).
    type: bool
    default: false
  allow_empty:
    description:
      - Allow a O(purge) that leaves the group empty, or that goes on though no listed number is in the group for
        certain, since all were refused, for instance.
    type: bool
    default: false
  max_removals:
    description:
      - Refuse to remove more numbers than this. Nothing is sent then.
    type: int
  remove_shared:
    description:
      - Also remove numbers that the ledger holds in another group of the account. The server may remove a number from
        all groups, so by default such numbers stay and are reported as V(shared).
    type: bool
    default: false
  batch_size:
    description:
      - How many numbers to send in one request, 1 to 100.
    type: int
    default: 100
  parallel:
    description:
      - How many requests to have under way at once, 1 to 16. The first contact with a group is one at a time in any
        case, and removals begin when all additions have ended. Results do not depend on it.
      - It helps where the way to the server is long. An account allows only so many requests a minute, and more at once
        meet that limit sooner; then all wait, and go on at the pace that the account was found to bear.
    type: int
    default: 1
  on_unconfirmed:
    description:
      - What to do about numbers for which the server took the request but which it did not confirm.
    type: str
    choices: [warn, fail, ignore]
    default: warn
  report_path:
    description:
      - A CSV file to write with one line for each entry of the list, its outcome and the reason. Its folder must exist.
      - Entries that repeat a number come last, as C(duplicate).
      - Cells that a spreadsheet would take for a formula begin with an apostrophe.
      - Only the user who runs the module can read it, whoever could read one that was there before. The list itself
        cannot be its place.
      - In check mode it is not written.
    type: path
  keep_removed:
    description:
      - How long the ledger keeps that a number is not in the group any more, as a span such as V(90d) or V(12h). What
        is on record of numbers that were removed, or not found when they were to be removed, longer ago than this is
        dropped at the end of each run of the group, with their notes. So is what is on record of numbers that the
        server has refused; one that is still listed is sent again by each run, and so is kept.
      - A number that is gone from the ledger is reported with less certainty where the ledger does not know all numbers
        of the group. Nothing is dropped in check mode, and nothing of numbers that are in the group or may be.
    type: str
    default: 90d
seealso:
  - module: ozonetel.cloudagent.ozonetel_token
"""

EXAMPLES = r"""
- name: Block a few numbers
  ozonetel.cloudagent.ozonetel_block_group:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    name: Nuisance callers
    description: Reported by the service desk
    expiry_date: "2099-12-31 23:59:59"
    block_numbers:
      - "9999900001"
      - "+91 99999 00002"

- name: Block everything in a file, but never our own lines; keep a report
  ozonetel.cloudagent.ozonetel_block_group:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    name: Nuisance callers
    description: Reported by the service desk
    expires_in: 90d
    renew_before: 14d
    default_region: IN
    block_numbers_file: nuisance.txt
    exempt_numbers: "{{ our_own_lines }}"
    report_path: "{{ playbook_dir }}/nuisance-report.csv"

- name: Block what another system exports as CSV with the header "Caller;Ticket;Valid until"
  ozonetel.cloudagent.ozonetel_block_group:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    name: Fraud
    description: Confirmed by the fraud desk
    block_numbers_file: fraud.csv
    number_column: Caller
    note_column: Ticket
    expiry_column: Valid until
    default_region: IN

- name: Make the group match the list exactly, but remove no more than 50 numbers
  ozonetel.cloudagent.ozonetel_block_group:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    name: Nuisance callers
    description: Reported by the service desk
    block_numbers: "{{ nuisance_numbers }}"
    purge: true
    max_removals: 50

- name: Unblock a number
  ozonetel.cloudagent.ozonetel_block_group:
    username: demo_user
    api_key: "{{ vault_ozonetel_api_key }}"
    name: Nuisance callers
    state: absent
    block_numbers: ["9999900001"]
"""

RETURN = r"""
change_source:
  description:
    - What RV(ignore:changed) rests on.
    - V(server) is the server's own counters or the making of a group, V(ledger) what is recorded of earlier runs,
      V(assumed) neither.
  returned: when the options were sound and the state store was read
  type: str
  sample: server
group:
  description: The group.
  returned: when the options were sound and the state store was read
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: Nuisance callers
    id:
      description: Its id on the server, null if not known.
      type: int
      sample: 20
    description:
      description: Its description, as given or recorded.
      type: str
      sample: Reported by the service desk
    expiry_date:
      description: Its expiry in the server's time, as given or recorded.
      type: str
      sample: "2099-12-31 23:59:59"
    created:
      description:
        - Whether this task made it. Null if that is not known, since an answer was lost, or since the server has no
          update call that would have shown a group of this name.
      type: bool
      sample: false
counts:
  description:
    - How many numbers have each outcome, and how many entries of the list were duplicates.
  returned: when the options were sound and the state store was read
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
server_counts:
  description:
    - What the server itself counted in its answers, in sum. RV(counts) says what is known of the numbers.
    - Answers that were lost are missing here, and an account may count untruly; whether it does is tested once. As
      documented, the answer to the making of a group has no count, so the first number of a new group is missing, too.
  returned: when the options were sound and the state store was read
  type: dict
  contains:
    inserted:
      description: Numbers added to the group, null if the server gave no such count.
      type: int
      sample: 3
    deleted:
      description: Numbers removed, perhaps from several groups, null if the server gave no such count.
      type: int
      sample: 0
numbers:
  description:
    - The outcome of each number in the order of the list, at most 1000. The file in O(report_path) has them all.
  returned: when the options were sound and the state store was read
  type: list
  elements: dict
  contains:
    number:
      description: The number as given.
      type: str
      sample: +91 99999 00002
    canonical:
      description: The number as compared and sent.
      type: str
      sample: "+919999900002"
    outcome:
      description:
        - V(added), V(already_present), V(removed) and V(not_found) are what they say.
        - V(present) and V(absent) say that the number is in the group now (not in it); whether it was before is not
          known, because an answer was lost or the server counts without naming. With no other evidence
          RV(ignore:changed) is then true and RV(change_source=assumed).
        - V(exempt) was not sent because of O(exempt_numbers), V(shared) was not removed because of O(remove_shared).
        - V(rejected) was refused by the server. V(not_sent) was not tried because of an earlier error, or the server
          turned the whole request away. With either the task fails, and says what was done.
        - V(unconfirmed) was sent, but the server did not confirm it, see O(on_unconfirmed).
      type: str
      sample: added
    reason:
      description: Why, where it is not plain.
      type: str
      sample: named in exempt_numbers
    batch:
      description: In which batch it was sent, null if in none.
      type: int
      sample: 1
    note:
      description: The note of its entry, null if it has none.
      type: str
      sample: ticket 4711
numbers_truncated:
  description: Whether there are more numbers than are returned.
  returned: when the options were sound and the state store was read
  type: bool
  sample: false
requests_sent:
  description: How many requests this task has sent, token generations among them.
  returned: always
  type: int
  sample: 3
msg:
  description: A summary, or what is wrong.
  returned: always
  type: str
  sample: "Group Nuisance callers: 3 added, 297 already present; changed, by the server's answers."
faults:
  description:
    - What is wrong with the options and the lists, at most the first 1000 of all faults. RV(msg) shows the first 50,
      and how many there are besides.
  returned: when options are wrong
  type: list
  elements: dict
  contains:
    where:
      description: The option and the entry counted from 1, or the file and the line.
      type: str
      sample: block_numbers, entry 4
    problem:
      description: What is wrong with it.
      type: str
      sample: holds letters; only digits, separators and a leading + can be dialled
"""

from ..module_utils._ansible.block_group import BLOCK_GROUP
from ..module_utils._ansible.run import run


def main() -> None:
    """Runs the module."""
    run(BLOCK_GROUP)


if __name__ == "__main__":
    main()
