"""Backup, restore and doctor, beside a running server and without one."""

import random
import signal
import sqlite3
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows


class Upkeep(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-upkeep-")))
        self.server = self.enterContext(support.Server())
        self.api = self.server.client()
        self.workflow = flows.create(self, self.api, flows.chain("kept", flows.node("in", "manual"), flows.node("set", "set", {"values": {"x": 1}})))

    def run_one(self):
        ident = flows.start(self, self.api, self.workflow)
        flows.until_status(self.api, ident, "succeeded")
        return ident

    def command(self, *words, code=0):
        done = support.mbflow().run(*words, "--data", self.server.data)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout + done.stderr

    def doctor(self, code=0):
        return support.mbflow().json("doctor", "--json", "--data", self.server.data, code=code)

    def test_a_backup_beside_the_server_brings_back_what_was_there(self):
        before = self.run_one()
        copy = self.folder / "copy.db"
        self.command("backup", copy)
        after = self.run_one()
        self.assertIn("store.locked", self.command("restore", copy, code=1))
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("before-restore", self.command("restore", copy))
        self.server.start()
        api = self.server.client()
        self.assertEqual(flows.execution(api, before)["status"], "succeeded")
        self.assertEqual(api.get(f"/api/v1/executions/{after}").status, 404)
        self.assertTrue(self.doctor()["healthy"])

    def test_a_backup_is_never_written_over_and_junk_never_restored(self):
        copy = self.folder / "copy.db"
        self.command("backup", copy)
        self.assertIn("exists already", self.command("backup", copy, code=1))
        self.assertEqual(self.server.stop(), 0)
        junk = self.folder / "junk.db"
        junk.write_bytes(random.Random(1).randbytes(5_000))
        stranger = self.folder / "stranger.db"
        with sqlite3.connect(stranger) as other:
            other.execute("CREATE TABLE t(x)")
        whole = (self.server.data / "mbflow.db").read_bytes()
        for wrong in (junk, stranger, self.folder / "missing.db"):
            self.command("restore", wrong, code=1)
            self.assertEqual((self.server.data / "mbflow.db").read_bytes(), whole, wrong)

    def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(self):
        for _ in range(20):
            self.run_one()
        dice = random.Random(7)
        for number in range(20):
            copy = self.folder / f"copy{number}.db"
            process = support.Process([support.mbflow().path, "backup", str(copy), "--data", str(self.server.data)])
            time.sleep(dice.random() * 0.05)  # the moment of the kill, not a wait for something
            process.end(signal.SIGKILL)
            process.forget()
            if copy.exists():
                with sqlite3.connect(copy) as made:
                    self.assertEqual(made.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertTrue(self.doctor()["healthy"])

    def test_the_doctor_finds_what_contradicts_itself(self):
        ident = self.run_one()
        self.assertTrue(self.doctor()["healthy"])
        self.assertEqual(self.server.stop(), 0)
        with sqlite3.connect(self.server.data / "mbflow.db") as database:
            database.execute("UPDATE executions SET last_seq = last_seq + 1")
        found = self.doctor(code=1)
        self.assertFalse(found["healthy"])
        self.assertIn(ident, str(found["checks"]))

    def test_where_there_is_nothing_it_says_so(self):
        done = support.mbflow().run("doctor", "--data", self.folder / "nothing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no database", done.stdout)


if __name__ == "__main__":
    support.main()
