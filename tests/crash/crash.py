#!/usr/bin/env python3
"""Kills, freezes and cuts off the real program at random moments under load, then looks for lost and repeated work. See README.md."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support.program
from trial import Trial, say


def read_options():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("program", help="path of mbflow")
    options.add_argument("--kills", type=int, default=None, help="kill -9 of a process; 60 unless another attack is asked for")
    options.add_argument("--rate", type=float, default=50, help="executions a second")
    options.add_argument("--longest", type=float, default=0.8, help="seconds that the program lives at most")
    options.add_argument("--limit", type=float, default=30, help="seconds after the last start for everything to end")
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--json", action="store_true", help="the report as JSON on stdout")
    shared = options.add_argument_group("several processes over one PostgreSQL")
    shared.add_argument("--postgres", action="store_true", help="instead of one process over SQLite; the others need it")
    shared.add_argument("--workers", type=int, default=2)
    shared.add_argument("--split", action="store_true", help="one process with the roles api and scheduler, and workers behind it")
    shared.add_argument("--lease", type=int, default=3, help="seconds")
    shared.add_argument("--zombies", type=int, default=0, help="workers stopped for longer than the lease")
    shared.add_argument("--restarts", type=int, default=0, help="immediate restarts of PostgreSQL")
    shared.add_argument("--backends", type=int, default=0, help="times that all connections are ended by PostgreSQL")
    given = options.parse_args()
    others = given.zombies + given.restarts + given.backends
    if (others or given.split) and not given.postgres:
        options.error("--split, --zombies, --restarts and --backends need --postgres")
    if given.workers < 2 and given.zombies:
        options.error("--zombies needs two workers: another goes on with the work")
    if given.kills is None:
        given.kills = 0 if others else 60
    return given


def main():
    options = read_options()
    support.program.use(options.program)
    trial = Trial(options)
    counts = {name: getattr(options, name) for name in ("kills", "zombies", "restarts", "backends")}
    say(", ".join(f"{count} {name}" for name, count in counts.items() if count) + f", {options.rate:g} executions/s, seed {trial.seed}")
    asyncio.run(trial.run())
    report = trial.report()
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        for name, value in report.items():
            if name != "faults":
                print(f"{name.replace('_', ' '):40} {value}")
    for fault in report["faults"][:50]:
        say("FAULT " + fault)
    say(f"{len(report['faults'])} faults (seed {trial.seed})")
    return 1 if report["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
