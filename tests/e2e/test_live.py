"""Whoever watches an execution gets its journal as it grows: each event once, in order, however often the connection breaks."""

import http.client
import json
import random
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows
from support.postgres import Postgres
from support.web_socket import Closed, WebSocket


class Watcher:
    """One connection to the stream of one execution."""

    def __init__(self, server, execution, after=0):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {"Authorization": "Bearer " + server.key, **({"Last-Event-ID": str(after)} if after else {})}
        self.connection.request("GET", f"/api/v1/executions/{execution}/events/stream", headers=headers)
        self.response = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def events(self):
        """Until the stream ends: (id, event)."""
        number = None
        for line in self.response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                number = int(value)
            if name == "data":
                yield number, json.loads(value)


class SocketWatcher:
    """The same over a WebSocket, which has no end of its own: the execution's is its end."""

    def __init__(self, server, execution, after=0):
        self.socket = WebSocket(server.port, key=server.key)
        answer = self.socket.ask({"type": "subscribe", "id": "it", "topic": "execution", "execution": execution, "after": after})
        assert answer == {"type": "subscribed", "id": "it"}, answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.cut()

    def events(self):
        while True:
            message = self.socket.receive()
            assert message["type"] == "events" and message["id"] == "it", message
            for event in message["events"]:
                yield event["seq"], event
                if event["type"] == "execution_finished":
                    return


def watch_to_the_end(server, execution, dice):
    """Everything a client sees that is cut off again and again, and goes on from its last number by the one way or the other."""
    seen = []
    while not seen or seen[-1]["type"] != "execution_finished":
        left = dice.choice([1, 2, 7, 40, 1000])
        way = dice.choice([Watcher, SocketWatcher])
        with way(server, execution, seen[-1]["seq"] if seen else 0) as watcher:
            for number, event in watcher.events():
                assert number == event["seq"], (number, event)
                seen.append(event)
                left -= 1
                if left == 0:
                    break
    with Watcher(server, execution, seen[-1]["seq"]) as watcher:
        assert watcher.response.status == 204, watcher.response.status
    return seen


def burst(pause="20ms", length=30):
    """A run of many commits: every wait is one."""
    parts = [flows.node("in", "manual")]
    for i in range(length):
        parts.append(flows.node(f"s{i}", "noop") if i % 3 else flows.node(f"w{i}", "wait", {"duration": pause}))
    return flows.chain("burst", *parts)


class Live(unittest.TestCase):
    def watch_all(self, watched, seeds):
        """One client a seed, at the same time: what each saw."""
        seen = {}

        def work(seed):
            dice = random.Random(seed)
            server, execution = watched[dice.randrange(len(watched))]
            seen[seed] = (execution, watch_to_the_end(server, execution, dice))

        threads = [threading.Thread(target=work, args=(seed,)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60 * support.patience)
        self.assertEqual(sorted(seen), sorted(seeds), "a client did not come to the end")
        return seen

    def assert_whole(self, api, seen):
        for seed, (execution, events) in seen.items():
            self.assertEqual(events, flows.events(api, execution), f"seed {seed}")
            self.assertEqual([event["seq"] for event in events], list(range(1, len(events) + 1)), f"seed {seed}")


class OneProcess(Live):
    def setUp(self):
        self.server = self.enterContext(support.Server())
        self.api = self.server.client()

    def start(self, document):
        return flows.start(self, self.api, flows.create(self, self.api, document))

    def test_no_gap_and_no_double_for_clients_that_come_go_and_return(self):
        watched = [(self.server, self.start(burst())) for _ in range(4)]
        self.assert_whole(self.api, self.watch_all(watched, range(24)))

    def test_one_who_comes_late_to_a_long_journal_is_told_all_of_it(self):
        # Longer than what is kept in memory of one that is watched: the rest comes from the store.
        execution = self.start(burst(pause="1ms", length=400))
        with SocketWatcher(self.server, execution) as first:
            early = [event for _, event in first.events()]
            with SocketWatcher(self.server, execution) as late:
                self.assertEqual([event for _, event in late.events()], early)
        self.assertGreater(len(early), 512)
        self.assertEqual(early, flows.events(self.api, execution))

    def test_an_event_comes_while_the_run_goes_on(self):
        execution = self.start(flows.chain("long", flows.node("in", "manual"), flows.node("pause", "wait", {"duration": "60s"})))
        with Watcher(self.server, execution) as watcher:
            self.assertEqual(watcher.response.headers["content-type"], "text/event-stream")
            events = watcher.events()
            found = next(event for _, event in events if event["type"] == "node_waiting")
            self.assertEqual(found["node"], "pause")
            self.assertEqual(self.api.post(f"/api/v1/executions/{execution}/cancel").status, 200)
            self.assertEqual([event["status"] for _, event in events if event["type"] == "execution_finished"], ["cancelled"])

    def test_what_is_over_is_told_whole_and_then_nothing(self):
        execution = self.start(burst(length=2))
        flows.until_status(self.api, execution, "succeeded")
        with Watcher(self.server, execution) as watcher:
            seen = [event for _, event in watcher.events()]
        self.assertEqual(seen, flows.events(self.api, execution))
        with Watcher(self.server, execution, len(seen)) as watcher:
            self.assertEqual(watcher.response.status, 204)

    def test_who_may(self):
        execution = self.start(burst(length=2))
        path = f"/api/v1/executions/{execution}/events/stream"
        self.assertEqual(self.server.client(key=None).get(path).status, 401)
        self.assertEqual(self.api.get("/api/v1/executions/00000000-0000-7000-8000-000000000000/events/stream").code, "store.not_found")
        for wrong in ("x", "-1", "1x", "99999999999"):
            self.assertEqual(self.api.get(path, headers={"Last-Event-ID": wrong}).code, "live.last_event_id", wrong)

    def test_a_server_that_stops_ends_the_streams_and_they_go_on_with_the_next(self):
        execution = self.start(burst(pause="400ms", length=9))
        seen = []
        with Watcher(self.server, execution) as watcher:
            for _, event in watcher.events():
                seen.append(event)
                if len(seen) == 3:
                    self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.api = self.server.client()
        while True:
            with Watcher(self.server, execution, seen[-1]["seq"]) as watcher:
                if watcher.response.status == 204:
                    break
                seen += [event for _, event in watcher.events()]
        self.assertEqual(seen, flows.events(self.api, execution))


class TwoProcesses(Live):
    def setUp(self):
        postgres = self.enterContext(Postgres())
        postgres.create("live")
        url = postgres.url("live")
        self.worker = self.enterContext(support.Server("--roles", "worker,scheduler,api", database=url))
        self.other = support.Server("--roles", "api", database=url)
        self.other.key = self.worker.key
        self.enterContext(self.other)
        self.api = self.worker.client()

    def start(self, document):
        return flows.start(self, self.api, flows.create(self, self.api, document))

    def test_an_execution_of_another_process_is_seen_too(self):
        watched = [(server, self.start(burst())) for server in (self.worker, self.other, self.other)]
        self.assert_whole(self.api, self.watch_all(watched, range(8)))

    def test_a_list_tells_what_another_process_runs_and_a_key_revoked_there_is_over_here(self):
        made = self.api.post("/api/v1/api-keys", {"name": "watcher", "role": "viewer"})
        self.assertEqual(made.status, 201, made)
        with WebSocket(self.other.port, key=made.json["key"]) as client:
            self.assertEqual(client.ask({"type": "subscribe", "id": "all", "topic": "executions"})["type"], "subscribed")
            execution, told = self.start(burst(length=3)), {}
            while told.get(execution) != "succeeded":
                told.update((row["id"], row["status"]) for row in client.receive()["items"])
            self.assertEqual(self.api.delete(f"/api/v1/api-keys/{made.json['id']}").status, 204)
            # Once the other process knows of it there is not one message more.
            support.wait_for(lambda: support.Client(self.other.port, made.json["key"]).get("/api/v1/executions").status == 401, "the key's end")
            self.start(burst(length=3))
            with self.assertRaises(Closed) as end:
                client.receive()
            self.assertEqual(end.exception.code, 4401)


if __name__ == "__main__":
    support.main()
