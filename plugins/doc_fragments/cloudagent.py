# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options shared by all modules. A test holds them against plugins/module_utils/_ansible/options.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the shared options."""

    DOCUMENTATION = r"""
options:
  username:
    description:
      - The CloudAgent user name (account name).
      - If not given, the environment variable E(OZONETEL_USERNAME) is used. One of the two is required.
      - Here and with all other options a variable that is empty counts as not set.
    type: str
  api_key:
    description:
      - The API key of the account. Tokens are generated with it, or it is sent itself with O(auth=api_key).
      - If not given, the environment variable E(OZONETEL_API_KEY) is used.
      - Either this or O(token) is required. With O(auth=api_key) it is this.
    type: str
  token:
    description:
      - A token to be used as it is. It is neither renewed nor kept in O(state_store).
      - If not given, the environment variable E(OZONETEL_TOKEN) is used.
    type: str
  auth:
    description:
      - How requests are authenticated. It must fit the account's setting "API Authentication".
      - V(token) sends a bearer token (the setting is C(TOKEN_AUTH)).
      - V(api_key) sends the API key itself (the setting is C(BASIC_AUTH), which is not HTTP Basic).
    type: str
    choices: [token, api_key]
    default: token
  domain:
    description:
      - Where the account lives, V(domestic) (C(in1-ccaas-api.ozonetel.com)), V(international)
        (C(api.ccaas.ozonetel.com)), the host name of a partner, or a full URL.
      - Only https is taken, except for a loopback address.
      - If not given, the environment variable E(OZONETEL_DOMAIN) is used.
    type: str
    default: domestic
  validate_certs:
    description:
      - Whether the server's certificate must be valid. Turn it off only in a test.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file, or a folder of certificates, of the authorities to trust instead of the usual ones.
    type: path
  timeout:
    description:
      - Seconds to wait for the connection, and then for the whole answer.
    type: float
    default: 60.0
  rate_limit_wait:
    description:
      - Seconds that this task may spend in all on waiting for limits of the server (too many requests, or ten token
        generations an hour). V(0) fails at once.
      - To go no faster than the pace that the account was found to bear is no such waiting.
    type: float
    default: 300.0
  state_store:
    description:
      - Where the token, how the account was found to answer, and what was applied are kept between tasks and runs.
      - A directory, which is made if need be and must be private to the user that runs the module; the URL of a
        PostgreSQL database such as V(postgresql://user@host/database), which several machines can share and which needs
        the Python library C(psycopg); or V(none) to keep nothing.
      - A directory is given by an absolute path, or one that begins with C(~). A relative path is refused, since it
        would be another store in each working directory.
      - A URL with a password in it is refused, since Ansible shows this option. The password goes into
        O(state_store_password).
      - If neither this nor the environment variable E(OZONETEL_STATE_STORE) is given, it is
        C($XDG_STATE_HOME/ozonetel.cloudagent) or C(~/.local/state/ozonetel.cloudagent) of that user; if that cannot be
        written, the task warns and keeps nothing.
    type: str
  state_store_password:
    description:
      - The password for O(state_store) where that is on PostgreSQL.
      - If neither this nor the environment variable E(OZONETEL_STATE_STORE_PASSWORD) is given, it is left to libpq
        (C(PGPASSWORD), the password file).
    type: str
    version_added: 1.0.0
  lock_timeout:
    description:
      - Seconds to wait for another run that works on the same group or is just generating a token, and where the state
        store is on PostgreSQL for a connection, while the server has none free, is just started or has too much to do.
    type: float
    default: 300.0
requirements:
  - requests
notes:
  - The module runs where the task runs. Use C(connection=local) or C(delegate_to=localhost) so that one place holds the
    state store.
  - Phone numbers and O(username) are not masked in results. The API key, tokens and the store's password are, except
    for the token that M(ozonetel.cloudagent.ozonetel_token) returns.
"""

    ATTRIBUTES = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what would be done, without any request.
  diff_mode:
    description: Will return details on what has changed (or would change in check mode), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/ozonetel.cloudagent.cloudagent) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - ozonetel.cloudagent.cloudagent
"""

    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Has a part that runs on the controller, which finds files there and shows progress.
    support: full
  async:
    description: Can be run with C(async). Progress is not shown then.
    support: full
  vault:
    description: Decrypts files of the controller that are encrypted with Ansible Vault.
    support: full
"""
