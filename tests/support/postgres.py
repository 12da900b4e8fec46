"""A PostgreSQL of the test's own: a fresh cluster in a temporary folder, reached by a socket in it, gone at the end."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from .program import Process, patience, wait_for

installed_under = Path("/usr/lib/postgresql")


def programs():
    """The bin folder of the newest PostgreSQL that is installed."""
    found = [path.parent for path in installed_under.glob("*/bin/postgres") if path.parent.parent.name.isdigit()]
    if not found:
        raise AssertionError(f"no PostgreSQL under {installed_under}: install the package postgresql (./dev setup test does)")
    return max(found, key=lambda path: int(path.parent.name))


def unprivileged(*words):
    """The command as it runs without root's rights, which PostgreSQL refuses; it ends with the thread that starts it."""
    dropped = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *dropped, "--pdeathsig=QUIT", "--", *map(str, words)]


class Postgres:
    """Running inside `with`. Call what starts it (launch, start, restart_at_once) from a thread that outlives it."""

    def __init__(self, *settings):
        self.settings = settings  # "name=value"
        self.process = None

    def __enter__(self):
        self.bin = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="mbflow-pg-"))  # short: a socket's path has about 100 characters
        try:
            if os.geteuid() == 0:
                shutil.chown(self.folder, "nobody", "nogroup")
            self._run("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync", "--wal-segsize=1")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self._end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *words, limit=60):
        done = subprocess.run(unprivileged(self.bin / program, *words), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=limit * patience, cwd="/")
        if done.returncode != 0:
            raise AssertionError(f"{program}: exit {done.returncode}\n{done.stderr}{done.stdout}")
        return done.stdout.strip()

    def launch(self):
        """Starts the server and does not wait for it."""
        settings = ["listen_addresses=", "fsync=on", "max_connections=100", "shared_buffers=32MB", f"unix_socket_directories={self.folder}", *self.settings]
        words = [word for setting in settings for word in ("-c", setting)]
        self.process = Process(unprivileged(self.bin / "postgres", "-D", self.folder / "data", *words), cwd="/")

    def start(self):
        self.launch()
        wait_for(self.accepts, "PostgreSQL takes connections", limit=60)

    def accepts(self):
        if not self.process.running():
            raise AssertionError("PostgreSQL ended by itself:\n" + self.process.output()[-4000:])
        return subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode == 0

    def _end(self, number):
        self.process.end(number)
        self.process.forget()
        self.process = None

    def stop_at_once(self):
        """As a power cut of the server alone: nothing is written any more, the next start recovers from its log."""
        self._end(signal.SIGQUIT)

    def restart_at_once(self, away=0.0):
        self.stop_at_once()
        time.sleep(away)
        self.start()

    def create(self, database):
        self.query(f"CREATE DATABASE {database}", database="postgres")

    def url(self, database):
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/{database}"

    def query(self, sql, database="mbflow"):
        """Its rows as text, columns with | between."""
        return self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", "-d", database, "-c", sql)

    def terminate_backends(self, application="mbflow"):
        """Ends all connections of that program; how many."""
        return int(self.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                              f"AND application_name = '{application}'", database="postgres"))

    def check(self, database="mbflow"):
        """What pg_amcheck finds wrong with tables and indexes, line by line."""
        try:
            said = self._run("pg_amcheck", "--install-missing", "--heapallindexed", "-h", self.folder, "-U", "postgres", "-d", database)
        except AssertionError as found:
            said = str(found)
        return [line for line in said.splitlines() if line.strip()]
