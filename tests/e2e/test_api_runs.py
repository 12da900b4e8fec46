"""Executions by the API: many at once, replays, parts of workflows, pages of data, comparisons; calls that are sent again."""

import sys
import threading
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows
from support.case import ApiCase

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
DOUBLE = flows.node("double", "set", {"values": {"m": "{{ $json.n * 2 }}"}})


class Executions(ApiCase):
    def test_many_are_cancelled_and_retried(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "1h"}))
        made = [flows.start(self, self.api, workflow) for _ in range(5)]
        answer = self.api.post("/api/v1/executions/cancel", {"ids": [*made[:2], UNKNOWN_ID]})
        self.assertEqual((answer.status, answer.json["done"]), (202, made[:2]), answer)
        self.assertEqual([(one["id"], one["code"]) for one in answer.json["failed"]], [(UNKNOWN_ID, "store.not_found")])
        answer = self.api.post("/api/v1/executions/cancel", {"filter": {"workflow_id": workflow}})
        for one in made:
            self.assertEqual(flows.until_status(self.api, one)["status"], "cancelled")
        answer = self.api.post("/api/v1/executions/retry", {"filter": {"workflow_id": workflow, "status": ["cancelled"]}})
        self.assertEqual(sorted(answer.json["done"]), sorted(made))
        for one in made:
            flows.until_status(self.api, one, "waiting", "running")
        self.api.post("/api/v1/executions/cancel", {"ids": made})
        for body in ({}, {"ids": made, "filter": {}}, {"ids": ["x"]}, {"filter": {"colour": "red"}}, {"filter": {"status": ["ready"]}}):
            self.assertEqual(self.api.post("/api/v1/executions/retry", body).status, 400, body)

    def test_delete(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "1h"}))
        one = flows.start(self, self.api, workflow)
        flows.until_status(self.api, one, "waiting")
        self.faulty(self.api.delete(f"/api/v1/executions/{one}"), 409, "store.conflict")
        self.api.post(f"/api/v1/executions/{one}/cancel")
        self.assertEqual(self.api.delete(f"/api/v1/executions/{one}").status, 204)
        self.faulty(self.api.get(f"/api/v1/executions/{one}"), 404, "store.not_found")
        self.faulty(self.api.delete(f"/api/v1/executions/{one}"), 404, "store.not_found")

    def replay(self, one, body):
        answer = self.api.post(f"/api/v1/executions/{one}/replay", body)
        self.assertEqual(answer.status, 202, answer)
        found = flows.until_status(self.api, answer.json["id"])
        self.assertEqual((found["replay_of"], found["trigger"]), (one, "replay"))
        return found, flows.result(self.api, answer.json["id"])

    def test_replay_from_a_node(self):
        stamp = flows.node("stamp", "set", {"values": {"at": "{{ $execution.id }}"}})
        last = flows.node("last", "set", {"values": {"sum": "{{ $json.m + $('stamp').item.json.n }}"}})
        workflow = self.make(flows.node("in", "manual"), stamp, DOUBLE, last)
        one = self.ran(workflow, {"n": 1})
        found, result = self.replay(one, {"from": "double"})
        self.assertEqual(result["output"], [{"n": 1, "at": one, "m": 2, "sum": 3}])  # the stamp is the old one: it did not run again
        self.assertEqual({node["status"] for node in found["nodes"].values()}, {"succeeded"})
        _, result = self.replay(one, {"from": "double", "input": {"n": 5}})
        self.assertEqual(result["output"], [{"n": 5, "m": 10, "sum": 15}])
        found, result = self.replay(one, {"input": [{"n": 7}, {"n": 8}]})
        self.assertEqual([item["m"] for item in result["output"]], [14, 16])
        self.assertEqual({item["at"] for item in result["output"]}, {found["id"]})
        self.faulty(self.api.post(f"/api/v1/executions/{one}/replay", {"from": "nobody"}), 400, "runtime.replay_node")
        self.faulty(self.api.post(f"/api/v1/executions/{UNKNOWN_ID}/replay", {}), 404, "store.not_found")

    def test_replay_keeps_branches(self):
        nodes = [flows.node("in", "manual"), flows.node("check", "conditional", {"condition": "{{ $json.n > 0 }}"}), flows.node("yes", "set", {"values": {"way": "yes"}}),
                 flows.node("no", "set", {"values": {"way": "no"}}), flows.node("end", "noop")]
        edges = [("in", "main", "check"), ("check", "true", "yes"), ("check", "false", "no"), ("yes", "main", "end"), ("no", "main", "end")]
        document = {"name": "branches", "nodes": nodes, "edges": [{"source": a, "source_port": port, "target": b} for a, port, b in edges]}
        one = self.ran(flows.create(self, self.api, document), {"n": 1})
        found, result = self.replay(one, {"from": "yes"})
        self.assertEqual(result["output"], [{"n": 1, "way": "yes"}])
        self.assertEqual(found["nodes"]["no"]["status"], "skipped")
        found, result = self.replay(one, {"from": "check", "input": {"n": -1}})
        self.assertEqual(result["output"], [{"n": -1, "way": "no"}])
        self.faulty(self.api.post(f"/api/v1/executions/{one}/replay", {"from": "end", "input": {}}), 400, "runtime.replay_node")

    def test_replay_of_a_failed_one(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("boom", "set", {"values": {"x": "{{ $json.a.b.c.toString() }}"}}))
        one = self.ran(workflow, {"n": 1})
        _, result = self.replay(one, {"from": "boom", "input": {"a": {"b": {"c": 1}}}})
        self.assertEqual((result["status"], result["output"][0]["x"]), ("succeeded", "1"))

    def test_inline(self):
        document = flows.chain("inline", flows.node("in", "manual"), DOUBLE)
        answer = self.api.post("/api/v1/executions?wait=30s", {"workflow": document, "input": {"n": 4}})
        self.assertEqual((answer.status, answer.json["output"]), (200, [{"n": 4, "m": 8}]), answer)
        found = self.api.get(f"/api/v1/executions/{answer.json['id']}").json
        self.assertEqual((found["workflow_id"], found["workflow_name"]), (None, None))
        _, result = self.replay(answer.json["id"], {"from": "double"})
        self.assertEqual(result["output"], [{"n": 4, "m": 8}])
        self.assertEqual(self.api.post("/api/v1/executions", {"workflow": {"name": "x", "nodes": [{"id": "a", "name": "a", "type": "htttp"}]}}).status, 400)
        self.assertEqual(self.server.client(self.server.create_key("operator")).post("/api/v1/executions", {"workflow": document}).status, 403)

    def test_parts_are_tested(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE, flows.node("boom", "set", {"values": {"x": "{{ JSON.parse('{') }}"}}))
        url = f"/api/v1/workflows/{workflow}/test"
        self.assertEqual(self.api.post(url, {"input": {"n": 3}, "to": "double"}).json["output"], [{"n": 3, "m": 6}])
        self.assertEqual(self.api.post(url, {"pinned": {"in": [{"n": 9}]}, "to": "double"}).json["output"], [{"n": 9, "m": 18}])
        answer = self.api.post(url, {"input": {"n": 2}, "from": "double", "to": "double"})
        self.assertEqual(answer.json["output"], [{"n": 2, "m": 4}], answer)
        self.assertEqual(self.api.post(url, {"pinned": {"boom": [{"x": 1}]}}).json["output"], [{"x": 1}])
        self.faulty(self.api.post(url, {"to": "nobody"}), 400, "workflow.no_part")
        self.faulty(self.api.post(url, {"pinned": {"nobody": []}}), 400, "workflow.no_part")
        self.assertEqual(self.api.get(f"/api/v1/workflows/{workflow}").json["version"], 1)  # nothing was saved

    def test_output_in_pages(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE)
        one = self.ran(workflow, [{"n": n, "rows": [{"a": n}, {"a": None, "b": "x"}]} for n in range(120)])
        url = f"/api/v1/executions/{one}/nodes/double/output"
        page = self.api.get(url + "?offset=100&limit=15").json
        self.assertEqual((page["total"], page["ports"], page["is_list"]), (120, {"main": 120}, True))
        self.assertEqual([item["m"] for item in page["items"]], [2 * n for n in range(100, 115)])
        self.assertEqual(page["schema"]["properties"]["n"], {"type": "integer", "x-present": 100})
        self.assertEqual(page["schema"]["properties"]["rows"]["items"]["properties"]["a"]["type"], ["integer", "null"])
        self.assertEqual(self.api.get(url + "?path=/3/rows&offset=1").json["items"], [{"a": None, "b": "x"}])
        self.assertEqual(self.api.get(url + "?path=/3/n").json["items"], [3])
        self.assertEqual(self.api.get(url + "?offset=500").json["items"], [])
        self.faulty(self.api.get(url + "?path=/3/none"), 404, "execution.no_part")
        self.faulty(self.api.get(f"/api/v1/executions/{one}/nodes/nobody/output"), 404, "workflow.no_part")

    def test_compare(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE, flows.node("same", "set", {"keep": "none", "values": {"k": 1}}))
        a, b = self.ran(workflow, {"n": 1}), self.ran(workflow, {"n": 2})
        found = self.api.get(f"/api/v1/executions/compare?a={a}&b={b}").json
        self.assertEqual(found["input"], [{"at": "/0/n", "change": "changed", "before": 1, "after": 2}])
        self.assertEqual({node["node"]: node["same"] for node in found["nodes"]}, {"in": False, "double": False, "same": True})
        self.assertEqual(self.api.get(f"/api/v1/executions/compare?a={a}").status, 400)


class Idempotency(ApiCase):
    def test_a_start_is_done_once(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE)
        url, headers = f"/api/v1/workflows/{workflow}/execute", {"Idempotency-Key": str(uuid.uuid4())}
        first = self.api.post(url, {"input": {"n": 1}}, headers=headers)
        self.assertEqual(first.status, 202, first)
        again = self.api.post(url, {"input": {"n": 1}}, headers=headers)
        self.assertEqual((again.status, again.json, again.headers["idempotent-replayed"]), (202, first.json, "true"))
        self.faulty(self.api.post(url, {"input": {"n": 2}}, headers=headers), 409, "request.idempotency_key")
        self.faulty(self.api.post(url, {"input": {"n": 2}}, headers={"Idempotency-Key": "a b"}), 400, "request.idempotency_key")
        self.assertEqual(len(self.listed(f"workflow_id={workflow}")["items"]), 1)

    def test_at_once_from_many(self):
        workflow = self.make(flows.node("in", "manual"), DOUBLE)
        answers, key = [], str(uuid.uuid4())

        def call():
            client = self.server.client()
            answers.append(client.post(f"/api/v1/workflows/{workflow}/execute", {"input": {"n": 1}}, headers={"Idempotency-Key": key}))
            client.close()

        threads = [threading.Thread(target=call) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({answer.status for answer in answers}, {202}, answers)
        self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
        self.assertEqual(len(self.listed(f"workflow_id={workflow}")["items"]), 1)

    def test_a_workflow_is_made_once_also_after_a_kill(self):
        document, key = flows.chain("once", flows.node("in", "manual")), {"Idempotency-Key": str(uuid.uuid4())}
        with support.Server() as server:
            api = server.client()
            first = api.post("/api/v1/workflows", document, headers=key)
            start = api.post(f"/api/v1/workflows/{first.json['id']}/execute", {}, headers={"Idempotency-Key": "s"})
            server.kill()
            server.start()
            api = server.client()
            self.assertEqual(api.post("/api/v1/workflows", document, headers=key).json["id"], first.json["id"])
            self.assertEqual(api.post(f"/api/v1/workflows/{first.json['id']}/execute", {}, headers={"Idempotency-Key": "s"}).json["id"], start.json["id"])
            self.assertEqual(len(api.get("/api/v1/workflows").json["items"]), 1)
            self.assertEqual(len(api.get("/api/v1/executions").json["items"]), 1)

    def test_refusals_are_kept_too(self):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        bad = {"name": "x", "nodes": [{"id": "a", "name": "a", "type": "htttp"}], "edges": []}
        self.assertEqual(self.api.post("/api/v1/workflows", bad, headers=key).status, 400)
        again = self.api.post("/api/v1/workflows", bad, headers=key)
        self.assertEqual((again.status, again.headers["content-type"]), (400, "application/problem+json"))


if __name__ == "__main__":
    support.main()
