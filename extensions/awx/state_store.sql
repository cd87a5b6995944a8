-- Copyright (c) 2026, ozonetel.cloudagent contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Run it in the database as a superuser, then set the password with \password cloudagent.
CREATE ROLE cloudagent LOGIN;
CREATE SCHEMA ozonetel_cloudagent AUTHORIZATION cloudagent;
