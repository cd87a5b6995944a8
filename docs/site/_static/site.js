/*
Copyright (c) 2026, ozonetel.cloudagent contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/

document.addEventListener("DOMContentLoaded", () => {
  // What scrolls must be reachable with the keyboard alone.
  for (const box of document.querySelectorAll(".highlight pre, .table-wrapper")) {
    box.tabIndex = 0;
  }
  // Two asides need names to be told from each other.
  document.querySelector(".sidebar-drawer").setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer").setAttribute("aria-label", "On this page");
});
