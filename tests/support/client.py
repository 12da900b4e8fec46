"""A keep-alive HTTP client for one server: says what it got, judges nothing."""

import http.client
import json
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def code(self):
        """The code of a problem answer, or None."""
        try:
            return self.json.get("code")
        except (ValueError, AttributeError):
            return None

    def __str__(self):
        return f"{self.status} {self.body[:2000].decode('utf-8', 'replace')}"


class Client:
    def __init__(self, port, key=None, timeout=30, contract=None):
        """With a contract, each answer is held against what it says of the call."""
        self.port = port
        self.key = key
        self.timeout = timeout
        self.contract = contract
        self._connection = None

    def request(self, method, path, body=None, headers=None, raw=None):
        """`body` is sent as JSON, `raw` as it is."""
        sent = {"Content-Type": "application/json"} if body is not None or raw is not None else {}
        if self.key:
            sent["Authorization"] = "Bearer " + self.key
        sent.update(headers or {})
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            fresh = self._connection is None
            if fresh:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            try:
                return self._checked(method, path, self._exchange(method, path, data, sent))
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()  # a kept connection may have been closed meanwhile; a fresh one may not
                if fresh or attempt == 2:
                    raise
            except Exception:
                self.close()
                raise
        raise AssertionError("not reached")

    def _checked(self, method, path, answer):
        faults = self.contract.faults_of_answer(method, path, answer) if self.contract else None
        if faults:
            raise AssertionError(f"{method} {path} is not answered as api/openapi.yaml says: {faults[:5]}\n{answer}")
        return answer

    def _exchange(self, method, path, data, headers):
        self._connection.request(method, path, body=data, headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.will_close:
            self.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    def __del__(self):
        self.close()

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)
