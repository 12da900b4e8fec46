"""History goes when nobody wants to keep it, and the file shrinks again."""

import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


class Retention(unittest.TestCase):
    def test_the_newest_stay_the_rest_goes_and_the_file_shrinks(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-retention-"))
        server = self.enterContext(support.Server(data=folder))
        api = server.client()
        big = "x" * 20_000
        kept = flows.create(self, api, flows.chain("kept", flows.node("in", "manual"), flows.node("set", "set", {"values": {"big": big}}),
                                                   settings={"retention": {"count": 1000}}))
        short = flows.create(self, api, flows.chain("short", flows.node("in", "manual"), flows.node("set", "set", {"values": {"big": big}})))
        asleep = flows.create(self, api, flows.chain("asleep", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "10m"})))
        waiting = flows.start(self, api, asleep)
        for workflow in (kept, short):
            last = [flows.start(self, api, workflow) for _ in range(100)][-1]
            flows.until_status(api, last, "succeeded")
        self.assertEqual(server.stop(), 0)
        file = Path(folder) / "data" / "mbflow.db"
        before = file.stat().st_size
        server.words += ["--retention-count", "5"]
        server.start()
        api = server.client()
        count = lambda workflow: len(api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"])
        support.wait_for(lambda: count(short) == 5, "only five of the short one")
        self.assertEqual(count(kept), 100)
        self.assertEqual(flows.execution(api, waiting)["status"], "waiting")
        self.assertEqual(server.stop(), 0)
        self.assertLess(file.stat().st_size, before * 0.7)
        with sqlite3.connect(file) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])


if __name__ == "__main__":
    support.main()
