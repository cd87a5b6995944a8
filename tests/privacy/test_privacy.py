# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Neither API key, token nor password stands in anything that a task leaves anywhere, in whatever form."""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

import pytest
from ansible.release import __version__

from ansible_collections.ozonetel.cloudagent.tests.privacy.forms import forms, found_in
from ansible_collections.ozonetel.cloudagent.tests.privacy.scene import TEMPORARY, Scene

ANSIBLE = tuple(map(int, __version__.split(".")[:2]))
STORES = ("state", "postgresql")
"""Where the token is kept."""
OF_ANSIBLE = ("the API key", "the password") if ANSIBLE >= (2, 22) else ()
"""What Ansible itself, from 2.22 on, writes into the file of a task in the background: the options that are secret."""
MARKS = {
    "output": b"Failing: a probe of such a server",
    "ansible_log": b"Failing: a probe of such a server",
    "events": b"Failing: a probe of such a server",
    "junit": b"<testsuite",
    "facts": b"everything_told",
    "told.json": b"bad request from ****",
    "system_log": b"Invoked with",
    "report.csv": b"9999905001",
    "transcript.jsonl": b"updateBlockNumber",
    "transcript_hostile.jsonl": b"updateBlockNumber",
    "summary.md": b"#",
    "summary_hostile.md": b"#",
    "page.html": b"Nuisance",
    "state": b"Nuisance",
    "postgresql": b"Nuisance",
    "background": b"Nuisance",
    "postgresql_log": b"password authentication failed",
}
"""What has to stand in each place, lest an empty one be searched."""


def _told(life: Scene) -> Iterator[Tuple[str, str, str]]:
    """How each task has ended, its name, and its result; a loop's items alone and then together."""
    for line in life.places()["events"].decode().splitlines():
        ended, _tab, rest = line.partition("\t")
        name, tab, result = rest.partition("\t")
        if tab:
            yield ended, name, result


def test_every_place_was_written_to(life: Scene) -> None:
    places = life.places()
    assert [place for place, mark in MARKS.items() if mark not in places.get(place, b"")] == []


def test_every_task_has_ended_as_it_was_meant_to(life: Scene) -> None:
    ended = {name: word for word, name, _result in _told(life) if name.startswith(("Well: ", "Failing: "))}
    assert {name: word for name, word in ended.items() if word != ("ok" if name.startswith("Well") else "failed")} == {}
    assert len(ended) == 25


def test_a_server_that_repeats_a_credential_is_told_with_a_mask_in_its_place(life: Scene) -> None:
    masked = [name for _word, name, result in _told(life) if "bad request from ****" in result]
    assert len(masked) > 5


def test_no_secret_stands_anywhere(life: Scene) -> None:
    found: List[str] = []
    places = life.places()
    for secret, what in life.secrets.items():
        for form, at, place in _found(secret, places):
            kept = what == "a token" and place in STORES
            if not kept and not (place == "background" and what in OF_ANSIBLE):
                found.append(f"{what}, {form}, in {place} behind {places[place][max(0, at - 120) : at]!r}")
    assert found == []


def _found(secret: str, places: Dict[str, bytes]) -> Iterator[Tuple[str, int, str]]:
    wanted = forms(secret)
    for place, text in places.items():
        for form, at in found_in(text, wanted):
            yield form, at, place


def test_the_search_finds_each_secret_where_it_must_be(life: Scene) -> None:
    given = (life.given / "variables.json").read_bytes()
    assert "JSON" in dict(found_in(given, forms(life.wrong_key)))
    places = life.places()
    for store in STORES:
        assert any(found_in(places[store], forms(token)) for token in life.tokens), store


def test_no_process_was_given_a_secret_on_its_command_line(life: Scene) -> None:
    seen = b"\n".join(life.watch.seen["cmdline"])
    assert b"AnsiballZ_ozonetel_block_group" in seen
    assert [what for secret, what in life.secrets.items() for _form in found_in(seen, forms(secret))] == []


def test_no_process_was_given_a_secret_in_its_environment_that_the_user_has_not_set(life: Scene) -> None:
    entries = [entry for seen in life.watch.seen["environ"] for entry in seen.split(b"\0")]
    assert b"BROKEN=error" in entries
    foreign = [e for e in entries if not e.startswith((b"OZONETEL_API_KEY=", b"OZONETEL_STATE_STORE_PASSWORD="))]
    seen = b"\n".join(set(foreign if life.in_environment else entries))
    assert [what for secret, what in life.secrets.items() for _form in found_in(seen, forms(secret))] == []


def test_no_temporary_file_is_left_but_the_code_of_a_module_that_was_killed(life: Scene) -> None:
    left = [path.name for name in TEMPORARY for path in (life.left / name).rglob("*") if path.is_file()]
    assert [name for name in left if not name.endswith("_payload.zip")] == []


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ('xxKK12/+"&<%41\\secretxx', "as it is"),
        ('KK12/+\\"&<%41\\\\secret', "JSON"),
        ("KK12/+&quot;&amp;&lt;%41\\secret", "HTML"),
        ("KK12%2F%2B%22%26%3C%2541%5Csecret", "URL"),
        ("kk12%2f%2b%22%26%3c%2541%5csecret", "URL"),
        ("eEtLMTIvKyImPCU0MVxzZWNyZXQ=", "base64"),
        ("4b4b31322f2b22263c2534315c736563726574", "hexadecimal"),
    ],
)
def test_the_search_knows_a_secret_in_whatever_form(written: str, form: str) -> None:
    assert form in dict(found_in(f"before {written} behind".encode(), forms('KK12/+"&<%41\\secret')))
