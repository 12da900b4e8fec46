#!/usr/bin/env python3
"""Checks who may include whom. The tables below are the law; docs only retell it. Run from the top of the tree."""
import os
import re
import subprocess
import sys

# A folder may include the rows above its own, never its own row's other folders. Tests may include anything of ours.
ROWS = [
    ["include"],
    ["base"],
    ["model"],
    ["engine", "expr", "net", "store", "queue"],
    ["store/suite", "queue/suite"],
    ["nodes", "store/memory", "store/sqlite", "store/postgres", "queue/memory", "queue/redis"],
    ["trigger", "vault"],
    ["runtime"],
    ["server", "sdk"],
    ["app"],
]
# Leaves are chosen where a program is put together and known by nobody else.
LEAVES = set(ROWS[5])
COMPOSERS = {"app", "sdk"}
# Folders that see less than the rows above them.
ONLY = {
    "engine": {"include", "base", "model"},
    "nodes": {"include"},
    **{leaf: {"include", "base", "model", leaf.split("/")[0]} for leaf in LEAVES if "/" in leaf},
}
# Third-party headers and the folders that own them. A header of the owner that includes one stays in that folder.
THIRD_PARTY = {
    r"boost/": {"net"}, r"curl/": {"net"}, r"openssl/": {"base", "net"}, r"simdjson": {"base"},
    r"yaml-cpp/": {"base", "model"}, r"sodium": {"base", "server", "vault"}, r"CLI/": {"app"},
    r"quickjs": {"expr"}, r"jq\.h|jv\.h": {"expr"}, r"seccomp": {"expr"}, r"date/": {"base", "trigger"},
    r"sqlite3": {"store/sqlite"}, r"libpq": {"store/postgres"}, r"hiredis": {"queue/redis"},
    r"fmt/": {"base", "app"}, r"pugixml": {"nodes"}, r"md4c": {"nodes"}, r"gtest/|gmock/": {"tests"}, r"benchmark/": {"bench"},
}
# Elsewhere nothing mutable is shared, so nothing needs a lock.
LOCKING = {"base", "net", "store", "vault"} | (LEAVES - {"nodes"})
LOCK = re.compile(r"\bstd::(\w*mutex|lock_guard|unique_lock|scoped_lock|shared_lock|condition_variable\w*)\b|\bpthread_mutex")

RANK = {folder: rank for rank, row in enumerate(ROWS) for folder in row}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)')


def owner(path):
    path = path.removeprefix("src/")
    while path and path not in RANK:
        path = os.path.dirname(path)
    return path


def is_test(path):
    return re.search(r"_(test|fuzz|bench)\.cpp$|_test_\w+\.h$|/testing(/|_\w+\.h$)|/suite/|^(tests|bench)/", path)


def target_of(path, name):
    """The file of ours that an include names, or None."""
    places = (os.path.join(os.path.dirname(path), name), f"src/{name}", f"include/{name}", name)
    return next((os.path.normpath(place) for place in places if os.path.isfile(place)), None)


def owners_of(name):
    return next((owners for pattern, owners in THIRD_PARTY.items() if re.match(pattern, name)), set())


def leak(path, seen):
    """A third-party header that a header of ours brings along, at whatever depth."""
    seen.add(path)
    for name in (found[2] for found in map(INCLUDE.match, open(path, encoding="utf-8")) if found):
        target = target_of(path, name)
        brought = None if target in seen else leak(target, seen) if target else name if owners_of(name) else None
        if brought:
            return brought
    return None


def check_include(path, name, folder):
    target, test = target_of(path, name), is_test(path)
    if target is None:
        owners = owners_of(name)
        fine = not owners or folder in owners or (test and owners & {"tests", "bench"})
        return None if fine else f"{name} belongs to {', '.join(sorted(owners))}"
    other = owner(target)
    if test or other in ("", folder):
        return None
    if other not in ONLY.get(folder, {other}) or RANK[other] >= RANK[folder]:
        return f"{folder} may not include {other} ({name})"
    if other in LEAVES and folder not in COMPOSERS:
        return f"{other} is seen by {', '.join(sorted(COMPOSERS))} alone ({name})"
    brought = leak(target, set())
    return f"{name} brings {brought} along, which should stay in {other}" if brought else None


def main():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
    paths = [path for path in sorted(set(listed.stdout.split())) if path.endswith((".h", ".cpp")) and os.path.isfile(path)]
    faults = []
    for path, folder in ((path, owner(path)) for path in paths if owner(path)):
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            found = INCLUDE.match(line)
            fault = check_include(path, found[2], folder) if found else None
            if folder not in LOCKING and not is_test(path) and LOCK.search(line.split("//")[0]):
                fault = f"{folder} takes a lock; locks live in {', '.join(sorted(LOCKING))}"
            faults += [f"{path}:{number}: {fault}"] if fault else []
    print("\n".join(faults + [f"check_layers: {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
