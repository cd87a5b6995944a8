# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the role block_groups_page as Ansible writes it: what it tells, when it changes, what is not printed."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import product
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from ansible.module_utils.common.yaml import yaml_load
from jinja2 import Environment, nodes

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
ESCAPING_MACROS = {"count", "numbers", "flagged", "time", "error", "end_of", "region", "day_text"}
OWN_FILES = {"style", "script"}


def _shown(html: str) -> str:
    """What a reader sees of a page, roughly: no tags, one blank between words."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)).split())


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


@pytest.mark.parametrize("arguments", [("--check", "--diff"), ("--diff",), ("-vvv",)], ids=" ".join)
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


def test_without_numbers_there_is_none_in_the_page_and_it_says_how_to_ask(player: RolePlayer) -> None:
    html = player.play(busy_groups()).html
    assert (
        re.findall(r"(?<![0-9])\+?[0-9]{7,}", re.sub("<(style|svg).*?</\\1>|sha256-[^']*", "", html, flags=re.DOTALL))
        == []
    )
    assert "FRAUD-001" not in html
    assert "<script" not in html
    assert "script-src" not in html
    assert "block_numbers" in _shown(html)
    assert "(a number)): rejected" in _shown(html)


def test_numbers_that_are_switched_off_on_the_command_line_stay_out(player: RolePlayer) -> None:
    html = player.play(busy_groups(), "-e", "block_groups_page_numbers=false").html
    assert "9999900002" not in html


def test_without_numbers_they_are_taken_out_of_errors_and_dates_are_not(player: RolePlayer) -> None:
    errors = {
        "entry 3 ('1400000001'): rejected": "entry 3 ('(a number)'): rejected",
        "+91 99999-00002 at 2027-01-10 09:10:00": "(a number) at 2027-01-10 09:10:00",
        "12 of 40 batches, HTTP 500, 100000 numbers": "12 of 40 batches, HTTP 500, 100000 numbers",
    }
    runs = [run(identity, "2027-01-02T09:10:00Z", error=error) for identity, error in enumerate(errors)]
    shown = _shown(player.play([group("Fraud", [], runs)]).html).replace("&#39;", "'")
    for left in errors.values():
        assert f"failed {left} " in f"{shown} "


def test_what_failed_is_unconfirmed_or_ends_stands_first(player: RolePlayer) -> None:
    shown = _shown(player.play(busy_groups()).html)
    attention = shown[shown.index("What needs attention") : shown.index("Find a number")]
    for words in (
        "Under way, or killed: Fraud attempts : process 4711 on runner-1, since 2027-01-10 09:20 UTC. 2 of 4 numbers",
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


def test_a_run_without_an_end_is_under_way_if_the_store_says_so_and_else_was_killed(player: RolePlayer) -> None:
    without_end = [
        run(2, "2027-01-02T09:10:00Z", ended_at=None, changed=None),
        run(1, "2027-01-01T09:10:00Z", ended_at=None),
    ]
    under_way = {"holder": "process 1 on runner-1", "since": "2027-01-02T09:10:00Z", "progress": None}
    shown = _shown(player.play([group("Fraud", [], without_end, running=under_way)]).html)
    assert "2027-01-02 09:10 under way, or killed deploy on runner-1 add not known" in shown
    assert "2027-01-01 09:10 killed deploy" in shown
    shown = _shown(player.play([group("Fraud", [], without_end)]).html)
    assert "Killed: Fraud : the last run, 2027-01-02 09:10 UTC, never told its end. Run it again." in shown


def test_runs_can_be_left_out(player: RolePlayer) -> None:
    groups = [group("Fraud", [number("+919999900002")], [])]
    del groups[0]["runs"]
    assert "No run is on record." in _shown(player.play(groups, runs=0).html)


def test_what_an_older_version_recorded_has_no_run_and_no_beginning(player: RolePlayer) -> None:
    played = player.play([group("Fraud", [number("+919999900002", since=None, run=None)], [])], numbers=True)
    assert '"since": {"values": [null], "places": ""}' in played.html


def _rows_of_ends(html: str) -> List[Tuple[str, str, str, str]]:
    table = html[html.index('id="ends-table"') :].partition("</table>")[0]
    found = re.findall(
        r"<tr>\n<th[^>]*>(.*?)</th>\n<td>(.*?)</td>\n<td[^>]*>(.*?)</td>\n<td>(.*?)</td>", table, re.DOTALL
    )
    return [(one.strip(), two.strip(), three.strip(), four.strip()) for one, two, three, four in found]


def test_what_ends_when_is_told_by_day_then_by_week_then_by_four_weeks(player: RolePlayer) -> None:
    told = {
        "2027-01-09 23:59:59": "until 9 Jan 2027",
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
