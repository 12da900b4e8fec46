"""Starting and stopping mbflow: every process is ended by its own pid, and none outlives the test."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from .client import Client
from .contract import Contract

_program_path = os.environ.get("MBFLOW_PROGRAM", "")
# Sanitizers slow everything down; no test should fail for that.
patience = float(os.environ.get("MBFLOW_TEST_PATIENCE", "1"))


def mbflow():
    return Program(_program_path)


def use(path):
    """Which program the tests are about."""
    global _program_path
    _program_path = os.path.abspath(path)


def main():
    """Runs the test file it is called from: FILE PROGRAM [unittest options]."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-") and os.path.exists(sys.argv[1]):
        use(sys.argv.pop(1))
    if not _program_path:
        sys.exit("usage: " + sys.argv[0] + " PATH_OF_MBFLOW [unittest options]")
    unittest.main(module="__main__")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, limit=20.0, every=0.01):
    """The first true value of condition(), or a failure that says what was awaited."""
    until = time.monotonic() + limit * patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {limit * patience:.0f} s: {what}")
        time.sleep(every)


def clean_environment(extra=None):
    """Without MBFLOW_* settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MBFLOW_")}
    return {**kept, **(extra or {})}


class Program:
    def __init__(self, path):
        self.path = path

    def run(self, *words, stdin="", env=None, cwd=None, limit=60):
        """One command to its end: .returncode, .stdout, .stderr."""
        return subprocess.run([self.path, *map(str, words)], input=stdin, text=True, capture_output=True,
                              timeout=limit * patience, env=clean_environment(env), cwd=cwd)

    def json(self, *words, code=0, **more):
        """A command that prints JSON and ends with `code`."""
        done = self.run(*words, **more)
        if done.returncode != code:
            raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}, expected {code}\n{done.stderr}{done.stdout}")
        return json.loads(done.stdout)


class Process:
    """A program in the background, with its output in a file."""

    def __init__(self, words, env=None, cwd=None, keep=()):
        self.log = tempfile.TemporaryFile()
        self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                      env=clean_environment(env), cwd=cwd, pass_fds=keep)

    @property
    def pid(self):
        return self.child.pid

    def output(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def forget(self):
        """Closes the log of a process that has ended."""
        self.log.close()

    def running(self):
        return self.child.poll() is None

    def end(self, number=signal.SIGTERM, limit=20.0):
        """Sends the signal, waits, gives the exit code; kills what does not go."""
        if self.running():
            self.child.send_signal(number)
        try:
            return self.child.wait(limit * patience)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"pid {self.pid} did not end on signal {number}:\n{self.output()[-4000:]}") from None


class Server:
    """mbflow serve on a free port with a data folder of its own; a context manager. May be started again after its end.
    `database` is a URL: instead of a file in that folder."""

    _contract = None

    def __init__(self, *words, data=None, env=None, port=None, database=None):
        self.place = ["--database", database] if database else []
        self.words = [*self.place, *map(str, words)]
        self.env = env
        self.port = port or free_port()
        self._folder = None if data else tempfile.TemporaryDirectory(prefix="mbflow-test-")
        self.data = Path(data or self._folder.name) / "data"
        self.process = None
        self.key = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process is not None:
            if self.process.running():
                self.process.child.kill()
                self.process.child.wait()
            self.process.forget()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def launch(self):
        """Starts the process and does not wait for it."""
        if self.process is not None:
            self.process.forget()
        words = [mbflow().path, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}", *self.words]
        self.process = Process(words, env=self.env)

    def start(self):
        self.launch()
        wait_for(self._healthy, "a healthy server", every=0.005)
        if self.key is None:
            self.key = self.create_key()

    def _healthy(self):
        if not self.process.running():
            raise AssertionError("the server ended by itself:\n" + self.process.output()[-4000:])
        probe = Client(self.port)
        try:
            return probe.get("/readyz").status == 200
        except OSError:
            return False
        finally:
            probe.close()

    def create_key(self, role="owner", name="test"):
        done = mbflow().run("key", "create", "--data", self.data, *self.place, "--role", role, "--name", name)
        if done.returncode != 0:
            raise AssertionError(f"key create: exit {done.returncode}\n{done.stderr}")
        return done.stdout.strip()

    def client(self, key="", **more):
        return Client(self.port, self.key if key == "" else key, contract=self.contract(), **more)

    def contract(self):
        """What the program says of its API; the same for all servers of one run."""
        if Server._contract is None:
            Server._contract = Contract(Client(self.port).get("/api/openapi.json").json)
        return Server._contract

    def stop(self):
        """A polite end; gives the exit code."""
        return self.process.end()

    def kill(self):
        self.process.end(signal.SIGKILL)


class MockApi:
    """mbflow mock-api on a free port; a context manager."""

    def __enter__(self):
        self.process = Process([mbflow().path, "mock-api", "--listen", "127.0.0.1:0"])
        found = wait_for(self._address, "the mock API's address", every=0.005)
        self.port = int(found.group(1))
        self.url = f"http://127.0.0.1:{self.port}"
        self.address = f"127.0.0.1:{self.port}"
        return self

    def _address(self):
        if not self.process.running():
            raise AssertionError("the mock API ended by itself:\n" + self.process.output())
        return re.search(r"http://127\.0\.0\.1:(\d+)", self.process.output())

    def __exit__(self, *_):
        self.process.end()
        self.process.forget()

    def deliveries(self):
        """How often each key (or "METHOD target") was delivered."""
        client = Client(self.port)
        try:
            return client.get("/counts").json["deliveries"]
        finally:
            client.close()
