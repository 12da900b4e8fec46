#!/usr/bin/env python3
"""How fast lists are over a long history: fills a database with executions, then asks a server for the last 20 of them again and again.

    bench/history.py build/bench/bin/mbflow [--rows 1000000] [--postgres] [--calls 300]

The rows are written into the database as the server keeps them: nine of ten succeeded, the rest failed or were cancelled, over 50 workflows."""

import argparse
import random
import sqlite3
import statistics
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support import flows, program
from support.postgres import Postgres

TENANT = uuid.UUID("00000000-0000-7000-8000-000000000001")  # whom keys made on the command line belong to
SUCCEEDED, FAILED, CANCELLED = 3, 4, 5
COLUMNS = ("tenant_id", "id", "workflow_id", "version", "status", "trigger", "created_at", "started_at", "finished_at", "wake_at", "error_code",
           "error_message", "last_seq", "owner", "epoch", "deaths")


def make_workflows(api, count):
    made = [api.post("/api/v1/workflows", flows.chain(f"bench {n}", flows.node("in", "manual"))) for n in range(count)]
    return [uuid.UUID(answer.json["id"]) for answer in made]


def rows(tenant, workflows, count):
    """One a millisecond up to now, with ids of version 7."""
    dice, begin = random.Random(1), int(time.time() * 1000) - count
    for n in range(count):
        ms, status = begin + n, dice.choices((SUCCEEDED, FAILED, CANCELLED), (90, 8, 2))[0]
        ident = uuid.UUID(int=ms << 80 | 7 << 76 | dice.getrandbits(12) << 64 | 2 << 62 | dice.getrandbits(62))
        at = ms * 1000
        # The first workflow never fails: the list of its failures must be quick all the same.
        workflow = workflows[0 if status == SUCCEEDED and n % 10 == 0 else dice.randrange(1, len(workflows))]
        failed = status == FAILED
        yield (tenant, ident, workflow, 1, status, "manual", at, at, at + 900, 0, "bench.failed" if failed else "", "it failed" if failed else "", 4, 0, 1, 0)


def fill_sqlite(path, tenant, workflows, count):
    raw = lambda value: value.bytes if isinstance(value, uuid.UUID) else value
    db = sqlite3.connect(path)
    marks = ", ".join("?" * len(COLUMNS))
    with db:
        made = (tuple(map(raw, row)) for row in rows(tenant, workflows, count))
        db.executemany(f"INSERT INTO executions({', '.join(COLUMNS)}) VALUES({marks})", made)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def fill_postgres(postgres, tenant, workflows, count):
    file = postgres.folder / "rows"
    with open(file, "w") as out:
        for row in rows(tenant, workflows, count):
            out.write("\t".join(map(str, row)) + "\n")
    file.chmod(0o644)
    postgres.query(f"COPY mbflow.executions({', '.join(COLUMNS)}) FROM '{file}'")
    postgres.query("VACUUM ANALYZE mbflow.executions")
    file.unlink()


def measure(api, name, query, calls):
    took = []
    for _ in range(calls):
        before = time.perf_counter()
        answer = api.get("/api/v1/executions?limit=20" + query)
        took.append((time.perf_counter() - before) * 1000)
        if answer.status != 200:
            sys.exit(f"{name}: {answer}")
    took.sort()
    print(f"  {name:42} {len(answer.json['items']):3} rows   p50 {statistics.median(took):6.2f} ms   p99 {took[int(len(took) * 0.99) - 1]:6.2f} ms", flush=True)


def measure_all(server, workflows, calls):
    api = program.Client(server.port, server.key)
    some = f"&workflow_id={workflows[7]}"
    since = time.strftime("&since=%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))
    for name, query in (("all", ""), ("oldest first", "&sort=created_at"), ("failed", "&status=failed"), ("failed, cancelled", "&status=failed,cancelled"),
                        ("of a workflow", some), ("of a workflow, failed", some + "&status=failed"), ("of a workflow, succeeded", some + "&status=succeeded"),
                        ("of a workflow that never failed, failed", f"&workflow_id={workflows[0]}&status=failed"), ("running", "&status=running"),
                        ("failed in the last ten minutes", "&status=failed" + since)):
        measure(api, name, query, calls)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("program")
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--calls", type=int, default=300)
    words.add_argument("--postgres", action="store_true")
    given = words.parse_args()
    program.use(given.program)
    if not given.postgres:
        with program.Server() as server:
            run(server, lambda *what: fill_sqlite(next(server.data.glob("*.db")), *what), given)
        return
    with Postgres() as postgres:
        postgres.create("mbflow")
        with program.Server(database=postgres.url("mbflow")) as server:
            run(server, lambda *what: fill_postgres(postgres, *what), given)


def run(server, fill, given):
    workflows = make_workflows(server.client(), 50)
    ran = server.client().post(f"/api/v1/workflows/{workflows[0]}/execute?wait=30s", {})
    if ran.status != 200:
        sys.exit(str(ran))
    server.stop()
    begin = time.monotonic()
    fill(TENANT, workflows, given.rows)
    print(f"{'PostgreSQL' if given.postgres else 'SQLite'}: {given.rows} executions, written in {time.monotonic() - begin:.0f} s", flush=True)
    server.start()
    measure_all(server, workflows, given.calls)
    server.stop()


if __name__ == "__main__":
    main()
