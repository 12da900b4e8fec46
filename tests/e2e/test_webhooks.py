"""Webhooks: live from publication on, 202 or the result, and who may call."""

import base64
import hashlib
import hmac
import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


def sign(secret, text):
    return hmac.new(secret, text, hashlib.sha256).digest()


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(support.Server())
        cls.api = cls.server.client()
        cls.anyone = cls.server.client(key=None)

    def make(self, *nodes, publish=True):
        return flows.create(self, self.api, flows.chain("hook " + self.id(), *nodes), publish=publish)

    def test_accepted_answers_202_with_the_execution(self):
        self.make(flows.hook("accepted"), flows.node("add", "set", {"values": {"n": "{{ $json.body.n + 1 }}"}, "keep": "none"}))
        answer = self.anyone.post("/webhooks/accepted", {"n": 1})
        self.assertEqual(answer.status, 202, answer)
        found = flows.until_status(self.api, answer.json["id"])
        self.assertEqual(found["status"], "succeeded")
        self.assertEqual(flows.result(self.api, answer.json["id"])["output"], [{"n": 2}])

    def test_result_answers_with_the_last_nodes_output(self):
        self.make(flows.hook("result", "result"), flows.node("add", "set", {"values": {"n": "{{ $json.body.n + 1 }}"}, "keep": "none"}))
        answer = self.anyone.post("/webhooks/result", {"n": 1})
        self.assertEqual((answer.status, answer.json), (200, {"n": 2}), answer)

    def test_several_items_answer_as_an_array(self):
        self.make(flows.hook("several", "result"), flows.node("same", "noop"), flows.node("call", "data_adapter",
                  {"operation": "map", "mapping": {"path": "path"}}))
        answer = self.anyone.post("/webhooks/several", {})
        self.assertEqual(answer.json, {"path": "several"}, answer)

    def test_respond_node_decides_status_headers_and_body(self):
        self.make(flows.hook("respond", "result"),
                  flows.node("say", "respond", {"status": 201, "headers": {"X-Made": "{{ $json.body.n }}"}, "body": {"made": "{{ $json.body.n }}"}}),
                  flows.node("after", "set", {"values": {"ignored": True}}))
        answer = self.anyone.post("/webhooks/respond", {"n": 5})
        self.assertEqual((answer.status, answer.json, answer.headers.get("x-made")), (201, {"made": 5}, "5"), answer)

    def test_item_holds_the_request(self):
        self.make(flows.hook("item", "result", methods=["POST", "GET", "PUT"]), flows.node("same", "noop"))
        got = self.anyone.post("/webhooks/item?a=1&b=x%20y&a=2", {"k": [1, None]}, headers={"X-Mine": "yes"}).json
        self.assertEqual(got["body"], {"k": [1, None]})
        self.assertEqual(got["query"], {"a": ["1", "2"], "b": "x y"})
        self.assertEqual((got["method"], got["path"], got["headers"]["x-mine"]), ("POST", "item", "yes"))
        form = self.anyone.request("PUT", "/webhooks/item", raw=b"a=1&b=%D1%8F", headers={"Content-Type": "application/x-www-form-urlencoded"}).json
        self.assertEqual(form["body"], {"a": "1", "b": "я"})
        text = self.anyone.post("/webhooks/item", raw="тест".encode(), headers={"Content-Type": "text/plain"}).json
        self.assertEqual(text["body"], "тест")
        self.assertIsNone(self.anyone.get("/webhooks/item").json["body"])

    def test_bad_bodies_start_nothing(self):
        workflow = self.make(flows.hook("strict"), flows.node("same", "noop"))
        for raw in (b"{", b'{"a": 1} x', b'{"a": "\xff"}', b"[" * 10_000 + b"]" * 10_000):
            answer = self.anyone.post("/webhooks/strict", raw=raw)
            self.assertEqual(answer.status, 400, f"{raw[:20]}: {answer}")
        self.assertEqual(self.api.get(f"/api/v1/executions?workflow_id={workflow}").json["items"], [])

    def test_live_only_while_published(self):
        workflow = self.make(flows.hook("live"), flows.node("same", "noop"), publish=False)
        self.assertEqual(self.anyone.post("/webhooks/live", {}).status, 404)
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        self.assertEqual(self.anyone.post("/webhooks/live", {}).status, 202)
        self.assertEqual(self.anyone.get("/webhooks/live").status, 405)
        self.api.post(f"/api/v1/workflows/{workflow}/unpublish")
        self.assertEqual(self.anyone.post("/webhooks/live", {}).status, 404)
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        self.api.delete(f"/api/v1/workflows/{workflow}")
        self.assertEqual(self.anyone.post("/webhooks/live", {}).status, 404)

    def test_published_version_runs_until_the_next_publication(self):
        def document(number):
            return flows.chain("versions", flows.hook("version", "result"), flows.node("v", "set", {"values": {"v": number}, "keep": "none"}))
        workflow = flows.create(self, self.api, document(1), publish=True)
        self.assertEqual(self.api.put(f"/api/v1/workflows/{workflow}", document(2)).status, 200)
        self.assertEqual(self.anyone.post("/webhooks/version", {}).json, {"v": 1})
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        self.assertEqual(self.anyone.post("/webhooks/version", {}).json, {"v": 2})

    def test_a_path_belongs_to_one_workflow(self):
        self.make(flows.hook("taken"), flows.node("same", "noop"))
        second = self.make(flows.hook("taken"), flows.node("same", "noop"), publish=False)
        answer = self.api.post(f"/api/v1/workflows/{second}/publish")
        self.assertEqual(answer.status, 409, answer)

    def calls(self, path, expected, attempts):
        for headers, raw in attempts:
            answer = self.anyone.post("/webhooks/" + path, raw=raw, headers=headers)
            self.assertEqual(answer.status, expected, f"{headers}: {answer}")

    def test_bearer_header_and_basic(self):
        basic = base64.b64encode(b"ann:se:cret").decode()
        cases = {"bearer": ({"type": "bearer", "token": "t0ken"}, {"Authorization": "Bearer t0ken"}),
                 "header": ({"type": "header", "name": "X-Api-Key", "value": "k3y"}, {"x-api-KEY": "k3y"}),
                 "basic": ({"type": "basic", "username": "ann", "password": "se:cret"}, {"Authorization": "Basic " + basic})}
        for path, (auth, good) in cases.items():
            workflow = self.make(flows.hook(path, auth=auth), flows.node("same", "noop"))
            name, value = next(iter(good.items()))
            self.calls(path, 401, [({}, b"{}"), ({name: value + "x"}, b"{}"), ({name: value[:-1]}, b"{}"), ({name: ""}, b"{}")])
            self.assertEqual(self.api.get(f"/api/v1/executions?workflow_id={workflow}").json["items"], [])
            self.calls(path, 202, [(good, b"{}")])

    def test_secrets_are_in_no_history(self):
        self.make(flows.hook("hidden", auth={"type": "bearer", "token": "canary-4711"}), flows.node("same", "noop"))
        answer = self.anyone.post("/webhooks/hidden", {}, headers={"Authorization": "Bearer canary-4711", "Cookie": "canary-4711"})
        self.assertEqual(answer.status, 202)
        flows.until_status(self.api, answer.json["id"])
        for path in ("", "/result", "/events", "/events?output=true"):
            self.assertNotIn("canary-4711", self.api.get(f"/api/v1/executions/{answer.json['id']}{path}").text)

    def test_standard_webhooks_signature(self):
        secret = b"0123456789abcdef"
        self.make(flows.hook("standard", auth={"type": "hmac", "secret": "whsec_" + base64.b64encode(secret).decode()}), flows.node("same", "noop"))
        body = b'{"a": 1}'

        def signed(at=None, ident="msg_1", content=body, key=secret):
            at = str(int(at or time.time()))
            code = base64.b64encode(sign(key, ident.encode() + b"." + at.encode() + b"." + content)).decode()
            return {"webhook-id": ident, "webhook-timestamp": at, "webhook-signature": "v1,bm9wZQ== v1," + code}

        wrong_id = {**signed(), "webhook-id": "msg_2"}
        self.calls("standard", 401, [({}, body), (signed(key=b"other"), body), (signed(), b'{"a": 2}'), (wrong_id, body),
                                     (signed(at=time.time() - 400), body), (signed(at=time.time() + 400), body)])
        self.calls("standard", 202, [(signed(), body)])

    def test_github_and_stripe_signatures(self):
        body = b'{"a": 1}'
        self.make(flows.hook("github", auth={"type": "hmac", "secret": "gh", "scheme": "github"}), flows.node("same", "noop"))
        good = "sha256=" + sign(b"gh", body).hex()
        self.calls("github", 401, [({"X-Hub-Signature-256": good}, b'{"a": 2}'), ({"X-Hub-Signature": good}, body)])
        self.calls("github", 202, [({"X-Hub-Signature-256": good}, body)])
        self.make(flows.hook("stripe", auth={"type": "hmac", "secret": "st", "scheme": "stripe"}), flows.node("same", "noop"))
        now, old = str(int(time.time())), str(int(time.time()) - 1000)
        make = lambda at: f"t={at},v1={sign(b'st', at.encode() + b'.' + body).hex()}"
        self.calls("stripe", 401, [({"Stripe-Signature": make(old)}, body), ({"Stripe-Signature": make(now)}, b"{}")])
        self.calls("stripe", 202, [({"Stripe-Signature": make(now)}, body)])

    def test_slack_signature(self):
        self.make(flows.hook("slack", auth={"type": "hmac", "secret": "sl", "scheme": "slack"}), flows.node("same", "noop"))
        body, now = b'{"text": "hi"}', str(int(time.time()))
        make = lambda at: {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": "v0=" + sign(b"sl", b"v0:" + at.encode() + b":" + body).hex()}
        self.calls("slack", 401, [(make(str(int(now) - 301)), body), (make(now), b"other"), ({**make(now), "X-Slack-Request-Timestamp": "1"}, body)])
        self.calls("slack", 202, [(make(now), body)])

    def test_only_from_addresses_it_admits(self):
        self.make(flows.hook("from_here", allow_from=["127.0.0.0/8"]), flows.node("same", "noop"))
        self.make(flows.hook("from_afar", allow_from=["203.0.113.0/24"]), flows.node("same", "noop"))
        self.calls("from_here", 202, [({"X-Forwarded-For": "203.0.113.7"}, b"{}")])
        self.calls("from_afar", 401, [({}, b"{}"), ({"X-Forwarded-For": "203.0.113.7"}, b"{}")])
        with support.Server("--trusted-proxies", "127.0.0.1") as behind:
            api, anyone = behind.client(), behind.client(key=None)
            flows.create(self, api, flows.chain("far", flows.hook("far", allow_from=["203.0.113.0/24"]), flows.node("same", "noop")), publish=True)
            self.assertEqual(anyone.post("/webhooks/far", {}, headers={"X-Forwarded-For": "127.0.0.9, 203.0.113.7"}).status, 202)
            self.assertEqual(anyone.post("/webhooks/far", {}, headers={"X-Forwarded-For": "203.0.113.7, 198.51.100.1"}).status, 401)
        document = flows.chain("odd", flows.hook("odd", allow_from=["10.0.0.0/8", "home"]), flows.node("same", "noop"))
        answer = self.api.post("/api/v1/workflows", document)
        self.assertEqual((answer.status, answer.json["errors"][0]["code"], answer.json["errors"][0]["at"]),
                         (400, "webhook.range", "/nodes/0/config/allow_from/1"), answer)

    def test_multipart_and_raw_bodies(self):
        self.make(flows.hook("upload", "result"), flows.node("same", "noop"))
        body = (b'--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--B\r\nContent-Disposition: form-data; name="doc"; filename="/etc/passwd"\r\n'
                b'Content-Type: application/pdf\r\n\r\n%PDF\xff\r\n--B--\r\n')
        got = self.anyone.post("/webhooks/upload", raw=body, headers={"Content-Type": "multipart/form-data; boundary=B"}).json["body"]
        self.assertEqual(got, {"note": "hello", "doc": {"filename": "/etc/passwd", "content_type": "application/pdf", "size": 5,
                                                       "data_base64": base64.b64encode(b"%PDF\xff").decode()}})
        self.calls("upload", 400, [({"Content-Type": "multipart/form-data; boundary=B"}, body[:-9]), ({"Content-Type": "multipart/form-data"}, body)])
        self.make(flows.hook("raw", "result", body="raw"), flows.node("same", "noop"))
        self.assertEqual(self.anyone.post("/webhooks/raw", raw=b'{ "a": 1 }', headers={"Content-Type": "application/json"}).json["body"], '{ "a": 1 }')

    def test_auth_must_be_chosen(self):
        document = flows.chain("open", flows.node("hook", "webhook", {"path": "open"}), flows.node("same", "noop"))
        answer = self.api.post("/api/v1/workflows", document)
        self.assertEqual(answer.status, 400, answer)
        self.assertIn("auth", json.dumps(answer.json["errors"]))

    def test_a_failed_run_answers_as_a_failure(self):
        self.make(flows.hook("fails", "result"), flows.node("boom", "set", {"values": {"x": "{{ JSON.parse('{') }}"}}))
        answer = self.anyone.post("/webhooks/fails", {})
        self.assertEqual(answer.status, 500, answer)


if __name__ == "__main__":
    support.main()
