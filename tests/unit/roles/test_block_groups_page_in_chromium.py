# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the role block_groups_page in a real browser."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import List, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import possible_lines
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import dialled_digits
from ansible_collections.ozonetel.cloudagent.tests.unit.chromium import Open, Opened, started
from ansible_collections.ozonetel.cloudagent.tests.unit.pages import RolePlayer, group, number, run

HOSTILE = "<script>alert(1)</script></script><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}&lt;\u2028'\"<!--"


@pytest.fixture(scope="module")
def page(browser: Browser, searchable: Path) -> Opened:
    """A page of busy groups that is opened once, for tests that only ask."""
    return Opened(browser, searchable)


@pytest.mark.parametrize(
    "asked",
    [
        "+91 99999 00002",
        "099999 00002",
        "9999900002",
        "0091-99999-00002",
        "tel:+91-99999-00002",
        "TEL: 9999900002",
        "callto:919999900002",
        "(99999) 00002",
        "+91 (0) 99999 00002",
        "91.99999.00002",
        "+91\u00a099999\u201100002",
        "\uff0b\uff19\uff11\uff19\uff19\uff19\uff19\uff19\uff10\uff10\uff10\uff10\uff12",
        "\u096f\u096f\u096f\u096f\u096f\u0966\u0966\u0966\u0966\u0968",
        "\u202a9999900002\u202c",
        "9191 99999 00002",
    ],
)
def test_a_number_is_found_in_any_spelling(page: Opened, asked: str) -> None:
    assert page.search(asked) == [
        [
            "Fraud attempts",
            "in the group",
            "919999900002",
            "2027-01-02 09:30 UTC",
            "2099-12-31 23:59:59",
            "run 9, which is no longer on record",
            "FRAUD-001",
        ],
        [
            "Nuisance callers",
            "in the group",
            "+919999900002",
            "2027-01-02 09:30 UTC",
            "2027-02-15 23:59:59",
            "2027-01-02 09:10 UTC, by deploy on runner-1",
            "",
        ],
    ]
    assert page.page.inner_text("#said").endswith(": blocked in Fraud attempts, Nuisance callers.")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("99999 00050", "9999900050: in no group now: removed from Nuisance callers."),
        ("99999 00048", "9999900048: in no group now: rejected for Nuisance callers."),
        ("99999 00049", "9999900049: perhaps in Nuisance callers."),
        ("99999 00051", "9999900051: perhaps still in, though expired: Nuisance callers."),
        ("+447700900123", "+447700900123: blocked in Fraud attempts."),
    ],
)
def test_what_a_number_is_now_is_said_first(page: Opened, asked: str, said: str) -> None:
    page.search(asked)
    assert page.page.inner_text("#said") == said


def test_a_number_that_is_in_several_states_is_said_to_be_blocked_first(tmp_path: Path, opened: Open) -> None:
    groups = [
        group("A", [number("+919999900002", "removed"), number("9999900003", "absent")], []),
        group("B", [number("+919999900002", "unconfirmed"), number("9999900003", "not_found")], []),
        group("C", [number("9999900002"), number("+919999900002", "removed")], []),
    ]
    page = opened(RolePlayer(tmp_path).play(groups, numbers=True).path)
    page.search("+919999900002")
    assert page.page.inner_text("#said") == (
        "+919999900002: blocked in C (as 9999900002); perhaps in B; removed from A, C (as +919999900002)."
    )
    page.search("+919999900003")
    assert page.page.inner_text("#said") == "+919999900003: in no group now: not found in B; not in A."


def test_the_run_that_put_a_number_there_is_told_although_it_is_not_among_the_last_ones(
    tmp_path: Path, opened: Open
) -> None:
    groups = [group("Fraud", [number("+919999900002", run="3b1c5a7d9e21")], [run(2, "2027-01-03T09:10:00Z")])]
    earlier = {"id": "3b1c5a7d9e21", "started_at": "2026-07-02T09:10:00Z", "user": "asha", "machine": "runner-7"}
    played = RolePlayer(tmp_path).play(groups, runs_of_numbers=[earlier], numbers=True)
    assert opened(played.path).search("9999900002")[0][5] == "2026-07-02 09:10 UTC, by asha on runner-7"


def test_what_is_not_known_of_a_number_is_said(opened: Open, searchable: Path) -> None:
    found = opened(searchable).search("+919999900049")
    assert found[0][1:6] == [
        "unconfirmed: it may or may not be in the group",
        "+919999900049",
        "not recorded",
        "2027-02-15 23:59:59",
        "not recorded",
    ]


def test_a_number_without_an_end_of_its_own_ends_with_its_group(opened: Open, searchable: Path) -> None:
    assert opened(searchable).search("+44 7700 900123")[0][4] == "2027-02-15 23:59:59"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("+91 99999 09999", "+919999909999: not on record."),
        (
            "07700 900123",  # +447700900123 is on record
            "07700900123: not on record. A number of another country than India needs its country code.",
        ),
        ("callers", "This is no telephone number: give 3 to 16 digits."),
        ("12", "This is no telephone number: give 3 to 16 digits."),
        ("  ", ""),
    ],
)
def test_what_is_not_found_is_said(page: Opened, asked: str, said: str) -> None:
    page.search("9999900002")
    assert page.search(asked) == []
    assert page.page.inner_text("#said") == said
    assert page.page.locator("#findings").is_hidden()


def test_a_number_is_found_while_it_is_typed(opened: Open, searchable: Path) -> None:
    page = opened(searchable).page
    page.type("#number", "99999 00048")
    page.wait_for_selector("#found tr")
    assert "rejected" in page.inner_text("#found")


_digits = st.text("0123456789", min_size=1, max_size=13)
_numbers = st.builds(
    "{}{}{}".format, st.sampled_from(["", "+"]), st.sampled_from(["", "0", "00", "91", "910", "9191"]), _digits
)
_decimal = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Nd"]
_texts = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "+",
                "tel:",
                "callto:",
                "(0)",
                "(",
                ")",
                "-",
                " ",
                ".",
                "/",
                "\u2013",
                "\u00a0",
                "\uff0b",
                "'",
                "00",
                "+91",
                "x",
            ]
        ),
        st.text("0123456789", min_size=1, max_size=6),
        st.sampled_from(_decimal),
    ),
    max_size=8,
).map("".join)
_in_the_browser = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@_in_the_browser
@given(st.lists(_numbers, min_size=20, max_size=100))
def test_the_page_knows_the_lines_that_the_collection_knows(page: Opened, numbers: List[str]) -> None:
    lines = page.page.evaluate("numbers => numbers.map(number => [...possibleLines(number)].sort())", numbers)
    assert lines == [sorted(possible_lines(one)) for one in numbers]


def _read(text: str) -> Optional[str]:
    try:
        return dialled_digits(text)
    except ValueError:
        return None


@_in_the_browser
@given(st.lists(_texts, min_size=20, max_size=100))
def test_the_page_reads_every_number_that_the_collection_reads(page: Opened, texts: List[str]) -> None:
    expected = {text: _read(text) for text in texts}
    read = dict(zip(texts, page.page.evaluate("texts => texts.map(readNumber)", texts)))
    assert {text: read[text] for text, digits in expected.items() if digits} == {t: d for t, d in expected.items() if d}


def test_the_page_reads_the_digits_of_every_script(page: Opened) -> None:
    read = page.page.evaluate("digits => digits.map(digit => readNumber(digit.repeat(3)))", _decimal)
    assert read == [str(unicodedata.decimal(digit)) * 3 for digit in _decimal]


def test_many_numbers_are_small_and_searched_at_once(tmp_path: Path, opened: Open) -> None:
    numbers = [number(f"+9199{place:08d}", note=f"T-{place}" if place % 10 == 0 else None) for place in range(20_000)]
    played = RolePlayer(tmp_path).play([group("Long", numbers, [run(1, "2027-01-02T09:10:00Z")])], numbers=True)
    assert len(played.html) < 50_000 + 28 * len(numbers)
    page = opened(played.path)
    assert page.search("99000 19990")[0][6] == "T-19990"
    took = page.page.evaluate(
        "() => { const record = readRecord(), began = performance.now();"
        " for (let ask = 0; ask < 1000; ask += 1) findNumber(record, `99000${10000 + ask}`);"
        " return (performance.now() - began) / 1000; }"
    )
    assert took < 1, f"{took} ms for one number"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", ["searchable", "plain"])
def test_it_is_accessible_fits_and_asks_for_nothing(
    request: pytest.FixtureRequest, opened: Open, kind: str, width: int, scheme: str
) -> None:
    page = opened(request.getfixturevalue(kind), width, scheme)
    if kind == "searchable":
        assert page.search("9999900002")
    assert page.violations() == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    page.photograph(f"page-{kind}-{width}-{scheme}")
    assert page.troubles == []
    assert len(page.requests) == 1  # the file itself


def test_the_check_of_accessibility_finds_what_is_wrong(opened: Open, plain: Path) -> None:
    page = opened(plain)
    page.page.evaluate("() => { document.documentElement.lang = ''; }")
    assert "html-has-lang" in [rule for rule, _where in page.violations()]


def test_schemes_differ(opened: Open, plain: Path) -> None:
    grounds = [
        opened(plain, scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(255, 255, 255)", "rgb(21, 25, 29)"]


def test_text_of_others_stays_text(tmp_path: Path, opened: Open) -> None:
    one = group(
        f"N{HOSTILE}",
        [number("+919999900002", note=f"T{HOSTILE}"), number("+919999900003", "rejected", note=f"R{HOSTILE}")],
        [run(1, "2027-01-02T09:10:00Z", error=f"E{HOSTILE}", machine=f"M{HOSTILE}", user=f"U{HOSTILE}")],
        description=f"D{HOSTILE}",
        running={"holder": f"H{HOSTILE}", "since": "2027-01-02T09:10:00Z", "progress": f"P{HOSTILE}"},
    )
    page = opened(RolePlayer(tmp_path).play([one], numbers=True).path)
    cells = page.search("9999900002")
    assert cells[0][0].startswith(
        "N<script>alert(1)</script></script><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}&lt;"
    )
    assert cells[0][6].startswith("T<script>alert(1)")
    shown = page.page.evaluate("document.body.innerText")
    for beginning in "NREMUDHP":
        assert (
            f"{beginning}<script>alert(1)</script></script><img src=x onerror=alert(2)>{{{{ 7*7 }}}}{{% raw %}}&lt;"
            in shown
        )
    assert page.page.evaluate("[document.images.length, document.scripts.length]") == [0, 2]  # the record and our own
    assert page.troubles == []
    assert len(page.requests) == 1


def test_a_title_of_others_stays_text(tmp_path: Path, opened: Open) -> None:
    page = opened(RolePlayer(tmp_path).play([], title="</title><script>alert(1)</script>").path)
    assert page.page.title() == page.page.inner_text("h1") == "</title><script>alert(1)</script>"
    assert page.troubles == []


def test_the_browser_lets_the_page_load_and_run_nothing_else(opened: Open, searchable: Path) -> None:
    page = opened(searchable).page
    refused = page.evaluate(
        "() => new Promise(resolve => {"
        " const refused = []; document.addEventListener('securitypolicyviolation', event => {"
        "  refused.push(event.effectiveDirective); if (refused.length === 4) resolve(refused.sort()); });"
        " const script = document.createElement('script'); script.textContent = 'window.ran = true';"
        " document.body.append(script);"
        " document.body.setAttribute('onclick', 'window.ran = true');"
        " const image = new Image(); image.src = 'http://127.0.0.1:1/'; document.body.append(image);"
        " const style = document.createElement('style'); style.textContent = 'p {}'; document.body.append(style); })"
    )
    assert refused == ["img-src", "script-src-attr", "script-src-elem", "style-src-elem"]
    assert page.evaluate("window.ran") is None


def _where(page: Opened) -> str:
    return str(
        page.page.evaluate(
            "() => { const here = document.activeElement, style = getComputedStyle(here);"
            " if (here === document.body) return ''; if (style.outlineStyle === 'none') return 'no ring: ' + here.id;"
            " return here.className === 'skip' ? 'skip' : here.id; }"
        )
    )


def _tabbed(page: Opened) -> List[str]:
    places: List[str] = []
    while len(places) < 30:
        page.page.keyboard.press("Tab")
        place = _where(page)
        if not place or place in places:
            break
        places.append(place)
    return places


_OFF_ITS_REGION = """names => names.map(name => {
  const region = document.getElementById(name), edge = region.getBoundingClientRect().right;
  const cells = [...region.querySelectorAll('tr:first-child > *')];
  return cells.filter(cell => cell.getBoundingClientRect().right > edge + 1).map(cell => cell.innerText);
})"""


def test_on_a_desktop_no_table_is_cut_off(opened: Open, searchable: Path, plain: Path) -> None:
    page = opened(searchable)
    page.search("9999900050")
    for one, names in (
        (page, ["findings", "groups-table", "ends-table", "runs-table"]),
        (opened(plain), ["runs-table"]),
    ):
        assert one.page.evaluate(_OFF_ITS_REGION, names) == [[]] * len(names)


def test_on_a_phone_the_first_columns_are_not_cut_off(opened: Open, searchable: Path) -> None:
    page = opened(searchable, 360)
    for asked in ("9999900049", "9999900051"):
        page.search(asked)
        findings, groups = page.page.evaluate(_OFF_ITS_REGION, ["findings", "groups-table"])
        assert not {"Group", "State"} & set(findings)
        assert not {"Group", "In the group", "Ends within 30d", "Uncon\u00adfirmed"} & set(groups)
        assert "Rejected" in groups  # so what is cut off is found
    error = page.page.locator("td.error div").bounding_box()
    assert error is not None
    assert error["x"] + error["width"] <= 360


def test_a_long_name_does_not_run_over_the_bars(tmp_path: Path, opened: Open) -> None:
    page = opened(RolePlayer(tmp_path).play([group("W" * 50, [number("+919999900002")], [])]).path).page
    clipped = page.evaluate(
        "() => { const label = document.querySelector('svg text[clip-path]'), box = label.getBBox();"
        " const clip = document.querySelector(label.getAttribute('clip-path').slice(4, -1)).firstElementChild;"
        " return [box.x + box.width, clip.width.baseVal.value, document.querySelector('svg line').x1.baseVal.value]; }"
    )
    assert clipped[0] > clipped[2] > clipped[1]


def test_the_search_comes_first_however_much_needs_attention(tmp_path: Path, opened: Open) -> None:
    groups = [group(f"Group {place}", [], [], expiring=1) for place in range(40)]
    page = opened(RolePlayer(tmp_path).play(groups, numbers=True).path, 360)
    field = page.page.locator("#number").bounding_box()
    assert field is not None
    assert field["y"] < 400
    assert page.page.get_by_text("Group 39: 1 number").is_hidden()
    places = _tabbed(page)
    assert places[:3] == ["skip", "number", "ends-soon"]
    page.page.locator("#ends-soon").press("Enter")
    assert page.page.get_by_text("Group 39: 1 number").is_visible()


# Our own text in which a character stands left of the one before it, in the same line.
_TURNED_ROUND = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  const turned = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || node.data.includes('\u00ad')) continue;
    if (node.parentElement.closest('bdi, svg, script, style')) continue;
    let before = null;
    for (let at = 0; at < node.length; at += 1) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      if (before && Math.abs(box.top - before.top) < 2 && box.left < before.left) { turned.push(node.data); break; }
      before = box;
    }
  }
  return turned;
}"""


@pytest.mark.parametrize("text", ["\u202eabc", "\u2069\u202eabc", "\u202b\u05e9\u05dc\u05d5\u05dd"])
def test_text_of_others_turns_nothing_round_but_itself(tmp_path: Path, opened: Open, text: str) -> None:
    under_way = {"holder": f"H{text}", "since": "2027-01-02T09:10:00Z", "progress": f"P{text}"}
    runs = [run(1, "2027-01-02T09:10:00Z", error=f"E{text}", machine=f"M{text}", user=f"U{text}")]
    numbers = [number("+919999900002", note=f"T{text}"), number("+919999900003", "rejected", note=f"R{text}")]
    one = group(f"N{text}", numbers, runs, description=f"D{text}", running=under_way, expiring=1)
    other = group(f"O{text}", [number("+919999900002", "removed")], [], expiring=1)
    page = opened(RolePlayer(tmp_path).play([one, other], numbers=True).path)
    assert len(page.search("9999900002")) == 2
    page.page.locator("#ends-soon").click()
    assert page.page.evaluate(_TURNED_ROUND) == []
    titles = page.page.evaluate("[...document.querySelectorAll('g > title, path > title')].map(one => one.textContent)")
    assert len(titles) == 3
    assert [title for title in titles if not title.startswith("\u2068") or title.count("\u2069") != 1] == []
    page.page.evaluate("document.querySelectorAll('bdi').forEach(one => one.replaceWith(...one.childNodes))")
    assert page.page.evaluate(_TURNED_ROUND) != []  # so it would be found


def test_the_keyboard_reaches_everything_in_order(opened: Open, searchable: Path, plain: Path) -> None:
    assert _tabbed(opened(plain)) == ["skip", "groups-table", "timeline", "ends-table", "runs-table"]
    assert _tabbed(opened(searchable)) == [
        *("skip", "number", "doubtful-1"),
        *("groups-table", "timeline", "ends-table", "runs-table"),
    ]


def test_what_is_found_is_reached_behind_the_field(opened: Open, searchable: Path) -> None:
    page = opened(searchable)
    page.search("9999900002")
    page.page.keyboard.press("Tab")
    assert _where(page) == "findings"


def test_the_first_link_skips_to_the_content(opened: Open, plain: Path) -> None:
    page = opened(plain)
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "main"


def test_headings_are_in_order_and_tables_have_captions_and_headers(opened: Open, searchable: Path) -> None:
    page = opened(searchable).page
    assert page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(one => one.tagName)") == ["H1"] + ["H2"] * 6
    assert page.evaluate("document.documentElement.lang") == "en"
    tables = page.evaluate(
        "[...document.querySelectorAll('table')].map(table => [!!table.caption,"
        " [...table.querySelectorAll('th')].every(cell => ['row', 'col'].includes(cell.scope)),"
        " [...table.querySelectorAll('tbody tr')].every(row => row.cells[0].tagName === 'TH')])"
    )
    assert len(tables) == 5
    assert all(all(table) for table in tables)


def test_without_javascript_no_field_is_shown_that_would_do_nothing(browser: Browser, searchable: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(searchable.as_uri())
    assert page.locator("#search").is_hidden()
    assert "The search needs JavaScript" in page.inner_text("main")
    context.close()


def test_a_browser_that_is_missing_is_a_failure_that_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        next(started())
