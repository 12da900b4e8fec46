"""The wall clock of the real program is set forward and back while it works: what was acknowledged ends, no occurrence of a schedule
comes twice, and what waits for a while waits that long by the clock that nobody sets."""

import struct
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

SHIM = sys.argv.pop(2)
HOUR, DAY = 3600, 86400
UNTIL_2038 = 2147483647 - int(time.time()) - 5  # the end of 32-bit seconds, five from now


class Clock(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-clock-")))
        self.file = self.folder / "clock"
        self.set(0)
        self.server = self.enterContext(support.Server(env={"LD_PRELOAD": SHIM, "MBFLOW_TEST_CLOCK": str(self.file)}))
        self.api = self.server.client()

    def set(self, seconds):
        """In place: the program looks at the file's bytes."""
        mode = "r+b" if self.file.exists() else "wb"
        with open(self.file, mode) as file:
            file.write(struct.pack("<q", int(seconds * 1_000_000_000)))

    def make(self, name, entry, *nodes):
        return flows.create(self, self.api, flows.chain(name, entry, *nodes), publish=True)

    def test_the_program_believes_it(self):
        workflow = self.make("now", flows.node("in", "manual"), flows.node("now", "set", {"values": {"now": "{{ $now.toISO() }}"}}))
        for wrong in (0, 400 * DAY):
            self.set(wrong)
            ident = flows.start(self, self.api, workflow)
            flows.until_status(self.api, ident, "succeeded")
            shown = flows.result(self.api, ident)["output"][0]["now"]
            self.assertEqual(shown[:4], time.strftime("%Y", time.gmtime(time.time() + wrong)), shown)

    def test_what_was_taken_ends_and_once_whatever_the_clock_does(self):
        workflow = self.make("work", flows.node("in", "webhook", {"path": "clock", "auth": "public"}), flows.node("pause", "wait", {"duration": "300ms"}),
                             flows.node("set", "set", {"values": {"n": "{{ $json.body.n }}"}}))
        taken = {}
        for jump in (HOUR, -HOUR, DAY, -DAY, UNTIL_2038, 0):
            self.set(jump)
            for _ in range(5):
                answer = self.api.post("/webhooks/clock", {"n": len(taken)})
                self.assertEqual(answer.status, 202, answer)
                taken[answer.json["id"]] = len(taken)
        for ident, n in taken.items():
            self.assertEqual(flows.until_status(self.api, ident)["status"], "succeeded")
            self.assertEqual(flows.result(self.api, ident)["output"][0]["n"], n)
            kinds = [event["type"] for event in flows.events(self.api, ident)]
            self.assertEqual(kinds.count("execution_finished"), 1)
        listed = self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]
        self.assertEqual(sorted(run["id"] for run in listed), sorted(taken))
        self.server.stop()
        checked = support.mbflow().json("doctor", "--json", "--data", self.server.data)
        self.assertTrue(checked["healthy"], checked)

    def test_who_waits_does_so_by_the_clock_that_nobody_sets(self):
        workflow = self.make("pause", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "2s"}), flows.node("same", "noop"))
        for jump in (-HOUR, HOUR, -DAY):
            ident = flows.start(self, self.api, workflow)
            flows.until_status(self.api, ident, "waiting")
            self.set(jump)
            flows.until_status(self.api, ident, "succeeded")
            self.set(0)

    def test_no_occurrence_comes_twice(self):
        workflow = self.make("tick", flows.node("clock", "schedule", {"every": "1s", "missed": "all", "overlap": "allow"}), flows.node("same", "noop"))
        seen = lambda: self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]
        for jump in (20, -20, 30, -HOUR, 40):
            self.set(jump)
            known = len(seen())
            if jump > 0:
                support.wait_for(lambda: len(seen()) > known, f"a start at {jump:+d} s")
        runs = support.wait_for(lambda: len(found := seen()) > 40 and all(run["status"] == "succeeded" for run in found) and found, "a run of each second")
        occurrences = [flows.result(self.api, run["id"])["output"][0]["scheduled_at"] for run in runs]
        self.assertEqual(len(set(occurrences)), len(occurrences), sorted(occurrences))

    def test_a_key_ends_by_the_wall_clock(self):
        made = support.mbflow().json("key", "create", "--data", self.server.data, "--role", "viewer", "--name", "short", "--expires", "1h", "--json")
        short = self.server.client(key=made["key"])
        statuses = []
        for wrong in (0, 2 * HOUR, 0):
            self.set(wrong)
            statuses.append(short.get("/api/v1/executions").status)
        self.assertEqual(statuses, [200, 401, 200])


if __name__ == "__main__":
    support.main()
