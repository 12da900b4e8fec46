#!/usr/bin/env python3
"""How late are those who watch? Many WebSocket clients on one process, some of which read nothing; what the others see, and when.

    bench/live.py PROGRAM [--clients 1000] [--stalled 0.05] [--executions 20] [--seconds 20] [--json]

Each client watches one of the executions and, one in ten, the list of all. The stalled ones also ask for more than their socket holds, and never read.
Delay: from the event's own time (`at`, before its commit) to its arrival in this process, which shares the machine's cores with the server. Every
client checks that it gets each number once, in order. Ends with 1 if one did not, or if the 99th percentile is over 200 ms.
"""

import argparse
import asyncio
import json
import random
import re
import socket
import sys
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import support
from support.program import use
from support.web_socket import handshake, masked

EVENTS = re.compile(rb'"seq":(\d+),"type":"[^"]*","at":"([^"]*)"')
MARK_MS = 200


def workflow(name, count, pause):
    """A run of `count` pauses, with two quick nodes after each."""
    nodes = [{"id": "in", "type": "manual"}]
    for i in range(count):
        nodes += [{"id": f"w{i}", "type": "wait", "config": {"duration": pause}}, {"id": f"a{i}", "type": "noop"}, {"id": f"b{i}", "type": "noop"}]
    return {"name": name, "nodes": nodes, "edges": [{"source": a["id"], "target": b["id"]} for a, b in zip(nodes, nodes[1:])]}


class Reader(asyncio.Protocol):
    """One client that reads: what it was told, how late, and whether a number is missing or doubled."""

    def __init__(self, run, topics):
        self.run, self.topics, self.seen, self.last, self.rows, self.open = run, topics, bytearray(), 0, 0, False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(handshake(self.run.port, "/api/v1/live", {"Authorization": "Bearer " + self.run.key}))

    def data_received(self, data):
        now = time.time()
        self.seen += data
        if not self.open:
            head, mark, rest = bytes(self.seen).partition(b"\r\n\r\n")
            if not mark:
                return
            self.open = head.startswith(b"HTTP/1.1 101")
            self.seen = bytearray(rest)
            for topic in self.topics:
                self.transport.write(masked(1, json.dumps(topic).encode()))
        while (frame := self.frame()) is not None:
            self.take(frame, now)

    def frame(self):
        if len(self.seen) < 2:
            return None
        size, at = self.seen[1] & 127, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            size = int.from_bytes(self.seen[2:at], "big")
        if len(self.seen) < at + size:
            return None
        opcode, body = self.seen[0] & 15, bytes(self.seen[at:at + size])
        del self.seen[:at + size]
        if opcode == 9:
            self.transport.write(masked(10, body))
        return body

    def take(self, body, now):
        if body.startswith(b'{"type":"executions"') or body.startswith(b'{"type":"reload"'):
            self.rows += 1
            return
        for number, at in EVENTS.findall(body) if body.startswith(b'{"type":"events"') else ():
            self.last += 1
            if int(number) != self.last:
                self.run.faults += 1
            if self.run.measures:
                self.run.delays.append(now - datetime.fromisoformat(at.decode().replace("Z", "+00:00")).timestamp())

    def connection_lost(self, _):
        if not self.run.ends:
            self.run.lost += 1


class Run:
    def __init__(self, server, args):
        self.port, self.key, self.args = server.port, server.key, args
        self.api = server.client()
        self.delays, self.faults, self.lost, self.measures, self.ends = [], 0, 0, False, False

    def start(self, document, given=None):
        ident = self.api.post("/api/v1/workflows", document).json["id"]
        return self.api.post(f"/api/v1/workflows/{ident}/execute", {"input": given or {}}).json["id"]

    def stall(self, executions):
        """A socket that asks for far more than it holds and reads none of it."""
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", self.port))
        one.sendall(handshake(self.port, "/api/v1/live", {"Authorization": "Bearer " + self.key}))
        one.recv(4)
        for i in range(60):
            topic = {"type": "subscribe", "id": f"s{i}", "topic": "execution", "execution": executions[i % len(executions)]}
            one.sendall(masked(1, json.dumps(topic).encode()))
        return one

    async def measure(self):
        long = self.start(workflow("long", 300, "1ms"))
        support.wait_for(lambda: self.api.get(f"/api/v1/executions/{long}").json["status"] == "succeeded", "the long run", limit=60)
        runs = [self.start(workflow(f"run {i}", 2_000, "200ms")) for i in range(self.args.executions)]
        stalled = [self.stall([long, *runs]) for _ in range(int(self.args.clients * self.args.stalled))]
        loop = asyncio.get_running_loop()
        readers = []
        dice = random.Random(1)
        for i in range(self.args.clients - len(stalled)):
            topics = [{"type": "subscribe", "id": "e", "topic": "execution", "execution": dice.choice(runs)}]
            if i % 10 == 0:
                topics.append({"type": "subscribe", "id": "l", "topic": "executions"})
            _, reader = await loop.create_connection(lambda topics=topics: Reader(self, topics), "127.0.0.1", self.port)
            readers.append(reader)
        await asyncio.sleep(3)  # until all have caught up
        self.measures = True
        await asyncio.sleep(self.args.seconds)
        self.measures, self.ends = False, True
        silent = sum(1 for reader in readers if not reader.open or reader.last == 0)
        for reader in readers:
            reader.transport.abort()
        for one in stalled:
            one.close()
        return len(readers), len(stalled), silent


def memory_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--stalled", type=float, default=0.05)
    parser.add_argument("--executions", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    use(args.program)
    with support.Server() as server:
        run = Run(server, args)
        readers, stalled, silent = asyncio.run(run.measure())
        peak = memory_mib(server.process.pid)
    delays = sorted(run.delays)
    at = lambda share: round(1000 * delays[min(len(delays) - 1, int(share * len(delays)))], 1) if delays else None  # noqa: E731
    told = {"readers": readers, "stalled": stalled, "events": len(delays), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1), "faults": run.faults,
            "lost": run.lost, "silent": silent, "peak_mib": round(peak)}
    if args.json:
        print(json.dumps(told))
    else:
        print("\n".join(f"{name:10} {value}" for name, value in told.items()))
    good = delays and at(0.99) <= MARK_MS and not (run.faults or run.lost or silent)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
