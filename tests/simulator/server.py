# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side: the four calls, the probe, and the admin interface under /_admin/."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import asdict
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

from flask import Flask, Response, jsonify, request
from werkzeug.datastructures import Headers
from werkzeug.http import http_date

from . import calls
from .account import Account, end_of
from .faults import LATE, ON_THE_WIRE, Fault, FaultQueue, oversized, packed

ROUTES = {
    ("POST", "/ca_apis/CAToken/generateToken"): "generate",
    ("POST", "/ca_apis/createBlockNumber"): "create",
    ("PUT", "/ca_apis/updateBlockNumber"): "update",
    ("PUT", "/ca_apis/updateBlockNumbers"): "update",
    ("DELETE", "/ca_apis/deleteBlockNumber"): "delete",
    ("GET", "/ca_apis/campaignStatus"): "probe",
}
UPDATE_PATHS = {"singular": ("/ca_apis/updateBlockNumber",), "plural": ("/ca_apis/updateBlockNumbers",), "none": ()}
HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
LARGEST_KEPT = 1 << 20
BEFALL = "simulator.befall"  # in the WSGI environment: what takes a fault that befalls the connection


class AsGiven(Response):
    """An answer whose headers are sent as they are, however odd: Werkzeug corrects a Location."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """The headers as given."""
        return Headers(self.headers)


class Server:
    """The simulated server: an account behind HTTP, with a record of what was asked."""

    def __init__(self, username: str, api_key: str) -> None:
        self.lock = threading.RLock()
        self.account = Account(username, api_key)
        self.faults = FaultQueue()
        self.requests: List[Dict[str, Any]] = []
        self._late: List[Callable[[], Any]] = []
        self.before_answering: Callable[[Dict[str, Any]], None] = lambda record: None
        """For tests in the same process: called with the record of a request once it is done, before it is answered."""

    def reset(self) -> None:
        """Everything as at the beginning."""
        self.account.reset()
        self.faults = FaultQueue()
        self.requests.clear()
        self._late.clear()
        self.before_answering = lambda record: None

    def answer(self, path: str) -> Response:
        """Answers a request to the API itself."""
        call = self._call(path)
        body = self._body()
        with self.lock:
            fault = self.faults.next_for(call, body.get("blockNumbers")) if call else None
            record = self._record(path, call, body, fault)
            late = len(self._late)
            raw = self._reply(call, body, fault)
            self.catch_up(late)
            if fault is None or fault.kind not in ON_THE_WIRE:
                record.update(status=raw.status_code, answer=_parsed(raw))
            else:
                request.environ[BEFALL](fault)
            raw.headers["Date"] = http_date(self.account.now())  # the account's clock, which can be moved
            latency = self.account.switches["latency"]
            if self.account.switches["set_cookie"]:
                raw.headers["Set-Cookie"] = self.account.switches["set_cookie"]
        self.before_answering(record)
        if fault is not None and fault.kind == "delay":
            latency += float(fault.more.get("seconds", 0))
        if latency:
            time.sleep(latency)
        return raw

    def _call(self, path: str) -> Optional[str]:
        call = ROUTES.get((request.method, path))
        served = self.account.switches["update_path"]
        if call == "update" and path not in UPDATE_PATHS.get(served, (path,)):
            return None
        return call

    @staticmethod
    def _body() -> Dict[str, Any]:
        try:
            value = json.loads(request.get_data())
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def _record(self, path: str, call: Optional[str], body: Dict[str, Any], fault: Optional[Fault]) -> Dict[str, Any]:
        credentials = {
            name: hashlib.sha256(request.headers[name].encode()).hexdigest()[:8]
            for name in ("apiKey", "Authorization")
            if name in request.headers
        }
        record = {
            "sequence": len(self.requests) + 1,
            "time": self.account.now(),
            "method": request.method,
            "path": path,
            "call": call,
            "body": body,
            "credentials": credentials,
            "cookie": request.headers.get("Cookie"),
            "status": None,
            "answer": None,
            "fault": fault.kind if fault else None,
        }
        self.requests.append(record)
        return record

    def _reply(self, call: Optional[str], body: Dict[str, Any], fault: Optional[Fault]) -> Response:
        if call is None:
            return self._missing(request.path)
        if fault is not None and fault.kind == "revoke_tokens":
            self.account.tokens.clear()
            fault = None
        perform = partial(calls.perform, self.account, call, Headers(request.headers.items()), body)
        if fault is None or fault.commits() is True:
            reply = perform()
        else:
            with self.account.unchanged():
                reply = perform()
            if fault.commits() == LATE:
                self._late.append(perform)
        if fault is not None and fault.kind not in ON_THE_WIRE | {"delay"} and not self._stands(fault, reply):
            return self._faulty(fault, reply)
        return _json(reply.status, reply.body, reply.headers)

    def _stands(self, fault: Fault, reply: calls.Reply) -> bool:
        """Whether a call was refused for which a fault has an answer that it was done."""
        claims = fault.kind == "status" and fault.commit is True and int(fault.more.get("status", 503)) < 300
        success = self.account.switches["success_word"]
        return claims and (reply.body or {}).get("status", success) != success  # a token comes without a status (T1)

    def catch_up(self, most: Optional[int] = None) -> None:
        """Does what faults have put off: all of it, or so much of it."""
        due = self._late[:most]
        del self._late[:most]
        for perform in due:
            perform()

    def _missing(self, path: str) -> Response:
        known = any(path == route for _method, route in ROUTES)
        wrong_method = known and (request.method, path) not in ROUTES
        status = 405 if wrong_method else self.account.switches["missing_endpoint_status"]
        page = "" if status == 405 else HTML.format("Not Found")  # G5
        return Response(page, status, mimetype="text/html")

    def _faulty(self, fault: Fault, reply: calls.Reply) -> Response:
        more = fault.more
        if fault.kind == "html":
            return Response(HTML.format("Welcome"), 200, mimetype="text/html")
        if fault.kind == "truncated":
            text = json.dumps(reply.body).encode()
            return Response(text[: len(text) // 2], reply.status, mimetype="application/json")
        if fault.kind == "oversized":
            return Response(oversized(reply.body), reply.status, mimetype="application/json")
        if fault.kind == "packed":
            page = packed(int(more.get("mebibytes", 1)))
            return Response(page, int(more.get("status", 200)), headers={"Content-Encoding": "gzip"})
        if fault.kind == "redirect":
            location = str(more.get("location", "/")).replace("{credential}", _credential())
            headers = {"Location": location, "Content-Length": "0"}
            return AsGiven("", int(more.get("status", 307)), headers=headers)
        if fault.kind == "rate_limited":
            limited = calls.limit_exceeded(self.account)
            return _json(limited.status, limited.body, limited.headers)
        if fault.kind == "echo_secrets":
            return _json(200, _repeating(str(more.get("field", "")), int(more.get("pad", 0))), {})
        if fault.kind == "status":
            content_type = str(more.get("content_type", "text/html"))
            body = str(more.get("body", "")).replace("{credential}", _credential())
            return Response(body, int(more.get("status", 503)), content_type=content_type)
        return Response("", 500)

    # -- admin ---------------------------------------------------------------------------------------------------------

    def administer(self, path: str) -> Response:
        """Answers a request to the admin interface."""
        action = ADMIN.get((request.method, path))
        if action is None and request.method == "DELETE" and path.startswith("groups/"):
            action = partial(Server._delete_of_group, path=path[len("groups/") :])
        if action is None:
            return _json(404, {"error": f"there is no {request.method} {path}"}, {})
        try:
            body = json.loads(request.get_data() or b"{}")
            if not isinstance(body, dict):
                raise TypeError("a JSON object is wanted")
            with self.lock:
                return _json(200, action(self, body), {})
        except KeyError as error:
            return _json(400, {"error": f"{error} is missing"}, {})
        except (ValueError, TypeError) as error:
            return _json(400, {"error": str(error)}, {})

    def _switches(self, _body: Any) -> Any:
        return self.account.switches

    def _set_switches(self, body: Dict[str, Any]) -> Any:
        self.account.set(**body)
        return self.account.switches

    def _groups(self, _body: Any) -> Any:
        for group in self.account.groups:
            self.account.held(group)
        return [asdict(group) for group in self.account.groups]

    def _preset_group(self, body: Dict[str, Any]) -> Any:
        name, description, expiry = body["name"], body.get("description", "preset"), body.get("expiry_date")
        if not isinstance(name, str) or not isinstance(description, str):
            raise TypeError("name and description are texts")
        if expiry is not None:
            end_of(str(expiry))
        return asdict(self.account.preset(name, _texts(body.get("numbers", [])), description, expiry, body.get("id")))

    def _delete_of_group(self, body: Dict[str, Any], path: str) -> Any:
        if not path.endswith("/numbers"):
            return {"deleted": self.account.delete_groups(path)}
        name = path[: -len("/numbers")]
        groups = [group for group in self.account.groups if group.name == name]
        numbers = [self.account.canonical(number) for number in _texts(body["numbers"])]
        return {"removed": self.account.remove_everywhere(numbers, groups)}

    def _requests(self, _body: Any) -> Any:
        return self.requests

    def _forget_requests(self, _body: Any) -> Any:
        self.requests.clear()
        return []

    def _tokens(self, _body: Any) -> Any:
        valid = [end for end in self.account.tokens.values() if end > self.account.now()]
        return {"generated": self.account.generated, "valid": len(valid), "generations": self.account.generations}

    def _revoke_tokens(self, _body: Any) -> Any:
        self.account.tokens.clear()
        return {}

    def _move_clock(self, body: Dict[str, Any]) -> Any:
        self.account.advance(float(body["advance"]))
        return {"now": self.account.now()}

    def _reset_all(self, _body: Any) -> Any:
        self.reset()
        return {}

    def _faults(self, _body: Any) -> Any:
        return [asdict(fault) for fault in self.faults.faults]

    def _add_fault(self, body: Dict[str, Any]) -> Any:
        self.faults.add(body)
        return {}

    def _forget_faults(self, _body: Any) -> Any:
        self.faults.faults.clear()
        return []


ADMIN: Dict[Tuple[str, str], Callable[[Server, Dict[str, Any]], Any]] = {
    ("GET", "switches"): Server._switches,
    ("PUT", "switches"): Server._set_switches,
    ("GET", "groups"): Server._groups,
    ("POST", "groups"): Server._preset_group,
    ("GET", "requests"): Server._requests,
    ("DELETE", "requests"): Server._forget_requests,
    ("GET", "tokens"): Server._tokens,
    ("POST", "tokens/revoke"): Server._revoke_tokens,
    ("POST", "clock"): Server._move_clock,
    ("POST", "reset"): Server._reset_all,
    ("GET", "faults"): Server._faults,
    ("POST", "faults"): Server._add_fault,
    ("DELETE", "faults"): Server._forget_faults,
}


def _credential() -> str:
    """What the request was authenticated with."""
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bearer or request.headers.get("apiKey", "")


def _repeating(field: str, pad: int) -> Dict[str, Any]:
    said = f"bad request from {'.' * pad}{_credential()}"
    if not field:
        return {"status": "error", "message": said}
    return {"status": "error", "message": "invalid data", "errors": {field: said}}


def _texts(values: Any) -> List[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("numbers is a list of texts")
    return values


def _parsed(response: Response) -> Any:
    """What a client can read of an answer; None when it is no JSON, is cut, or is too large to be kept."""
    if (response.content_length or 0) > LARGEST_KEPT:
        return None
    return response.get_json(silent=True)


def _json(status: int, body: Any, headers: Dict[str, str]) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers)
    return response


def application(server: Server) -> Flask:
    """The WSGI application of a server."""
    app = Flask("simulator", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.before_request
    def _read_whole() -> None:
        request.get_data()  # what is left unread would be taken for the connection's next request

    @app.route("/_admin/<path:path>", methods=METHODS, provide_automatic_options=False)
    def _admin(path: str) -> Response:
        return server.administer(path)

    @app.route("/", defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=METHODS, provide_automatic_options=False)
    def _api(path: str) -> Response:
        return server.answer(f"/{path}")

    return app
