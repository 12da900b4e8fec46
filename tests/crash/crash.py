#!/usr/bin/env python3
"""kill -9 at random moments under load, then a search for lost and repeated work. See README.md."""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import checks
import support.program
from driver import Driver
from shapes import shapes
from support import flows
from support.program import Server, patience, wait_for
from witness import Witness


def read_options():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("program", help="path of mbflow")
    options.add_argument("--kills", type=int, default=60)
    options.add_argument("--rate", type=float, default=50, help="executions a second")
    options.add_argument("--longest", type=float, default=0.8, help="seconds that the program lives at most")
    options.add_argument("--limit", type=float, default=30, help="seconds after the last start for everything to end")
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--json", action="store_true", help="the report as JSON on stdout")
    return options.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


class Trial:
    def __init__(self, options):
        self.options = options
        self.seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
        self.random = random.Random(self.seed)
        self.witness = Witness(self.seed)
        self.start_times, self.faults, self.copies = [], [], 0

    async def run(self):
        began = time.monotonic()
        await self.witness.listen()
        with Server("--allow-egress", f"127.0.0.1:{self.witness.port}", "--log-level", "error") as self.server:
            await self._prepare()
            for number in range(self.options.kills):
                await self._live_and_die()
                self._look_after_kill(number, began)
            await self._settle()
        self.witness.close()
        self.took = time.monotonic() - began

    async def _prepare(self):
        made = shapes(self.witness.base)
        self.ranks = {step: rank for _, ranks in made.values() for step, rank in ranks.items()}
        self.driver = Driver(self.server.port, made, self.options.rate, self.seed)
        self.driver.headers = f"Authorization: Bearer {self.server.key}\r\n"
        self.expected = await asyncio.to_thread(self._undisturbed, made)
        self.server.kill()
        # The undisturbed runs are history before the trial; what they called does not count.
        self.witness.keys.clear()
        self.reference = set(self.reference_ids)

    def _undisturbed(self, made):
        client, expected, self.reference_ids = self.server.client(), {}, []
        for name, (document, _) in made.items():
            ident = client.post("/api/v1/workflows", document)
            assert ident.status == 201, ident
            published = client.post(f"/api/v1/workflows/{ident.json['id']}/publish")
            assert published.status == 200, published
            started = client.post(f"/webhooks/crash/{name}", {"tag": "REFERENCE"})
            assert started.status == 202, started
            self.reference_ids.append(started.json["id"])
            ended = flows.until_status(client, started.json["id"])
            assert ended["status"] == "succeeded", ended
            expected[name] = json.dumps(flows.result(client, started.json["id"])["output"], sort_keys=True)
        return expected

    async def _live_and_die(self):
        """One life: started, under fire, dead after a random time; that counts from the start of the process in one life of
        four (so that starting and recovering are hit too), else from its first answer."""
        self.witness.generation += 1
        lifetime = self.random.random() * self.options.longest * patience
        from_start = self.random.random() < 0.25
        stop = asyncio.Event()
        self.driver.answered.clear()
        firing = asyncio.create_task(self.driver.fire(stop))
        self.server.launch()
        if not from_start:
            await asyncio.wait_for(self.driver.answered.wait(), 60 * patience)
        await asyncio.sleep(lifetime)
        if not self.server.process.running():
            raise SystemExit("the program ended by itself:\n" + self.server.process.output()[-4000:])
        self.server.kill()
        stop.set()
        await firing
        for _ in range(10):  # what the dead program had sent belongs to its life: let it be read
            await asyncio.sleep(0.001)

    def _look_after_kill(self, number, began):
        if number % 20 == 19:
            self.copies += 1
            self.faults += checks.check_database(self.server.data)
        if number % 10 == 9 or number + 1 == self.options.kills:
            notes = self.driver.notes
            say(f"{number + 1:5d} kills  {time.monotonic() - began:6.1f} s  sent {len(notes.sent)}  acknowledged {len(notes.acked)}"
                f"  cut off {notes.cut}  deliveries {self.witness.requests}")

    async def _settle(self):
        """The last start: everything that was begun must end by itself."""
        self.witness.generation += 1
        began = time.monotonic()
        await asyncio.to_thread(self.server.start)
        self.healthy_after = time.monotonic() - began
        client = self.server.client()
        try:
            await asyncio.to_thread(wait_for, lambda: self._nothing_open(client), "an end of all executions", self.options.limit, 0.05)
        except AssertionError as late:
            self.faults.append(str(late))
        self.settled_after = time.monotonic() - began
        await asyncio.to_thread(self._check, client)
        code = self.server.stop()
        if code != 0:
            self.faults.append(f"SIGTERM: exit code {code}")
        self.copies += 1
        self.faults += checks.check_database(self.server.data)

    @staticmethod
    def _nothing_open(client):
        return not any(client.get(f"/api/v1/executions?status={status}&limit=1").json["items"] for status in ("queued", "running", "waiting"))

    def _check(self, client):
        notes = self.driver.notes
        every = [execution for execution in checks.all_executions(client) if execution["id"] not in self.reference]
        self.executions = len(every)
        self.faults += checks.check_acknowledged(notes, every)
        self.faults += checks.check_single(notes, self.witness, every)
        self.faults += checks.check_deliveries(self.witness, self.ranks, notes.saved)
        self.faults += checks.check_outputs(client, notes, self.expected, every)
        self.faults += checks.check_journals(client, every, sample=300)
        self.faults += notes.strange[:20]
        if not notes.acked or not self.witness.keys:
            self.faults.append("nothing happened: no execution was acknowledged or none called out")

    def report(self):
        notes = self.driver.notes
        again = sum(1 for key in self.witness.keys.values() if len(key.deliveries) > 1)
        return {"seed": self.seed, "kills": self.options.kills, "seconds": round(self.took, 1), "sent": len(notes.sent),
                "acknowledged": len(notes.acked), "cut_off": notes.cut, "busy": notes.busy, "executions": self.executions,
                "calls": len(self.witness.keys), "calls_repeated_after_a_kill": again, "journals_read_meanwhile": notes.read,
                "database_copies_checked": self.copies, "healthy_after_last_start_ms": round(self.healthy_after * 1000),
                "all_ended_after_s": round(self.settled_after, 2), "faults": self.faults}


def main():
    options = read_options()
    support.program.use(options.program)
    trial = Trial(options)
    say(f"{options.kills} kills, {options.rate:g} executions/s, seed {trial.seed}")
    asyncio.run(trial.run())
    report = trial.report()
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        for name, value in report.items():
            if name != "faults":
                print(f"{name.replace('_', ' '):32} {value}")
    for fault in report["faults"][:50]:
        say("FAULT " + fault)
    say(f"{len(report['faults'])} faults (seed {trial.seed})")
    return 1 if report["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
