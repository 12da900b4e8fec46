"""Large payloads: kept apart from the journal, within bounds, in little memory, and gone with their executions.

MBFLOW_ITEMS=1000000 makes the long list as long as the promise; without it, shorter."""

import os
import sqlite3
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

ITEMS = int(os.environ.get("MBFLOW_ITEMS", "60000"))
SANITIZED = support.program.patience > 1  # their own memory would be measured


def peak_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no peak of memory is told")


def blobs(folder):
    return [file for file in Path(folder).glob("data/mbflow.db.blobs/??/*") if file.is_file()]


class Payloads(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-payloads-"))

    def server(self, *words):
        return self.enterContext(support.Server(*words, data=self.folder))

    def test_a_long_list_takes_little_memory(self):
        server = self.server("--max-output", "4000", "--max-execution", "20000")
        api = server.client()
        make = "{{ Array.from({length: 1000}, (_, i) => ({n: $json.k * 1000 + i, keep: i % 2 == 0, text: 'x'.repeat(960)})) }}"
        workflow = flows.create(self, api, flows.chain(
            "long",
            flows.node("in", "manual"),
            flows.node("make", "data_adapter", {"operation": "template", "template": make}),
            flows.node("set", "set", {"values": {"seen": "{{ $json.n }}"}}),
            flows.node("filter", "filter", {"condition": "{{ $json.keep }}"}),
            flows.node("sum", "aggregate", {"mode": "group", "operations": [
                {"operation": "count"}, {"operation": "sum", "field": "n"}, {"operation": "max", "field": "seen"}]})))
        ident = flows.start(self, api, workflow, [{"k": k} for k in range(ITEMS // 1000)])
        done = flows.until_status(api, ident, limit=30 + ITEMS / 1000)
        self.assertEqual(done["status"], "succeeded", done)
        half = ITEMS // 2
        self.assertEqual(flows.result(api, ident)["output"], [{"count": half, "sum_n": half * (half - 1), "max_seen": ITEMS - 2}])
        self.assertEqual(done["nodes"]["set"]["items"], {"main": ITEMS})
        peak = peak_mib(server.process.pid)
        print(f"{ITEMS} items of 1 KB: peak {peak:.0f} MiB", file=sys.stderr)
        if not SANITIZED:
            self.assertLessEqual(peak, 256)

    def test_what_is_large_is_apart_survives_a_kill_and_goes_with_its_execution(self):
        server = self.server("--retention-count", "1")
        api = server.client()
        workflow = flows.create(self, api, flows.chain(
            "large", flows.node("in", "manual"), flows.node("set", "set", {"values": {"big": "{{ 'y'.repeat(200000) + $json.n }}"}}),
            flows.node("pause", "wait", {"duration": "1s"})))
        first = flows.start(self, api, workflow, {"n": 1})
        support.wait_for(lambda: blobs(self.folder), "a blob")
        server.kill()
        with sqlite3.connect(Path(self.folder) / "data/mbflow.db") as database:
            largest = database.execute("SELECT max(length(chunk)) FROM (SELECT chunk FROM journal UNION ALL SELECT chunk FROM executions)").fetchone()[0]
        self.assertLessEqual(largest, 65536)
        server.start()
        api = server.client()
        flows.until_status(api, first, "succeeded")
        self.assertEqual(flows.result(api, first)["output"][0]["big"], "y" * 200_000 + "1")
        checked = support.mbflow().json("doctor", "--json", "--data", server.data)
        self.assertTrue(checked["healthy"], checked)
        server.stop()
        old = blobs(self.folder)
        server.start()
        api = server.client()
        second = flows.start(self, api, workflow, {"n": 2})
        flows.until_status(api, second, "succeeded")
        server.stop()
        server.words += ["--blob-grace", "1"]
        server.start()  # the janitor looks at once
        api = server.client()
        support.wait_for(lambda: not set(old) & set(blobs(self.folder)), "what the first kept apart is gone")
        self.assertEqual(flows.result(api, second)["output"][0]["big"], "y" * 200_000 + "2")

    def test_a_backup_has_what_is_kept_apart_and_the_doctor_misses_what_is_not(self):
        server = self.server()
        api = server.client()
        workflow = flows.create(self, api, flows.chain(
            "large", flows.node("in", "manual"), flows.node("set", "set", {"values": {"big": "{{ 'z'.repeat(100000) }}"}})))
        ident = flows.start(self, api, workflow)
        flows.until_status(api, ident, "succeeded")
        copy = Path(self.folder) / "copy.db"
        done = support.mbflow().run("backup", copy, "--data", server.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        server.stop()
        for file in blobs(self.folder):
            file.unlink()
        checked = support.mbflow().json("doctor", "--json", "--data", server.data, code=1)
        self.assertIn("kept apart", str(checked["checks"]))
        done = support.mbflow().run("restore", copy, "--data", server.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        server.start()
        self.assertEqual(flows.result(server.client(), ident)["output"][0]["big"], "z" * 100_000)

    def test_a_run_beyond_its_cap_fails_alone(self):
        server = self.server("--max-output", "2")
        api = server.client()
        wide = flows.create(self, api, flows.chain(
            "wide", flows.node("in", "manual"), flows.node("set", "set", {"values": {"w": "{{ 'x'.repeat(500000) }}"}})))
        small = flows.create(self, api, flows.chain("small", flows.node("in", "manual"), flows.node("set", "set", {"values": {"w": 1}})))
        beyond = flows.start(self, api, wide, [{"n": n} for n in range(10)])
        within = flows.start(self, api, small)
        failed = flows.until_status(api, beyond)
        self.assertEqual((failed["status"], failed["error"]["code"]), ("failed", "node.output_limit"))
        for word in ("'set'", "2 MiB", "max-output"):
            self.assertIn(word, failed["error"]["message"])
        self.assertEqual(flows.until_status(api, within)["status"], "succeeded")

    def test_the_whole_store_stays_below_its_size(self):
        server = self.server()
        api = server.client()
        workflow = flows.create(self, api, flows.chain(
            "large", flows.node("in", "manual"), flows.node("set", "set", {"values": {"big": "{{ 'y'.repeat(300000) + $json.n }}"}})))
        for n in range(12):
            last = flows.start(self, api, workflow, {"n": n})
            flows.until_status(api, last, "succeeded")
        server.stop()
        self.assertEqual(len(blobs(self.folder)), 12)
        server.words += ["--retention-total", "2", "--blob-grace", "1"]
        time.sleep(1.1)  # until the last blob is older than that
        server.start()
        support.wait_for(lambda: len(blobs(self.folder)) <= 6, "at most two MiB of them stay")
        self.assertGreaterEqual(len(blobs(self.folder)), 5)
        self.assertEqual(flows.result(server.client(), last)["status"], "succeeded")


if __name__ == "__main__":
    support.main()
