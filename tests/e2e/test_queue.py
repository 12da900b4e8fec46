"""What waits for room: concurrency by key, a bounded queue, fair turns."""

import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


def slow(name, limit, key=None, duration="300ms", **more):
    concurrency = {"limit": limit} if key is None else {"limit": limit, "key": key}
    document = flows.chain(name, flows.node("in", "manual"), flows.node("pause", "wait", {"duration": duration}), **more)
    document["settings"] = {"concurrency": concurrency}
    return document


def most_at_once(spans):
    """The greatest number of (begin, end) spans that overlap."""
    edges = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans], key=lambda edge: (edge[0], edge[1]))
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


class Concurrency(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(support.Server())

    @property
    def api(self):
        return self.server.client()

    def spans(self, idents):
        found = [flows.until_status(self.api, ident) for ident in idents]
        self.assertEqual({one["status"] for one in found}, {"succeeded"})
        return [(one["started_at"], one["finished_at"]) for one in found]

    def test_no_more_run_at_a_time_than_the_limit(self):
        workflow = flows.create(self, self.api, slow("two", 2))
        idents = [flows.start(self, self.api, workflow) for _ in range(8)]
        self.assertEqual(most_at_once(self.spans(idents)), 2)

    def test_each_key_has_its_own_limit(self):
        workflow = flows.create(self, self.api, slow("keyed", 1, "{{ $json.customer }}"))
        by_customer = {customer: [flows.start(self, self.api, workflow, {"customer": customer}) for _ in range(3)] for customer in "abc"}
        spans = {customer: self.spans(idents) for customer, idents in by_customer.items()}
        for customer, own in spans.items():
            self.assertEqual(most_at_once(own), 1, customer)
        self.assertGreater(most_at_once([span for own in spans.values() for span in own]), 1)

    def test_places_survive_a_kill(self):
        workflow = flows.create(self, self.api, slow("killed", 2, duration="700ms"))
        idents = [flows.start(self, self.api, workflow) for _ in range(6)]
        support.wait_for(lambda: any(flows.execution(self.api, ident)["status"] == "waiting" for ident in idents), "one under way")
        for _ in range(2):
            self.server.kill()
            self.server.start()
            time.sleep(0.3)
        self.assertLessEqual(most_at_once(self.spans(idents)), 2)

    def test_one_that_waits_can_be_cancelled_and_lets_the_others_on(self):
        workflow = flows.create(self, self.api, slow("cancelled", 1, duration="1s"))
        first, second, third = [flows.start(self, self.api, workflow) for _ in range(3)]
        support.wait_for(lambda: flows.execution(self.api, first)["status"] == "waiting", "the first under way")
        self.assertEqual(flows.execution(self.api, second)["status"], "queued")
        self.api.post(f"/api/v1/executions/{second}/cancel")
        self.assertEqual(flows.until_status(self.api, second, "cancelled")["started_at"], None)
        self.assertEqual([event["type"] for event in flows.events(self.api, second)],
                         ["execution_queued", "execution_cancelling", "execution_finished"])
        self.assertEqual(flows.execution(self.api, first)["status"], "waiting")  # nothing of its own was touched
        self.assertEqual(flows.until_status(self.api, third)["status"], "succeeded")

    def test_who_waits_for_the_result_gets_it(self):
        document = flows.chain("answer", flows.node("hook", "webhook", {"path": "queue/answer", "auth": "public", "respond": "result"}),
                               flows.node("set", "set", {"values": {"seen": "{{ $json.body.n }}"}, "keep": "none"}))
        document["settings"] = {"concurrency": {"limit": 1}}
        workflow = flows.create(self, self.api, document)
        self.api.post(f"/api/v1/workflows/{workflow}/publish")
        answers = {}
        def call(n):
            answers[n] = self.server.client().post("/webhooks/queue/answer", {"n": n}).json
        threads = [threading.Thread(target=call, args=(n,)) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, {n: {"seen": n} for n in range(5)})

    def test_a_key_that_cannot_be_read_refuses_the_start(self):
        workflow = flows.create(self, self.api, slow("thrown", 1, "{{ (() => { throw new Error(1) })() }}"))
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute", {"input": {}})
        self.assertEqual((answer.status, answer.json["code"]), (400, "expr.raised"))
        self.assertEqual(answer.json["errors"][0]["at"], "/settings/concurrency/key")
        self.assertEqual(self.api.get(f"/api/v1/executions?workflow_id={workflow}").json["items"], [])

    def test_a_limit_needs_a_queue_that_is_saved(self):
        document = slow("unsaved", 1)
        document["settings"]["durability"] = "none"
        answer = self.api.post("/api/v1/workflows", document)
        self.assertEqual((answer.status, answer.json["errors"][0]["at"]), (400, "/settings/concurrency"))


class Bounds(unittest.TestCase):
    def test_the_queue_has_an_end_and_what_it_took_is_done(self):
        server = self.enterContext(support.Server("--max-queued", "20"))
        api = server.client()
        workflow = flows.create(self, api, slow("bounded", 4, duration="500ms"))
        taken, refused = [], []
        for _ in range(60):
            answer = api.post(f"/api/v1/workflows/{workflow}/execute", {"input": {}})
            (taken if answer.status == 202 else refused).append(answer)
        self.assertTrue(refused, "the queue never was full")
        for answer in refused:
            self.assertEqual((answer.status, answer.json["code"]), (503, "runtime.queue_full"))
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        for answer in taken:
            self.assertEqual(flows.until_status(api, answer.json["id"])["status"], "succeeded")

    def test_what_finds_no_room_in_memory_is_queued(self):
        server = self.enterContext(support.Server("--max-active", "4", "--threads", "1"))
        api = server.client()
        document = flows.chain("many", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "400ms"}))
        workflow = flows.create(self, api, document)
        idents = [flows.start(self, api, workflow) for _ in range(12)]
        kinds = {flows.events(api, ident)[0]["type"] for ident in idents}
        self.assertEqual(kinds, {"execution_started", "execution_queued"})
        self.assertEqual({flows.until_status(api, ident)["status"] for ident in idents}, {"succeeded"})

    def test_a_workflow_with_many_waiting_does_not_hold_up_another(self):
        server = self.enterContext(support.Server("--max-active", "5", "--threads", "1"))
        api = server.client()
        # Twenty seconds of it, however slow the machine is at starting them.
        greedy = flows.create(self, api, flows.chain("greedy", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "500ms"})))
        modest = flows.create(self, api, flows.chain("modest", flows.node("in", "manual"), flows.node("set", "set", {"values": {"a": 1}})))
        backlog = [flows.start(self, api, greedy) for _ in range(200)]
        for _ in range(5):
            ident = flows.start(self, api, modest)
            began = time.monotonic()
            flows.until_status(api, ident)
            waited = time.monotonic() - began
            waiting = sum(flows.execution(api, one)["status"] == "queued" for one in backlog[-20:])
            self.assertGreater(waiting, 0, f"the backlog was gone after {waited:.2f} s: nothing was shown")


if __name__ == "__main__":
    support.main()
