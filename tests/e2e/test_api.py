"""The API beyond single workflows and executions: lists, figures, versions, triggers, expressions. Each answer is also held
against api/openapi.yaml by the client."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows
from support.case import ApiCase

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
DOUBLE = flows.node("double", "set", {"values": {"m": "{{ $json.n * 2 }}"}})


class Documents(ApiCase):
    def test_openapi_is_served(self):
        answer = self.server.client(key=None).get("/api/openapi.json")
        self.assertEqual((answer.status, answer.json["openapi"]), (200, "3.1.0"))
        same = self.api.get("/api/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
        self.assertEqual((same.status, same.body), (304, b""))
        page = self.server.client(key=None).get("/api/docs")
        self.assertEqual(page.status, 200)
        self.assertNotIn("http://", page.text.replace("http://www.w3.org", ""))
        self.assertNotIn("unsafe", page.headers["content-security-policy"])

    def test_node_types_have_an_etag(self):
        first = self.api.get("/api/v1/node-types")
        self.assertEqual(first.status, 200)
        self.assertEqual(self.api.get("/api/v1/node-types", headers={"If-None-Match": first.headers["etag"]}).status, 304)
        self.assertEqual(self.api.get("/api/v1/node-types", headers={"If-None-Match": '"other"'}).status, 200)

    def test_yaml_makes_a_workflow(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE)
        text = self.api.get(f"/api/v1/workflows/{workflow}/export?format=yaml").body
        made = self.api.post("/api/v1/workflows", raw=text, headers={"Content-Type": "application/yaml"})
        self.assertEqual(made.status, 201, made)
        self.assertEqual(made.json["nodes"], self.api.get(f"/api/v1/workflows/{workflow}").json["nodes"])
        self.faulty(self.api.post("/api/v1/workflows", raw=b"a: [", headers={"Content-Type": "application/yaml"}), 400, "yaml.syntax")

    def test_mermaid_makes_a_workflow(self):
        mermaid = {"Content-Type": "text/vnd.mermaid"}
        workflow = self.make(flows.node("in", "manual"), DOUBLE)
        text = self.api.get(f"/api/v1/workflows/{workflow}/export?format=mermaid").body
        made = self.api.post("/api/v1/workflows", raw=text, headers=mermaid)
        self.assertEqual(made.status, 201, made)
        for part in ("name", "nodes", "edges"):
            self.assertEqual(made.json[part], self.api.get(f"/api/v1/workflows/{workflow}").json[part])
        sketch = "flowchart LR\n  a[Ask] --> b{Sure?}\n  b -->|yes| c\n  b -->|no| d".encode()
        self.assertEqual(self.api.post("/api/v1/workflows", raw=sketch, headers=mermaid).status, 201)
        self.faulty(self.api.post("/api/v1/workflows", raw=b"pie title Pets", headers=mermaid), 400, "mermaid.syntax")


class Lists(ApiCase):
    def test_filters(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("boom", "set", {"values": {"x": "{{ $json.n > 2 ? JSON.parse('{') : 1 }}"}}))
        good, bad = [self.ran(workflow, {"n": n, "word": f"Слово{n}"}) for n in (1, 2)], [self.ran(workflow, {"n": n}) for n in (3, 4)]
        mine = f"workflow_id={workflow}"
        ids = lambda page: [item["id"] for item in page["items"]]
        self.assertEqual(ids(self.listed(mine)), [*reversed(bad), *reversed(good)])
        self.assertEqual(ids(self.listed(mine + "&sort=created_at")), [*good, *bad])
        self.assertEqual(ids(self.listed(mine + "&status=failed")), [*reversed(bad)])
        self.assertEqual(ids(self.listed(mine + "&status=failed,succeeded&status=cancelled&sort=created_at")), [*good, *bad])
        self.assertEqual(ids(self.listed(mine + "&trigger=manual&limit=1")), [bad[1]])
        self.assertEqual(self.listed(mine + "&trigger=webhook,schedule")["items"], [])
        self.assertEqual(ids(self.listed(mine + "&q=n%3D2")), [good[1]])
        self.assertEqual(ids(self.listed(mine + "&q=%D1%81%D0%BB%D0%BE%D0%B2%D0%BE1")), [good[0]])
        self.assertEqual(self.listed(mine + "&q=n%3D22")["items"], [])
        created = self.api.get(f"/api/v1/executions/{bad[0]}").json["created_at"]
        self.assertTrue(set(ids(self.listed(f"{mine}&since={created}"))) >= set(bad))
        self.assertFalse(set(ids(self.listed(f"{mine}&until={created}"))) & set(bad))
        self.assertEqual({item["workflow_name"] for item in self.listed(mine)["items"]}, {"test_filters"})

    def test_cursors_lead_both_ways(self):
        workflow = self.make(flows.node("in", "manual"))
        made = [self.ran(workflow) for _ in range(7)]
        for sort, order in (("-created_at", made[::-1]), ("created_at", made)):
            for more in ("", "&trigger=manual", "&q=%7B"):
                url, pages, page = f"workflow_id={workflow}&limit=3&sort={sort}{more}", [], None
                while page is None or page["next_cursor"]:
                    page = self.listed(url + (f"&cursor={page['next_cursor']}" if page else ""))
                    pages.append([item["id"] for item in page["items"]])
                self.assertEqual([one for some in pages for one in some], order, url)
                back = []
                while page["prev_cursor"]:
                    page = self.listed(url + f"&cursor={page['prev_cursor']}")
                    back = [item["id"] for item in page["items"]] + back
                self.assertEqual(back, order[:-1], url)

    def test_bad_queries_name_the_parameter(self):
        for query in ("status=ready", "since=yesterday", "sort=name", "cursor=x", "cursor=-x", "limit=0", "limit=1e9", "workflow_id=7", "colour=red"):
            answer = self.api.get("/api/v1/executions?" + query)
            self.faulty(answer, 400, "request.query")
            self.assertIn(query.split("=")[0], answer.json["detail"])

    def test_figures(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("boom", "set", {"values": {"x": "{{ $json.n > 2 ? JSON.parse('{') : 1 }}"}}))
        for n in (1, 2, 3, 4):
            self.ran(workflow, {"n": n})
        stats = self.api.get(f"/api/v1/workflows/{workflow}/stats?window=1h").json
        self.assertEqual((stats["total"], stats["complete"], stats["success_rate"]), (4, True, 0.5))
        self.assertEqual((stats["counts"]["succeeded"], stats["counts"]["failed"]), (2, 2))
        self.assertEqual(sum(bucket["failed"] for bucket in stats["series"]), 2)
        self.assertEqual([(row["workflow_id"], row["failed_in_a_row"]) for row in stats["failing_now"]], [(workflow, 2)])
        self.assertEqual({row["node"] for row in stats["slowest_nodes"]}, {"in", "boom"})
        self.assertIsNotNone(stats["duration_ms"]["p95"])
        self.ran(workflow, {"n": 1})
        self.assertEqual(self.api.get(f"/api/v1/executions/stats?workflow_id={workflow}").json["failing_now"], [])
        self.assertEqual(self.api.get(f"/api/v1/executions/stats?workflow_id={UNKNOWN_ID}").json["total"], 0)
        self.faulty(self.api.get(f"/api/v1/workflows/{UNKNOWN_ID}/stats"), 404, "store.not_found")
        self.faulty(self.api.get("/api/v1/executions/stats?window=0s"), 400, "request.query")


class Workflows(ApiCase):
    def test_versions(self):
        document = flows.chain("v", flows.node("in", "manual"), DOUBLE)
        workflow = flows.create(self, self.api, document)
        url = f"/api/v1/workflows/{workflow}"
        changed = flows.chain("v2", flows.node("in", "manual"), flows.node("double", "set", {"values": {"m": 1}}), flows.node("new", "noop"))
        self.assertEqual(self.api.put(url, changed).json["version"], 2)
        self.assertEqual(self.api.post(url + "/publish?version=1").json["published_version"], 1)
        listed = self.api.get(url + "/versions").json["items"]
        self.assertEqual([(row["version"], row["published"]) for row in listed], [(2, False), (1, True)])
        page = self.api.get(url + "/versions?limit=1").json
        self.assertEqual([row["version"] for row in self.api.get(url + f"/versions?limit=1&cursor={page['next_cursor']}").json["items"]], [1])
        old = self.api.get(url + "/versions/1")
        self.assertEqual((old.json["name"], old.headers["etag"]), ("v", '"1"'))
        self.assertEqual(self.api.get(url + "/versions/9").status, 404)
        diff = self.api.get(url + "/diff?from=1&to=2").json
        self.assertEqual([node["id"] for node in diff["nodes"]["added"]], ["new"])
        self.assertEqual([change["at"] for change in diff["nodes"]["changed"][0]["differences"]], ["/config/values/m"])
        self.assertEqual(diff["rest"], [{"at": "/name", "change": "changed", "before": "v", "after": "v2"}])
        self.assertEqual(len(diff["edges"]["added"]), 1)
        self.faulty(self.api.post(url + "/restore", {"version": 1}, headers={"If-Match": '"1"'}), 412, "store.conflict")
        restored = self.api.post(url + "/restore", {"version": 1}, headers={"If-Match": '"2"'})
        self.assertEqual((restored.json["version"], restored.json["name"]), (3, "v"))
        self.assertEqual(self.api.get(url + "/diff?from=1&to=3").json["nodes"], {"added": [], "removed": [], "changed": []})
        self.assertEqual(self.api.post(url + "/restore", {"version": "1"}).status, 400)

    def test_patch_and_duplicate(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE, tags=["a"])
        url = f"/api/v1/workflows/{workflow}"
        patched = self.api.patch(url, {"name": "patched", "tags": None, "settings": {"timeout": "1m"}})
        self.assertEqual((patched.status, patched.json["name"], patched.json["version"]), (200, "patched", 2), patched)
        self.assertNotIn("a", patched.json.get("tags", []))
        self.faulty(self.api.patch(url, {"name": "x"}, headers={"If-Match": '"1"'}), 412, "store.conflict")
        self.assertEqual(self.api.patch(url, {"nodes": 7}).status, 400)
        self.assertEqual(self.api.patch(url, {"colour": "red"}).status, 400)
        copy = self.api.post(url + "/duplicate", {})
        self.assertEqual((copy.status, copy.json["name"], copy.json["version"]), (201, "patched (copy)", 1))
        self.assertNotEqual(copy.json["id"], workflow)
        self.assertEqual(self.api.post(url + "/duplicate?version=1", {"name": "mine"}).json["name"], "mine")


class Triggers(ApiCase):
    def test_live_triggers(self):
        clock = flows.node("clock", "schedule", {"cron": "0 12 * * *"})
        document = {"name": "live", "nodes": [clock, flows.hook("live-hook"), flows.node("end", "noop")],
                    "edges": [{"source": "clock", "target": "end"}, {"source": "hook", "target": "end"}]}
        workflow = flows.create(self, self.api, document)
        self.assertEqual(self.api.get(f"/api/v1/triggers?workflow_id={workflow}").json["items"], [])
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        items = {row["type"]: row for row in self.api.get(f"/api/v1/triggers?workflow_id={workflow}").json["items"]}
        self.assertEqual(items["webhook"]["path"], "/webhooks/live-hook")
        self.assertTrue(all(at.endswith("T12:00:00.000Z") for at in items["schedule"]["next_runs"]))
        ident = items["schedule"]["id"]
        self.assertEqual(ident, f"{workflow}:clock")
        self.assertEqual(self.api.get(f"/api/v1/triggers/{ident}").json, items["schedule"])
        self.assertEqual(len(self.api.get(f"/api/v1/triggers/{ident}/next-runs?count=5").json["items"]), 5)
        self.assertEqual(self.api.get(f"/api/v1/triggers/{ident}/history").json["items"], [])
        self.faulty(self.api.get(f"/api/v1/triggers/{workflow}:hook/next-runs"), 400, "trigger.no_schedule")
        fired = self.api.post(f"/api/v1/triggers/{ident}", {"input": {"by": "hand"}})
        self.assertEqual(flows.until_status(self.api, fired.json["id"])["status"], "succeeded")
        self.assertEqual(flows.result(self.api, fired.json["id"])["output"], [{"by": "hand"}])
        self.assertEqual(self.api.post(f"/api/v1/triggers/{workflow}", {}).status, 202)
        self.faulty(self.api.post(f"/api/v1/triggers/{workflow}:end", {}), 404, "trigger.unknown")
        page = self.api.get(f"/api/v1/triggers?workflow_id={workflow}&limit=1").json
        self.assertEqual(len(self.api.get(f"/api/v1/triggers?workflow_id={workflow}&limit=1&cursor={page['next_cursor']}").json["items"]), 1)
        self.assertEqual(len(self.api.get(f"/api/v1/triggers?workflow_id={workflow}&type=webhook").json["items"]), 1)
        self.api.post(f"/api/v1/workflows/{workflow}/unpublish")
        self.faulty(self.api.get(f"/api/v1/triggers/{ident}"), 404, "trigger.unknown")
        self.faulty(self.api.post(f"/api/v1/triggers/{ident}/disable"), 404, "trigger.unknown")
        self.faulty(self.api.post(f"/api/v1/triggers/{ident}", {}), 409, "workflow.not_published")

    def test_the_command_line_beside_the_server(self):
        document = {"name": "beside", "nodes": [flows.node("clock", "schedule", {"cron": "0 12 * * *"}), flows.hook("beside")], "edges": []}
        workflow = flows.create(self, self.api, document, publish=True)
        anyone = self.server.client(key=None)
        started = anyone.post("/webhooks/beside", {}).json["id"]
        flows.until_status(self.api, started)

        def run(*words, code=0):
            done = support.mbflow().run("triggers", *words, "--data", self.server.data)
            self.assertEqual(done.returncode, code, done.stderr)
            return done.stdout

        def listed():
            return {row["id"].split(":")[1]: row for row in json.loads(run("list", "--json")) if row["id"].startswith(workflow)}

        self.assertEqual({(row["type"], row["hears"], row["enabled"]) for row in listed().values()},
                         {("schedule", None, True), ("webhook", "/webhooks/beside", True)})
        self.assertEqual(json.loads(run("next", f"{workflow}:clock", "--limit", "2", "--json")),
                         self.api.get(f"/api/v1/triggers/{workflow}:clock/next-runs?count=2").json["items"])
        history = self.api.get(f"/api/v1/triggers/{workflow}:hook/history").json["items"]
        self.assertEqual(json.loads(run("history", f"{workflow}:hook", "--json")), history)
        self.assertIn(f"started  succeeded  {started}", run("history", f"{workflow}:hook"))
        for node in ("hook", "clock"):
            run("disable", f"{workflow}:{node}")
        support.wait_for(lambda: anyone.post("/webhooks/beside", {}).status == 404, "the server heeds it", limit=2)
        self.assertIn(f"{workflow}:hook  off  webhook  beside  /webhooks/beside", run("list"))
        self.assertEqual(run("next", f"{workflow}:clock"), "")
        run("enable", f"{workflow}:hook")
        support.wait_for(lambda: anyone.post("/webhooks/beside", {}).status == 202, "the server heeds that, too", limit=2)
        noted = [(row["actor"], row["action"], row["target"]) for row in self.api.get("/api/v1/audit?limit=20").json["items"]]
        self.assertEqual(noted.count(("command line", "enable_trigger", f"{workflow}:hook")), 1, noted)
        run("next", f"{workflow}:hook", code=2)
        run("enable", f"{workflow}:nothing", code=1)

    def test_the_history_of_a_trigger_is_its_own(self):
        document = {"name": "own", "nodes": [flows.hook("own-a"), {**flows.hook("own-b"), "id": "other", "name": "other"}, flows.node("no", "fail", {"message": "no"})],
                    "edges": [{"source": "other", "target": "no"}]}
        workflow = flows.create(self, self.api, document, publish=True)
        anyone = self.server.client(key=None)
        started = {node: sorted((anyone.post(f"/webhooks/own-{path}", {}).json["id"] for _ in range(3)), reverse=True) for node, path in (("hook", "a"), ("other", "b"))}
        for ident in sum(started.values(), []):
            flows.until_status(self.api, ident)
        for node, status in (("hook", "succeeded"), ("other", "failed")):
            url = f"/api/v1/triggers/{workflow}:{node}/history?limit=2"
            first = self.api.get(url).json
            second = self.api.get(f"{url}&cursor={first['next_cursor']}").json
            items = first["items"] + second["items"]
            self.assertEqual([row["execution_id"] for row in items], started[node])
            self.assertEqual({(row["outcome"], row["status"]) for row in items}, {("started", status)})
            self.assertEqual((len(first["items"]), second["next_cursor"]), (2, None))
        self.faulty(self.api.get(f"/api/v1/triggers/{workflow}:hook/history?cursor=yesterday"), 400, "request.query")
        figures = {row["id"]: row for row in self.api.get("/api/v1/triggers/stats").json["items"]}
        for node, status in (("hook", "succeeded"), ("other", "failed")):
            row = figures[f"{workflow}:{node}"]
            self.assertEqual((row["last"]["execution_id"], row["last"]["status"]), (started[node][0], status))
            self.assertEqual((sum(part[status] for part in row["series"]), len(row["series"])), (3, 24))

    def test_a_trigger_that_is_switched_off(self):
        clock = flows.node("clock", "schedule", {"cron": "0 12 * * *"})
        document = {"name": "switch", "nodes": [clock, flows.hook("switch-hook")], "edges": []}
        workflow = flows.create(self, self.api, document, publish=True)

        def listed():
            return {row["node"]: row for row in self.api.get(f"/api/v1/triggers?workflow_id={workflow}").json["items"]}

        self.assertEqual([row["enabled"] for row in listed().values()], [True, True])
        for node in ("clock", "hook"):
            off = self.api.post(f"/api/v1/triggers/{workflow}:{node}/disable")
            self.assertEqual((off.status, off.json), (200, listed()[node]), off)
            self.assertFalse(off.json["enabled"])
        self.assertEqual(listed()["clock"]["next_runs"], [])
        self.assertEqual(self.api.get(f"/api/v1/triggers/{workflow}:clock/next-runs").json["items"], [])
        self.faulty(self.server.client(key=None).post("/webhooks/switch-hook", {}), 404, "webhook.disabled")
        self.assertEqual(self.api.post(f"/api/v1/triggers/{workflow}:hook", {}).status, 202)  # by hand

        self.api.put(f"/api/v1/workflows/{workflow}", {**document, "description": "second"})
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        self.assertEqual([(row["version"], row["enabled"]) for row in listed().values()], [(2, False)] * 2)
        on = self.api.post(f"/api/v1/triggers/{workflow}:hook/enable")
        self.assertEqual((on.status, on.json["enabled"]), (200, True), on)
        self.assertEqual(self.server.client(key=None).post("/webhooks/switch-hook", {}).status, 202)
        self.assertFalse(listed()["clock"]["enabled"])
        noted = [(row["action"], row["target"]) for row in self.api.get("/api/v1/audit?limit=20").json["items"]]
        for action in (("disable_trigger", f"{workflow}:clock"), ("disable_trigger", f"{workflow}:hook"), ("enable_trigger", f"{workflow}:hook")):
            self.assertEqual(noted.count(action), 1, noted)


    def test_preview(self):
        answer = self.api.post("/api/v1/triggers/next-runs", {"config": {"cron": "30 9 * * *", "timezone": "Europe/Moscow"}, "count": 3})
        self.assertEqual([at[11:16] for at in answer.json["items"]], ["06:30"] * 3, answer)
        self.faulty(self.api.post("/api/v1/triggers/next-runs", {"config": {"cron": "99 * * * *"}}), 400, "schedule.cron")


class Expressions(ApiCase):
    def evaluate(self, expression, **more):
        return self.api.post("/api/v1/expressions/evaluate", {"expression": expression, **more})

    def test_over_data_given(self):
        self.assertEqual(self.evaluate("{{ $json.a.b }}", data={"json": {"a": {"b": [1, "x"]}}}).json, {"value": [1, "x"], "type": "array"})
        self.assertEqual(self.evaluate("n={{ $json.n * 2 }}", data={"json": {"n": 4}}).json["value"], "n=8")
        self.assertEqual(self.evaluate("{{ $('Old one').first().json.k }}", data={"nodes": {"Old one": [{"k": 7}]}}).json["value"], 7)
        self.assertEqual(self.evaluate("{{ $input.all().length }}", data={"input": [{}, {}, {}]}).json["value"], 3)
        self.assertEqual(self.evaluate("{{ $vars.a }}", data={"vars": {"a": 1}}).json["value"], 1)
        self.faulty(self.evaluate("{{ 1 + }}"), 400, "expr.syntax")
        self.faulty(self.evaluate("{{ JSON.parse('{') }}"), 400, "expr.raised")
        self.faulty(self.evaluate("{{ (() => { while (true) {} })() }}"), 400, "expr.limit")
        self.faulty(self.evaluate("{{ $('nobody').first() }}"), 400, "expr.node")
        self.assertEqual(self.evaluate("{{ 1 }}", data={"colour": 1}).status, 400)
        self.assertEqual(self.api.post("/api/v1/expressions/evaluate", {}).status, 400)

    def test_over_a_past_run(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE, flows.node("last", "noop"))
        one = self.ran(workflow, [{"n": 1}, {"n": 2}])
        past = {"execution_id": one, "node": "last"}
        self.assertEqual(self.evaluate("{{ $json.m }}", **past).json["value"], 2)
        self.assertEqual(self.evaluate("{{ $json.m + $('in').item.json.n }}", data={"index": 1}, **past).json["value"], 6)
        self.assertEqual(self.evaluate("{{ $execution.id }}", **past).json["value"], one)
        self.assertEqual(self.evaluate("{{ $json.m }}", data={"json": {"m": "mine"}}, **past).json["value"], "mine")
        self.faulty(self.evaluate("{{ 1 }}", execution_id=one, node="nobody"), 400, "workflow.no_part")
        self.faulty(self.evaluate("{{ 1 }}", execution_id=UNKNOWN_ID, node="in"), 404, "store.not_found")

    def test_completion(self):
        def labels(text, **more):
            answer = self.api.post("/api/v1/expressions/complete", {"expression": text, **more})
            self.assertEqual(answer.status, 200, answer)
            return [item["label"] for item in answer.json["items"]]

        data = {"json": {"user": {"name": "x", "nation": "y", "age": 3}}, "nodes": {"Old one": []}}
        self.assertEqual(labels("{{ $js", data=data), ["$json"])
        self.assertEqual(labels("{{ 1 + $json.user.na", data=data), ["name", "nation"])
        self.assertEqual(labels("{{ $json.", data=data), ["user"])
        self.assertIn("$('Old one')", labels("{{ $", data=data))
        self.assertEqual(labels("{{ nothing.at.", data=data), [])
        self.assertEqual(labels("{{ $json.user.age.", data=data), [])


class Hostile(ApiCase):
    def test_bodies_that_are_no_json(self):
        for path in ("/api/v1/executions", "/api/v1/executions/cancel", "/api/v1/expressions/evaluate", "/api/v1/triggers/next-runs"):
            for raw in (b"{", b"\xff\xfe", b'{"a": 1, "a": 2}', b"[" * 10_000, b'{"x":' * 400 + b"1" + b"}" * 400, b"7", json.dumps({"colour": 1}).encode()):
                answer = self.api.post(path, raw=raw)
                self.assertEqual(answer.status, 400, f"{path} {raw[:20]} {answer}")


if __name__ == "__main__":
    support.main()
