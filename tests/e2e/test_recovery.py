"""What a stop or a crash leaves behind goes on by itself."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


class Recovery(unittest.TestCase):
    def setUp(self):
        self.mock = self.enterContext(support.MockApi())
        self.server = self.enterContext(support.Server("--allow-egress", self.mock.address))

    @property
    def api(self):
        return self.server.client()

    def start(self, *nodes, given=None):
        workflow = flows.create(self, self.api, flows.chain("recovery", *nodes))
        return flows.start(self, self.api, workflow, given)

    def test_sigterm_exits_0_and_a_waiting_execution_resumes(self):
        ident = self.start(flows.node("in", "manual"), flows.node("call", "http", {"url": self.mock.url + "/items/1"}),
                           flows.node("pause", "wait", {"duration": "2s"}), flows.node("after", "set", {"values": {"done": True}, "keep": "none"}))
        flows.until_status(self.api, ident, "waiting")
        self.assertEqual(self.server.stop(), 0, self.server.process.output())
        self.server.start()
        self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")
        self.assertEqual(flows.result(self.api, ident)["output"], [{"done": True}])
        self.assertEqual(list(self.mock.deliveries().values()), [1])

    def test_the_wait_is_not_begun_anew(self):
        ident = self.start(flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "3s"}))
        flows.until_status(self.api, ident, "waiting")
        before = flows.execution(self.api, ident)["started_at"]
        time.sleep(1)
        self.server.kill()
        self.server.start()
        found = flows.until_status(self.api, ident)
        self.assertEqual(found["started_at"], before)
        waited = [event["at"] for event in flows.events(self.api, ident)]
        self.assertLess(seconds(waited[-1]) - seconds(waited[0]), 4)

    def test_kill_in_the_middle_of_a_call_repeats_it_with_the_same_key(self):
        ident = self.start(flows.node("in", "manual"), flows.node("first", "http", {"url": self.mock.url + "/items/1"}),
                           flows.node("slow", "http", {"url": self.mock.url + "/items/2?delay_ms=700"}),
                           flows.node("last", "http", {"url": self.mock.url + "/items/3"}))
        support.wait_for(lambda: len(self.mock.deliveries()) == 2, "the slow call")
        self.server.kill()
        self.server.start()
        self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")
        self.assertEqual(sorted(self.mock.deliveries().values()), [1, 1, 2])
        self.assertEqual(flows.execution(self.api, ident)["nodes"]["slow"]["attempts"], 2)

    def test_hold_waits_for_a_decision(self):
        ident = self.start(flows.node("in", "manual"),
                           flows.node("slow", "http", {"url": self.mock.url + "/items/2?delay_ms=700"}, on_unknown="hold"))
        support.wait_for(lambda: len(self.mock.deliveries()) == 1, "the call")
        self.server.kill()
        self.server.start()
        found = flows.until_status(self.api, ident, "held")
        self.assertEqual(found["nodes"]["slow"]["status"], "held")
        self.assertEqual(list(self.mock.deliveries().values()), [1])
        self.assertIn(self.api.post(f"/api/v1/executions/{ident}/retry").status, (200, 202))
        self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")

    def held_one(self):
        ident = self.start(flows.node("in", "manual"), flows.node("slow", "http", {"url": self.mock.url + "/items/2?delay_ms=700"}, on_unknown="hold"),
                           flows.node("after", "set", {"values": {"done": True}}))
        support.wait_for(lambda: len(self.mock.deliveries()) == 1, "the call")
        self.server.kill()
        self.server.start()
        flows.until_status(self.api, ident, "held")
        return ident

    def decide(self, ident, **words):
        return self.api.post(f"/api/v1/executions/{ident}/decide", words)

    def test_a_person_decides_on_a_held_node(self):
        ident = self.held_one()
        self.assertEqual(self.decide(ident, node="after", action="retry").status, 409)
        self.assertEqual(self.decide(ident, node="slow", action="shrug").status, 400)
        self.assertEqual(self.decide(ident, node="slow", action="succeed", items=[{"paid": 7}]).status, 202)
        self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")
        self.assertEqual(flows.result(self.api, ident)["output"], [{"paid": 7, "done": True}])
        self.assertEqual(list(self.mock.deliveries().values()), [1])
        self.assertEqual(self.decide(ident, node="slow", action="retry").status, 409)

    def test_a_decision_survives_a_kill(self):
        ident = self.held_one()
        self.assertEqual(self.decide(ident, node="slow", action="fail").status, 202)
        self.server.kill()
        self.server.start()
        self.assertEqual(flows.until_status(self.api, ident)["status"], "failed")

    def test_items_done_before_the_kill_are_done(self):
        # Ten items two at a time, each 150 ms: whatever was journaled of them is not asked for again more than once.
        ident = self.start(flows.node("in", "manual"),
                           flows.node("each", "http", {"url": self.mock.url + "/items/{{ $json.n }}?delay_ms=150"}, concurrency=2),
                           given=[{"n": number} for number in range(10)])
        support.wait_for(lambda: len(self.mock.deliveries()) >= 5, "five calls")
        self.server.kill()
        self.server.start()
        self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")
        self.assertEqual([item["id"] for item in flows.result(self.api, ident)["output"]], list(range(10)))
        self.assertLessEqual(max(self.mock.deliveries().values()), 2)

    def test_an_execution_ends_on_the_version_it_began_with(self):
        def document(pause, last):
            return flows.chain("pinned", flows.hook("pinned"), flows.node(pause, "wait", {"duration": "1500ms"}),
                               flows.node(last, "set", {"values": {"by": last}, "keep": "none"}))
        workflow = flows.create(self, self.api, document("pause", "first"), publish=True)
        # Version 2 exists before the published version 1 runs, so that nothing may take the newest for the one that runs.
        self.assertEqual(self.api.put("/api/v1/workflows/" + workflow, document("other", "second")).status, 200)
        # Several connections, so that every loop gets some.
        idents = [self.server.client(key=None).post("/webhooks/pinned", {}).json["id"] for _ in range(8)]
        flows.until_status(self.api, idents[-1], "waiting")
        self.assertEqual([flows.execution(self.api, ident).get("version") for ident in idents], [1] * 8)
        self.server.kill()
        self.server.start()
        for ident in idents:
            self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")
            self.assertEqual(flows.result(self.api, ident)["output"], [{"by": "first"}])

    def test_published_webhooks_answer_right_after_the_start(self):
        flows.create(self, self.api, flows.chain("hook", flows.hook("early", "result"), flows.node("same", "noop")), publish=True)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.client(key=None).post("/webhooks/early", {}).status, 200)

    def test_a_second_server_on_the_same_data_is_refused(self):
        done = support.mbflow().run("serve", "--data", self.server.data, "--listen", f"127.0.0.1:{support.free_port()}")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(self.server.process.pid), done.stderr)

    def test_start_is_fast(self):
        self.server.stop()
        began = time.monotonic()
        self.server.start()
        self.assertLess(time.monotonic() - began, 2)


def seconds(text):
    hours, minutes, rest = text[11:].rstrip("Z").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


if __name__ == "__main__":
    support.main()
