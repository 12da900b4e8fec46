"""What was done to other workflow engines, tried on this one: see history/README.md."""

import http.server
import json
import re
import sys
import threading
import unittest
from pathlib import Path
from urllib.parse import quote

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))
import support
from support import flows
from support.case import ApiCase
from support.postgres import Postgres

NAMES = ("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__", "length")


class List(unittest.TestCase):
    def test_every_class_has_its_tests(self):
        classes = json.loads((TESTS / "security/history/advisories.json").read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(classes), 17)
        for one in classes:
            self.assertTrue(one["rule"] and one["ids"] and one["tests"], one["class"])
            for test in one["tests"]:
                file, name = test.split("::")
                self.assertIsNotNone(re.search(rf"def {name}\(self", (TESTS / file).read_text(encoding="utf-8")), test)
        ids = [ident for one in classes for ident in one["ids"]]
        self.assertEqual(len(ids), len(set(ids)))


class Attacks(ApiCase):
    def run_it(self, workflow, given=None):
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {"input": given})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def value_of(self, expression, given=None):
        """What an expression gives, or the code of its error."""
        made = self.api.post("/api/v1/workflows", flows.chain("look", flows.node("in", "manual"), flows.node("look", "set", {
            "values": {"x": "{{ " + expression + " }}"}, "keep": "none"})))
        if made.status == 400:
            return made.code
        done = self.run_it(made.json["id"], given)
        return done["output"][0].get("x") if done["status"] == "succeeded" else done["error"]["code"]

    def test_expressions_reach_no_host(self):
        for code in ("[].constructor.constructor('return typeof process')()", "`${(()=>{}).constructor('return typeof require')()}`",
                     "(async () => {}).constructor('return typeof process')() && typeof process", "(function*(){}).constructor('return typeof process')().next().value",
                     "Reflect.construct(Function, ['return typeof process'])()", "({}).toString.constructor('return typeof std')()",
                     "new Function('return typeof os')()", "eval('typeof process')", "(0, eval)('typeof globalThis.process')", "this && typeof this.process",
                     "Error.prepareStackTrace = (e, s) => s[0]?.getThis?.(), typeof new Error().stack?.process", "typeof import.meta", "typeof Deno", "typeof Bun",
                     "typeof window", "typeof module", "typeof scriptArgs", "typeof print", "typeof console?.constructor?.constructor", "typeof Worker"):
            seen = self.value_of(code)
            self.assertTrue(seen in ("undefined", None, False) or str(seen).startswith("expr."), f"{code}: {seen}")
        for code in ("import('fs')", "import('std')", "require('fs')", "std.loadFile('/etc/passwd')", "os.exec(['id'])"):
            self.assertTrue(str(self.value_of(code)).startswith("expr."), f"{code}: {self.value_of(code)}")

    def test_a_poisoned_builtin_poisons_nobody(self):
        poison = ("JSON.stringify = () => 'poisoned'", "JSON.parse = () => 'poisoned'", "Array.prototype.toJSON = () => 'poisoned'", "Object.prototype.toJSON = () => 'poisoned'",
                  "String.prototype.trim = () => 'poisoned'", "Object.keys = () => ['poisoned']", "globalThis.$json = 'poisoned'", "Math.max = () => 666",
                  "Object.defineProperty(Object.prototype, 'x', {get() { return 'poisoned' }})", "Symbol.iterator = 1", "Array.prototype[Symbol.iterator] = null")
        sound = "[JSON.stringify([1]), JSON.parse('2'), ' x '.trim(), Object.keys({a: 1}), $json.n, Math.max(1, 2), [...[3]], typeof ({}).x].join('|')"
        for code in poison:
            self.value_of(f"({code}, 1)")
            self.assertEqual(self.value_of(sound, {"n": 7}), "[1]|2|x|a|7|2|3|undefined", code)

    def test_data_is_never_evaluated(self):
        given = ["={{ 7 * 7 }}", "{{ 7 * 7 }}", "=7*7", "${7*7}", "{{= 7*7 }}", "<%= 7*7 %>", "#{7*7}", "{{ $json }}", "{% 7*7 %}", "{{{{ 7*7 }}}}"]
        body = {"texts": given, "object": {"$expr": "7*7", "expression": "{{ 7*7 }}"}, "{{ 7*7 }}": "{{ 7*7 }}"}
        same = flows.create(self, self.api, flows.chain(
            "twice", flows.hook("twice", "result"), flows.node("take", "set", {"values": {"got": "{{ $json.body }}"}, "keep": "none"}),
            flows.node("again", "set", {"values": {"got": "{{ $json.got }}", "mixed": "<{{ $json.got.texts[1] }}>", "path": "{{ $json.got['{{ 7*7 }}'] }}"}}),
            flows.node("map", "data_adapter", {"operation": "map", "mapping": {"got": "got", "mixed": "mixed", "path": "path"}}),
            flows.node("text", "data_adapter", {"operation": "template", "template": {"got": "{{ $json.got }}", "mixed": "{{ $json.mixed }}", "path": "{{ $json.path }}"}})), publish=True)
        answer = self.server.client(key=None).post("/webhooks/twice", body)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json, {"got": body, "mixed": "<{{ 7 * 7 }}>", "path": "{{ 7*7 }}"}, same)

    def test_names_of_prototypes_are_plain_keys(self):
        anyone = self.server.client(key=None)
        flows.create(self, self.api, flows.chain(
            "names", flows.hook("names", "result", methods=["GET", "POST"]),
            flows.node("copy", "set", {"values": {"body": "{{ $json.body }}", "query": "{{ $json.query }}", "a.__proto__.polluted": "yes"}}),
            flows.node("look", "set", {"values": {"clean": "{{ typeof ({}).polluted + typeof [].polluted + typeof ''.polluted }}"}})), publish=True)
        inner = json.dumps({name: {"polluted": "yes"} for name in NAMES})
        calls = [("application/json", inner), ("application/json", '{"constructor": {"prototype": {"polluted": "yes"}}}'),
                 ("application/x-www-form-urlencoded", "__proto__[polluted]=yes&__proto__.polluted=yes&constructor[prototype][polluted]=yes&__proto__=yes"),
                 ("multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nyes\r\n--b--\r\n')]
        for kind, raw in calls:
            answer = anyone.post("/webhooks/names?__proto__[polluted]=yes&__proto__=yes", raw=raw.encode(), headers={"Content-Type": kind, "__proto__": "yes"})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["clean"], "undefined" * 3, answer)
        self.assertEqual(anyone.post("/webhooks/names", raw=inner.encode()).json["body"], json.loads(inner))
        self.assertEqual(self.value_of("[({}).polluted, Object.keys($json).sort().join()].join('|')", json.loads(inner)), "|" + ",".join(sorted(NAMES)))

    def test_no_field_names_a_file_of_the_server(self):
        flows.create(self, self.api, flows.chain("files", flows.hook("files", "result"),
                     flows.node("same", "set", {"values": {"body": "{{ $json.body }}"}, "keep": "none"})), publish=True)
        body = {"files": {"data": {"filepath": "/etc/passwd", "path": "/etc/passwd", "originalFilename": "x", "mimetype": "text/plain", "size": 10}}, "href": "file:///etc/passwd"}
        answer = self.server.client(key=None).post("/webhooks/files", body)
        self.assertEqual(answer.json, {"body": body}, answer)
        for url in ({"href": "http://example.com"}, {"path": "/etc/passwd"}, ["file:///etc/passwd"], 7):
            refused = self.api.post("/api/v1/workflows", flows.chain("typed", flows.node("call", "http", {"url": url})))
            self.assertEqual(refused.status, 400, refused)
        for url in ("file:///etc/passwd", "{{ 'file' + ':///etc/passwd' }}", "\\\\host\\share", "/etc/passwd"):
            workflow = self.make(flows.node("in", "manual"), flows.node("call", "http", {"url": url}, retry={"attempts": 1}))
            self.assertEqual(self.run_it(workflow)["status"], "failed", url)

    def jq(self, program, given=None):
        workflow = self.make(flows.node("in", "manual"), flows.node("jq", "data_adapter", {"operation": "jq", "program": program}))
        return self.run_it(workflow, given or {})

    def test_a_program_sees_nothing_of_the_machine(self):
        for program in ('import "/etc/passwd" as $x; $x', 'include "/etc/passwd"; .', 'import "a" as $a {search: "/etc"}; $a', "$__prog_args", "input_filename | tostring | if . == \"null\" then error(\"none\") else . end"):
            self.assertEqual(self.jq(program)["status"], "failed", program)
        self.assertEqual(self.jq("{env: env, ENV: $ENV, inputs: [inputs] | length}")["output"], [{"env": {"TZ": "UTC0"}, "ENV": {"TZ": "UTC0"}, "inputs": 0}])
        self.assertEqual(self.jq("[range(3)] | length")["output"], [{"value": 3}])

    def test_what_users_write_is_no_flag_and_no_command(self):
        marker = Path(self.server.data) / "marker"
        for program in ("--version", "-n", "--from-file /etc/passwd", "--arg x y", "--rawfile x /etc/passwd", "-f/etc/passwd", f"`touch {marker}`", f"$(touch {marker})",
                        f". | @sh \"touch {marker}\" | system", f"\"; touch {marker}; \"", "--", "-L /etc"):
            self.jq(program)
        for name in (f"$(touch {marker})", f"`touch {marker}`", f"x; touch {marker}", f"x | touch {marker}", f"--output={marker}"):
            workflow = flows.create(self, self.api, flows.chain(name, flows.node(name, "noop")))
            self.assertEqual(self.run_it(workflow)["status"], "succeeded")
        self.assertFalse(marker.exists())
        for program in ("--version", "-n", "--rawfile x /etc/passwd"):
            self.assertNotIn("jq-", json.dumps(self.jq(program)))

    def test_filters_and_names_are_data_to_the_store(self):
        self.inject(self.api)
        with Postgres() as postgres:
            postgres.create("mbflow")
            with support.Server(database=postgres.url("mbflow")) as server:
                self.inject(server.client())

    def inject(self, api):
        workflow = flows.create(self, api, flows.chain("found", flows.node("in", "manual")))
        self.assertEqual(api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {"input": {"word": "needle"}}).status, 200)
        marks = ("' OR '1'='1", "'; DROP TABLE workflows; --", "\" OR 1=1 --", "1) OR (1=1", "%' OR 'a'='a", "\\' OR 1=1", "x' UNION SELECT key FROM api_keys --", "$1", "?1", "%", "_")
        for mark in marks:
            for path in ("/api/v1/workflows?name=none", "/api/v1/workflows?tag=", "/api/v1/executions?q=none", "/api/v1/executions?workflow_id=", "/api/v1/executions?trigger=",
                         "/api/v1/executions?status=", "/api/v1/executions?cursor=", "/api/v1/workflows?cursor=", "/api/v1/variables?environment=", "/api/v1/triggers?type="):
                answer = api.get(path + quote(mark))
                self.assertIn(answer.status, (200, 400), f"{path}{mark}: {answer}")
                self.assertTrue(answer.status == 400 or not answer.json["items"], f"{path}{mark}: {answer}")
            made = flows.create(self, api, flows.chain(mark, flows.node(mark, "noop"), tags=[mark]))
            self.assertEqual(api.get(f"/api/v1/workflows/{made}").json["name"], mark)
            found = api.get("/api/v1/workflows?tag=" + quote(mark)).json["items"]
            self.assertEqual([item["id"] for item in found], [made], mark)
            api.request("DELETE", f"/api/v1/workflows/{made}")
        self.assertEqual(api.get(f"/api/v1/workflows/{workflow}").status, 200)

    def test_an_answer_of_a_workflow_is_harmless_on_our_origin(self):
        anyone = self.server.client(key=None)
        kept = ("Set-Cookie", "Clear-Site-Data", "Strict-Transport-Security", "Service-Worker-Allowed", "Alt-Svc", "NEL", "Report-To", "Reporting-Endpoints")
        for number, headers in enumerate([
                {"Content-Type": "text/html", "Content-Security-Policy": "script-src *", "X-Content-Type-Options": "none"},
                {"content-type": "image/svg+xml", "CONTENT-SECURITY-POLICY": "default-src * 'unsafe-inline'"},
                {"Content-Type": "application/javascript", **{name: "x=1" for name in kept}}, {name.lower(): "x=1" for name in kept}]):
            flows.create(self, self.api, flows.chain("harmless", flows.hook(f"harmless/{number}", "result"),
                         flows.node("say", "respond", {"headers": headers, "body": "<script>1</script>", "body_type": "html"})), publish=True)
            answer = anyone.post(f"/webhooks/harmless/{number}", {})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.headers["content-security-policy"], "sandbox", answer.headers)
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff", answer.headers)
            self.assertFalse({name.lower() for name in kept} & set(answer.headers), answer.headers)

    def test_a_redirect_to_the_inside_is_refused(self):
        peer = self.enterContext(Redirecting(f"http://127.0.0.1:{self.server.port}/healthz"))
        server = self.enterContext(support.Server("--allow-egress", f"127.0.0.1:{peer.port}"))
        api = server.client()
        for path in ("/301", "/302", "/303", "/307", "/308"):
            workflow = flows.create(self, api, flows.chain("hop", flows.node("in", "manual"),
                                    flows.node("call", "http", {"url": f"http://127.0.0.1:{peer.port}{path}"}, retry={"attempts": 1})))
            done = api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {}).json
            self.assertEqual((done["status"], done["error"]["code"]), ("failed", "http.egress_denied"), done)

    def test_a_stranger_writes_nothing(self):
        anyone = self.server.client(key=None)
        before = len(self.api.get("/api/v1/workflows?limit=200").json["items"])
        for path in ("/api/v1/workflows", "/api/v1/executions", "/api/v1/events", "/api/v1/credentials", "/api/v1/variables", "/api/v1/users", "/api/v1/api-keys", "/webhooks/none"):
            answer = anyone.post(path, {"name": "x", "nodes": [], "edges": []})
            self.assertIn(answer.status, (401, 404, 405), f"{path}: {answer}")
        self.assertEqual(len(self.api.get("/api/v1/workflows?limit=200").json["items"]), before)


class Redirecting:
    """A peer that sends everybody elsewhere, by the status its path names."""

    def __init__(self, target):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(int(self.path.strip("/")))
                self.send_header("Location", target)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *words):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    support.main()
