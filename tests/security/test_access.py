"""Who may call what: every operation as everybody, on what is theirs, another tenant's, and nothing's. Expected is what api/access.json says,
which is reviewed by hand and which the route table is compiled against."""

import http.client
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

TOP = Path(__file__).resolve().parent.parent.parent
LEVELS = json.loads((TOP / "api" / "access.json").read_text(encoding="utf-8"))["operations"]
PASSWORD = "correct horse battery"
MISSING = "01890000-0000-7000-8000-000000000000"

# Who reaches which level. Of the scoped key ("workflows:read", an editor's) only reading workflows remains.
RANKS = {"viewer": 1, "operator": 2, "editor": 3, "admin": 4, "owner": 4, "house owner": 5}
LEAST = {"viewer": 1, "operator": 2, "editor": 3, "admin": 4, "house": 5}
NOBODY = ("anonymous", "expired key", "revoked key", "deactivated user")
EVERYBODY = (*NOBODY, *RANKS, "scoped key")

DOCUMENT = flows.chain("changed", flows.node("in", "manual"))
# A body that would do it, by operation: so that what is refused is refused for whose it is, not for how it was asked.
BODIES = {
    "put_workflow": DOCUMENT, "patch_workflow": {"name": "x"}, "restore_version": {"version": 1}, "duplicate_workflow": {"name": "copy"},
    "test_workflow": {}, "add_node": flows.node("n2", "noop"), "change_node": flows.node("in", "manual"),
    "add_edge": {"source": "in", "target": "in2"}, "change_edge": {"source": "in", "target": "in2"},
    "decide_execution": {"node": "in", "action": "retry"}, "replay_execution": {"from": "in"},
    "put_credential": {"name": "c", "type": "bearer", "fields": {"token": "t"}, "origins": ["https://example.com"]},
    "test_credential": {"url": "https://example.com/"}, "authorize_credential": {"redirect_uri": "https://example.com/back"},
    "put_variable": {"name": "v2", "kind": "text", "value": "x"},
    "put_member": {"role": "viewer"}, "patch_user": {"name": "x"},
}
QUERIES = {"compare_versions": "?from=1&to=1"}
NOT_ALONE = {"compare_executions", "trigger_next_runs", "open_live"}  # reads that want more than a path
# What the path is about when its first word does not say so.
NO_TENANT = {"users"}  # the house's own


def expected(who, operation):
    """401, 403 or "in"."""
    level = LEVELS[operation]
    if level == "anyone":
        return "in"
    if who in NOBODY:
        return 401
    if level == "known":
        return "in"
    if who == "scoped key":
        return "in" if level == "viewer" and operation in SCOPED else 403
    return "in" if RANKS[who] >= LEAST[level] else 403


SCOPED = set()  # operations below /api/v1/workflows


class Caller:
    """A key, or a session with its cookie."""

    def __init__(self, port, headers=None):
        self.client = support.Client(port)
        self.headers = headers or {}

    def call(self, method, path, body=None, raw=None, headers=None):
        return self.client.request(method, path, body, {**self.headers, **(headers or {})}, raw)


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(support.Server())
        cls.house = Caller(cls.server.port, {"Authorization": "Bearer " + cls.server.key})
        cls.operations = cls.read_operations()
        cls.make_tenants()
        cls.make_callers()
        cls.ours = cls.furnish("ours", "ours-owner")
        cls.theirs = cls.furnish("theirs", "theirs-owner")

    @classmethod
    def read_operations(cls):
        paths = cls.house.call("GET", "/api/openapi.json").json["paths"]
        found = [(call["operationId"], method.upper(), path) for path, calls in paths.items() for method, call in calls.items() if method != "parameters"]
        SCOPED.update(name for name, _, path in found if path.startswith("/api/v1/workflows"))
        return found

    @classmethod
    def command(cls, *words, stdin=""):
        done = support.mbflow().run(*words, "--data", cls.server.data, stdin=stdin)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout.strip()

    @classmethod
    def make_tenants(cls):
        for tenant in ("ours", "theirs"):
            cls.command("tenants", "create", tenant)
            cls.command("users", "create", tenant + "-owner", "--role", "owner", "--tenant", tenant, stdin=PASSWORD + "\n")
        for role in ("viewer", "operator", "editor", "admin"):
            cls.command("users", "create", "ours-" + role, "--role", role, "--tenant", "ours", stdin=PASSWORD + "\n")

    @classmethod
    def sign_in(cls, login):
        answer = Caller(cls.server.port).call("POST", "/api/v1/auth/sign-in", {"login": login, "password": PASSWORD}, headers={"X-CSRF": "1"})
        assert answer.status == 200, f"{login}: {answer}"
        return Caller(cls.server.port, {"Cookie": answer.headers["set-cookie"].split(";")[0], "X-CSRF": "1"})

    @classmethod
    def make_callers(cls):
        def key(*words):
            return Caller(cls.server.port, {"Authorization": "Bearer " + cls.command("key", "create", "--name", "k", "--tenant", "ours", *words)})

        cls.callers = {role: cls.sign_in("ours-" + role) for role in ("viewer", "operator", "editor", "admin", "owner")}
        cls.callers["house owner"] = cls.house
        cls.callers["anonymous"] = Caller(cls.server.port)
        cls.callers["scoped key"] = key("--role", "editor", "--scope", "workflows:read")
        cls.callers["expired key"] = key("--role", "owner", "--expires", "1ms")
        cls.callers["revoked key"] = key("--role", "owner")
        owner = cls.callers["owner"]
        newest = owner.call("GET", "/api/v1/api-keys").json["items"][-1]["id"]
        assert owner.call("DELETE", "/api/v1/api-keys/" + newest).status == 204
        cls.command("users", "create", "ours-gone", "--role", "owner", "--tenant", "ours", stdin=PASSWORD + "\n")
        cls.callers["deactivated user"] = cls.sign_in("ours-gone")
        assert cls.callers["deactivated user"].call("GET", "/api/v1/auth/session").status == 200
        cls.command("users", "deactivate", "ours-gone")
        support.wait_for(lambda: cls.callers["deactivated user"].call("GET", "/api/v1/auth/session").status == 401, "the end of the session")
        support.wait_for(lambda: cls.callers["revoked key"].call("GET", "/api/v1/auth/session").status == 401, "the end of the key")

    @classmethod
    def furnish(cls, tenant, owner):
        """One of each thing that an id in a path can mean."""
        who = cls.sign_in(owner)

        def made(path, body, status=201):
            answer = who.call("POST", path, body)
            assert answer.status == status, f"{path}: {answer}"
            return answer.json["id"]

        workflow = made("/api/v1/workflows", flows.chain("w", flows.hook(tenant), flows.node("in", "noop")))
        assert who.call("POST", f"/api/v1/workflows/{workflow}/publish", {}).status == 200
        execution = made(f"/api/v1/workflows/{workflow}/execute?wait=20s", {}, 200)
        members = who.call("GET", "/api/v1/members").json["items"]
        return {
            "workflows": workflow, "executions": execution, "triggers": workflow + ":hook",
            "credentials": made("/api/v1/credentials", BODIES["put_credential"]),
            "variables": made("/api/v1/variables", {"name": "v", "kind": "text", "value": "x"}),
            "members": next(member["user_id"] for member in members if member["login"] == owner),
            "users": next(member["user_id"] for member in members if member["login"] == owner),
            "api-keys": made("/api/v1/api-keys", {"name": "k", "role": "viewer"}),
        }

    def path_of(self, path, things):
        """With the ids of these things; None: with ids of nothing."""
        part = path.removeprefix("/api/v1/").split("/")[0]
        ident = MISSING + (":hook" if part == "triggers" else "") if things is None else things.get(part, "")
        return path.replace("{id}", ident).replace("{version}", "1").replace("{node}", "in").replace("{edge}", "e1")

    # A body that no call takes: it is refused after who calls was looked at, and before anything is done.
    def verdict(self, who, operation, method, path):
        caller = self.callers[who]
        if method == "GET":
            answer = caller.call("GET", path + QUERIES.get(operation, ""))
        else:
            answer = caller.call(method, path, {"no such field": 1})
        if answer.status == 401:
            return 401, answer
        # What an owner's key may not touch is another matter than who may call.
        return (403 if answer.status == 403 and answer.code == "auth.role" else "in"), answer

    def test_every_operation_as_everybody(self):
        calls = 0
        for operation, method, path in self.operations:
            for who in EVERYBODY:
                with self.subTest(operation=operation, who=who):
                    got, answer = self.verdict(who, operation, method, self.path_of(path, self.ours))
                    self.assertEqual(got, expected(who, operation), answer)
                    self.assertLess(answer.status, 500, answer)
                    if method != "GET" and LEVELS[operation] not in ("anyone", "viewer"):
                        self.assertGreaterEqual(answer.status, 400, answer)  # else it was done
                    if method == "GET" and got == "in" and who in ("viewer", "owner", "scoped key") and operation not in NOT_ALONE:
                        self.assertEqual(answer.status, 200, answer)
                    calls += 1
        self.assertEqual(set(LEVELS), {operation for operation, _, _ in self.operations})
        self.assertGreaterEqual(calls, len(LEVELS) * len(EVERYBODY))

    def test_what_is_another_tenants_is_what_is_not_there(self):
        owner = self.callers["owner"]
        tried = 0
        for operation, method, path in self.operations:
            part = path.removeprefix("/api/v1/").split("/")[0]
            if "{id}" not in path or part in NO_TENANT:
                continue
            with self.subTest(operation=operation):
                answers = []
                for things in (self.theirs, None):
                    target = self.path_of(path, things)
                    body = None if method in ("GET", "DELETE") else BODIES.get(operation, {})
                    answer = owner.call(method, target + QUERIES.get(operation, ""), body)
                    ident = MISSING if things is None else self.theirs[part].split(":")[0]
                    headers = {name: value for name, value in answer.headers.items() if name != "date"}
                    answers.append((answer.status, headers, answer.body.replace(ident.encode(), b"ID")))
                self.assertEqual(answers[0], answers[1])
                self.assertEqual(answers[0][0], 404, answers[0])
                tried += 1
        self.assertGreater(tried, 40)
        self.still_there()

    def still_there(self):
        theirs = self.sign_in("theirs-owner")
        for part in ("workflows", "executions", "credentials", "variables"):
            self.assertEqual(theirs.call("GET", f"/api/v1/{part}/{self.theirs[part]}").status, 200, part)
        members = theirs.call("GET", "/api/v1/members").json["items"]
        self.assertEqual([(member["login"], member["role"]) for member in members], [("theirs-owner", "owner")])
        self.assertIsNone(theirs.call("GET", "/api/v1/api-keys").json["items"][-1]["revoked_at"])

    def test_ids_in_queries_and_bodies_are_ones_own_too(self):
        owner = self.callers["owner"]
        for method, path, body in (("GET", "/api/v1/executions/compare?a={0}&b={0}", None), ("GET", "/api/v1/executions?workflow_id={1}", None),
                                   ("GET", "/api/v1/executions/stats?workflow_id={1}", None),
                                   ("POST", "/api/v1/executions/cancel", '{{"ids": ["{0}"]}}'), ("POST", "/api/v1/executions/retry", '{{"ids": ["{0}"]}}'),
                                   ("POST", "/api/v1/executions/cancel", '{{"filter": {{"workflow_id": "{1}"}}}}'),
                                   ("POST", "/api/v1/expressions/evaluate", '{{"expression": "{{{{ 1 }}}}", "execution_id": "{0}", "node": "in"}}')):
            with self.subTest(path=path, body=body):
                answers = []
                for execution, workflow in ((self.theirs["executions"], self.theirs["workflows"]), (MISSING, MISSING)):
                    raw = None if body is None else body.format(execution, workflow).encode()
                    answer = owner.call(method, path.format(execution, workflow), raw=raw)
                    text = re.sub(execution + "|" + workflow, "ID", answer.text)
                    answers.append((answer.status, re.sub(r'"(since|until|at)":"[^"]*"', "", text)))
                self.assertEqual(answers[0], answers[1])

    def test_another_tenant_cannot_be_chosen(self):
        house = self.house.call("GET", "/api/v1/auth/session").json["tenant_id"]
        theirs = self.sign_in("theirs-owner").call("GET", "/api/v1/auth/session").json["tenant_id"]
        for who in ("owner", "viewer", "scoped key", "house owner"):
            answers = [self.callers[who].call("GET", "/api/v1/workflows", headers={"MBFlow-Tenant": tenant}) for tenant in (theirs, MISSING, "nonsense")]
            self.assertEqual({(answer.status, answer.body) for answer in answers}, {(answers[0].status, answers[0].body)})
            self.assertIn(answers[0].status, (401, 404))
        self.assertIn(self.callers["owner"].call("GET", "/api/v1/workflows", headers={"MBFlow-Tenant": house}).status, (401, 404))

    def raw(self, method, path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            body = b'{"no such field":1}' if method not in ("GET", "HEAD") else b""
            for name, value in {**headers, **({"Content-Type": "application/json", "Content-Length": str(len(body))} if body else {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def test_no_way_of_writing_a_path_opens_a_door(self):
        viewer = self.callers["viewer"].headers
        for operation, method, path in self.operations:
            level = LEVELS[operation]
            if level in ("anyone",):
                continue
            path = self.path_of(path, self.ours)
            start, _, rest = path.rpartition("/")
            tricks = ["/" + path, path.replace("/api/v1", "/api//v1"), path + "/", path + "//", path + "/.", path + "/x/..", "/healthz/.." + path, "/api/docs/.." + path,
                      start + "/%2e%2e/" + rest, start + "/%2e/" + rest, path + "%2f", path + ";a=b", path + "/configs", path + "/health", path + "/ready", path + ".json",
                      path + "%00", path + "%20", path + "?/healthz", path + "#/healthz", path.upper(), path.replace("/api", "/API"), path.replace("/", "\\"), "/healthz;" + path]
            with self.subTest(operation=operation):
                for trick in tricks:
                    status = self.raw(method, trick, {})
                    self.assertGreaterEqual(status, 400, f"anonymous {method} {trick}")
                    self.assertLess(status, 500, f"anonymous {method} {trick}")
                if level not in ("known", "viewer"):
                    for trick in tricks:
                        status = self.raw(method, trick, viewer)
                        self.assertGreaterEqual(status, 400, f"viewer {method} {trick}")
                for override in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
                    self.assertEqual(self.raw(method, path, {override: "GET"}), 401, f"{override} {path}")
                self.assertEqual(self.raw(method, path, {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz", "X-Forwarded-For": "127.0.0.1"}), 401, path)


if __name__ == "__main__":
    support.main()
