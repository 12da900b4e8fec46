"""Workflows that start by the clock."""

import sys
import unittest
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


class Schedules(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(support.Server())

    @property
    def api(self):
        return self.server.client()

    def make(self, publish=True, **config):
        document = flows.chain("clock", flows.node("clock", "schedule", config), flows.node("set", "set", {"values": {"x": 1}}))
        return flows.create(self, self.api, document, publish=publish)

    def runs(self, workflow):
        return self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]

    def occurrences(self, workflow):
        outputs = [flows.result(self.api, run["id"])["output"] for run in self.runs(workflow) if run["status"] == "succeeded"]
        return sorted(output[0]["scheduled_at"] for output in outputs)

    def test_it_starts_again_and_again_until_it_is_taken_back(self):
        workflow = self.make(every="1s")
        support.wait_for(lambda: len(self.occurrences(workflow)) >= 3, "three starts")
        self.assertEqual(self.api.post(f"/api/v1/workflows/{workflow}/unpublish").status, 200)
        runs = self.runs(workflow)
        self.assertEqual({run["trigger"] for run in runs}, {"schedule"})
        occurrences = self.occurrences(workflow)
        self.assertEqual(len(set(occurrences)), len(occurrences))

    def test_switched_off_it_starts_nothing_and_switched_on_nothing_is_made_up_for(self):
        workflow = self.make(every="1s", missed="all", overlap="allow")
        other = self.make(every="1s")
        support.wait_for(lambda: self.occurrences(workflow), "a start")
        self.assertEqual(self.api.post(f"/api/v1/triggers/{workflow}:clock/disable").status, 200)
        support.wait_for(lambda: {run["status"] for run in self.runs(workflow)} == {"succeeded"}, "the end of what it started")
        before = self.occurrences(workflow)
        self.server.stop()
        self.server.start()
        known = len(self.occurrences(other))
        support.wait_for(lambda: len(self.occurrences(other)) >= known + 2, "two starts of another")
        self.assertEqual(self.occurrences(workflow), before)
        asked = datetime.now(timezone.utc).isoformat()
        self.assertEqual(self.api.post(f"/api/v1/triggers/{workflow}:clock/enable").status, 200)
        support.wait_for(lambda: len(self.occurrences(workflow)) > len(before), "a start after it")
        self.assertGreater(self.occurrences(workflow)[len(before)], asked)

    def test_what_a_kill_missed_starts_afterwards_and_nothing_twice(self):
        workflow = self.make(every="1s", missed="all", overlap="allow")
        support.wait_for(lambda: len(self.occurrences(workflow)) >= 2, "two starts")
        for _ in range(3):
            self.server.kill()
            self.server.start()
            known = len(self.occurrences(workflow))
            support.wait_for(lambda: len(self.occurrences(workflow)) > known, "a start after the kill")
        seconds = [int(text[17:19]) for text in self.occurrences(workflow)]
        steps = {(after - before) % 60 for before, after in zip(seconds, seconds[1:])}
        self.assertEqual(steps, {1}, self.occurrences(workflow))

    def test_one_at_a_time(self):
        document = flows.chain("slow", flows.node("clock", "schedule", {"every": "1s", "overlap": "skip"}),
                               flows.node("pause", "wait", {"duration": "30s"}))
        workflow = flows.create(self, self.api, document, publish=True)
        first = support.wait_for(lambda: self.runs(workflow), "the first start")
        support.wait_for(lambda: "overlap" in self.server.process.output(), "a start that is left out")
        self.assertEqual([run["id"] for run in self.runs(workflow)], [run["id"] for run in first])

    def test_a_wrong_schedule_is_refused_at_its_field(self):
        document = flows.chain("wrong", flows.node("clock", "schedule", {"cron": "61 * * * *"}), flows.node("set", "set", {"values": {}}))
        answer = self.api.post("/api/v1/workflows", document)
        self.assertEqual(answer.status, 400, answer)
        self.assertEqual([(fault["code"], fault["at"]) for fault in answer.json["errors"]], [("schedule.cron", "/nodes/0/config/cron")])


if __name__ == "__main__":
    support.main()
