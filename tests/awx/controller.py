# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A controller that the modules of awx.awx can talk to: it keeps what they send, and refuses what AWX would refuse."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import yaml

SCHEMAS: Dict[str, Any] = yaml.safe_load(Path(__file__).with_name("controller_schemas.yml").read_text(encoding="utf-8"))
JOB_TEMPLATES = "job_templates"


class Controller:
    """What a controller holds: objects by endpoint, and what is associated with each by its path."""

    def __init__(self) -> None:
        self.objects: Dict[str, List[Dict[str, Any]]] = {}
        self.associated: Dict[str, List[int]] = {}
        self.surveys: Dict[str, Any] = {}
        self.writes = 0
        self.refused: Set[str] = set()
        self._create("organizations", {"name": "Default"})

    def one(self, endpoint: str, name: str) -> Dict[str, Any]:
        """The one object of this name."""
        (found,) = [item for item in self.objects[endpoint] if item["name"] == name]
        return found

    def answered(self, method: str, path: str, query: Dict[str, str], content: Any) -> Tuple[int, Any]:
        """The status and the JSON of an answer to a request below /api/v2/."""
        if method != "GET":
            self.writes += 1
        endpoint, *rest = path.strip("/").split("/")
        if len(rest) == 2:
            return self._of_an_object(method, path, rest[1], content)
        if method == "GET":
            return 200, self._listed(endpoint, query)
        if endpoint in self.refused:
            return 403, {"detail": "You may not do this here."}
        try:
            jsonschema.validate(content, SCHEMAS.get(endpoint, True))
        except jsonschema.ValidationError as error:
            return 400, {error.json_path: [error.message]}
        if method == "POST":
            return 201, self._create(endpoint, content)
        changed = next(item for item in self.objects[endpoint] if str(item["id"]) == rest[0])
        changed.update(content)
        return 200, changed

    def _listed(self, endpoint: str, query: Dict[str, str]) -> Dict[str, Any]:
        places = [JOB_TEMPLATES, "projects"] if endpoint == "unified_job_templates" else [endpoint]
        found = [
            item
            for place in places
            for item in self.objects.get(place, [])
            if all(str(item.get(key)) == value for key, value in query.items())
        ]
        return {"count": len(found), "next": None, "results": found}

    def _create(self, endpoint: str, content: Dict[str, Any]) -> Dict[str, Any]:
        kept = self.objects.setdefault(endpoint, [])
        number = sum(map(len, self.objects.values())) + 1
        url = f"/api/v2/{endpoint}/{number}/"
        made = {**content, "id": number, "url": url, "type": endpoint, "related": {"survey_spec": f"{url}survey_spec/"}}
        if endpoint == "projects":
            made.update(scm_revision="0123456789abcdef", summary_fields={})  # no update is under way
        if endpoint == "credentials":
            made["inputs"] = {key: self._shown(key, value) for key, value in content["inputs"].items()}
            self.secrets = {key: value for key, value in content["inputs"].items() if self._shown(key, value) != value}
        kept.append(made)
        return made

    def _shown(self, key: str, value: str) -> str:
        fields = [field for kind in self.objects["credential_types"] for field in kind["inputs"]["fields"]]
        return "$encrypted$" if any(field["id"] == key and field.get("secret") for field in fields) else value

    def _of_an_object(self, method: str, path: str, part: str, content: Any) -> Tuple[int, Any]:
        if part == "survey_spec":
            if method == "GET":
                return 200, self.surveys.get(path, {})
            try:
                jsonschema.validate(content, SCHEMAS[part])
            except jsonschema.ValidationError as error:
                return 400, {error.json_path: [error.message]}
            self.surveys[path] = content
            return 200, {}
        ids = self.associated.setdefault(path, [])
        if method == "GET":
            return 200, {"count": len(ids), "next": None, "results": [{"id": number} for number in ids]}
        ids.append(content["id"])
        return 204, None


class RunningController:
    """The controller on a loopback port."""

    def __init__(self) -> None:
        self.state = state = Controller()

        class Request(BaseHTTPRequestHandler):
            """One request of a module."""

            def _answer(self) -> None:
                address = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                content = json.loads(self.rfile.read(length) or "null") if length else None
                path = address.path.replace("/api/v2", "", 1)
                status, answer = state.answered(self.command, path, dict(parse_qsl(address.query)), content)
                body = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815 # the names that http.server looks for

            def log_message(self, *_words: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
