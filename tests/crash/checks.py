"""The invariants, over what witness and driver noted and what the API says after the last start."""

import json
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.program import patience


def all_executions(client):
    found, cursor = [], None
    while True:
        page = client.get("/api/v1/executions?limit=200" + (f"&cursor={cursor}" if cursor else "")).json
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def check_acknowledged(notes, executions):
    """1: what was acknowledged exists, once, and succeeded."""
    by_id = Counter(execution["id"] for execution in executions)
    status = {execution["id"]: execution for execution in executions}
    faults = [f"execution {ident} is listed {count} times" for ident, count in by_id.items() if count > 1]
    for tag, ident in notes.acked.items():
        if ident not in status:
            faults.append(f"LOST: {tag} was acknowledged as {ident} and does not exist")
        elif status[ident]["status"] != "succeeded":
            faults.append(f"{tag} {ident} ended {status[ident]['status']}: {status[ident]['error']}")
    return faults


def check_single(notes, witness, executions):
    """2: one request, one execution. An execution without an answer is allowed: the answer was cut off."""
    faults = []
    of_tag = defaultdict(set)
    for key in witness.keys.values():
        of_tag[key.tag].add(key.execution)
    for tag, idents in of_tag.items():
        if len(idents) > 1:
            faults.append(f"{tag} runs as {len(idents)} executions: {sorted(idents)}")
        if tag in notes.acked and notes.acked[tag] not in idents:
            faults.append(f"{tag} was acknowledged as {notes.acked[tag]} and runs as {sorted(idents)}")
    known = {execution["id"] for execution in executions}
    strangers = {ident for idents in of_tag.values() for ident in idents} - known
    return faults + [f"execution {ident} called out and does not exist" for ident in sorted(strangers)]


def check_deliveries(witness, ranks, saved):
    """3 and 4: a repetition needs a death or a lost lease in between, and nothing that was saved is repeated."""
    faults = list(witness.faults)
    places = Counter((key.execution, key.step, key.item) for key in witness.keys.values())
    faults += [f"{step}[{item}] of {execution} came under {count} keys" for (execution, step, item), count in places.items() if count > 1]
    latest = defaultdict(dict)  # execution → rank → first delivery of that rank
    for key in witness.keys.values():
        rank, first = ranks[key.step], key.deliveries[0].at
        latest[key.execution][rank] = min(first, latest[key.execution].get(rank, first))
    for name, key in witness.keys.items():
        where = f"{key.tag} {key.step}[{key.item}] of {key.execution}"
        own = [delivery for delivery in key.deliveries if not is_late(witness, delivery)]
        for earlier, later in zip(own, own[1:]):
            if not explained(witness, earlier, later):
                faults.append(f"{where} was delivered twice ({earlier.life}, then {later.life}) without a death or a lost lease in between (key {name})")
        after = [at for rank, at in latest[key.execution].items() if rank > ranks[key.step]]
        proofs = [("a later node was delivered", min(after))] if after else []
        if (key.execution, key.step) in saved:
            proofs.append(("its node_succeeded was read", saved[key.execution, key.step]))
        for what, when in proofs:
            if own and own[-1].at > when:
                faults.append(f"REPEATED: {where} was delivered {own[-1].at - when:.3f} s after {what}, by {own[-1].life}")
    return faults


def explained(witness, earlier, later):
    """Who had called first died or lost its lease before the second call."""
    return any(gap.since <= later.at and gap.until >= earlier.at for gap in witness.losses.get(earlier.life, []))


# A process that stood still sends what it was about to send before it notices that its lease is over: no answer can be saved.
notices_within = 0.5


def is_late(witness, delivery):
    return any(gap.since <= delivery.at <= gap.until + notices_within * patience for gap in witness.frozen.get(delivery.life, []))


def release(client, execution, witness):
    """1: only a quarantined node may hold an execution, after three deaths; told to go on, it does."""
    faults, path = [], f"/api/v1/executions/{execution['id']}"
    nodes = [name for name, node in client.get(path).json["nodes"].items() if node["status"] == "quarantined"]
    calls = [one.at for key in list(witness.keys.values()) if key.execution == execution["id"] for one in key.deliveries]
    deaths = [gap for gaps in list(witness.losses.values()) for gap in gaps if calls and gap.until >= min(calls)]
    if not nodes or len(deaths) < 3:
        faults.append(f"{execution['id']} is held: {len(nodes)} nodes quarantined, {len(deaths)} deaths since it began")
    for node in nodes:
        answer = client.post(path + "/decide", {"node": node, "action": "retry"})
        if answer.status != 202:
            faults.append(f"{execution['id']}: the decision on {node} was answered {answer}")
    return faults


def check_outputs(client, notes, expected, executions):
    """5: the undisturbed output, with this tag in it. Also those whose answer was cut off."""
    faults = []
    tag_of = {ident: tag for tag, ident in notes.acked.items()}
    for execution in executions:
        got = client.get(f"/api/v1/executions/{execution['id']}/result").json
        text = json.dumps(got["output"], sort_keys=True)
        tag = tag_of.get(execution["id"]) or next((tag for tag in find_tags(text) if tag in notes.sent), None)
        if tag is None:
            faults.append(f"{execution['id']} belongs to no request: {execution['status']} {text[:200]}")
        elif text != expected[notes.sent[tag]].replace("REFERENCE", tag):
            faults.append(f"{tag} {execution['id']} gave {text[:300]}, expected {expected[notes.sent[tag]].replace('REFERENCE', tag)[:300]}")
    return faults


def find_tags(text):
    return {text[at:at + 8] for at in range(len(text)) if text[at] == "x" and text[at + 1:at + 8].isdigit()}


def check_journals(client, executions, sample):
    """6: events are numbered from 1 without gaps and end once."""
    faults = []
    for execution in executions[:: max(1, len(executions) // sample)]:
        events = client.get(f"/api/v1/executions/{execution['id']}/events").json["items"]
        if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
            faults.append(f"{execution['id']}: numbers have gaps: {[event['seq'] for event in events]}")
        ends = [event["type"] for event in events].count("execution_finished")
        if ends != 1 or events[-1]["type"] != "execution_finished":
            faults.append(f"{execution['id']}: {ends} ends, the last event is {events[-1]['type']}")
        succeeded = Counter(event["node"] for event in events if event["type"] == "node_succeeded")
        faults += [f"{execution['id']}: node {node} succeeded {count} times" for node, count in succeeded.items() if count > 1]
    return faults


def check_file(data):
    """The file as a crash left it, copied: SQLite itself must find nothing wrong."""
    faults = []
    for path in Path(data).glob("*.db"):
        with tempfile.TemporaryDirectory() as folder:
            for part in ("", "-wal"):
                if (source := path.with_name(path.name + part)).exists():
                    shutil.copy(source, folder)
            with sqlite3.connect(Path(folder) / path.name) as database:
                said = [row[0] for row in database.execute("PRAGMA integrity_check")]
                faults += [f"{path.name}: {line}" for line in said if line != "ok"]
                faults += [f"{path.name}: foreign key {row}" for row in database.execute("PRAGMA foreign_key_check")]
            database.close()
    return faults
