# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the documentation site; `make docs`."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
PAGES_OF_ANSIBLE = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
_BUILTIN = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+)_(module|lookup|filter)")

project = "ozonetel.cloudagent"
html_title = project
extensions = ["sphinx_antsibull_ext"]
nitpicky = True
# Messages are quoted in the text, and must be found as they are printed.
smartquotes = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def page_of_ansible(
    _app: Sphinx, _env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> Optional[nodes.reference]:
    """A link to Ansible's own documentation, without its index, which would have to be downloaded."""
    target = node["reftarget"]
    builtin = _BUILTIN.fullmatch(target)
    page = f"collections/ansible/builtin/{builtin[1]}_{builtin[2]}.html" if builtin else PAGES_OF_ANSIBLE.get(target)
    if page is None:
        return None
    return nodes.reference("", "", content, internal=False, refuri=f"{ANSIBLE}/{page}")


def without_contents(_app: Sphinx, page: nodes.document) -> None:
    """The theme shows the contents of a page beside it, so that those within it are too much."""
    for topic in list(page.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)
    for title in page.findall(nodes.title):
        title.attributes.pop("refid", None)  # the way back to the contents


def mended(_app: Sphinx, _page: str, _template: str, context: Dict[str, Any], _doctree: Any) -> None:
    """What screen readers need: headings with a level, and no attribute that does not exist."""
    tree = context["furo_navigation_tree"]
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    context["body"] = context.get("body", "").replace(' aria-role="button"', "")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", page_of_ansible)
    app.connect("doctree-read", without_contents)
    app.connect("html-page-context", mended, priority=900)  # after the theme
