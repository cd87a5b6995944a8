# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the role block_groups_page as Ansible writes it: what it tells, when it changes, what is not printed."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import product
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from ansible.module_utils.common.yaml import yaml_load
from jinja2 import Environment, nodes

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import STATES
from ansible_collections.ozonetel.cloudagent.tests.unit.pages import ROLE, RolePlayer, busy_groups, group, number, run

ARGUMENTS: Dict[str, Any] = yaml_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
    "options"
]
BESIDE: Dict[str, Any] = yaml_load(
    (ROLE.parent / "block_groups" / "meta" / "argument_specs.yml").read_text(),
)[
    "argument_specs"
]["main"]["options"]
TEMPLATES = sorted((ROLE / "templates").glob("*.j2"))
# What may be put out as it is: numbers and times in a form of our own, and what these macros have escaped themselves.
ESCAPING_MACROS = {"own", "isolated", "count", "numbers", "flagged", "time", "error", "end_of", "region", "day_text"}
OWN_FILES = {"style", "script"}


def _shown(html: str) -> str:
    """What a reader sees of a page, roughly: no tags, one blank between words."""
    text = re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)
    for silent in ("<bdi>", "</bdi>", "&shy;"):
        text = text.replace(silent, "")
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_defaults_are_those_of_the_arguments() -> None:
    defaults = yaml_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults == {name: option["default"] for name, option in ARGUMENTS.items() if "default" in option}


def test_one_inventory_serves_both_roles() -> None:
    shared = {name: option for name, option in ARGUMENTS.items() if not name.startswith("block_groups_page_")}
    assert set(shared) == {"block_groups_username", "block_groups_domain", "block_groups_state_store"}
    assert {name: option["type"] for name, option in shared.items()} == {name: BESIDE[name]["type"] for name in shared}


def test_the_readme_tells_of_every_argument() -> None:
    told = (ROLE / "README.md").read_text()
    assert [name for name in ARGUMENTS if f"`{name}`" not in told] == []


@pytest.mark.parametrize("part", ["style", "script"])
def test_the_page_allows_itself_its_own_style_and_script_by_their_digests(part: str) -> None:
    file = ROLE / "files" / {"style": "page.css", "script": "page.js"}[part]
    digest = base64.b64encode(hashlib.sha256(file.read_text().rstrip().encode()).digest()).decode()
    written = yaml_load((ROLE / "vars" / "main.yml").read_text())[f"block_groups_page_{part}_digest"]
    assert written == f"sha256-{digest}", f"{file.name} has changed: put its digest into vars/main.yml"


def _put_out() -> Iterator[Tuple[str, int, nodes.Expr]]:
    for template in TEMPLATES:
        for output in Environment().parse(template.read_text()).find_all(nodes.Output):
            for part in output.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield template.name, part.lineno, part


def _is_harmless(part: nodes.Expr) -> bool:
    if isinstance(part, nodes.Filter):
        return part.name in ("e", "tojson")
    if isinstance(part, nodes.CondExpr):
        return _is_harmless(part.expr1) and (part.expr2 is None or _is_harmless(part.expr2))
    if isinstance(part, nodes.Call):
        callee = part.node
        return isinstance(callee, nodes.Name) and callee.name in ESCAPING_MACROS
    return isinstance(part, nodes.Const) or (isinstance(part, nodes.Name) and part.name in OWN_FILES)


def test_whatever_the_templates_put_out_is_escaped() -> None:
    put_out = list(_put_out())
    assert len(put_out) > 100
    assert [(name, line) for name, line, part in put_out if not _is_harmless(part)] == []


def test_an_output_that_is_not_escaped_is_found() -> None:
    output = next(iter(Environment().parse("{{ group.name }}").find_all(nodes.Output)))
    assert not _is_harmless(output.nodes[0])


def test_the_same_record_gives_the_same_file(player: RolePlayer) -> None:
    first = player.play(busy_groups(), numbers=True)
    written = first.html
    again = player.play(busy_groups(), numbers=True)
    assert "changed=1 " in first.printed
    assert "changed=0 " in again.printed
    assert again.html == written


def test_nobody_but_the_owner_can_read_the_file(player: RolePlayer) -> None:
    assert player.play([]).path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("arguments", [("--check", "--diff"), ("--diff", "-vvv")], ids=" ".join)
def test_no_number_is_printed(player: RolePlayer, arguments: Tuple[str, ...]) -> None:
    groups = [group("Fraud", [number("+919999900002", note="FRAUD-001")], [])]
    player.play(groups, numbers=True)
    groups[0]["numbers"].append(number("+919999900003"))
    played = player.play(groups, *arguments, numbers=True)
    assert played.ok
    assert "changed=1 " in played.printed
    assert "9999900002" not in played.printed
    assert "9999900003" not in played.printed
    assert "FRAUD-001" not in played.printed


def test_check_mode_writes_nothing_and_tells_that_it_would(player: RolePlayer) -> None:
    played = player.play(busy_groups(), "--check")
    assert "changed=1 " in played.printed
    assert not played.path.exists()


@pytest.mark.parametrize("asked", ["ending", "all"])
def test_why_the_record_cannot_be_read_is_told(player: RolePlayer, asked: str) -> None:
    played = player.play([], errors={asked: "The store is locked by others"})
    assert not played.ok
    assert "The store is locked by others" in played.printed
    assert not played.path.exists()


def test_the_path_is_required(player: RolePlayer) -> None:
    played = player.play([], path=None)
    assert not played.ok
    assert "block_groups_page_path" in played.printed


def test_without_numbers_there_is_none_in_the_page_and_it_says_how_to_ask(plain: Path) -> None:
    html = plain.read_text()
    assert (
        re.findall(r"(?<![0-9])\+?[0-9]{7,}", re.sub("<(style|svg).*?</\\1>|sha256-[^']*", "", html, flags=re.DOTALL))
        == []
    )
    assert "FRAUD-001" not in html
    assert "<script" not in html
    assert "script-src" not in html
    assert "block_numbers" in _shown(html)
    assert "rejected" not in _shown(html)[_shown(html).index("Last runs") :].partition("Error of this run")[2]


def test_numbers_that_are_switched_off_on_the_command_line_stay_out(player: RolePlayer) -> None:
    html = player.play(busy_groups(), "-e", "block_groups_page_numbers=false").html
    assert "9999900002" not in html


def test_without_numbers_no_word_of_an_error_is_in_the_page_whatever_the_spelling_in_it(player: RolePlayer) -> None:
    errors = [
        "entry '99999\u201100002'",
        "entry '99999\u00a000002'",
        "entry '99999\u200b00002'",
        "entry '\u096f\u096f\u096f\u096f\u096f\u0966\u0966\u0966\u0966\u0968'",
        "entry '9999/00002'",
        "entry '1800'",
        "entry '2027-01-02345'",
    ]
    runs = [run(identity, "2027-01-02T09:10:00Z", error=error) for identity, error in enumerate(errors)]
    html = player.play([group("Fraud", [], runs)]).html
    assert [error for error in errors if error[6:].strip("'") in html] == []
    assert "entry" not in html
    assert "Failed: Fraud : the last run, 2027-01-02 09:10 UTC: the message may name numbers, see" in _shown(html)
    told = "failed ; the message may name numbers, see ozonetel_block_group_info with runs"
    assert _shown(html).count(told) == len(errors)


def test_what_failed_is_unconfirmed_or_ends_stands_first(plain: Path) -> None:
    shown = _shown(plain.read_text())
    attention = shown[shown.index("What needs attention") : shown.index("Find a number")]
    for words in (
        "Under way, or no end on record: Fraud attempts : process 4711 on runner-1, since 2027-01-10 09:20 UTC. 2 of 4",
        "Failed: Nuisance callers : the last run, 2027-01-10 09:10 UTC",
        "Rejected: Nuisance callers : 1 number, which the server did not take.",
        "Unconfirmed: Nuisance callers : 1 number may or may not be in the group.",
        "Expired: Nuisance callers : the end of 1 number has passed.",
        "Ends soon: Nuisance callers : the block of 7 numbers ends within 30d.",
    ):
        assert words in attention


def test_a_record_without_a_group_says_what_to_do(player: RolePlayer) -> None:
    shown = _shown(player.play([], numbers=True).html)
    assert "No group is on record. Run the role block_groups" in shown
    assert "Nothing on record has an end." in shown
    assert "No run is on record." in shown
    assert "Nothing: no number is unconfirmed" in shown


def test_a_run_without_an_end_is_under_way_if_the_store_says_so_and_what_it_did_is_not_known(
    player: RolePlayer,
) -> None:
    unknown: Dict[str, Any] = {
        "ended_at": None,
        "changed": None,
        "change_source": None,
        "counts": {},
        "requests_sent": None,
    }
    without_end = [run(2, "2027-01-02T09:10:00Z", **unknown), run(1, "2027-01-01T09:10:00Z", **unknown)]
    under_way = {"holder": "process 1 on runner-1", "since": "2027-01-02T09:10:00Z", "progress": None}
    shown = _shown(player.play([group("Fraud", [], without_end, running=under_way)]).html)
    rest = "deploy on runner-1 present not known not known not known"
    assert f"Fraud 2027-01-02 09:10 under way, or no end on record {rest} " in shown
    assert f"Fraud 2027-01-01 09:10 no end on record {rest} " in shown
    shown = _shown(player.play([group("Fraud", [], without_end)]).html)
    told = "the last run, 2027-01-02 09:10 UTC, was killed, or its end could not be written. Run it again."
    assert f"No end on record: Fraud : {told}" in shown
    assert "killed" not in shown.lower().replace("was killed, or", "")


def test_a_run_that_was_stopped_before_it_could_tell_has_no_known_counts_and_one_with_none_has_none(
    player: RolePlayer,
) -> None:
    runs = [
        run(2, "2027-01-02T09:10:00Z", changed=False, change_source=None, counts={}, requests_sent=0, error="Refused"),
        run(1, "2027-01-01T09:10:00Z", state="absent", changed=False, counts={"removed": 0}, requests_sent=0),
    ]
    shown = _shown(player.play([group("Fraud", [], runs)]).html)
    assert "2027-01-02 09:59 deploy on runner-1 present no not known 0 " in shown
    assert "2027-01-01 09:59 deploy on runner-1 absent no none 0 " in shown


def test_runs_stand_newest_first_and_those_of_a_group_in_the_order_of_the_record(player: RolePlayer) -> None:
    behind = [run(3, "2027-01-02T09:10:00Z"), run(2, "2027-01-02T09:20:00Z"), run(1, "2027-01-01T09:10:00Z")]
    others = [run(5, "2027-01-03T09:10:00Z"), run(4, "2027-01-01T10:10:00Z")]
    html = player.play([group("Fraud", [], behind), group("Quiet", [], others)]).html
    table = html[html.index('id="runs-table"') :].partition("</table>")[0]
    assert re.findall(r"<bdi>(Fraud|Quiet)</bdi></th>\n<td[^>]*><time datetime=\"([^\"]*)Z\"", table) == [
        ("Quiet", "2027-01-03T09:10:00"),
        ("Fraud", "2027-01-02T09:10:00"),  # the later run, on a machine whose clock is behind
        ("Fraud", "2027-01-02T09:20:00"),
        ("Quiet", "2027-01-01T10:10:00"),
        ("Fraud", "2027-01-01T09:10:00"),
    ]


def test_a_group_that_was_never_seen_on_the_server_says_so_and_tells_of_its_runs(player: RolePlayer) -> None:
    nothing: Dict[str, Any] = {"id": None, "description": None, "expiry_date": None, "recorded_at": None}
    failed = [run(1, "2027-01-02T09:10:00Z", error="The key is wrong")]
    groups = [group("Fraud", [], failed, seen=False, **nothing), group("Quiet", [], [], seen=True, expiry_date=None)]
    html = player.play(groups, numbers=True).html
    shown = _shown(html)
    assert "2 groups (1 not seen on the server yet) with 0 numbers" in shown
    assert "Fraud not seen on the server yet 0 0 0 0 0 0 not known not known 2027-01-02 09:59 failed" in shown
    assert "Quiet Reported by the service desk id 20 0 0 0 0 0 0 no end 2027-01-10 09:30 no run on record" in shown
    assert "Failed: Fraud : the last run, 2027-01-02 09:10 UTC: The key is wrong" in shown
    assert re.findall('"end": "(.*?)"', html) == ["not known", "no end"]


def test_what_ends_soon_in_several_groups_is_one_line_that_can_be_opened(player: RolePlayer) -> None:
    groups = [group(f"Group {place}", [], [], expiring=place) for place in range(3)]
    html = player.play(groups).html
    assert _shown(html).count("Ends soon:") == 1
    assert (
        "Ends soon: the block of 3 numbers in 2 groups ends within 30d. In which groups Group 1: 1 number Group 2: 2"
        in (_shown(html))
    )
    assert html.count("<details>") == 1


def test_runs_can_be_left_out(player: RolePlayer) -> None:
    groups = [group("Fraud", [number("+919999900002")], [])]
    del groups[0]["runs"]
    assert "No run is on record." in _shown(player.play(groups, runs=0).html)


def test_what_an_older_version_recorded_has_no_run_and_no_beginning(player: RolePlayer) -> None:
    played = player.play([group("Fraud", [number("+919999900002", since=None, run=None)], [])], numbers=True)
    assert '"since": {"values": [null], "places": ""}' in played.html


def test_the_page_says_in_words_every_state_that_the_module_returns() -> None:
    script = (ROLE / "files" / "page.js").read_text()
    for table in ("STATES", "SAID"):
        lines = script[script.index(f"const {table} = {{") :].partition("};")[0]
        assert sorted(re.findall(r"^  ([a-z_]+): ", lines, re.MULTILINE)) == sorted(STATES)


def _rows_of_ends(html: str) -> List[Tuple[str, str, str, str]]:
    table = html[html.index('id="ends-table"') :].partition("</table>")[0]
    found = re.findall(
        r"<tr>\n<th[^>]*><bdi>(.*?)</bdi></th>\n<td>(.*?)</td>\n<td[^>]*>(.*?)</td>\n<td>(.*?)</td>", table, re.DOTALL
    )
    return [(one.strip(), two.strip(), three.strip(), four.strip()) for one, two, three, four in found]


def test_what_ends_when_is_told_by_day_then_by_week_then_by_four_weeks(player: RolePlayer) -> None:
    told = {
        "2027-01-10 00:00:00": "10 Jan 2027",
        "2027-01-16 23:59:59": "16 Jan 2027",
        "2027-01-17 00:00:00": "17 Jan 2027 to 23 Jan 2027",
        "2027-03-13 23:59:59": "7 Mar 2027 to 13 Mar 2027",
        "2027-03-14 00:00:00": "14 Mar 2027 to 10 Apr 2027",
        "2028-01-15 23:59:59": "19 Dec 2027 to 15 Jan 2028",
        "2028-01-16 00:00:00": "from 16 Jan 2028 on",
        "2099-12-31 23:59:59": "from 16 Jan 2028 on",
    }
    groups = [group(expiry, [number("+919999900002", expiry_date=expiry)], [], expiry_date=None) for expiry in told]
    assert _rows_of_ends(player.play(groups).html) == [(expiry, when, "1", "") for expiry, when in told.items()]


def test_a_number_without_an_end_of_its_own_ends_with_its_group(player: RolePlayer) -> None:
    numbers = [number("+919999900002", expiry_date=None), number("+919999900003", "removed", expiry_date=None)]
    html = player.play([group("Fraud", numbers, [], expiry_date="2027-01-12 10:00:00")]).html
    assert _rows_of_ends(html) == [("Fraud", "12 Jan 2027", "1", "2027-01-12 10:00:00")]


def test_what_has_ended_is_past_whatever_day_it_is_where_the_record_was_written(player: RolePlayer) -> None:
    # Recorded at 20:00 UTC on the 10th, when it was past midnight in India; then at 01:00, still the 9th in America.
    numbers = [
        number("+919999900002", "expired", expiry_date="2027-01-10 23:59:59"),
        number("+919999900003", expiry_date="2027-01-11 00:30:00"),
    ]
    ended = group("Ended", numbers, [], expiry_date="2027-01-10 23:00:00", recorded_at="2027-01-10T20:00:00Z")
    west = [number("+919999900004", expiry_date="2027-01-09 23:59:59")]
    html = player.play([ended]).html
    assert _rows_of_ends(html) == [
        ("Ended", "in the past", "1", "2027-01-10 23:00:00"),
        ("Ended", "11 Jan 2027", "1", ""),
    ]
    ends = group("Ends", west, [], expiry_date="2020-01-01 00:00:00", recorded_at="2027-01-10T01:00:00Z")
    html = player.play([ends]).html
    assert _rows_of_ends(html) == [
        ("Ends", "in the past", "0", "2020-01-01 00:00:00"),
        ("Ends", "9 Jan 2027", "1", ""),
    ]


def _schemes() -> Dict[str, Dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", (ROLE / "files" / "page.css").read_text(), re.DOTALL)
    named = {"light": light, "dark": dark}
    return {name: dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", text)) for name, text in named.items()}


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("scheme", "colour", "ground", "least"),
    [
        *((*pair, 4.5) for pair in product(("light", "dark"), ("text", "quiet", "accent", "alert"), ("page", "panel"))),
        *((*pair, 3.0) for pair in product(("light", "dark"), ("bar",), ("page", "panel"))),  # no text
    ],
)
def test_colours_differ_enough_from_what_they_stand_on(scheme: str, colour: str, ground: str, least: float) -> None:
    colours = _schemes()[scheme]
    one, other = sorted((_luminance(colours[colour]), _luminance(colours[ground])))
    assert (other + 0.05) / (one + 0.05) >= least


def test_every_colour_is_one_of_the_scheme() -> None:
    style = (ROLE / "files" / "page.css").read_text()
    behind = style[style.index("*,") :]
    assert not re.search(r"#[0-9a-f]{3,8}\b(?! \{)|rgba?\(|hsla?\(", re.sub(r"#[a-z]+ \{", "", behind))
    assert set(re.findall(r"var\(--([a-z]+)\)", behind)) == set(_schemes()["light"]) == set(_schemes()["dark"])
