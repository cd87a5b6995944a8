# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the environment variables tells of those that the modules read, and antsibull-docs knows that it does."""

from __future__ import annotations

import re
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import SHARED

DOCSITE = Path(__file__).resolve().parents[3] / "docs" / "docsite"
PAGE = (DOCSITE / "rst" / "environment_variables.rst").read_text(encoding="utf-8")
READ = {option["fallback"][1][0]: name for name, option in SHARED.items() if "fallback" in option}


def test_each_variable_is_told_of_with_the_option_that_it_stands_for() -> None:
    row = (
        r"\* - \.\. envvar:: (\w+)\n\s+:no-typesetting:\n\n\s+``\1``\n"
        r"\s+- :ansopt:`ozonetel\.cloudagent\.ozonetel_token#module:(\w+)`"
    )
    assert dict(re.findall(row, PAGE)) == READ


def test_the_configuration_of_the_site_names_the_variables() -> None:
    assert yaml_load((DOCSITE / "config.yml").read_text())["envvar_directives"] == sorted(READ)
