"""The client under fire: sends webhooks at a steady rate, notes what was acknowledged, now and then reads a journal."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field

from witness import parse_head


@dataclass
class Notes:
    sent: dict = field(default_factory=dict)      # tag → shape
    acked: dict = field(default_factory=dict)     # tag → execution id
    refused: int = 0                              # answers that are neither 202 nor 503
    busy: int = 0                                 # 503
    cut: int = 0                                  # no answer: the program died, or was not there
    saved: dict = field(default_factory=dict)     # (execution id, node) → when its node_succeeded was read
    read: int = 0                                 # journals read
    strange: list = field(default_factory=list)


class Connection:
    """One keep-alive connection; None instead of an answer when the program is gone."""

    def __init__(self, port):
        self.port = port
        self.streams = None

    async def ask(self, method, path, body=b"", headers=""):
        try:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}"
                         f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            head = await reader.readuntil(b"\r\n\r\n")
            fields = parse_head(head)
            content = await reader.readexactly(int(fields.get("content-length", 0)))
            if fields.get("connection", "").lower() == "close":
                self.close()
            return int(head.split(b" ", 2)[1]), content
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return None

    def close(self):
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


class Driver:
    def __init__(self, shapes, rate, seed):
        self.doors = []     # ports that take requests now
        self.names = list(shapes)
        self.interval = 1 / rate
        self.random = random.Random(seed)
        self.notes = Notes()
        self.free = {}      # port → idle connections
        self.headers = ""   # Authorization, for reading
        self.answered = asyncio.Event()      # since it was cleared
        self.acknowledged = asyncio.Event()  # likewise
        self.busy = asyncio.Event()          # likewise

    async def _borrowed(self, port, *words, **more):
        free = self.free.setdefault(port, [])
        connection = free.pop() if free else Connection(port)
        answer = await connection.ask(*words, **more)
        free.append(connection)
        if answer is not None:
            self.answered.set()
        return answer

    async def fire(self, stop):
        """Sends until `stop` is set; returns when every answer is in or lost."""
        tasks, due = set(), time.monotonic()
        while not stop.is_set():
            if self.doors:
                tasks.add(asyncio.create_task(self._send(self.random.choice(self.doors))))
                if len(tasks) % 10 == 0:
                    tasks.add(asyncio.create_task(self._watch(self.random.choice(self.doors))))
            due += self.interval
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await asyncio.gather(*tasks)

    async def _send(self, port):
        tag = f"x{len(self.notes.sent):07d}"
        shape = self.names[len(self.notes.sent) % len(self.names)]
        self.notes.sent[tag] = shape
        answer = await self._borrowed(port, "POST", f"/webhooks/crash/{shape}", json.dumps({"tag": tag}).encode())
        if answer is None:
            self.notes.cut += 1
        elif answer[0] == 202:
            self.notes.acked[tag] = json.loads(answer[1])["id"]
            self.acknowledged.set()
        elif answer[0] == 503:
            self.notes.busy += 1
            self.busy.set()
        else:
            self.notes.refused += 1
            self.notes.strange.append(f"{answer[0]} {answer[1][:300]!r}")

    async def _watch(self, port):
        """What the API says is saved must stay so."""
        recent = list(self.notes.acked.values())[-30:]
        if not recent:
            return
        ident = self.random.choice(recent)
        answer = await self._borrowed(port, "GET", f"/api/v1/executions/{ident}/events", headers=self.headers)
        if answer is None or answer[0] == 503:
            return
        if answer[0] != 200:
            self.notes.strange.append(f"events of {ident}: {answer[0]} {answer[1][:300]!r}")
            return
        self.notes.read += 1
        now = time.monotonic()
        for event in json.loads(answer[1])["items"]:
            if event["type"] == "node_succeeded":
                self.notes.saved.setdefault((ident, event["node"]), now)
