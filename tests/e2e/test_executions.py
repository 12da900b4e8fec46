"""Executions: start, wait, read, list, cancel, retry."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


class Executions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = cls.enterClassContext(support.MockApi())
        cls.server = cls.enterClassContext(support.Server("--allow-egress", cls.mock.address))
        cls.api = cls.server.client()

    def make(self, *nodes, **more):
        return flows.create(self, self.api, flows.chain(self.id().rsplit(".", 1)[-1], *nodes, **more))

    def waiting(self, length="1h"):
        workflow = self.make(flows.node("in", "manual"), flows.node("pause", "wait", {"duration": length}),
                             flows.node("after", "set", {"values": {"done": True}}))
        return workflow, flows.start(self, self.api, workflow, {"n": 1})

    def test_execute_answers_202_and_ends(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("add", "set", {"values": {"twice": "{{ $json.n * 2 }}"}}))
        started = self.api.post(f"/api/v1/workflows/{workflow}/execute", {"input": {"n": 21}})
        self.assertEqual(started.status, 202, started)
        self.assertIn(started.json["status"], ("queued", "running", "succeeded"))
        found = flows.until_status(self.api, started.json["id"])
        self.assertEqual(found["status"], "succeeded", found)
        self.assertEqual(found["workflow_id"], workflow)
        self.assertEqual(found["nodes"]["add"]["status"], "succeeded")
        self.assertTrue(found["started_at"] <= found["finished_at"])
        self.assertIsNone(found["error"])
        answer = flows.result(self.api, started.json["id"])
        self.assertEqual(answer["status"], "succeeded")
        self.assertEqual(answer["output"], [{"n": 21, "twice": 42}])

    def test_wait_gives_the_result(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("add", "set", {"values": {"m": "{{ $json.n + 1 }}"}}))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {"input": [{"n": 1}, {"n": 2}]})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["status"], "succeeded")
        self.assertEqual(answer.json["output"], [{"n": 1, "m": 2}, {"n": 2, "m": 3}])
        self.assertIsNone(answer.json["error"])

    def test_its_log_says_what_nodes_wrote_and_what_was_done(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("say", "log", {"message": "n is {{ $json.n }}", "level": "warn"}),
                             flows.node("many", "log", {"message": "x" * 3_000}, ), flows.node("stop", "fail", {"message": "enough"}))
        ident = flows.start(self, self.api, workflow, [{"n": n} for n in range(120)])
        flows.until_status(self.api, ident)
        log = f"/api/v1/executions/{ident}/logs"
        lines = self.api.get(log + "?level=info").json["items"]
        self.assertEqual([(line["level"], line["node"], line["text"]) for line in lines[:2]], [("info", None, "started"), ("warn", "say", "n is 0")])
        self.assertEqual([line["text"] for line in lines if line["node"] == "say"][99:], ["n is 99", "and 20 more lines, which are not kept"])
        self.assertEqual({len(line["text"].encode()) for line in lines if line["node"] == "many" and line["level"] == "info"}, {2_048 + len("…".encode())})
        self.assertEqual([line["text"].split(" [")[0] for line in self.api.get(log + "?level=error").json["items"]], ["failed: enough", "failed: enough"])
        self.assertEqual([line["text"] for line in self.api.get(log + "?node=say&q=is+7").json["items"]], ["n is 7", *[f"n is 7{n}" for n in range(10)]])
        found, after = [], 0
        while after is not None:
            page = self.api.get(f"{log}?limit=50&after={after}").json
            found, after = found + page["items"], page["next_after"]
        self.assertEqual(found, self.api.get(log).json["items"])
        for query in ("level=loud", "node=none", "limit=0", "what=1"):
            self.assertEqual(self.api.get(f"{log}?{query}").status, 400, query)
        self.assertEqual(self.api.get(f"/api/v1/executions/{UNKNOWN_ID}/logs").status, 404)

    def test_wait_gives_up_in_time(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "1h"}))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=200ms", {})
        self.assertIn(answer.status, (200, 202), answer)
        self.assertIn(answer.json["status"], ("running", "waiting"))
        self.api.post(f"/api/v1/executions/{answer.json['id']}/cancel")
        self.assertEqual(self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=soon", {}).status, 400)

    def test_input_of_every_shape(self):
        workflow = self.make(flows.node("in", "manual"))
        for given, expected in ((None, [{}]), (7, [{"value": 7}]), ("x", [{"value": "x"}]), ([], []), ([1, {"a": 2}], [{"value": 1}, {"a": 2}]),
                                ({"__proto__": 1, "constructor": 2}, [{"__proto__": 1, "constructor": 2}])):
            answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {"input": given})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["output"], expected, f"input {given}")

    def test_data_is_never_evaluated(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("copy", "set", {"values": {"copy": "{{ $json.text }}"}}),
                             flows.node("again", "set", {"values": {"again": "got {{ $json.copy }}"}}))
        text = "{{ 1 + 1 }} ={{ $execution.id }} ${x} <%= 1 %>"
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {"input": {"text": text}})
        self.assertEqual(answer.json["output"], [{"text": text, "copy": text, "again": "got " + text}])

    def test_failure_names_node_and_code(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("boom", "set", {"values": {"x": "{{ JSON.parse('{') }}"}}))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["status"], "failed")
        self.assertEqual(answer.json["error"]["code"], "expr.raised")
        self.assertTrue(answer.json["error"]["at"].startswith("/nodes/1"), answer)
        found = flows.execution(self.api, answer.json["id"])
        self.assertEqual(found["nodes"]["boom"]["status"], "failed")

    def test_events_are_numbered_without_gaps(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("call", "http", {"url": self.mock.url + "/items/1"}),
                             flows.node("add", "set", {"values": {"x": 1}}))
        ident = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {}).json["id"]
        listed = flows.events(self.api, ident)
        self.assertEqual([event["seq"] for event in listed], list(range(1, len(listed) + 1)))
        kinds = [event["type"] for event in listed]
        self.assertEqual(kinds[0], "execution_started")
        self.assertEqual(kinds[-1], "execution_finished")
        self.assertIn(("node_started", "call"), [(event["type"], event.get("node")) for event in listed])
        self.assertEqual([event["node"] for event in listed if event["type"] == "node_succeeded"], ["in", "call", "add"])

    def test_list_filters_and_pages(self):
        workflow = self.make(flows.node("in", "manual"))
        made = [self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {}).json["id"] for _ in range(5)]
        seen, cursor = [], None
        while True:
            page = self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=2" + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual(page.status, 200, page)
            seen += [item["id"] for item in page.json["items"]]
            cursor = page.json["next_cursor"]
            if not cursor:
                break
        self.assertEqual(seen, made[::-1])
        failed = self.api.get(f"/api/v1/executions?workflow_id={workflow}&status=failed")
        self.assertEqual(failed.json["items"], [])
        self.assertEqual(self.api.get("/api/v1/executions?status=nonsense").status, 400)

    def test_cancel_a_waiting_one(self):
        workflow, ident = self.waiting()
        flows.until_status(self.api, ident, "waiting")
        answer = self.api.post(f"/api/v1/executions/{ident}/cancel")
        self.assertIn(answer.status, (200, 202), answer)
        found = flows.until_status(self.api, ident)
        self.assertEqual(found["status"], "cancelled")
        self.assertEqual(found["nodes"]["pause"]["status"], "cancelled")
        again = self.api.post(f"/api/v1/executions/{ident}/cancel")
        self.assertEqual(again.status, 409, again)

    def test_cancel_one_that_calls_out(self):
        workflow = self.make(flows.node("in", "manual"), flows.node("slow", "http", {"url": self.mock.url + "/slow?ms=20000"}))
        ident = flows.start(self, self.api, workflow)
        support.wait_for(lambda: flows.execution(self.api, ident)["nodes"].get("slow", {}).get("status") == "running", "the call")
        began = time.monotonic()
        self.assertIn(self.api.post(f"/api/v1/executions/{ident}/cancel").status, (200, 202))
        self.assertEqual(flows.until_status(self.api, ident)["status"], "cancelled")
        self.assertLess(time.monotonic() - began, 10)

    def fresh_deliveries(self, before):
        return sorted(times for key, times in self.mock.deliveries().items() if key not in before)

    def test_retry_runs_failed_nodes_only(self):
        before = set(self.mock.deliveries())
        workflow = self.make(
            flows.node("in", "manual"), flows.node("first", "http", {"url": self.mock.url + "/items/1"}),
            flows.node("second", "http", {"url": self.mock.url + "/items/2?fail_first=2"}, retry={"attempts": 1}))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {})
        self.assertEqual(answer.json["status"], "failed", answer)
        ident = answer.json["id"]
        self.assertEqual(self.fresh_deliveries(before), [1, 1])
        for expected, deliveries in (("failed", [1, 2]), ("succeeded", [1, 3])):
            retried = self.api.post(f"/api/v1/executions/{ident}/retry")
            self.assertIn(retried.status, (200, 202), retried)
            support.wait_for(lambda: self.fresh_deliveries(before) == deliveries, f"deliveries {deliveries}")
            self.assertEqual(flows.until_status(self.api, ident)["status"], expected)
        self.assertEqual(self.api.post(f"/api/v1/executions/{ident}/retry").status, 409)

    def test_node_retries_with_the_same_key(self):
        before = set(self.mock.deliveries())
        workflow = self.make(flows.node("in", "manual"),
                             flows.node("call", "http", {"url": self.mock.url + "/items/3?fail_first=2"},
                                        retry={"attempts": 3, "delay": "10ms"}))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {})
        self.assertEqual(answer.json["status"], "succeeded", answer)
        self.assertEqual(self.fresh_deliveries(before), [3])
        self.assertEqual(flows.execution(self.api, answer.json["id"])["nodes"]["call"]["attempts"], 3)

    def test_unknown_executions(self):
        for path in ("", "/result", "/events"):
            self.assertEqual(self.api.get(f"/api/v1/executions/{UNKNOWN_ID}{path}").status, 404)
        for action in ("cancel", "retry"):
            self.assertEqual(self.api.post(f"/api/v1/executions/{UNKNOWN_ID}/{action}").status, 404)


if __name__ == "__main__":
    support.main()
