"""Workflows that start when something happens: once for each event, through kills and repeats."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


class Events(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(support.Server())

    @property
    def api(self):
        return self.server.client()

    def make(self, name, publish=True, **config):
        document = flows.chain("hear " + name, flows.node("hear", "event", {"name": name, **config}), flows.node("same", "noop"))
        return flows.create(self, self.api, document, publish=publish)

    def send(self, event, **more):
        answer = self.api.post("/api/v1/events", event, **more)
        self.assertEqual(answer.status, 202, answer)
        return [item["status"] for item in answer.json["items"]]

    def heard(self, workflow):
        """The items of the runs that have ended."""
        runs = self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]
        self.assertEqual({run["trigger"] for run in runs} - {"event"}, set())
        ended = [run for run in runs if run["status"] == "succeeded"]
        return [flows.result(self.api, run["id"])["output"][0] for run in ended]

    def until_heard(self, workflow, count):
        return support.wait_for(lambda: len(found := self.heard(workflow)) >= count and found, f"{count} runs")

    def settled(self):
        events = self.api.get("/api/v1/events?limit=200").json["items"]
        return all(event["handed_on"] for event in events)

    def test_everyone_who_waits_for_it_starts_once(self):
        exact, pattern, other = self.make("order.paid"), self.make("order.*"), self.make("order.sent")
        self.send({"name": "order.paid", "source": "shop", "id": "17", "data": {"amount": 250}})
        for workflow in (exact, pattern):
            item = self.until_heard(workflow, 1)[0]
            self.assertEqual((item["name"], item["source"], item["id"], item["data"]), ("order.paid", "shop", "17", {"amount": 250}))
        support.wait_for(self.settled, "all is handed on")
        self.assertEqual([len(self.heard(workflow)) for workflow in (exact, pattern, other)], [1, 1, 0])

    def test_a_filter_chooses(self):
        workflow = self.make("order.paid", filter="{{ $json.data.amount > 100 }}")
        self.send([{"name": "order.paid", "data": {"amount": amount}} for amount in (50, 250, 100, 101)])
        support.wait_for(self.settled, "all is handed on")
        self.until_heard(workflow, 2)
        self.assertEqual(sorted(item["data"]["amount"] for item in self.heard(workflow)), [101, 250])

    def test_a_filter_that_fails_starts_nothing_and_is_told(self):
        workflow = self.make("a", filter="{{ JSON.parse('{') }}")
        self.send({"name": "a"})
        support.wait_for(self.settled, "it is handed on")
        self.assertEqual(self.heard(workflow), [])
        self.assertIn("event not heard", self.server.process.output())

    def test_an_event_that_is_sent_again_is_known(self):
        workflow = self.make("a")
        self.assertEqual(self.send([{"name": "a", "source": "s", "id": "1"}, {"name": "a", "source": "s", "id": "1"}]), ["accepted", "known"])
        self.server.kill()
        self.server.start()
        self.assertEqual(self.send({"name": "a", "source": "s", "id": "1"}), ["known"])
        self.assertEqual(self.send({"name": "a", "source": "other", "id": "1"}), ["accepted"])
        self.until_heard(workflow, 2)
        support.wait_for(self.settled, "all is handed on")
        self.assertEqual(len(self.heard(workflow)), 2)

    def test_a_kill_loses_none_and_doubles_none(self):
        workflows = [self.make("a"), self.make("*")]
        sent = 0
        for round in range(5):
            self.send([{"name": "a", "data": sent + n} for n in range(20)])
            sent += 20
            self.server.kill()
            self.server.start()
        for workflow in workflows:
            self.until_heard(workflow, sent)
        support.wait_for(self.settled, "all is handed on")
        for workflow in workflows:
            self.assertEqual(sorted(item["data"] for item in self.heard(workflow)), list(range(sent)))

    def test_cloud_events(self):
        workflow = self.make("com.example.*")
        event = {"specversion": "1.0", "type": "com.example.made", "source": "/here", "id": "1", "time": "2018-04-05T03:56:24Z", "data": {"a": 1}}
        self.send(event, headers={"Content-Type": "application/cloudevents+json"})
        self.send([{**event, "id": "2"}], headers={"Content-Type": "application/cloudevents-batch+json"})
        self.send({"a": 1}, headers={"ce-specversion": "1.0", "ce-type": "com.example.made", "ce-source": "/here", "ce-id": "3"})
        items = self.until_heard(workflow, 3)
        self.assertEqual({item["id"]: item["data"] for item in items}, {"1": {"a": 1}, "2": {"a": 1}, "3": {"a": 1}})

    def test_what_is_none_is_refused_whole(self):
        self.make("a")
        for event, at in (({"name": "a b"}, "/name"), ([{"name": "a"}, {"nme": 1}], "/1/nme"), ({"name": "execution.failed"}, "/name")):
            answer = self.api.post("/api/v1/events", event)
            self.assertEqual((answer.status, answer.json["errors"][0]["at"]), (400, at), answer)
        self.assertEqual(self.api.post("/api/v1/events", raw=b"{").status, 400)
        self.assertEqual(self.api.get("/api/v1/events").json, {"items": [], "next_cursor": None})
        self.assertEqual(self.server.client(key=None).post("/api/v1/events", {"name": "a"}).status, 401)

    def test_an_odd_pattern_is_refused_when_it_is_saved(self):
        for name in ("order.*.paid", "*order", "order*", "{{ $json.x }}", "order.", ""):
            document = flows.chain("odd", flows.node("hear", "event", {"name": name}), flows.node("same", "noop"))
            answer = self.api.post("/api/v1/workflows", document)
            self.assertEqual((answer.status, answer.json["errors"][0]["at"]), (400, "/nodes/0/config/name"), answer)

    def fails(self, name, **settings):
        document = flows.chain(name, flows.node("in", "manual"), flows.node("no", "fail", {"message": "no luck"}))
        return flows.create(self, self.api, {**document, "settings": settings})

    def test_an_end_is_heard_once_through_kills(self):
        handler = flows.create(self, self.api, flows.chain("handler", flows.node("in", "manual"), flows.node("same", "noop")), publish=True)
        listener, all_ends, everything = self.make("execution.failed"), self.make("execution.*"), self.make("*")
        failing = self.fails("failing", on_failure=handler)
        fine = flows.create(self, self.api, flows.chain("fine", flows.node("in", "manual"), flows.node("same", "noop")))
        ended = []
        for round in range(3):
            started = [flows.start(self, self.api, failing) for _ in range(5)] + [flows.start(self, self.api, fine)]
            self.server.kill()
            self.server.start()
            ended += [(ident, flows.until_status(self.api, ident)["status"]) for ident in started]
        failed = sorted(ident for ident, status in ended if status == "failed")
        succeeded = sorted(ident for ident, status in ended if status == "succeeded")
        self.assertEqual((len(failed), len(succeeded)), (15, 3))

        def told(workflow, status, of=(failing, fine)):
            items = [item for run in self.runs(workflow) for item in flows.result(self.api, run["id"])["output"]]
            return sorted(item["data"]["execution_id"] for item in items if item["name"] == "execution." + status and item["data"]["workflow_id"] in of)

        support.wait_for(lambda: told(handler, "failed") == failed, "the handler was started for each failure")
        support.wait_for(lambda: told(listener, "failed") == failed, "the listener heard each failure")
        support.wait_for(lambda: told(all_ends, "succeeded") == succeeded, "each success was heard")
        support.wait_for(self.settled, "all is handed on")
        self.assertEqual((told(handler, "failed"), told(listener, "failed"), told(all_ends, "failed")), (failed, failed, failed))
        self.assertEqual(self.runs(everything), [])
        item = flows.result(self.api, self.runs(handler)[0]["id"])["output"][0]
        self.assertEqual(item["data"]["error"], {"code": "fail.raised", "message": "no luck", "node": "no"})

    def runs(self, workflow):
        runs = self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]
        return [run for run in runs if run["status"] == "succeeded"]

    def test_who_hear_each_other_come_to_an_end(self):
        one, other = self.make("execution.succeeded"), self.make("execution.succeeded")
        first = flows.create(self, self.api, flows.chain("first", flows.node("in", "manual"), flows.node("same", "noop")))
        flows.start(self, self.api, first)
        support.wait_for(lambda: any(item["data"]["depth"] == 16 for item in self.heard(one)), "the sixteenth end")
        support.wait_for(self.settled, "all is handed on")
        depths = [sorted(item["data"]["depth"] for item in self.heard(workflow)) for workflow in (one, other)]
        self.assertEqual(depths, [list(range(1, 17))] * 2)

    def test_a_handler_that_cannot_start_is_told(self):
        unpublished = flows.create(self, self.api, flows.chain("handler", flows.node("in", "manual")))
        for handler in ("nobody", unpublished, "019bb4d0-0000-7000-8000-000000000000"):
            flows.until_status(self.api, flows.start(self, self.api, self.fails("failing", on_failure=handler)))
        support.wait_for(self.settled, "all is handed on")
        self.assertEqual(self.server.process.output().count("event not heard"), 3)

    def test_event_nodes_are_among_the_triggers(self):
        workflow = self.make("order.*")
        listed = self.api.get("/api/v1/triggers?type=event").json["items"]
        self.assertEqual([(one["id"], one["type"], one["event"]) for one in listed], [(f"{workflow}:hear", "event", "order.*")])
        self.assertEqual(self.api.get(f"/api/v1/triggers/{workflow}:hear").json, listed[0])
        fired = [self.api.post(f"/api/v1/triggers/{workflow}:hear", {}, headers={"Idempotency-Key": "1"}) for _ in range(2)]
        self.assertEqual([answer.status for answer in fired], [202, 202], fired)
        self.assertEqual(fired[0].json["id"], fired[1].json["id"])

    def test_what_is_switched_off_hears_nothing_neither_then_nor_later(self):
        workflow = self.make("a")
        self.assertEqual(self.api.post(f"/api/v1/triggers/{workflow}:hear/disable").status, 200)
        self.send({"name": "a", "data": 1})
        self.assertEqual(self.api.post(f"/api/v1/triggers/{workflow}:hear/enable").status, 200)
        self.send({"name": "a", "data": 2})
        self.assertEqual([item["data"] for item in self.until_heard(workflow, 1)], [2])
        support.wait_for(self.settled, "all is handed on")
        self.assertEqual([item["data"] for item in self.heard(workflow)], [2])

    def test_only_what_is_published_hears(self):
        workflow = self.make("a", publish=False)
        self.send({"name": "a"})
        support.wait_for(self.settled, "it is handed on")
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        self.send({"name": "a", "data": 2})
        self.assertEqual([item["data"] for item in self.until_heard(workflow, 1)], [2])
        self.api.post(f"/api/v1/workflows/{workflow}/unpublish")
        self.send({"name": "a", "data": 3})
        support.wait_for(self.settled, "it is handed on")
        self.assertEqual(len(self.heard(workflow)), 1)


if __name__ == "__main__":
    support.main()
