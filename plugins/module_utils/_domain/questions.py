# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The questions that the probe of an account asks, in their order: data, no logic.

Each has a name, under which it stands in the transcript, its words for people, and the lines of the API's contract that
it is about.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Question(NamedTuple):
    """One question. ``only``: when it is asked, where that is not always."""

    name: str
    words: str
    statements: str
    only: str = ""


_NOT_THERE = "where the server does not know the probe's group"
_MADE = "where the group was made"
_THERE = "where the group was there"
_SAID = "where that was asked before"
_ASKED = "with second_group=true and a store that is kept, once"

QUESTIONS: Tuple[Question, ...] = (
    Question("generate", "What does a generated token look like?", "T1, T4, T5", "where no token is stored"),
    Question("status", "Are the credentials taken, and what does campaignStatus answer?", "A1, A2, N5"),
    Question("made_up_credential", "What is said of a token (or key) that nobody has issued?", "G3, T6"),
    Question("other_kind", "What is said where the credentials are of the other kind?", "A4"),
    Question("both_headers", "Is a request taken that has both headers?", "A3", "with auth=token and api_key"),
    Question(
        "earlier_token", "What is said of a token after a newer one was generated?", "T3, T6", "with it on record"
    ),
    Question("update", "Is update served on its newer path?", "U1, U2, U3"),
    Question("update_older_path", "Is update served on its older path?", "U1"),
    Question("unknown_group", "What is said of a group that does not exist?", "U5, U6"),
    Question(
        "group_gone",
        "Is the same said of the probe's group again, after a pause?",
        "U5",
        "where the words are not documented",
    ),
    Question("refused_create", "Is the group still not there after create was refused?", "C9", _NOT_THERE),
    Question("create_list", "Does create take a list, and no date?", "C1, C9", _NOT_THERE),
    Question("create_list_dated", "Does create take a list, with a date?", "C1, C9", "where a date is wanted"),
    Question(
        "create_string", "Does create take one number as a string, and no date?", "C1, C2, C3", "where it takes no list"
    ),
    Question(
        "create_string_dated",
        "Does create take one number as a string, with a date?",
        "C1, C2, C9",
        "where a date is wanted",
    ),
    Question("after_create", "Has create put its number into the group, and which id has that?", "C4, C5", _MADE),
    Question("clean", "Is the group emptied of the probe's numbers?", "X1", _THERE),
    Question("add_new", "Where is a new number listed, and what is counted?", "U3, U4, N1"),
    Question("add_again", "Where is a number listed that is in the group, and what is counted?", "U4, U6"),
    Question("add_twice", "What becomes of a number that occurs twice in a request?", "U6"),
    Question("add_beside_bad", "Does one malformed number refuse the whole request?", "C6, U6"),
    Question("letters", "Are letters refused?", "N2"),
    Question("digits_1", "Is one digit refused?", "N2"),
    Question("digits_2", "Are two digits refused?", "N2"),
    Question("digits_3", "Are three digits taken?", "N2"),
    Question("digits_16", "Are 16 digits taken?", "N2"),
    Question("digits_17", "Are 17 digits refused?", "N2"),
    Question("digits_20", "Are 20 digits refused?", "N2"),
    Question("without_plus", "In which form do 10 and 12 digits come back?", "N1"),
    Question("without_description", "May update leave out the description?", "U5"),
    Question("without_expiry", "May update leave out the expiry?", "U5, C9"),
    Question("unknown_again", "Is the same said of another group that does not exist?", "U5, U6", _SAID),
    Question("add_later", "Is a number that is in the group listed at the same place later?", "U4, U6"),
    Question("delete_by_name", "Does delete do with the group's name alone?", "X1, X3"),
    Question("after_delete_by_name", "Has the group's name alone removed the number?", "X3, U4"),
    Question("delete_other_name", "Does delete do anything with the name of no group?", "X3"),
    Question("after_delete_other_name", "Has the name of no group removed the number?", "X3"),
    Question("delete_unknown_id", "Does delete do anything with the id of no group?", "X3"),
    Question("after_delete_unknown_id", "Has the id of no group removed the number?", "X3"),
    Question("delete_without_group", "Does delete do anything without a group?", "X1, X3"),
    Question("after_delete_without_group", "Has a delete without a group removed the number?", "X3"),
    Question("delete_by_id", "What does delete say of one number that is there and one that is not?", "X2"),
    Question("delete_again", "What does delete say of a number that is gone?", "X2"),
    Question("wrong_method", "What is the answer to a method that a path does not have?", "G5"),
    Question("second_name", "What does create say of a name that exists, with a bad description?", "C9", _ASKED),
    Question("second_group", "What does create say of a name that exists?", "C9", _ASKED),
    Question("past_expiry", "Is a date taken that is past?", "N4, U6"),
    Question("after_past_expiry", "Has the group lost its numbers with that date?", "N4, U6"),
    Question("remove", "Are the probe's numbers removed again?", "X1"),
)
