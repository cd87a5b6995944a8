# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipes in examples/ci do what the guide "CI pipelines" says, and are what their platforms understand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterator, List, Union

import pytest

from ansible_collections.ozonetel.cloudagent.tests.pipelines.platforms import (
    GITHUB,
    GITLAB,
    KEY,
    MERGE_REQUEST,
    PUSH,
    SCHEDULE,
    Finished,
    GitHub,
    GitLab,
    Stage,
)
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

COLLECTION = Path(__file__).resolve().parents[2]
RECIPES = COLLECTION / "examples" / "ci"
NEW = "+919999900998"
MADE_UP_KEY = "KK" + "5a" * 16

# Notes what is said in comments; the newest takes the place of the last.
GH = """#!/bin/sh
[ "$GH_TOKEN" = token-of-the-job ] || exit 1
[ "$*" = "pr comment 7 --body-file comment.md --edit-last --create-if-none" ] || exit 1
cp comment.md "$HOME/comments"
"""


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What jobs find: a Python of their own, as in their image, and gh."""
    folder = tmp_path_factory.mktemp("image")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    requirements = str(RECIPES / "requirements.txt")
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "--requirement", requirements], check=True)
    (folder / "bin" / "gh").write_text(GH)
    (folder / "bin" / "gh").chmod(0o755)
    return folder / "bin"


@pytest.fixture(scope="session")
def tarball(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as it is installed, which no server has yet."""
    folder = tmp_path_factory.mktemp("built")
    command = [str(programs / "ansible-galaxy"), "collection", "build", "--output-path", str(folder)]
    subprocess.run(command, cwd=COLLECTION, check=True, stdout=subprocess.DEVNULL)
    (built,) = folder.glob("*.tar.gz")
    return built


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulated CloudAgent."""
    with Simulator(username="your_user_name", api_key=MADE_UP_KEY) as running:
        yield running


class Team:
    """A repository of block lists that a team keeps, with the recipe of its platform."""

    def __init__(self, stage: Stage, platform: Callable[[Stage], Union[GitLab, GitHub]], simulator: Simulator) -> None:
        self.stage = stage
        self.simulator = simulator
        self.pipeline = platform(stage)

    def git(self, *arguments: str) -> None:
        """Calls git."""
        name = ["-c", "user.name=Team", "-c", "user.email=team@example.com"]
        subprocess.run(["git", *name, *arguments], cwd=self.stage.repository, check=True, stdout=subprocess.DEVNULL)

    def list_also(self, line: str, branch: str = "main") -> None:
        """Adds a line at the beginning of a list."""
        self.git("checkout", "--quiet", "-B", branch, "main")
        file = self.stage.repository / "lists" / "nuisance_callers.txt"
        file.write_text(f"{line}\n{file.read_text()}")
        self.git("commit", "--quiet", "--all", "--message", "A line more")
        self.git("checkout", "--quiet", "main")

    def run(self, event: str, branch: str = "main") -> Finished:
        """Runs the pipeline of an event; the key is in nothing that it leaves."""
        finished = self.pipeline.run(event, branch)
        assert MADE_UP_KEY not in finished.printed + "".join([*finished.artefacts.values(), *finished.comments])
        return finished

    def sent(self) -> List[str]:
        """The calls since the last look."""
        calls = [str(request["call"]) for request in self.simulator.requests()]
        self.simulator.forget_requests()
        return calls


@pytest.fixture(params=[GitLab, GitHub])
def team(request: pytest.FixtureRequest, tmp_path: Path, programs: Path, tarball: Path, simulator: Simulator) -> Team:
    """The examples and the recipe, copied into a repository as the guide says."""
    repository = tmp_path / "lists"
    shutil.copytree(COLLECTION / "examples", repository)
    shutil.copytree(repository / "ci", repository, dirs_exist_ok=True)
    shutil.rmtree(repository / "ci")
    # The two lines that stand for what is not there in a test: a published collection and an account.
    (repository / "requirements.yml").write_text(f"collections:\n  - name: {tarball}\n    type: file\n")
    for recipe in (repository / GITLAB, repository / GITHUB):
        recipe.write_text(recipe.read_text().replace("OZONETEL_DOMAIN: domestic", f"OZONETEL_DOMAIN: {simulator.url}"))
    keeping = Team(Stage(repository, programs, tmp_path / "kept", MADE_UP_KEY), request.param, simulator)
    keeping.git("init", "--quiet", "--initial-branch", "main")
    keeping.git("add", "--all")
    keeping.git("commit", "--quiet", "--message", "Our lists")
    return keeping


def test_a_list_goes_from_a_merge_request_to_the_account_and_stays_there(team: Team) -> None:
    applied = team.run(PUSH)
    assert applied.ok, applied.printed
    assert "changed=2 " in applied.printed
    assert "added" in applied.artefacts["reports/nuisance_callers.csv"]
    team.sent()

    team.list_also(NEW, branch="one-more")
    planned = team.run(MERGE_REQUEST, "one-more")
    assert planned.ok, planned.printed
    assert team.sent() == []
    told = [planned.artefacts["plan.txt"]] if isinstance(team.pipeline, GitLab) else planned.comments
    assert [re.findall(r"^\+\+\d+$", text, re.MULTILINE) for text in told] == [[f"+{NEW}"]]

    team.git("merge", "--quiet", "one-more")
    assert "changed=1 " in team.run(PUSH).printed
    assert (team.sent(), NEW in team.simulator.numbers("Nuisance callers")) == (["update"], True)
    again = team.run(PUSH)
    assert (team.sent(), "changed=0 " in again.printed) == ([], True)

    team.simulator.take_away("Nuisance callers", [NEW])
    assert "changed=1 " in team.run(SCHEDULE).printed
    assert NEW in team.simulator.numbers("Nuisance callers")
    assert set(team.sent()) == {"update"}


def test_a_list_with_a_mistake_fails_in_the_merge_request_without_state_or_key(team: Team) -> None:
    team.stage.shares_state = False
    team.stage.from_fork = True
    team.list_also("9.19E+11", branch="mistake")
    planned = team.run(MERGE_REQUEST, "mistake")
    assert not planned.ok
    assert "9.19E+11" in planned.printed
    assert (planned.comments, team.sent()) == ([], [])

    team.list_also(NEW, branch="good")
    planned = team.run(MERGE_REQUEST, "good")
    assert planned.ok, planned.printed
    assert team.sent() == []


def test_a_number_that_the_server_refuses_fails_the_job_and_the_report_tells_it(team: Team) -> None:
    team.list_also(NEW)
    team.simulator.set(refused_numbers=re.escape(NEW))
    applied = team.run(PUSH)
    assert not applied.ok
    report = applied.artefacts["reports/nuisance_callers.csv"].splitlines()
    assert ["rejected" in line for line in report if NEW in line] == [True]
    assert len(team.simulator.numbers("Nuisance callers")) > 200
    team.sent()

    # what was done is kept: only what was refused is sent again
    assert not team.run(PUSH).ok
    bodies = [request["body"]["blockNumbers"] for request in team.simulator.requests("update")]
    assert bodies and all(body == [NEW] for body in bodies)


def test_without_the_state_of_earlier_runs_nothing_is_lost_but_knowledge(team: Team) -> None:
    assert team.run(PUSH).ok
    shutil.rmtree(team.stage.kept / "cache")
    again = team.run(PUSH)
    assert again.ok, again.printed
    assert len(team.simulator.numbers("Nuisance callers")) == 240


@pytest.mark.parametrize(
    ("schema", "recipe"), [("vendor.gitlab-ci", GITLAB), ("vendor.github-workflows", GITHUB)], ids=["gitlab", "github"]
)
def test_it_is_what_its_platform_understands(schema: str, recipe: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(RECIPES / recipe)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("recipe", [GITLAB, GITHUB])
def test_the_key_is_in_no_script_and_two_runs_never_apply_at_once(recipe: str) -> None:
    text = (RECIPES / recipe).read_text()
    lines = [line for line in text.splitlines() if KEY in line and not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(rf" +{KEY}: (not-needed-for-a-plan|\$\{{\{{ secrets.{KEY} \}}\}})", line) for line in lines)
    assert re.search(r"resource_group: cloudagent|concurrency:\n +group: cloudagent", text)
