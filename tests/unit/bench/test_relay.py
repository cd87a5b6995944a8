# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Round trips are counted on the wire."""

from __future__ import annotations

import socket
import threading

from ansible_collections.ozonetel.cloudagent.tests.bench.relay import Relay, relaying


def _answer_each(listening: socket.socket) -> None:
    connection, _address = listening.accept()
    with connection:
        while connection.recv(100):
            connection.sendall(b"answer")


def test_a_trip_begins_when_the_client_sends_after_the_server_had_the_word() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=_answer_each, args=(listening,))
        server.start()
        with relaying(Relay(listening.getsockname()[1])) as relay:
            with socket.create_connection(("127.0.0.1", relay.port)) as client:
                for _number in range(3):
                    client.sendall(b"question")
                    assert client.recv(100) == b"answer"
            server.join()
            assert relay.trips == 3
