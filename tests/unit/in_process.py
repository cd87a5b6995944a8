# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator without sockets: requests go straight to its application, for tests that run thousands of tasks."""

from __future__ import annotations

import io
import socket
from typing import Callable, Dict, List, Optional, Tuple, Union
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.faults import Fault
from ansible_collections.ozonetel.cloudagent.tests.simulator.server import BEFALL, application


def _broken(fault: Fault) -> Exception:
    """What requests raises where a connection is befallen by a fault."""
    if fault.kind in ("drip", "drip_continue"):
        return requests.exceptions.ReadTimeout(socket.timeout("timed out"))
    if fault.kind == "break_tls":
        return requests.exceptions.SSLError("wrong version number")
    if fault.kind == "bad_chunk":
        return requests.exceptions.ChunkedEncodingError("invalid literal for int() with base 16")
    aborted = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
    return requests.exceptions.ConnectionError(aborted)


class InProcess:
    """A wire for a task's transport. ``before_sending`` may raise, as if the process ended there."""

    def __init__(self, simulator: Simulator) -> None:
        self._application = application(simulator.server)
        self._adapter = HTTPAdapter()
        self.before_sending: Optional[Callable[[], None]] = None
        self.after_answering: Optional[Callable[[], None]] = None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool,
        timeout: Tuple[float, float],
        verify: Union[bool, str],
        proxies: Dict[str, str],
    ) -> requests.Response:
        """Answers a request, or raises what requests would."""
        if self.before_sending is not None:
            self.before_sending()
        url = urlsplit(str(request.url))
        data = b"".join(request.body or [])  # type: ignore[arg-type]
        builder = EnvironBuilder(
            url.path, method=str(request.method), headers=Headers(request.headers.items()), data=data
        )
        faults: List[Fault] = []
        environ = {**builder.get_environ(), BEFALL: faults.append}
        body, status, headers = run_wsgi_app(self._application, environ, buffered=True)
        if self.after_answering is not None:
            self.after_answering()
        if faults:
            raise _broken(faults[0])
        raw = urllib3.HTTPResponse(
            io.BytesIO(b"".join(body)),
            urllib3.HTTPHeaderDict(list(headers)),
            int(status.split()[0]),
            preload_content=False,
        )
        return self._adapter.build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""
