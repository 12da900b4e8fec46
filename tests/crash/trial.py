"""One trial: processes under load, attacks in a random order, and at the end the search for lost and repeated work."""

import asyncio
import json
import random
import sys
import time
from collections import Counter

import attacks
import checks
from driver import Driver
from shapes import shapes
from stores import OneFile, Shared
from support import flows
from support.program import patience, wait_for
from witness import Witness


def say(text):
    print(text, file=sys.stderr, flush=True)


class Trial:
    def __init__(self, options):
        self.options = options
        self.seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
        self.random = random.Random(self.seed)
        self.witness = Witness(self.seed)
        self.faults, self.looks, self.figures = [], 0, Counter()

    async def run(self):
        self.began = time.monotonic()
        await self.witness.listen()
        words = ["--allow-egress", f"127.0.0.1:{self.witness.port}", "--log-level", "error"]
        with (Shared if self.options.postgres else OneFile)(self.options, words) as self.setting:
            await self._prepare()
            await (self._many_lives() if self.setting.postgres else self._one_life_after_another())
            await self._settle()
        self.witness.close()
        self.took = time.monotonic() - self.began

    async def _prepare(self):
        made = shapes(self.witness.base)
        self.ranks = {step: rank for _, ranks in made.values() for step, rank in ranks.items()}
        self.driver = Driver(made, self.options.rate, self.seed)
        self.client = self.setting.members[0].client()
        self.driver.headers = f"Authorization: Bearer {self.client.key}\r\n"
        self.field = attacks.Field(self.setting, self.witness, self.driver, self.random)
        self.expected = await asyncio.to_thread(self._undisturbed, made)
        # The undisturbed runs are history before the trial; what they called does not count.
        self.witness.keys.clear()

    def _undisturbed(self, made):
        client, expected, self.reference = self.client, {}, set()
        for name, (document, _) in made.items():
            ident = client.post("/api/v1/workflows", document)
            assert ident.status == 201, ident
            published = client.post(f"/api/v1/workflows/{ident.json['id']}/publish")
            assert published.status == 200, published
            started = client.post(f"/webhooks/crash/{name}", {"tag": "REFERENCE"})
            assert started.status == 202, started
            self.reference.add(started.json["id"])
            ended = flows.until_status(client, started.json["id"])
            assert ended["status"] == "succeeded", ended
            expected[name] = json.dumps(flows.result(client, started.json["id"])["output"], sort_keys=True)
        return expected

    # ── one process: dead between its lives

    async def _one_life_after_another(self):
        member = self.setting.members[0]
        self.driver.doors = [member.port]
        member.kill()
        for number in range(self.options.kills):
            await self._live_and_die(member)
            self.figures["kills"] += 1
            self._say_how_it_goes(number, self.options.kills)
            if number % 20 == 19:
                self._look_at_the_store()
        member.launch()

    async def _live_and_die(self, member):
        """One life: started, under fire, dead after a random time; that counts from the start of the process in one life of
        four (so that starting and recovering are hit too), else from its first answer."""
        lifetime = self.random.random() * self.options.longest * patience
        from_start = self.random.random() < 0.25
        stop = asyncio.Event()
        self.driver.answered.clear()
        firing = asyncio.create_task(self.driver.fire(stop))
        member.launch()
        if not from_start:
            await asyncio.wait_for(self.driver.answered.wait(), 60 * patience)
        await asyncio.sleep(lifetime)
        await self.field.kill(member)
        stop.set()
        await firing

    # ── several processes: under load all the time

    async def _many_lives(self):
        stop, over = asyncio.Event(), asyncio.Event()
        for member in self.setting.members:
            self.field.open(member)
        watching = [asyncio.create_task(attacks.watch_leases(self.field, member, over)) for member in self.setting.members]
        firing = asyncio.create_task(self.driver.fire(stop))
        plan = self._plan()
        try:
            for number, (attack, argument) in enumerate(plan):
                await self._attack(attack, argument)
                self._say_how_it_goes(number, len(plan))
        except attacks.Unmet as unmet:
            self.faults.append(f"{attack.__name__}: {unmet}")
        stop.set()
        await firing
        over.set()
        await asyncio.wait_for(asyncio.gather(*watching), 60 * patience)

    def _plan(self):
        options = self.options
        plan = [(attacks.kill, options.longest)] * options.kills + [(attacks.freeze, options.lease)] * options.zombies
        plan += [(attacks.restart_database, number == 0) for number in range(options.restarts)]
        plan += [(attacks.end_backends, None)] * options.backends
        self.random.shuffle(plan)
        return plan

    async def _attack(self, attack, argument):
        given = await (attack(self.field, argument) if argument is not None else attack(self.field))
        for name, value in given.items():
            self.figures[name] = max(self.figures[name], value) if name.startswith("longest") else self.figures[name] + value

    # ── what both have in common

    def _say_how_it_goes(self, number, of):
        if number % 10 == 9 or number + 1 == of:
            notes = self.driver.notes
            say(f"{number + 1:5d} attacks  {time.monotonic() - self.began:6.1f} s  sent {len(notes.sent)}  acknowledged {len(notes.acked)}"
                f"  refused {notes.busy}  cut off {notes.cut}  deliveries {self.witness.requests}")

    def _look_at_the_store(self):
        self.looks += 1
        self.faults += self.setting.faults()

    async def _settle(self):
        """After the last attack everything that was begun must end by itself."""
        began = time.monotonic()
        await self.field.all_ready()
        self.healthy_after = time.monotonic() - began
        try:
            await asyncio.to_thread(self._wait_for_the_end)
        except AssertionError as late:
            self.faults.append(str(late))
        self.settled_after = time.monotonic() - began
        await asyncio.to_thread(self._check)
        for member in self.setting.members:
            code = member.stop()
            if code != 0:
                self.faults.append(f"SIGTERM: exit code {code} of {member.name}")
        self._look_at_the_store()

    def _wait_for_the_end(self):
        """Three deaths in a row while a node ran alone set it aside, rightly or not: it goes on when a person says so."""
        wait_for(lambda: self._all_are(*flows.FINAL, "held"), "an end of all executions", self.options.limit, 0.05)
        held = self.client.get("/api/v1/executions?status=held&limit=200").json["items"]
        self.figures["set_aside"] += len(held)
        for execution in held:
            self.faults += checks.release(self.client, execution, self.witness)
        if held:
            wait_for(lambda: self._all_are(*flows.FINAL), "an end of what was set aside", self.options.limit, 0.05)

    def _all_are(self, *statuses):
        """The cheap look may miss one that goes from one status to another meanwhile; what is final stays final."""
        some_open = any(self.client.get(f"/api/v1/executions?status={status}&limit=1").json["items"] for status in ("queued", "running", "waiting"))
        return not some_open and all(one["status"] in statuses for one in checks.all_executions(self.client))

    def _check(self):
        notes, client = self.driver.notes, self.client
        every = [execution for execution in checks.all_executions(client) if execution["id"] not in self.reference]
        self.executions = len(every)
        self.faults += checks.check_acknowledged(notes, every)
        self.faults += checks.check_single(notes, self.witness, every)
        self.faults += checks.check_deliveries(self.witness, self.ranks, notes.saved)
        self.faults += checks.check_outputs(client, notes, self.expected, every)
        self.faults += checks.check_journals(client, every, sample=300)
        self.faults += [f"{count} times {answer}" for answer, count in Counter(notes.strange).most_common(20)]
        if not notes.acked or not self.witness.keys:
            self.faults.append("nothing happened: no execution was acknowledged or none called out")

    def report(self):
        notes, keys = self.driver.notes, self.witness.keys.values()
        late = sum(1 for key in keys for one in key.deliveries if checks.is_late(self.witness, one))
        return {"seed": self.seed, **{name: round(value, 2) for name, value in self.figures.items()}, "seconds": round(self.took, 1),
                "sent": len(notes.sent), "acknowledged": len(notes.acked), "cut_off": notes.cut, "busy": notes.busy,
                "executions": self.executions, "calls": len(keys), "calls_repeated": sum(1 for key in keys if len(key.deliveries) > 1),
                "calls_of_frozen_processes": late, "lives_and_leases_lost": sum(map(len, self.witness.losses.values())),
                "journals_read_meanwhile": notes.read, "store_checked_times": self.looks,
                "ready_after_the_last_attack_ms": round(self.healthy_after * 1000), "all_ended_after_s": round(self.settled_after, 2),
                "faults": self.faults}
