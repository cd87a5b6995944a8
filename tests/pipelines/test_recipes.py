# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipes in examples/ci do what the guide "CI pipelines" says, and are what their platforms understand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Callable, Iterator, List, Union

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.tests.pipelines.platforms import (
    GITHUB,
    GITLAB,
    KEY,
    MERGE_REQUEST,
    PLAN_PASSWORD,
    PUSH,
    SCHEDULE,
    STORE_PASSWORD,
    Finished,
    GitHub,
    GitLab,
    Stage,
)
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer, server_for_tests

COLLECTION = Path(__file__).resolve().parents[2]
RECIPES = COLLECTION / "examples" / "ci"
PATCHES = {GITLAB: "postgresql-gitlab.patch", GITHUB: "postgresql-github.patch"}
GUIDE = COLLECTION / "docs" / "docsite" / "rst" / "ci_pipelines.rst"
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
        """Runs the pipeline of an event; no secret is in anything that it leaves."""
        finished = self.pipeline.run(event, branch)
        left = finished.printed + "".join([*finished.artefacts.values(), *finished.comments])
        assert [name for name, secret in self.stage.secrets.items() if secret in left] == []
        return finished

    def planned(self, branch: str) -> List[str]:
        """The numbers that would be added, as the plan of a merge request prints them; it sends nothing."""
        self.sent()
        finished = self.run(MERGE_REQUEST, branch)
        assert finished.ok, finished.printed
        assert self.sent() == []
        return re.findall(r"^\+(\+\d+)$", finished.printed, re.MULTILINE)

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
    keeping = Team(Stage(repository, programs, tmp_path / "kept", {KEY: MADE_UP_KEY}), request.param, simulator)
    keeping.git("init", "--quiet", "--initial-branch", "main")
    keeping.git("add", "--all")
    keeping.git("commit", "--quiet", "--message", "Our lists")
    return keeping


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """A running PostgreSQL server."""
    yield from server_for_tests()


@pytest.fixture
def database(postgresql: PostgreSQLServer) -> Iterator[psycopg.Connection]:
    """A connection to a new database; roles that are made for plans are gone in the end."""
    url = postgresql.new_database()
    with psycopg.connect(url, password=postgresql.password, autocommit=True) as connection:
        yield connection
        connection.execute("DROP SCHEMA IF EXISTS ozonetel_cloudagent CASCADE")
        connection.execute("DROP ROLE IF EXISTS cloudagent_plan")


@pytest.fixture
def team_on_postgresql(team: Team, database: psycopg.Connection) -> Team:
    """A team that keeps the state in PostgreSQL, with the patch and the user for plans that the guide shows."""
    recipe = GITLAB if isinstance(team.pipeline, GitLab) else GITHUB
    team.git("apply", PATCHES[recipe])
    told = database.info
    file = team.stage.repository / recipe
    text = file.read_text().replace("//cloudagent@", f"//{told.user}@")
    file.write_text(text.replace("db.example.com/automation", f"{told.host}:{told.port}/{told.dbname}"))
    team.git("commit", "--quiet", "--all", "--message", "The state is in PostgreSQL")
    (statements,) = re.findall(r"\.\. code-block:: sql\n\n((?:   .*\n)+)", GUIDE.read_text(encoding="utf-8"))
    (of_plans,) = re.findall(r"PASSWORD '(.*)'", statements)
    team.stage.secrets.update({STORE_PASSWORD: told.password, PLAN_PASSWORD: of_plans})
    team.pipeline = type(team.pipeline)(team.stage)
    assert team.run(PUSH).ok
    database.execute(textwrap.dedent(statements).encode())
    return team


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


def test_state_in_postgresql_is_kept_without_a_cache_and_makes_plans_exact(team_on_postgresql: Team) -> None:
    team = team_on_postgresql
    team.sent()
    again = team.run(PUSH)
    assert (again.ok, team.sent(), "changed=0 " in again.printed) == (True, [], True), again.printed
    assert not (team.stage.kept / "cache").exists()

    team.list_also(NEW, branch="one-more")
    assert team.planned("one-more") == [NEW]


def test_a_fork_has_no_password_of_the_store_and_plans_with_every_number_as_new(team_on_postgresql: Team) -> None:
    team_on_postgresql.stage.from_fork = True
    team_on_postgresql.list_also(NEW, branch="one-more")
    planned = team_on_postgresql.planned("one-more")
    assert NEW in planned
    assert len(planned) > 100


@pytest.fixture(params=["cache", "postgresql"])
def recipes(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the recipes, for each place of the state."""
    shutil.copytree(RECIPES, tmp_path, dirs_exist_ok=True)
    for patch in PATCHES.values() if request.param == "postgresql" else ():
        subprocess.run(["git", "apply", "--exclude", "requirements.txt", patch], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("schema", "recipe"), [("vendor.gitlab-ci", GITLAB), ("vendor.github-workflows", GITHUB)], ids=["gitlab", "github"]
)
def test_it_is_what_its_platform_understands(schema: str, recipe: str, recipes: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(recipes / recipe)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


# what a job is given as its secrets
GIVEN = {
    KEY: rf"not-needed-for-a-plan|\$\{{\{{ secrets.{KEY} \}}\}}",
    STORE_PASSWORD: rf"\${PLAN_PASSWORD}|\$\{{\{{ secrets.({STORE_PASSWORD}|{PLAN_PASSWORD}) \}}\}}",
}


@pytest.mark.parametrize("recipe", [GITLAB, GITHUB])
def test_no_secret_is_in_a_script_and_two_runs_never_apply_at_once(recipe: str, recipes: Path) -> None:
    text = (recipes / recipe).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert any(KEY in line for line in lines)
    for name, given in GIVEN.items():
        assert [line for line in lines if name in line and not re.fullmatch(rf" +{name}: ({given})", line)] == []
    assert re.search(r"resource_group: cloudagent|concurrency:\n +group: cloudagent", text)
