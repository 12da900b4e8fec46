"""A restart under load refuses nothing, loses nothing and doubles nothing: with sockets that a supervisor keeps, and handed over
from the old process to the new."""

import json
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import Server, flows, mbflow, patience, wait_for
from support.postgres import Postgres
from support.program import Process

RATE, SECONDS, RESTARTS = 100, 8, 3


class Activated(Server):
    """Started as systemd does it: the listening socket is there before the process and outlives it."""

    def __init__(self, *words, **more):
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        super().__init__(*words, port=self.listening.getsockname()[1], **more)

    def launch(self):
        if self.process is not None:
            self.process.forget()
        # As file descriptor 3, in a process that knows its own number.
        shell = f'exec 3<&{self.listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"'
        words = [mbflow().path, "serve", "--data", str(self.data), "--listen", "127.0.0.1:1", *self.words]
        self.process = Process(["bash", "-c", shell, *words], env=self.env, keep=(self.listening.fileno(),))

    def restart(self):
        code = self.stop()
        self.launch()
        return code

    def __exit__(self, *words):
        super().__exit__(*words)
        self.listening.close()


class HandedOver(Server):
    def __init__(self, *words, **more):
        super().__init__("--take-over", "yes", *words, **more)
        self.data.mkdir(mode=0o700)  # over PostgreSQL the program needs none

    def restart(self):
        old, self.process = self.process, None
        self.launch()
        code = old.child.wait(40 * patience)
        old.forget()
        return code


class Restart(unittest.TestCase):
    def restart_under_load(self, server):
        client = server.client()
        workflow = flows.create(self, client, flows.chain("load", flows.hook("restart"), flows.node("set", "set", {"values": {"n": 1}}),
                                                          flows.node("rest", "wait", {"duration": "100ms"})), publish=True)
        answer = flows.chain("answer", flows.hook("answer", "result"), flows.node("set", "set", {"values": {"n": 1}}))
        answering = flows.create(self, client, answer, publish=True)
        with tempfile.NamedTemporaryFile("r") as acknowledged:
            generator = Path(mbflow().path).parent / "open_loop"
            words = [generator, server.port, "--stream", f"/webhooks/restart={RATE}", "--stream", f"/webhooks/answer={RATE / 5}",
                     "--seconds", int(SECONDS * patience), "--connections", 20, "--patience", int(60 * patience), "--acknowledged", acknowledged.name]
            load = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)
            try:
                for _ in range(RESTARTS):
                    self.until_taken(acknowledged)
                    self.assertEqual(server.restart(), 0)
                report = json.loads(load.communicate(timeout=120 * patience)[0])
            finally:
                load.kill()
                load.wait()
            acknowledged.seek(0)
            ids = [line.split()[2] for line in acknowledged]
        for stream in report["streams"]:
            told = {name: stream[name] for name in ("statuses", "cut", "timed_out", "not_connected", "given_up")}
            taken = {"202": stream["due"]} if "restart" in stream["path"] else {"200": stream["due"]}
            self.assertEqual(told, {"statuses": taken, "cut": 0, "timed_out": 0, "not_connected": 0, "given_up": 0}, server.process.output()[-2000:])
        wait_for(server._healthy, "a healthy server")
        self.assertEqual(len(set(ids)), len(ids))
        wait_for(lambda: self.succeeded(client, workflow) == set(ids), "each that was acknowledged has succeeded, and nothing else ran", limit=30)
        self.assertEqual(len(self.succeeded(client, answering)), report["streams"][1]["due"])
        self.assertEqual(server.stop(), 0)

    def until_taken(self, acknowledged):
        """More has been acknowledged since: the process that runs takes requests."""
        size = Path(acknowledged.name).stat().st_size
        wait_for(lambda: Path(acknowledged.name).stat().st_size > size, "more is acknowledged", limit=30)

    @staticmethod
    def succeeded(client, workflow):
        found, cursor = set(), ""
        while True:
            page = client.get(f"/api/v1/executions?workflow_id={workflow}&status=succeeded&limit=200{cursor}").json
            found.update(one["id"] for one in page["items"])
            if not page["next_cursor"]:
                return found
            cursor = "&cursor=" + page["next_cursor"]

    def test_a_supervisor_keeps_the_socket(self):
        with Activated() as server:
            self.restart_under_load(server)

    def test_one_hands_over_to_the_next(self):
        with HandedOver() as server:
            self.restart_under_load(server)

    def test_one_hands_over_to_the_next_over_postgres(self):
        with Postgres() as postgres:
            postgres.create("mbflow")
            with HandedOver(database=postgres.url("mbflow")) as server:
                self.restart_under_load(server)

    def test_what_runs_may_end_before(self):
        """A call that is under way ends in the old process, and what comes in meanwhile is taken."""
        with support.MockApi() as api, HandedOver("--allow-egress", api.address) as server:
            client = server.client()
            slow = flows.chain("slow", flows.hook("slow"), flows.node("call", "http", {"method": "GET", "url": f"{api.url}/slow?ms=2000"}))
            flows.create(self, client, slow, publish=True)
            first = client.post("/webhooks/slow", {}).json["id"]
            wait_for(lambda: flows.execution(client, first)["nodes"]["call"]["status"] == "running", "the call is under way")
            self.assertEqual(server.restart(), 0)
            wait_for(server._healthy, "a healthy server")
            ended = flows.until_status(client, first)
            self.assertEqual((ended["status"], ended["nodes"]["call"]["attempts"]), ("succeeded", 1))

    def test_the_supervisor_is_told(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(folder + "/notify")
            told.settimeout(20 * patience)
            with Server(env={"NOTIFY_SOCKET": folder + "/notify"}) as server:
                self.assertEqual(told.recv(100), b"READY=1")
                server.process.child.terminate()
                self.assertEqual(told.recv(100), b"STOPPING=1")

    def test_nobody_to_take_over_from(self):
        with HandedOver() as server:
            self.assertEqual(server.stop(), 0)
            server.start()  # the socket of the one before is still in the folder


if __name__ == "__main__":
    support.main()
