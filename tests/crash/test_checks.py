"""The checks themselves: each planted fault must be found, and none where there is none. Needs no program."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import checks
from driver import Notes
from witness import Delivery, Key, Witness

RANKS = {"a": 0, "b": 1}
TAG = "x0000001"


def trial():
    """One request, one execution e1: step a delivered in life 1, killed, delivered again in life 2, then step b."""
    witness, notes = Witness(1), Notes()
    witness.keys = {"k1": Key("e1", TAG, "a", 0, [Delivery(1.0, "w1.1"), Delivery(2.0, "w1.2")]),
                    "k2": Key("e1", TAG, "b", 0, [Delivery(3.0, "w1.2")])}
    witness.lost("w1.1", 1.4, 1.5)
    notes.sent, notes.acked = {TAG: "chain"}, {TAG: "e1"}
    return witness, notes, [{"id": "e1", "status": "succeeded", "error": None}]


class FakeClient:
    def __init__(self, output=None, events=None, nodes=None):
        self.output, self.events, self.nodes, self.posted = output, events, nodes, []

    def get(self, path):
        body = {"items": self.events} if path.endswith("/events") else {"output": self.output, "nodes": self.nodes}
        return type("Answer", (), {"json": body})

    def post(self, path, body):
        self.posted.append((path, body))
        return type("Answer", (), {"status": 202})


def event(seq, kind, node=None):
    return {"seq": seq, "type": kind, "node": node}


class Checks(unittest.TestCase):
    def test_a_good_trial_has_no_fault(self):
        witness, notes, executions = trial()
        self.assertEqual(checks.check_acknowledged(notes, executions), [])
        self.assertEqual(checks.check_single(notes, witness, executions), [])
        self.assertEqual(checks.check_deliveries(witness, RANKS, {("e1", "a"): 2.5}), [])

    def test_lost(self):
        _, notes, _ = trial()
        self.assertIn("LOST", checks.check_acknowledged(notes, [])[0])

    def test_listed_twice(self):
        _, notes, executions = trial()
        self.assertEqual(len(checks.check_acknowledged(notes, executions * 2)), 1)

    def test_ended_badly(self):
        _, notes, executions = trial()
        executions[0]["status"] = "failed"
        self.assertEqual(len(checks.check_acknowledged(notes, executions)), 1)

    def test_one_request_two_executions(self):
        witness, notes, executions = trial()
        witness.keys["k3"] = Key("e2", TAG, "a", 0, [Delivery(5.0, "w1.3")])
        self.assertEqual(len(checks.check_single(notes, witness, [*executions, {"id": "e2"}])), 1)

    def test_called_out_and_does_not_exist(self):
        witness, notes, executions = trial()
        witness.keys["k3"] = Key("e9", "x0000002", "a", 0, [Delivery(5.0, "w1.3")])
        self.assertEqual(len(checks.check_single(notes, witness, executions)), 1)

    def test_repeated_without_a_loss(self):
        for gap in (None, (0.5, 0.9), (2.1, 2.2)):  # none, before the first delivery, after the second
            witness, _, _ = trial()
            witness.losses = {}
            if gap:
                witness.lost("w1.1", *gap)
            self.assertEqual(len(checks.check_deliveries(witness, RANKS, {})), 1, gap)

    def test_repeated_while_another_died(self):
        witness, _, _ = trial()
        witness.losses = {"w2.1": witness.losses["w1.1"]}
        self.assertEqual(len(checks.check_deliveries(witness, RANKS, {})), 1)

    def test_what_a_frozen_process_had_begun_may_arrive_late(self):
        witness, _, _ = trial()
        witness.froze("w1.1", 1.2, 4.0)
        for at, faults in ((4.1, 0), (4.0 + 2 * checks.notices_within * checks.patience, 2)):
            witness.keys["k1"].deliveries[2:] = [Delivery(at, "w1.1")]
            self.assertEqual(len(checks.check_deliveries(witness, RANKS, {})), faults, at)

    def test_repeated_after_a_later_node(self):
        witness, _, _ = trial()
        witness.keys["k1"].deliveries.append(Delivery(4.0, "w1.3"))
        self.assertIn("REPEATED", " ".join(checks.check_deliveries(witness, RANKS, {})))

    def test_repeated_after_its_result_was_read(self):
        witness, _, _ = trial()
        self.assertIn("REPEATED", checks.check_deliveries(witness, RANKS, {("e1", "a"): 1.5})[0])

    def test_a_new_key_for_the_same_item(self):
        witness, _, _ = trial()
        witness.keys["k3"] = Key("e1", TAG, "a", 0, [Delivery(2.5, "w1.2")])
        self.assertEqual(len(checks.check_deliveries(witness, RANKS, {})), 1)

    def test_held_without_three_deaths(self):
        witness, _, _ = trial()
        client = FakeClient(nodes={"a": {"status": "quarantined"}})
        self.assertEqual(len(checks.release(client, {"id": "e1"}, witness)), 1)
        for at in (1.8, 1.9):
            witness.lost("w2.1", at, at)
        self.assertEqual(checks.release(client, {"id": "e1"}, witness), [])
        self.assertEqual(client.posted, [("/api/v1/executions/e1/decide", {"node": "a", "action": "retry"})] * 2)

    def test_wrong_output(self):
        _, notes, executions = trial()
        expected = {"chain": json.dumps([{"tag": "REFERENCE"}])}
        self.assertEqual(checks.check_outputs(FakeClient([{"tag": TAG}]), notes, expected, executions), [])
        self.assertEqual(len(checks.check_outputs(FakeClient([{"tag": TAG + "9"}]), notes, expected, executions)), 1)

    def test_journals(self):
        good = [event(1, "execution_started"), event(2, "node_succeeded", "a"), event(3, "execution_finished")]
        gap = [good[0], good[2]]
        twice = [good[0], good[1], event(3, "node_succeeded", "a"), event(4, "execution_finished")]
        for events, faults in ((good, 0), (gap, 1), (twice, 1), (good[:2], 1)):
            self.assertEqual(len(checks.check_journals(FakeClient(events=events), [{"id": "e1"}], 10)), faults)


if __name__ == "__main__":
    unittest.main()
