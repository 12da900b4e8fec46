"""The WebSocket of /api/v1/live: what is told of executions and lists, who may hear it, and what a client cannot do to the server."""

import json
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows
from support.web_socket import BINARY, PING, PONG, TEXT, Closed, Refused, WebSocket

PASSWORD = "correct horse battery"
MISSING = "01890000-0000-7000-8000-000000000000"
LISTS = {"type": "subscribe", "id": "all", "topic": "executions"}


def waiting(name="waits", pause="60s"):
    return flows.chain(name, flows.node("in", "manual"), flows.node("pause", "wait", {"duration": pause}))


class Scene(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(support.Server())
        self.api = self.server.client()

    def connect(self, **more):
        more = more or {"key": self.server.key}
        return self.enterContext(WebSocket(self.server.port, **more))

    def refused(self, **more):
        with self.assertRaises(Refused) as caught:
            self.connect(**more)
        return caught.exception

    def closed(self, client):
        """The code the server closes with; what comes before is read over."""
        while True:
            try:
                client.receive()
            except Closed as end:
                return end.code

    def start(self, document):
        return flows.start(self, self.api, flows.create(self, self.api, document))

    def watch(self, client, execution, name="it", after=0):
        self.assertEqual(client.ask({"type": "subscribe", "id": name, "topic": "execution", "execution": execution, "after": after}),
                         {"type": "subscribed", "id": name})

    def until_event(self, client, name, kind):
        while True:
            message = client.receive()
            if message["type"] == "events" and message["id"] == name and any(event["type"] == kind for event in message["events"]):
                return message


class Told(Scene):
    def test_several_executions_on_one_connection(self):
        client = self.connect()
        executions = {name: self.start(waiting(name)) for name in "abc"}
        for name, execution in executions.items():
            self.watch(client, execution, name)
        open_ones, seen = set(executions), {name: [] for name in executions}
        asked = False
        while open_ones:
            message = client.receive()
            self.assertEqual(message["type"], "events", message)
            seen[message["id"]] += message["events"]
            if message["events"][-1]["type"] == "execution_finished":
                open_ones.remove(message["id"])
            if not asked and all(seen.values()):
                asked = True
                for execution in executions.values():
                    answer = self.api.post(f"/api/v1/executions/{execution}/cancel")
                    self.assertEqual(answer.status, 200, answer)
        for name, execution in executions.items():
            self.assertEqual(seen[name], flows.events(self.api, execution))

    def test_one_that_begins_anew_goes_on_under_the_same_subscription(self):
        execution = self.start(flows.chain("bad", flows.node("in", "manual"), flows.node("f", "fail", {"message": "no"})))
        flows.until_status(self.api, execution, "failed")
        client = self.connect()
        self.watch(client, execution)
        self.until_event(client, "it", "execution_finished")
        self.assertEqual(self.api.post(f"/api/v1/executions/{execution}/retry").status, 202)
        self.until_event(client, "it", "execution_finished")

    def test_lists_tell_the_rows_that_change(self):
        mine, other = (flows.create(self, self.api, waiting(name)) for name in ("mine", "other"))
        client = self.connect()
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        self.assertEqual(client.ask({"type": "subscribe", "id": "mine", "topic": "workflow", "workflow": mine})["type"], "subscribed")
        first, second = flows.start(self, self.api, mine), flows.start(self, self.api, other)
        rows = {"all": {}, "mine": {}}

        def is_told():
            return (rows["all"].get(first, {}).get("status") == "waiting" and rows["all"].get(second, {}).get("status") == "waiting"
                    and rows["mine"].get(first, {}).get("status") == "waiting")

        while not is_told():
            message = client.receive()
            self.assertEqual(message["type"], "executions")
            rows[message["id"]].update({row["id"]: row for row in message["items"]})
        self.assertEqual(set(rows["mine"]), {first})
        listed = {row["id"]: row for row in self.api.get("/api/v1/executions").json["items"]}
        self.assertEqual(rows["all"], listed)

    def test_more_than_a_page_at_once_is_told_to_be_read_anew(self):
        workflow = flows.create(self, self.api, flows.chain("many", flows.hook("many"), flows.node("n", "noop")), publish=True)
        client = self.connect()
        self.assertEqual(client.ask({"type": "subscribe", "id": "w", "topic": "workflow", "workflow": workflow})["type"], "subscribed")
        told = set()
        hooks = support.Client(self.server.port)
        made = 0
        for _ in range(400):
            self.assertEqual(hooks.post("/webhooks/many", {}).status, 202)
            made += 1
        final = flows.start(self, self.api, workflow)
        while final not in told:
            message = client.receive()
            if message["type"] == "reload":
                told |= {row["id"] for row in self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=200").json["items"]}
            else:
                told |= {row["id"] for row in message["items"]}
        # Whoever reads the list anew when told to has missed none of the newest page.
        newest = {row["id"] for row in self.api.get(f"/api/v1/executions?workflow_id={workflow}&limit=100").json["items"]}
        self.assertLessEqual(newest, told)

    def test_nothing_is_told_of_a_subscription_before_its_answer(self):
        execution = self.start(waiting())
        client = self.connect()
        names = [f"s{i}" for i in range(60)]
        for name in names:  # all at once, with answers under way
            client.send({"type": "ping"})
            client.send({"type": "subscribe", "id": name, "topic": "execution", "execution": execution})
        first = {}
        while len(first) < len(names):
            message = client.receive()
            if message["type"] != "pong":
                first.setdefault(message["id"], message["type"])
        self.assertEqual(first, dict.fromkeys(names, "subscribed"))

    def test_what_is_not_subscribed_any_more_is_not_told(self):
        execution = self.start(waiting())
        client = self.connect()
        self.watch(client, execution)
        self.until_event(client, "it", "node_waiting")
        self.assertEqual(client.ask({"type": "unsubscribe", "id": "it"}), {"type": "unsubscribed", "id": "it"})
        self.assertEqual(self.api.post(f"/api/v1/executions/{execution}/cancel").status, 200)
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        client.send({"type": "ping"})
        while (message := client.receive())["type"] != "pong":
            self.assertNotEqual(message["type"], "events")

    def test_a_deleted_execution_ends_its_subscription(self):
        execution = self.start(flows.chain("short", flows.node("in", "manual")))
        flows.until_status(self.api, execution, "succeeded")
        client = self.connect()
        self.watch(client, execution)
        self.until_event(client, "it", "execution_finished")
        self.assertEqual(self.api.delete(f"/api/v1/executions/{execution}").status, 204)
        end = client.receive()
        self.assertEqual((end["type"], end["id"], end["code"]), ("error", "it", "store.not_found"))
        self.assertEqual(client.ask({"type": "subscribe", "id": "x", "topic": "execution", "execution": execution})["code"], "store.not_found")


class Refusals(Scene):
    def test_messages_that_are_none_are_answered_and_the_connection_stays(self):
        client = self.connect()
        for message, code in ((LISTS, None), (LISTS, "live.message"), ({"type": "subscribe", "id": "a"}, "live.message"),
                              ({"type": "subscribe", "id": "a", "topic": "execution", "execution": "x"}, "live.message"),
                              ({"type": "subscribe", "id": "a", "topic": "executions", "more": 1}, "request.unknown_field"),
                              ({"type": "subscribe", "id": "a", "topic": "execution", "execution": MISSING, "after": -1}, "live.message"),
                              ({"type": "subscribe", "id": "a", "topic": "execution", "execution": MISSING}, "store.not_found"),
                              ({"type": "subscribe", "id": "a", "topic": "workflow", "workflow": MISSING}, "store.not_found"),
                              ({"type": "subscribe", "id": "", "topic": "executions"}, "live.message"),
                              ({"type": "unsubscribe", "id": "nobody"}, "live.message"), ({"type": "dance", "id": "a"}, "live.message")):
            self.assertEqual(client.ask(message).get("code"), code, message)
        for text in (b"{", b"[]", b"1", b'{"type": "ping", "type": "ping"}', b"[" * 5_000):
            client.send_frame(TEXT, text)
            self.assertEqual(client.receive()["code"], "live.message", text[:20])

    def test_a_connection_has_bounds(self):
        client = self.connect()
        for i in range(64):
            self.assertEqual(client.ask({**LISTS, "id": f"s{i}"})["type"], "subscribed")
        self.assertEqual(client.ask({**LISTS, "id": "one more"})["code"], "live.subscriptions")
        client.send_frame(TEXT, b'"' + b"x" * 20_000 + b'"')
        self.assertEqual(self.closed(client), 1009)
        for opcode, payload, code in ((BINARY, b"{}", 1003), (TEXT, b"\xff\xfe", 1007), (3, b"", 1002)):
            client = self.connect()
            client.send_frame(opcode, payload)
            self.assertEqual(self.closed(client), code)
        client = self.connect()
        client.socket.sendall(b"\x81\x02{}")  # not masked
        self.assertEqual(self.closed(client), 1002)

    def test_one_who_asks_and_never_reads_is_not_heard_any_more(self):
        client = self.connect()
        client.socket.settimeout(2)
        with self.assertRaises(OSError):
            for _ in range(1_000_000):
                client.send({"type": "unsubscribe", "id": "x" * 64})
        self.assertEqual(self.connect().ask(LISTS)["type"], "subscribed")

    def test_pings_are_answered_and_a_close_is_returned(self):
        client = self.connect()
        client.send_frame(PING, b"here")
        self.assertEqual(client._frame(), (PONG, b"here"))
        client.close(1000)
        self.assertEqual(self.closed(client), 1000)

    def test_what_is_no_handshake(self):
        self.assertEqual(self.api.get("/api/v1/live").code, "net.no_websocket")
        self.assertEqual(self.refused(headers={}).status, 401)
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as raw:
            raw.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + self.server.key.encode() +
                        b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
            self.assertTrue(raw.recv(100).startswith(b"HTTP/1.1 400 "))

    def test_a_server_that_stops_says_so(self):
        client = self.connect()
        self.watch(client, self.start(waiting()))
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        idle = self.connect()
        self.assertEqual(idle.ask({"type": "unsubscribe", "id": "x"})["code"], "live.message")
        self.assertEqual(self.server.process.child.poll(), None)
        self.server.process.child.terminate()
        self.assertEqual(self.closed(client), 1001)
        self.assertEqual(self.closed(idle), 1001)
        for one in (client, idle):
            one.cut()
        self.assertEqual(self.server.stop(), 0)


class WhoMay(Scene):
    def command(self, *words, stdin=""):
        done = support.mbflow().run(*words, "--data", self.server.data, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def sign_in(self, login, *words):
        self.command("users", "create", login, *words, stdin=PASSWORD + "\n")
        answer = self.api.request("POST", "/api/v1/auth/sign-in", {"login": login, "password": PASSWORD}, {"X-CSRF": "1"})
        self.assertEqual(answer.status, 200, answer)
        return answer.headers["set-cookie"].split(";")[0]

    def test_a_session_of_a_page_of_this_server_and_of_no_other(self):
        cookie = self.sign_in("eva", "--role", "viewer")
        own = f"http://127.0.0.1:{self.server.port}"
        client = self.connect(headers={"Cookie": cookie, "Origin": own})
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": own}):
            self.assertEqual(self.refused(headers={"Cookie": cookie, **headers}).code, "auth.csrf", headers)

    def test_a_page_with_a_key_names_it_among_the_protocols(self):
        client = self.connect(headers={"Sec-WebSocket-Protocol": f"mbflow.live, bearer.{self.server.key}", "Origin": "https://elsewhere.example"})
        self.assertEqual(client.headers["sec-websocket-protocol"], "mbflow.live")
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        self.assertEqual(self.refused(headers={"Sec-WebSocket-Protocol": "mbflow.live, bearer.mbf_wrong"}).status, 401)

    def test_a_scope_opens_its_topics_only(self):
        key = self.command("key", "create", "--name", "k", "--role", "viewer", "--scope", "workflows:read")
        execution = self.start(waiting())
        client = self.connect(key=key)
        self.assertEqual(client.ask(LISTS)["code"], "auth.role")
        self.assertEqual(client.ask({"type": "subscribe", "id": "e", "topic": "execution", "execution": execution})["code"], "auth.role")
        key = self.command("key", "create", "--name", "k", "--role", "viewer", "--scope", "executions:read")
        self.watch(self.connect(key=key), execution)

    def test_another_tenants_things_are_not_there_and_not_told(self):
        self.command("tenants", "create", "theirs")
        key = self.command("key", "create", "--name", "k", "--role", "owner", "--tenant", "theirs")
        workflow = flows.create(self, self.api, waiting())
        execution = flows.start(self, self.api, workflow)
        client = self.connect(key=key)
        for topic, ident in (("execution", execution), ("workflow", workflow)):
            theirs = client.ask({"type": "subscribe", "id": "a", "topic": topic, topic: ident})
            nothing = client.ask({"type": "subscribe", "id": "a", "topic": topic, topic: MISSING})
            self.assertEqual(json.dumps(theirs).replace(ident, "ID"), json.dumps(nothing).replace(MISSING, "ID"))
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        own = self.connect()
        self.assertEqual(own.ask(LISTS)["type"], "subscribed")
        flows.start(self, self.api, workflow)
        self.assertEqual(own.receive()["type"], "executions")
        client.send({"type": "ping"})
        self.assertEqual(client.receive(), {"type": "pong"})

    def test_a_key_that_is_revoked_hears_nothing_more(self):
        key = self.command("key", "create", "--name", "gone", "--role", "viewer")
        execution = self.start(waiting())
        client = self.connect(key=key)
        self.watch(client, execution)
        self.until_event(client, "it", "node_waiting")
        ident = next(one["id"] for one in self.api.get("/api/v1/api-keys").json["items"] if one["name"] == "gone")
        self.assertEqual(self.api.delete(f"/api/v1/api-keys/{ident}").status, 204)
        self.assertEqual(self.api.post(f"/api/v1/executions/{execution}/cancel").status, 200)
        with self.assertRaises(Closed) as end:
            client.receive()
        self.assertEqual(end.exception.code, 4401)

    def test_a_session_that_is_over_hears_nothing_more(self):
        cookie = self.sign_in("eva", "--role", "viewer")
        client = self.connect(headers={"Cookie": cookie})
        self.assertEqual(client.ask(LISTS)["type"], "subscribed")
        self.assertEqual(support.Client(self.server.port).request("POST", "/api/v1/auth/sign-out", {}, {"X-CSRF": "1", "Cookie": cookie}).status, 204)
        self.start(waiting())
        with self.assertRaises(Closed) as end:
            client.receive()
        self.assertEqual(end.exception.code, 4401)

    def test_a_user_who_is_barred_loses_the_connection(self):
        cookie = self.sign_in("eva", "--role", "viewer")
        client = self.connect(headers={"Cookie": cookie})
        execution = self.start(waiting())
        self.watch(client, execution)
        self.until_event(client, "it", "node_waiting")
        eva = next(user["id"] for user in self.api.get("/api/v1/users").json["items"] if user["login"] == "eva")
        self.assertEqual(self.api.request("PATCH", f"/api/v1/users/{eva}", {"active": False}).status, 200)
        self.assertEqual(self.api.post(f"/api/v1/executions/{execution}/cancel").status, 200)
        self.assertEqual(self.closed(client), 4401)


if __name__ == "__main__":
    support.main()
