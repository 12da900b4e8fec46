"""Several processes over one PostgreSQL: what one is told, all know; who has which role."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows
from support.postgres import Postgres

same = flows.node("same", "set", {"values": {"n": "{{ $json.body.n + 1 }}"}, "keep": "none"})


class Cluster(unittest.TestCase):
    roles = ()  # one process each; none: all roles

    @classmethod
    def setUpClass(cls):
        cls.postgres = cls.enterClassContext(Postgres())
        cls.mock = cls.enterClassContext(support.MockApi())

    def setUp(self):
        name = self.id().rsplit(".", 1)[1][:60]
        self.postgres.create(name)
        self.database = self.postgres.url(name)
        self.servers = []
        for roles in self.roles:
            words = ["--roles", roles] if roles else []
            server = support.Server("--allow-egress", self.mock.address, *words, database=self.database)
            server.key = self.servers[0].key if self.servers else None
            self.servers.append(self.enterContext(server))
        self.one, self.other = [server.client() for server in self.servers]

    def anyone(self, number):
        return self.servers[number].client(key=None)


class Equals(Cluster):
    roles = ("", "")

    def test_a_workflow_published_through_one_is_called_through_the_other(self):
        document = flows.chain("hook", flows.hook("shared", "result"), same)
        workflow = flows.create(self, self.one, document, publish=True)
        self.assertEqual(self.other.get(f"/api/v1/workflows/{workflow}").json["name"], "hook")
        answer = support.wait_for(lambda: self.answer(1, 200), "the other process knows the webhook", limit=1)
        self.assertEqual(answer.json, {"n": 2})
        trigger = f"/api/v1/triggers/{workflow}:{document['nodes'][0]['id']}"
        self.assertEqual(self.other.post(trigger + "/disable").status, 200)
        answer = support.wait_for(lambda: self.answer(0, 404), "the first process knows that it is switched off", limit=1)
        self.assertEqual(answer.json["code"], "webhook.disabled")
        self.assertEqual(self.one.post(trigger + "/enable").status, 200)
        support.wait_for(lambda: self.answer(1, 200), "the other process knows that it is on again", limit=1)
        self.assertEqual(self.other.post(f"/api/v1/workflows/{workflow}/unpublish").status, 200)
        support.wait_for(lambda: self.answer(0, 404), "the first process knows that it is gone", limit=1)

    def answer(self, number, status):
        answer = self.anyone(number).post("/webhooks/shared", {"n": 1})
        return answer if answer.status == status else None

    def test_each_is_ready_and_the_key_of_one_opens_the_other(self):
        for number in (0, 1):
            self.assertEqual(self.anyone(number).get("/readyz").status, 200)
        key = self.servers[1].create_key(role="viewer")
        self.assertEqual(self.servers[0].client(key).get("/api/v1/workflows").status, 200)
        self.assertEqual(self.servers[0].client("mbf_wrong").get("/api/v1/workflows").status, 401)

    def test_either_tells_how_an_execution_of_the_other_goes(self):
        document = flows.chain("slow", flows.node("in", "manual"), flows.node("call", "http", {"url": self.mock.url + "/items/7?delay_ms=300"}))
        ident = flows.start(self, self.one, flows.create(self, self.one, document))
        self.assertEqual(flows.execution(self.other, ident)["status"], "running")
        self.assertEqual(flows.until_status(self.other, ident)["status"], "succeeded")
        self.assertEqual(flows.result(self.other, ident), flows.result(self.one, ident))
        self.assertEqual([event["seq"] for event in flows.events(self.other, ident)], [event["seq"] for event in flows.events(self.one, ident)])

    def test_a_cancel_through_the_process_that_does_not_hold_it(self):
        document = flows.chain("long", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "30s"}))
        workflow = flows.create(self, self.one, document)
        ident = flows.start(self, self.one, workflow)
        flows.until_status(self.one, ident, "waiting")
        answer = self.other.post(f"/api/v1/executions/{ident}/cancel")
        self.assertIn(answer.status, (200, 202), answer)
        for client in (self.one, self.other):
            self.assertEqual(flows.until_status(client, ident, limit=3)["status"], "cancelled")
        self.assertEqual(self.one.post(f"/api/v1/executions/{ident}/cancel").status, 409)

    def test_a_stop_hands_over_at_once(self):
        document = flows.chain("rest", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "1500ms"}),
                               flows.node("after", "set", {"values": {"done": True}, "keep": "none"}))
        ident = flows.start(self, self.one, flows.create(self, self.one, document))
        flows.until_status(self.other, ident, "waiting")
        self.assertEqual(self.servers[0].stop(), 0)
        found = flows.until_status(self.other, ident, limit=5)  # the lease of 30 s is not waited for
        self.assertEqual((found["status"], flows.result(self.other, ident)["output"]), ("succeeded", [{"done": True}]))

    def test_what_a_killed_process_held_goes_on_at_its_next_start(self):
        document = flows.chain("call", flows.node("in", "manual"), flows.node("call", "http", {"url": self.mock.url + "/items/8?delay_ms=700"}))
        known = len(self.mock.deliveries())
        ident = flows.start(self, self.one, flows.create(self, self.one, document))
        support.wait_for(lambda: len(self.mock.deliveries()) > known, "the call")
        self.servers[0].kill()
        self.servers[0].start()
        found = flows.until_status(self.other, ident, limit=10)  # the lease of 30 s is not waited for
        self.assertEqual((found["status"], found["nodes"]["call"]["attempts"]), ("succeeded", 2))

    def test_what_a_killed_process_held_goes_on_at_the_other_after_the_lease(self):
        doomed = self.enterContext(support.Server("--allow-egress", self.mock.address, "--lease", "2", database=self.database))
        document = flows.chain("call", flows.hook("doomed"), flows.node("call", "http", {"url": self.mock.url + "/items/9?delay_ms=700"}))
        flows.create(self, self.one, document, publish=True)
        known = len(self.mock.deliveries())
        ident = support.wait_for(lambda: doomed.client(key=None).post("/webhooks/doomed", {}).json.get("id"), "the webhook there", limit=2)
        support.wait_for(lambda: len(self.mock.deliveries()) > known, "the call")
        doomed.kill()
        self.assertEqual(flows.until_status(self.other, ident)["status"], "succeeded")
        self.assertEqual(flows.execution(self.other, ident)["nodes"]["call"]["attempts"], 2)


class Split(Cluster):
    roles = ("api", "worker")

    def test_the_worker_finishes_what_the_api_starts(self):
        document = flows.chain("sum", flows.node("in", "manual"), flows.node("call", "http", {"url": self.mock.url + "/items/1?delay_ms=100"}))
        workflow = flows.create(self, self.one, document)
        answer = self.one.post(f"/api/v1/workflows/{workflow}/execute?wait=10s", {})
        self.assertEqual((answer.status, answer.json["status"], answer.json["output"][0]["id"]), (200, "succeeded", 1), answer)

    def test_a_synchronous_webhook_through_the_api(self):
        flows.create(self, self.one, flows.chain("hook", flows.hook("sync", "result"), same), publish=True)
        answer = self.anyone(0).post("/webhooks/sync", {"n": 41})
        self.assertEqual((answer.status, answer.json), (200, {"n": 42}), answer)

    def test_a_wait_ends_without_the_end(self):
        document = flows.chain("long", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "30s"}))
        answer = self.one.post(f"/api/v1/workflows/{flows.create(self, self.one, document)}/execute?wait=1s", {})
        self.assertEqual(answer.status, 202, answer)
        self.assertIn(self.one.post(f"/api/v1/executions/{answer.json['id']}/cancel").status, (200, 202))
        self.assertEqual(flows.until_status(self.one, answer.json["id"], limit=3)["status"], "cancelled")

    def test_without_a_worker_work_is_kept_for_the_next_one(self):
        workflow = flows.create(self, self.one, flows.chain("kept", flows.node("in", "manual"), flows.node("same", "noop")))
        self.assertEqual(self.servers[1].stop(), 0)
        ident = flows.start(self, self.one, workflow, [{"n": 1}])
        self.servers[1].start()
        self.assertEqual(flows.until_status(self.one, ident)["status"], "succeeded")
        self.assertEqual(flows.result(self.one, ident)["output"], [{"n": 1}])

    def test_a_worker_says_how_it_is_and_serves_nothing_else(self):
        flows.create(self, self.one, flows.chain("hook", flows.hook("here"), same), publish=True)
        for path in ("/healthz", "/readyz", "/metrics"):
            self.assertEqual(self.other.get(path).status, 200, path)
        for method, path in (("GET", "/api/v1/workflows"), ("GET", "/api/v1/node-types"), ("POST", "/api/v1/workflows")):
            answer = self.other.request(method, path, {} if method == "POST" else None)
            self.assertEqual((answer.status, answer.code), (503, "server.role"), f"{method} {path}: {answer}")
        self.assertEqual(self.anyone(1).get("/metrics").status, 401)
        self.assertNotEqual(self.anyone(1).post("/webhooks/here", {"n": 1}).status, 202)
        self.assertEqual(self.anyone(0).get("/readyz").status, 200)


class Schedulers(Cluster):
    roles = ("api,scheduler", "worker,scheduler")

    def test_two_schedulers_start_each_occurrence_once(self):
        document = flows.chain("clock", flows.node("clock", "schedule", {"every": "1s", "overlap": "allow", "missed": "all"}),
                               flows.node("set", "set", {"values": {"x": 1}}))
        workflow = flows.create(self, self.one, document, publish=True)
        support.wait_for(lambda: len(self.occurrences(workflow)) >= 5, "five starts")
        self.assertEqual(self.one.post(f"/api/v1/workflows/{workflow}/unpublish").status, 200)
        seconds = [int(text[17:19]) for text in self.occurrences(workflow)]
        self.assertEqual({(after - before) % 60 for before, after in zip(seconds, seconds[1:])}, {1}, seconds)

    def test_it_goes_on_when_one_of_them_dies(self):
        document = flows.chain("clock", flows.node("clock", "schedule", {"every": "1s", "overlap": "allow", "missed": "all"}),
                               flows.node("set", "set", {"values": {"x": 1}}))
        workflow = flows.create(self, self.one, document, publish=True)
        support.wait_for(lambda: len(self.occurrences(workflow)) >= 2, "two starts")
        self.servers[0].kill()
        self.servers[0].start()
        known = len(self.occurrences(workflow))
        support.wait_for(lambda: len(self.occurrences(workflow)) >= known + 2, "two starts more")
        seconds = [int(text[17:19]) for text in self.occurrences(workflow)]
        self.assertEqual({(after - before) % 60 for before, after in zip(seconds, seconds[1:])}, {1}, seconds)

    def occurrences(self, workflow):
        runs = self.one.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]
        outputs = [flows.result(self.one, run["id"])["output"] for run in runs if run["status"] == "succeeded"]
        return sorted(output[0]["scheduled_at"] for output in outputs)


del Cluster  # not a test of its own

if __name__ == "__main__":
    support.main()
