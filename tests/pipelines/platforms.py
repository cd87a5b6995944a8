# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays the recipes of examples/ci: runs their scripts as they stand, in a throwaway clone, as their platform does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional

import yaml

GITLAB = ".gitlab-ci.yml"
GITHUB = ".github/workflows/block-lists.yml"
KEY = "OZONETEL_API_KEY"
STORE_PASSWORD = "OZONETEL_STATE_STORE_PASSWORD"
PLAN_PASSWORD = "CLOUDAGENT_PLAN_PASSWORD"

MERGE_REQUEST = "merge request"
PUSH = "push"
SCHEDULE = "schedule"


@dataclass
class Finished:
    """What a pipeline left: whether it succeeded, what its jobs printed, its artefacts and its comments."""

    ok: bool = True
    printed: str = ""
    artefacts: Dict[str, str] = field(default_factory=dict)
    comments: List[str] = field(default_factory=list)


@dataclass
class Stage:
    """What pipelines need: the repository, the programs that its jobs find, and where things are kept between them."""

    repository: Path
    programs: Path
    kept: Path
    secrets: Dict[str, str]
    shares_state: bool = True
    from_fork: bool = False

    def clone(self, branch: str) -> Path:
        """A fresh clone, in a home that is empty otherwise."""
        home = self.kept / "home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        command = ["git", "clone", "--quiet", "--branch", branch, str(self.repository), str(home / "clone")]
        subprocess.run(command, check=True)
        return home / "clone"

    def run(self, script: str, clone: Path, variables: Dict[str, str], finished: Finished) -> bool:
        """Runs a script with nothing in its environment but these variables."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=clone,
            env={
                "HOME": str(clone.parent),
                "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        finished.printed += done.stdout
        return done.returncode == 0

    def secrets_of(self, job: Dict[str, Any]) -> Dict[str, str]:
        """Those that a job gets: one with an environment gets all, others that of plans; nothing goes to a fork."""
        if "environment" in job:
            return self.secrets
        kept = {} if self.from_fork else self.secrets
        return {name: secret for name, secret in kept.items() if name == PLAN_PASSWORD}

    def state_of(self, place: str) -> Path:
        """Where the cache of this name is kept."""
        return self.kept / "cache" / place


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)


def _collect(clone: Path, paths: List[str], finished: Finished) -> None:
    for path in paths:
        found = clone / path
        for file in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if file.is_file():
                finished.artefacts[str(file.relative_to(clone))] = file.read_text(encoding="utf-8")


class GitLab:
    """What GitLab makes of .gitlab-ci.yml, as far as the recipe uses it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._recipe: Dict[str, Any] = yaml.safe_load((stage.repository / GITLAB).read_text(encoding="utf-8"))

    def run(self, event: str, branch: str = "main") -> Finished:
        """Runs each job whose rules hold, one after the other."""
        source = {MERGE_REQUEST: "merge_request_event"}.get(event, event)
        about = {"CI_PIPELINE_SOURCE": source, "CI_DEFAULT_BRANCH": "main"}
        if event != MERGE_REQUEST:
            about["CI_COMMIT_BRANCH"] = branch
        finished = Finished()
        for stage in self._recipe["stages"]:
            jobs = (job for job in self._recipe.values() if isinstance(job, dict) and job.get("stage") == stage)
            for job in jobs:
                known = {**about, **self._stage.secrets_of(job)}
                rule = next((rule for rule in job["rules"] if _holds(rule["if"], known)), None)
                if rule is not None and finished.ok:
                    finished.ok = self._job(job, {**about, **_texts(rule)}, branch, finished)
        return finished

    def _job(self, job: Dict[str, Any], about: Dict[str, str], branch: str, finished: Finished) -> bool:
        clone = self._stage.clone(branch)
        variables = {"CI_PROJECT_DIR": str(clone), **_texts(self._recipe), **_texts(job), **about}
        # Variables of the project go before those of the recipe. A protected one is for protected branches only.
        variables.update(self._stage.secrets_of(job))
        for name, value in variables.items():
            variables[name] = re.sub(r"\$(\w+)", lambda found: variables.get(found[1], ""), value)
        cache: Dict[str, Any] = {"key": "", "paths": [], **job.get("cache", {})}
        place = f"{cache['key']}-{'protected' if 'environment' in job or self._stage.shares_state else 'non_protected'}"
        for path in cache["paths"]:
            _copy(self._stage.state_of(place) / path, clone / path)
            if (clone / path).is_dir():
                (clone / path).chmod(0o777)
        script = "\n".join(["umask 0000", *self._recipe["default"]["before_script"], *job["script"]])
        ok = self._stage.run(script, clone, variables, finished)
        if cache.get("policy") != "pull" and (ok or cache.get("when") == "always"):
            for path in cache["paths"]:
                _copy(clone / path, self._stage.state_of(place) / path)
        if ok or job["artifacts"].get("when") == "always":
            _collect(clone, job["artifacts"]["paths"], finished)
        return ok


def _holds(condition: str, about: Dict[str, str]) -> bool:
    """Whether all that is joined by && holds: comparisons, and variables that are not empty."""

    def value(term: str) -> Optional[str]:
        return about.get(term[1:]) if term.startswith("$") else term.strip('"')

    def part_holds(part: str) -> bool:
        left, equals, right = part.partition(" == ")
        return value(left) == value(right) if equals else bool(value(left))

    return all(part_holds(part) for part in condition.split(" && "))


def _texts(place: Dict[str, Any]) -> Dict[str, str]:
    return {name: str(value) for name, value in place.get("variables", {}).items()}


class GitHub:
    """What GitHub makes of the workflow, as far as the recipe uses it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._recipe: Dict[str, Any] = yaml.safe_load((stage.repository / GITHUB).read_text(encoding="utf-8"))
        self._runs = 0

    def run(self, event: str, branch: str = "main") -> Finished:
        """Runs each job whose condition holds, one after the other."""
        self._runs += 1
        finished = Finished()
        about = {
            "github.event_name": {MERGE_REQUEST: "pull_request"}.get(event, event),
            "github.event.pull_request.number": "7",
            "github.event.pull_request.head.repo.full_name": "fork/lists" if self._stage.from_fork else "us/lists",
            "github.repository": "us/lists",
            "github.run_id": str(self._runs),
            "github.run_attempt": "1",
            "github.token": "token-of-the-job",
        }
        for job in self._recipe["jobs"].values():
            if _value(job["if"], about) == "true":
                secrets = {f"secrets.{name}": secret for name, secret in self._stage.secrets_of(job).items()}
                finished.ok = self._job(job, {**about, **secrets}, branch, finished) and finished.ok
        return finished

    def _job(self, job: Dict[str, Any], about: Dict[str, str], branch: str, finished: Finished) -> bool:
        clone = self._stage.clone(branch)
        about = {**about, "github.workspace": str(clone)}
        ok = True
        for step in job["steps"]:
            if (
                _value(step.get("if", "success()"), {**about, "success()": str(ok).lower(), "always()": "true"})
                == "true"
            ):
                ok = self._step(step, about, clone, finished) and ok
        comments = clone.parent / "comments"
        finished.comments = [comments.read_text(encoding="utf-8")] if comments.exists() else []
        return ok

    def _step(self, step: Dict[str, Any], about: Dict[str, str], clone: Path, finished: Finished) -> bool:
        if "run" in step:
            texts = {**self._recipe["env"], **step.get("env", {})}
            variables = {name: _filled(value, about) for name, value in texts.items()}
            return self._stage.run(step["run"], clone, variables, finished)
        action = step["uses"].partition("@")[0]
        given = {name: _filled(str(value), about) for name, value in step.get("with", {}).items()}
        if action == "actions/cache/restore":
            caches = self._stage.state_of("").glob(f"{given['restore-keys']}*")
            for newest in sorted(caches, key=lambda cache: cache.stat().st_mtime)[-1:]:
                _copy(newest, clone / given["path"])
        elif action == "actions/cache/save":
            _copy(clone / given["path"], self._stage.state_of(given["key"]))
            if self._stage.state_of(given["key"]).is_dir():
                os.utime(self._stage.state_of(given["key"]))
        elif action == "actions/upload-artifact":
            _collect(clone, [given["path"]], finished)
        elif action not in ("actions/checkout", "actions/setup-python"):
            raise ValueError(f"what does {action} do?")
        return True


def _filled(text: str, about: Dict[str, str]) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: _value(found[1], about), text)


def _value(expression: str, about: Dict[str, str]) -> str:
    """Names, texts, comparisons, and those that are joined by && and ||.

    A secret that is not known is empty; any other name that is not known is an error.
    """
    for operator, ends_with in ((" || ", True), (" && ", False)):
        if operator in expression:
            *first, last = (_value(part, about) for part in expression.split(operator))
            return next((value for value in first if (value not in ("", "false")) is ends_with), last)
    compared = re.fullmatch(r"(.+) (==|!=) (.+)", expression)
    if compared:
        same = _value(compared[1], about) == _value(compared[3], about)
        return str(same == (compared[2] == "==")).lower()
    if expression.startswith("secrets."):
        return about.get(expression, "")
    return expression[1:-1] if expression.startswith("'") else about[expression]
