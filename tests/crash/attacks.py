"""What is done to the processes and their database while they work. An attack ends when all of them are ready again."""

import asyncio
import shutil
import signal
import time

from driver import Connection
from support.program import patience


class Unmet(AssertionError):
    """What should have come about by itself did not."""


async def until(condition, what, limit, every=0.005):
    """Waits on the event loop for condition(), a coroutine function; how long it took."""
    began = time.monotonic()
    while not await condition():
        if time.monotonic() - began > limit * patience:
            raise Unmet(f"not within {limit * patience:.0f} s: {what}")
        await asyncio.sleep(every)
    return time.monotonic() - began


def returns(function):
    """As a coroutine function."""
    async def call():
        return function()
    return call


class Field:
    """The processes under load, as attacks and the trial see them."""

    def __init__(self, setting, witness, driver, dice):
        self.setting, self.witness, self.driver, self.random = setting, witness, driver, dice
        self.members = setting.members

    async def ask(self, member, path):
        connection = Connection(member.port)
        try:
            return await connection.ask("GET", path, headers=self.driver.headers)
        finally:
            connection.close()

    async def is_ready(self, member):
        self.expect_running(member)
        answer = await self.ask(member, "/readyz")
        return answer is not None and answer[0] == 200

    async def all_ready(self, limit=30):
        return max([await until(lambda member=member: self.is_ready(member), f"{member.name} is ready", limit) for member in self.members])

    @staticmethod
    def expect_running(member):
        if not member.process.running():
            raise SystemExit(f"{member.name} ended by itself:\n" + member.process.output()[-4000:])

    async def kill(self, member):
        """Also notes the death, once what the dead process had sent is read: that belongs to its life."""
        self.expect_running(member)
        since = time.monotonic()
        member.kill()
        for _ in range(10):
            await asyncio.sleep(0.001)
        self.witness.lost(member.life, since, time.monotonic())

    def open(self, member):
        if member.door and member.port not in self.driver.doors:
            self.driver.doors.append(member.port)

    def close(self, member):
        if member.port in self.driver.doors:
            self.driver.doors.remove(member.port)


async def kill(field, longest):
    """One process dies and is started again; one in four dies a second time while it starts."""
    victim = field.random.choice(field.members)
    deaths = 2 if field.random.random() < 0.25 else 1
    for death in range(deaths):
        await asyncio.sleep(field.random.random() * (longest if death == 0 else 0.15) * patience)
        field.close(victim)
        await field.kill(victim)
        if field.random.random() < 0.5:
            shutil.rmtree(victim.data / "processes", ignore_errors=True)  # as on another machine: its lease has to run out
        victim.launch()
    await until(lambda: field.is_ready(victim), f"{victim.name} is ready after its start", 30)
    field.open(victim)
    return {"kills": deaths}


async def freeze(field, lease):
    """A worker stands still for longer than its lease while it waits for answers, others go on with its work, it wakes up."""
    zombie = field.random.choice([member for member in field.members if member.worker])
    before, refused = [await count_of(field, zombie, name) for name in (leases_lost, commits_fenced)]
    # Several, so that one whose answer is just being saved is not all there is to take over.
    await until(returns(lambda: len(field.witness.in_flight(zombie.life)) >= 3), f"{zombie.name} has some calls under way", 20, 0.001)
    since = time.monotonic()
    zombie.process.child.send_signal(signal.SIGSTOP)
    try:
        took = await take_over(field, zombie, since, lease)
        await asyncio.sleep(lease * field.random.uniform(1.15, 1.7) - (time.monotonic() - since))
        ended = await asyncio.to_thread(field.setting.ended)
    finally:
        zombie.process.child.send_signal(signal.SIGCONT)
        field.witness.froze(zombie.life, since, time.monotonic())

    async def noticed():
        return await count_of(field, zombie, leases_lost) > before

    await until(noticed, f"{zombie.name} notices that its lease is over ({leases_lost})", 10)
    await until(lambda: field.is_ready(zombie), f"{zombie.name} is ready after it woke", 30)
    field.open(zombie)
    if changed := ended - await asyncio.to_thread(field.setting.ended):
        raise Unmet(f"{zombie.name} wrote to executions that had ended: {sorted(changed)}")
    return {"zombies": 1, "longest_until_taken_over_s": took, "commits_refused": await count_of(field, zombie, commits_fenced) - refused}


async def take_over(field, zombie, since, lease):
    """How long it took until another called for what the frozen one had under way. For a moment that stays a door: what it
    takes now is answered when it wakes, and truthfully."""
    orphans = field.witness.in_flight(zombie.life)
    await asyncio.sleep(0.3)
    if any(member.door for member in field.members if member is not zombie):
        field.close(zombie)
    taken_over = returns(lambda: field.witness.called(orphans, zombie.life, since))
    try:
        await until(taken_over, f"another goes on with one of {len(orphans)} executions of {zombie.name}", 2 * lease + 5)
    except Unmet as unmet:
        raise Unmet(f"{unmet}; in the database: {await asyncio.to_thread(field.setting.busy)}") from None
    return time.monotonic() - since


async def restart_database(field, long):
    """The server dies at once and recovers; away for so long, in one of them, that requests are refused."""
    driver, postgres = field.driver, field.setting.postgres
    await asyncio.sleep(field.random.random() * 0.5)
    driver.busy.clear()
    await asyncio.to_thread(postgres.stop_at_once)
    if long:
        await until(returns(driver.busy.is_set), "requests are refused with 503 while the database is away", 30)
    else:
        await asyncio.sleep(field.random.random() * 0.5)
    postgres.launch()  # by this thread, which outlives it

    async def is_back():
        return await asyncio.to_thread(postgres.accepts)

    await until(is_back, "PostgreSQL has recovered", 60)
    began = time.monotonic()
    resumed = await intake_resumes(field)
    await field.all_ready()
    return {"restarts": 1, "longest_until_intake_resumed_s": resumed, "longest_until_all_ready_s": time.monotonic() - began}


async def intake_resumes(field):
    """How long until a request is acknowledged."""
    field.driver.acknowledged.clear()
    return await until(returns(field.driver.acknowledged.is_set), "the database is back and requests are acknowledged", 5)


async def end_backends(field):
    """All connections of all processes are ended by the server."""
    await asyncio.sleep(field.random.random() * 0.5)
    ended = await asyncio.to_thread(field.setting.postgres.terminate_backends)
    resumed = await intake_resumes(field)
    await field.all_ready()
    return {"backend_kills": 1, "backends_ended": ended, "longest_until_intake_resumed_s": resumed}


leases_lost, commits_fenced = "mbflow_leases_lost_total", "mbflow_commits_fenced_total"


async def count_of(field, member, name):
    """As the process counts it in this life; -1 while it does not answer."""
    answer = await field.ask(member, "/metrics")
    if answer is None or answer[0] != 200:
        return -1
    return next((int(line.split()[1]) for line in answer[1].decode().splitlines() if line.startswith(name + " ")), -1)


async def watch_leases(field, member, over):
    """Notes when this process says that it has lost its lease, the last time after `over`. A look takes as long as the process stands still."""
    life, known, before = member.life, 0, time.monotonic()
    while True:
        last = over.is_set()
        asked = time.monotonic()
        said = await count_of(field, member, leases_lost)
        if member.life != life:
            life, known = member.life, 0
        elif said > known:
            field.witness.lost(life, before, time.monotonic())
            known = said
        if said >= 0:
            before = asked
        if last and said >= 0:
            return
        await asyncio.sleep(0.1)
