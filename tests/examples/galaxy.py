# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Galaxy on loopback that has one collection, so that the name of ours can be installed as from the real one."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, Optional


class Galaxy:
    """Serves a tarball named NAMESPACE-NAME-VERSION.tar.gz at ``url``, as version 3 of Galaxy's interface."""

    def __init__(self, tarball: Path) -> None:
        self._tarball = tarball.read_bytes()
        self._namespace, self._name, version = tarball.name.split("-", 2)
        self._version = version[: -len(".tar.gz")]
        galaxy = self

        class Requests(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = galaxy.answer(self.path.split("?")[0].rstrip("/"))
                self.send_response(404 if answer is None else 200)
                body = answer or b"{}"
                kind = "application/json" if body.startswith(b"{") else "application/gzip"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
        self.url = f"http://127.0.0.1:{self._http.server_port}/api/"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """Stops serving."""
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str) -> Optional[bytes]:
        """What is served at a path; None if nothing is."""
        collection = f"/api/v3/collections/{self._namespace}/{self._name}"
        versions = f"{collection}/versions"
        made = "2026-01-01T00:00:00Z"
        documents = {
            "/api": {"available_versions": {"v3": "v3/"}},
            collection: {"name": self._name, "created_at": made, "updated_at": made},
            versions: {"data": [{"version": self._version}], "meta": {"count": 1}, "links": {"next": None}},
            f"{versions}/{self._version}": self._details(),
        }
        if path == f"/download/{self._version}.tar.gz":
            return self._tarball
        return json.dumps(documents[path]).encode() if path in documents else None

    def _details(self) -> Dict[str, Any]:
        return {
            "namespace": {"name": self._namespace},
            "collection": {"name": self._name},
            "name": self._name,
            "version": self._version,
            "href": f"{self.url}v3/collections/{self._namespace}/{self._name}/versions/{self._version}/",
            "download_url": f"{self.url[:-4]}download/{self._version}.tar.gz",
            "artifact": {"sha256": hashlib.sha256(self._tarball).hexdigest()},
            "metadata": {"dependencies": {}},
            "signatures": [],
        }
