"""What is attacked: the program over a database file, or several of them over one PostgreSQL."""

import contextlib

import checks
from support.postgres import Postgres
from support.program import Server


class Member(Server):
    """One process. Its calls carry the name of its life: its own, and how often it was started."""

    def __init__(self, name, *words, door=True, worker=True, **more):
        super().__init__("--env", "LIFE", *words, **more)
        self.name, self.door, self.worker = name, door, worker
        self.starts = 0

    @property
    def life(self):
        return f"{self.name}.{self.starts}"

    def launch(self):
        self.starts += 1
        self.env = {"LIFE": self.life}
        super().launch()


class OneFile(contextlib.ExitStack):
    """One process over SQLite."""

    def __init__(self, options, words):
        super().__init__()
        self.members = [Member("w1", *words)]
        self.postgres = None

    def __enter__(self):
        self.enter_context(self.members[0])
        return self

    def faults(self):
        """As it lies there now, also after a kill."""
        return checks.check_file(self.members[0].data)


class Shared(contextlib.ExitStack):
    """Several processes over one PostgreSQL, each with all roles; or one with the roles api and scheduler before workers."""

    def __init__(self, options, words):
        super().__init__()
        self.options = options
        self.words = [*words, "--lease", str(options.lease)]

    def __enter__(self):
        self.postgres = self.enter_context(Postgres())
        self.postgres.create("mbflow")
        every = {"database": self.postgres.url("mbflow")}
        names = [f"w{number + 1}" for number in range(self.options.workers)]
        if self.options.split:
            self.members = [Member("api", *self.words, "--roles", "api,scheduler", worker=False, **every)]
            self.members += [Member(name, *self.words, "--roles", "worker", door=False, **every) for name in names]
        else:
            self.members = [Member(name, *self.words, **every) for name in names]
        for member in self.members:
            member.key = self.members[0].key  # one is enough for all
            self.enter_context(member)
        return self

    def ended(self):
        """The rows of executions that are over: they never change again."""
        return set(self.postgres.query("SELECT id, status, last_seq, finished_at FROM mbflow.executions WHERE finished_at > 0").splitlines())

    def busy(self):
        """What the connections do now: who waits for whom."""
        return self.postgres.query("SELECT pid, pg_blocking_pids(pid), state, wait_event, clock_timestamp() - xact_start, left(query, 90) "
                                   "FROM pg_stat_activity WHERE application_name = 'mbflow' AND state <> 'idle' ORDER BY xact_start")

    def faults(self):
        return self.postgres.check()
