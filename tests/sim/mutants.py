#!/usr/bin/env python3
"""Plants each bug of src/base/mutant.h in the simulation and tells whether it is found. Usage: mutants.py SIM [--seeds N]"""
import argparse
import json
import os
import re
import subprocess
import sys

TOP = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
MUTANT = re.compile(r"^  (\w+), +// (.*)$", re.M)
NEEDED = 19


def mutants():
    with open(os.path.join(TOP, "src/base/mutant.h"), encoding="utf-8") as file:
        return MUTANT.findall(file.read())


def play(sim, number, seeds, seconds):
    """The result of one run; None: it had to be ended."""
    command = [sim, "--mutant", str(number), "--seeds", str(seeds), "--seconds", str(seconds), "--jobs", str(os.cpu_count()),
               "--stop-early", "--quiet", "--json"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=2 * seconds + 30, check=False)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None


def verdict(result):
    if result is None:
        return "missed", "it crashed or did not end"
    if not result["failed"]:
        return "missed", f"{result['counts']['seeds']} seeds passed"
    first = result["failed"][0]
    return "caught", f"seed {first['seed']}: {first['fault'][:90]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sim")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    # Whatever finds faults where there are none would find all of them.
    sound = play(options.sim, 0, options.seeds, options.seconds)
    if sound is None or sound["failed"]:
        print("without any mutant it fails too:", verdict(sound)[1])
        return 1
    caught = 0
    every = mutants()
    for number, (name, meaning) in enumerate(every, start=1):
        what, how = verdict(play(options.sim, number, options.seeds, options.seconds))
        caught += what == "caught"
        print(f"{number:3} {what}  {name:20} {meaning}\n{'':12}{how}", flush=True)
    print(f"{caught} of {len(every)} caught")
    return 0 if caught >= NEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
