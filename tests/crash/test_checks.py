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
    witness.keys = {"k1": Key("e1", TAG, "a", 0, [Delivery(1.0, 1), Delivery(2.0, 2)]), "k2": Key("e1", TAG, "b", 0, [Delivery(3.0, 2)])}
    notes.sent, notes.acked = {TAG: "chain"}, {TAG: "e1"}
    return witness, notes, [{"id": "e1", "status": "succeeded", "error": None}]


class FakeClient:
    def __init__(self, output=None, events=None):
        self.output, self.events = output, events

    def get(self, path):
        body = {"items": self.events} if path.endswith("/events") else {"output": self.output}
        return type("Answer", (), {"json": body})


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
        witness.keys["k3"] = Key("e2", TAG, "a", 0, [Delivery(5.0, 3)])
        self.assertEqual(len(checks.check_single(notes, witness, [*executions, {"id": "e2"}])), 1)

    def test_called_out_and_does_not_exist(self):
        witness, notes, executions = trial()
        witness.keys["k3"] = Key("e9", "x0000002", "a", 0, [Delivery(5.0, 3)])
        self.assertEqual(len(checks.check_single(notes, witness, executions)), 1)

    def test_repeated_without_a_kill(self):
        witness, _, _ = trial()
        witness.keys["k1"].deliveries[1].generation = 1
        self.assertEqual(len(checks.check_deliveries(witness, RANKS, {})), 1)

    def test_repeated_after_a_later_node(self):
        witness, _, _ = trial()
        witness.keys["k1"].deliveries.append(Delivery(4.0, 3))
        self.assertIn("REPEATED", checks.check_deliveries(witness, RANKS, {})[0])

    def test_repeated_after_its_result_was_read(self):
        witness, _, _ = trial()
        self.assertIn("REPEATED", checks.check_deliveries(witness, RANKS, {("e1", "a"): 1.5})[0])

    def test_a_new_key_for_the_same_item(self):
        witness, _, _ = trial()
        witness.keys["k3"] = Key("e1", TAG, "a", 0, [Delivery(2.5, 2)])
        self.assertEqual(len(checks.check_deliveries(witness, RANKS, {})), 1)

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
