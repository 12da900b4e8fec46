"""The peer that every node of the test calls. One asyncio server; notes each delivery and answers by rule."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field


@dataclass
class Delivery:
    at: float    # monotonic
    life: str    # of the process that called: its name, and how often it had been started
    answered: bool = False


@dataclass
class Gap:
    """When a life ended, lost its lease or stood still: at some time between the two."""
    since: float
    until: float


@dataclass
class Key:
    execution: str
    tag: str
    step: str
    item: int
    deliveries: list = field(default_factory=list)


class Witness:
    def __init__(self, seed, longest_delay=0.05):
        self.random = random.Random(seed)
        self.longest_delay = longest_delay
        self.keys = {}      # Idempotency-Key → Key
        self.faults = []    # what is wrong with a request itself
        self.losses = {}    # life → the Gaps in which it died or lost its lease: why others repeat what it had begun
        self.frozen = {}    # life → the Gaps in which it stood still: it may call late, without harm
        self.requests = 0

    async def listen(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self.server.sockets[0].getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def close(self):
        self.server.close()

    async def _serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                headers = parse_head(head)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                await self._answer(headers, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the program was killed or closed the connection, or the trial is over
        finally:
            writer.close()

    async def _answer(self, headers, body, writer):
        asked = json.loads(body)
        delivery = self._note(headers.get("idempotency-key", ""), headers.get("x-life", ""), asked)
        await asyncio.sleep(self.random.random() ** 2 * self.longest_delay)
        answer = json.dumps({"tag": asked["tag"], "item": asked["item"], "answer": f"{asked['step']}:{asked['tag']}:{asked['item']}"}).encode()
        delivery.answered = True  # or given up: who has gone away is not answered any more
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
        await writer.drain()

    def lost(self, life, since, until):
        self.losses.setdefault(life, []).append(Gap(since, until))

    def froze(self, life, since, until):
        self.frozen.setdefault(life, []).append(Gap(since, until))

    def in_flight(self, life):
        """The executions for which that life waits for an answer."""
        return {key.execution for key in self.keys.values() if any(not one.answered and one.life == life for one in key.deliveries)}

    def called(self, executions, but, since):
        """Whether another life than `but` has called for one of these executions since then."""
        return any(one.life != but and one.at > since for key in self.keys.values() if key.execution in executions for one in key.deliveries)

    def _note(self, key, life, asked):
        self.requests += 1
        if not life:
            self.faults.append(f"a call without the name of who calls: {asked}")
        if not key:
            self.faults.append(f"a call without Idempotency-Key: {asked}")
        known = self.keys.setdefault(key, Key(asked["execution"], asked["tag"], asked["step"], asked["item"]))
        if (known.execution, known.tag, known.step, known.item) != (asked["execution"], asked["tag"], asked["step"], asked["item"]):
            self.faults.append(f"one key for two things: {known} and {asked}")
        delivery = Delivery(time.monotonic(), life)
        known.deliveries.append(delivery)
        return delivery


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    return {name.strip().lower(): value.strip() for name, value in pairs}
