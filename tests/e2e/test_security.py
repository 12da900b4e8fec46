"""The closed doors: keys and roles, hostile bodies and paths, private addresses, headers of every answer."""

import json
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


class Security(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(support.Server())
        cls.api = cls.server.client()
        cls.anyone = cls.server.client(key=None)

    def test_without_a_valid_key_401(self):
        for method, path in (("GET", "/api/v1/workflows"), ("POST", "/api/v1/workflows"), ("GET", "/api/v1/executions"),
                             ("GET", "/api/v1/workflows/" + UNKNOWN_ID), ("POST", f"/api/v1/executions/{UNKNOWN_ID}/cancel"),
                             ("DELETE", "/api/v1/workflows/" + UNKNOWN_ID)):
            for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer mbf_nonsense"},
                            {"Authorization": "Bearer " + self.server.key + "x"}, {"Authorization": "Bearer " + self.server.key[:-1]},
                            {"Authorization": self.server.key}, {"Authorization": "Basic " + self.server.key}):
                answer = self.anyone.request(method, path, headers=headers)
                self.assertEqual(answer.status, 401, f"{method} {path} {headers}: {answer}")
                self.assertIn("www-authenticate", answer.headers)

    def test_health_is_open(self):
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.anyone.get(path).status, 200)

    def test_a_key_made_while_the_server_runs_works_at_once(self):
        key = self.server.create_key("viewer", "late")
        self.assertTrue(key.startswith("mbf_"), key)
        self.assertEqual(self.server.client(key).get("/api/v1/workflows").status, 200)

    def test_roles(self):
        workflow = flows.create(self, self.api, flows.chain("roles", flows.node("in", "manual")))
        allowed = {"viewer": (200, 403, 403), "operator": (200, 202, 403), "editor": (200, 202, 201), "admin": (200, 202, 201)}
        for role, expected in allowed.items():
            client = self.server.client(self.server.create_key(role, role))
            got = (client.get("/api/v1/workflows/" + workflow).status, client.post(f"/api/v1/workflows/{workflow}/execute", {}).status,
                   client.post("/api/v1/workflows", flows.chain("by " + role, flows.node("in", "manual"))).status)
            self.assertEqual(got, expected, role)

    def test_unknown_role_is_refused(self):
        done = support.mbflow().run("key", "create", "--data", self.server.data, "--role", "god", "--name", "x")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")

    def test_hostile_bodies(self):
        deep = b"[" * 10_000 + b"]" * 10_000
        deep_object = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
        for raw in (b"{", b"nonsense", b"[1,]", b'{"name": "\xff\xfe"}', b'{"name": "\xed\xa0\x80"}', b'{"name": "\x00"}', deep, deep_object,
                    b'{"name": "a", "name": "b", "nodes": [], "edges": []}', b"[]", b'"text"', b"7"):
            answer = self.api.post("/api/v1/workflows", raw=raw)
            self.assertEqual(answer.status, 400, f"{raw[:40]}: {answer}")
            self.assertTrue(answer.code, answer)

    def test_a_crowd_of_parameters_holds_nobody_up(self):
        flows.create(self, self.api, flows.chain("crowd", flows.hook("crowd", methods=["GET", "POST"]), flows.node("same", "noop")), publish=True)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        same, other = b"a=&" * 50_000, b"&".join(b"a%d=1" % number for number in range(50_000))
        for raw in (same, other):
            began = time.monotonic()
            answer = self.anyone.post("/webhooks/crowd", raw=raw, headers=form)
            self.assertIn(answer.status, (202, 400, 413), answer)
            self.assertLess(time.monotonic() - began, 4 * support.patience)
        began = time.monotonic()
        self.anyone.get("/webhooks/crowd?" + "a=&" * 9_000)
        self.assertLess(time.monotonic() - began, 4 * support.patience)

    def test_a_workflow_cannot_break_an_answer_apart(self):
        flows.create(self, self.api, flows.chain("split", flows.hook("split", "result"), flows.node("say", "respond", {
            "headers": {"X-A": "{{ $json.body.v }}", "Content-Type": "text/html"}, "body": "<script>1</script>", "body_type": "html"})), publish=True)
        good = self.anyone.post("/webhooks/split", {"v": "fine"})
        self.assertEqual((good.headers["x-a"], good.headers["content-security-policy"], good.headers["x-content-type-options"]), ("fine", "sandbox", "nosniff"))
        bad = self.anyone.post("/webhooks/split", {"v": "a\r\nSet-Cookie: stolen=1\r\n\r\nbody"})
        self.assertEqual(bad.status, 500, bad)
        self.assertNotIn("set-cookie", bad.headers)

    def test_a_body_over_the_limit_is_refused(self):
        answer = self.server.client(timeout=60).post("/api/v1/workflows", raw=b'{"name": "' + b"a" * (17 << 20) + b'"}')
        self.assertEqual(answer.status, 413, answer)

    def test_paths_are_matched_exactly(self):
        for path in ("//api/v1/workflows", "/api/v1//workflows", "/api/v1/workflows/", "/api/v1/x/../workflows", "/api/v1/%2e%2e/v1/workflows",
                     "/API/v1/workflows", "/api/v1/workflows;x", "/api/v1/workflows%00", "/api/v1/workflows/../../../etc/passwd", "/healthz/x",
                     "/api/v1/workflows/healthz"):
            answer = self.anyone.get(path)
            self.assertIn(answer.status, (400, 401, 404), f"{path}: {answer}")
            self.assertNotIn(b"items", answer.body)
        self.assertEqual(self.anyone.request("DELETE", "/healthz").status, 405)
        self.assertEqual(self.api.request("PATCH", "/api/v1/executions").status, 405)

    def test_no_method_override(self):
        answer = self.anyone.get("/healthz", headers={"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/api/v1/workflows"})
        self.assertEqual(answer.status, 200)

    def test_every_answer_forbids_sniffing_and_caching(self):
        for client, path in ((self.api, "/api/v1/workflows"), (self.anyone, "/api/v1/workflows"), (self.anyone, "/nothing"), (self.anyone, "/healthz")):
            headers = client.get(path).headers
            self.assertEqual(headers.get("x-content-type-options"), "nosniff", path)
            self.assertIn("no-store", headers.get("cache-control", ""), path)

    def test_broken_http_is_answered_or_cut(self):
        for raw in (b"GET / HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", b"\r\n\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                    b"POST /webhooks/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    b"POST /webhooks/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
                    b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as peer:
                peer.sendall(raw)
                peer.shutdown(socket.SHUT_WR)
                first = peer.recv(65536).split(b"\r\n")[0]
            self.assertTrue(first == b"" or first.split(b" ")[1][:1] in (b"4", b"5"), f"{raw[:60]}: {first}")
        self.assertEqual(self.anyone.get("/healthz").status, 200)

    def refused(self, url):
        workflow = flows.create(self, self.api, flows.chain("egress", flows.node("in", "manual"),
                                flows.node("call", "http", {"url": url}, retry={"attempts": 1}, timeout="5s")))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {})
        self.assertEqual(answer.json["status"], "failed", f"{url}: {answer}")
        return answer.json["error"]["code"]

    def test_private_addresses_are_refused(self):
        port = self.server.port
        for host in ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::]", "localhost",
                     "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]",
                     "198.18.0.1", "224.0.0.1", "255.255.255.255"):
            self.assertIn(self.refused(f"http://{host}:{port}/healthz"), ("http.egress_denied", "http.url"), host)

    def test_only_http_schemes(self):
        for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "unix:/tmp/x", "javascript:1", "//127.0.0.1/", "x",
                    "http://user@127.0.0.1@x/"):
            self.assertIn(self.refused(url), ("http.url", "http.egress_denied", "config.invalid", "http.no_answer"), url)

    def test_config_and_code_see_no_host_objects(self):
        probes = ["typeof process", "typeof require", "typeof std", "typeof os", "typeof fetch", "typeof globalThis.process",
                  "typeof WebAssembly", "typeof SharedArrayBuffer"]
        values = {f"p{number}": "{{ " + probe + " }}" for number, probe in enumerate(probes)}
        workflow = flows.create(self, self.api, flows.chain("probe", flows.node("in", "manual"),
                                flows.node("look", "set", {"values": values, "keep": "none"})))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {})
        self.assertEqual(set(answer.json["output"][0].values()), {"undefined"}, json.dumps(answer.json))

    def test_one_run_sees_nothing_of_another(self):
        leave = flows.create(self, self.api, flows.chain("leave", flows.node("in", "manual"), flows.node("leave", "set", {"values": {
            "x": "{{ (globalThis.left = 'canary', Object.prototype.left = 'canary', Array.prototype.map = null, 1) }}"}})))
        look = flows.create(self, self.api, flows.chain("look", flows.node("in", "manual"), flows.node("look", "set", {"values": {
            "x": "{{ [typeof left, typeof ({}).left, [1, 2].map(n => n * 2)] }}"}, "keep": "none"})))
        for _ in range(10):
            self.api.post(f"/api/v1/workflows/{leave}/execute?wait=30s", {})
            answer = self.api.post(f"/api/v1/workflows/{look}/execute?wait=30s", {})
            self.assertEqual(answer.json["output"], [{"x": ["undefined", "undefined", [2, 4]]}], answer)

    def test_endless_expressions_end(self):
        for code in ("(() => { while (true) {} })()", "'x'.repeat(1e9)", "(function f() { f() })()", "/(a+)+$/.test('a'.repeat(40) + 'b')",
                     "Array(2 ** 32 - 1).fill(0)"):
            workflow = flows.create(self, self.api, flows.chain("endless", flows.node("in", "manual"),
                                    flows.node("spin", "set", {"values": {"x": "{{ " + code + " }}"}})))
            answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {})
            self.assertEqual(answer.json["status"], "failed", f"{code}: {answer}")
            self.assertIn(answer.json["error"]["code"], ("expr.limit", "expr.raised"), code)


if __name__ == "__main__":
    support.main()
