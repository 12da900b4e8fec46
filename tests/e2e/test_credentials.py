"""Credentials and variables from outside: what is secret goes in, is used where it belongs, and is seen nowhere else."""

import base64
import json
import subprocess
import sys
import threading
import unittest
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

# One a shape: each is looked for in plain and in every other writing.
CANARIES = [f"canary-{number:02}-\"ключ/{number}" for number in range(12)]


def writings(text):
    raw = text.encode()
    escaped = json.dumps(text)[1:-1]
    return {raw, json.dumps(text, ensure_ascii=False)[1:-1].encode(), escaped.encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"="),
            raw.hex().encode(), urllib.parse.quote(text, safe="").encode()}


class Peer(BaseHTTPRequestHandler):
    """Another server: repeats what it was sent, redirects, pages, fails."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        other = self.server.other
        path = self.path.split("?")[0]
        if path == "/redirect":
            return self.answer(302, b"", {"Location": other + "/echo"})
        if path == "/page":
            return self.answer(200, json.dumps({"items": [1], "next": other + "/echo"}).encode())
        if path == "/error":
            return self.answer(500, self.headers.get("Authorization", "").encode())
        return self.answer(200, json.dumps({"path": self.path, "read": urllib.parse.unquote(self.path), "headers": dict(self.headers)}).encode())

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def peer():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.seen, server.other = [], ""
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Credentials(unittest.TestCase):
    def setUp(self):
        self.peer, self.stranger = peer(), peer()
        self.peer.other = self.stranger.url
        for server in (self.peer, self.stranger):
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
        self.server = self.enterContext(support.Server("--allow-egress", "127.0.0.1/32"))
        self.api = self.server.client()

    def credential(self, name, kind="bearer", fields=None, origin=None):
        made = self.api.post("/api/v1/credentials", {"name": name, "type": kind, "fields": fields or {}, "origins": [origin or self.peer.url]})
        self.assertEqual(made.status, 201, made)
        return made.json

    def fetch(self, credential, path="/echo", url=None, **config):
        node = flows.node("get", "http", {"url": (url or self.peer.url) + path, "credential": credential, **config}, retry={"attempts": 2, "delay": "10ms"})
        workflow = flows.create(self, self.api, flows.chain("fetch", flows.node("in", "manual"), node))
        return flows.until_status(self.api, flows.start(self, self.api, workflow))

    def test_a_workflow_uses_it_and_nobody_sees_it(self):
        for number, canary in enumerate(CANARIES):
            kind, fields = [("basic", {"username": "me", "password": canary}), ("query", {"name": "key", "value": canary}),
                            ("api_key", {"key": base64.b64encode(canary.encode()).decode()})][number % 3]
            self.credential(f"c{number}", kind, fields)
        for path in ("/echo", "/redirect", "/error"):
            for number in range(len(CANARIES)):
                self.fetch(f"c{number}", path)
        self.assertTrue(any("key=canary" in path for path, _ in self.peer.seen))
        shown = b"".join(self.api.get(path).body for path in ("/api/v1/credentials", "/api/v1/executions", "/api/v1/workflows", "/metrics"))
        for listed in self.api.get("/api/v1/executions?limit=100").json["items"]:
            shown += self.api.get(f"/api/v1/executions/{listed['id']}/events").body + self.api.get(f"/api/v1/executions/{listed['id']}/result").body
        backup = self.server.data / "copy.db"
        self.assertEqual(support.mbflow().run("backup", backup, "--data", self.server.data).returncode, 0)
        kept = {path.name: path.read_bytes() for path in self.server.data.iterdir() if path.is_file()}
        for canary in CANARIES:
            for form in writings(canary) | writings(base64.b64encode(canary.encode()).decode()):
                self.assertNotIn(form, shown)
                self.assertNotIn(form, self.server.process.output().encode())
                for name, content in kept.items():
                    self.assertNotIn(form, content, name)
        keys = (self.server.data / "keys").read_text().split()[-1].encode()
        self.assertNotIn(keys, backup.read_bytes())

    def test_it_stays_behind_when_the_server_changes(self):
        self.credential("c", fields={"token": "the-long-token"})
        self.assertEqual(self.fetch("c")["status"], "succeeded")
        self.assertEqual(self.peer.seen[-1][1]["Authorization"], "Bearer the-long-token")
        self.assertEqual(self.fetch("c", "/redirect")["status"], "succeeded")
        self.fetch("c", "/page", items="items", pagination={"type": "next_url", "next": "next"})  # the other's page holds no list
        self.assertGreaterEqual(len(self.stranger.seen), 2)
        for path, headers in self.stranger.seen:
            self.assertNotIn("Authorization", headers, path)
        ended = self.fetch("c", url=self.stranger.url)
        self.assertEqual((ended["status"], ended["error"]["code"]), ("failed", "credential.origin"))

    def test_what_is_set_is_not_shown(self):
        made = self.credential("c", "basic", {"username": "me", "password": "the-password"})
        self.assertEqual((made["fields"], made["set"], made["version"]), ({"username": "me"}, ["password"], 1))
        path = "/api/v1/credentials/" + made["id"]
        self.assertEqual(self.api.get(path).json, made)
        kept = self.api.put(path, {"name": "renamed", "type": "basic", "fields": {"username": "me"}, "origins": [self.peer.url]})
        self.assertEqual((kept.status, kept.json["set"]), (200, ["password"]))
        moved = self.api.put(path, {"name": "c", "type": "basic", "fields": {"username": "me"}, "origins": [self.stranger.url]})
        self.assertEqual((moved.status, moved.code), (400, "credential.secrets_again"))
        late = self.api.put(path, {"name": "x", "type": "basic", "fields": {"username": "me"}, "origins": [self.peer.url]}, headers={"If-Match": '"1"'})
        self.assertEqual((late.status, late.code), (412, "store.conflict"))
        self.assertNotIn("workflow", late.json["detail"])
        tried = self.api.post(path + "/test", {"url": self.peer.url + "/echo"})
        self.assertEqual((tried.status, tried.json["ok"]), (200, True), tried)
        viewer = self.server.client(self.server.create_key("viewer", "v"))
        self.assertEqual([viewer.get(path).status, viewer.delete(path).status, viewer.post(path + "/test", {}).status], [200, 403, 403])
        self.assertEqual(self.api.delete(path).status, 204)
        self.assertEqual(self.api.get(path).status, 404)

    def test_the_key_changes_under_load_and_a_lost_one_is_told(self):
        for number in range(20):
            self.credential(f"c{number}", fields={"token": f"token-number-{number}"})
        # Cut off after a moment, again and again, while the server goes on with them.
        for number in range(20):
            words = [support.mbflow().path, "keys", "rotate", "--data", str(self.server.data)]
            with subprocess.Popen(words, stderr=subprocess.DEVNULL, env=support.program.clean_environment()) as child:
                try:
                    child.wait(0.002 * number)
                except subprocess.TimeoutExpired:
                    child.kill()
            self.assertEqual(self.fetch(f"c{number}")["status"], "succeeded")
            self.assertEqual(self.peer.seen[-1][1]["Authorization"], f"Bearer token-number-{number}")
        self.assertEqual(support.mbflow().run("keys", "rotate", "--data", self.server.data).returncode, 0)
        uses = support.mbflow().json("keys", "list", "--json", "--data", self.server.data)
        self.assertEqual([use["entries"] for use in uses if use["seals"]], [20])
        self.assertEqual(self.server.process.end(), 0)
        keys = self.server.data / "keys"
        keys.chmod(0o644)
        self.assertIn("chmod 600", self.refused())
        keys.rename(keys.with_name("away"))
        self.assertIn("--keys-file", self.refused())

    def refused(self):
        done = support.mbflow().run("serve", "--data", self.server.data, "--listen", f"127.0.0.1:{self.server.port}")
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_variables(self):
        for body in ({"name": "city", "kind": "text", "value": "Рига"}, {"name": "mine", "kind": "text", "value": "the tenant's"},
                     {"name": "key", "kind": "secret", "value": "secret-variable"}):
            self.assertEqual(self.api.post("/api/v1/variables", body).status, 201)
        twice = self.api.post("/api/v1/variables", {"name": "city", "kind": "text", "value": "x"})
        self.assertEqual((twice.status, twice.code), (409, "store.exists"))
        self.assertNotIn(b"secret-variable", self.api.get("/api/v1/variables").body)
        values = {"city": "{{ $vars.city }}", "mine": "{{ $vars.mine }}", "key": "{{ $vars.key ?? 'unseen' }}"}
        document = flows.chain("vars", flows.node("in", "manual"), flows.node("out", "set", {"values": values, "keep": "none"}), variables={"mine": "the workflow's"})
        execution = flows.start(self, self.api, flows.create(self, self.api, document))
        flows.until_status(self.api, execution)
        self.assertEqual(flows.result(self.api, execution)["output"], [{"city": "Рига", "mine": "the workflow's", "key": "unseen"}])


if __name__ == "__main__":
    support.main()
