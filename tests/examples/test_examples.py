"""The samples run for real through the program; parallel branches are parallel; a thousand items keep their order."""

import json
import sys
import tempfile
import unittest
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = cls.enterClassContext(support.MockApi())
        cls.mbflow = support.mbflow()

    def run_example(self, path):
        given = path.parent / (path.stem + ".input.json")
        words = ["run", path, "--allow-egress", self.mock.address, "--set", f"api={self.mock.url}"]
        if given.exists():
            words += ["--input", f"@{given}"]
        return self.mbflow.json(*words)

    def test_every_sample_gives_what_it_says(self):
        samples = sorted([*EXAMPLES.glob("*.yaml"), *(path for path in EXAMPLES.glob("*.json") if path.suffixes == [".json"])])
        self.assertGreaterEqual(len(samples), 4)
        for path in samples:
            with self.subTest(path.name):
                result = self.run_example(path)
                expected = json.loads((path.parent / (path.stem + ".expected.json")).read_text())
                self.assertEqual(result, {"status": "succeeded", "output": expected, "error": None})

    def test_samples_are_valid_without_a_warning(self):
        paths = [path for path in EXAMPLES.iterdir() if path.suffix in (".yaml", ".json") and len(path.suffixes) == 1]
        report = self.mbflow.json("validate", "--json", *paths)
        self.assertEqual(report, {"valid": True, "faults": []})

    def test_samples_run_on_a_server_too(self):
        with support.Server("--allow-egress", self.mock.address) as server:
            client = server.client()
            document = json.loads((EXAMPLES / "process_user_data.json").read_text())
            document["workflow"]["variables"]["api"] = self.mock.url
            ident = flows.create(self, client, document)
            answer = client.post(f"/api/v1/workflows/{ident}/execute?wait=30s", {})
            self.assertEqual(answer.json["output"], json.loads((EXAMPLES / "process_user_data.expected.json").read_text()), answer)

    def test_parallel_branches_take_the_time_of_one(self):
        pauses = [flows.node(name, "wait", {"duration": "1s"}) for name in ("left", "right")]
        document = {"name": "parallel", "nodes": [flows.node("in", "manual"), *pauses, flows.node("merge", "merge", {"mode": "append"})],
                    "edges": [{"source": "in", "target": "left"}, {"source": "in", "target": "right"},
                              {"source": "left", "target": "merge"}, {"source": "right", "target": "merge"}]}
        with support.Server() as server:
            client = server.client()
            ident = flows.create(self, client, document)
            answer = client.post(f"/api/v1/workflows/{ident}/execute?wait=30s", {})
            self.assertEqual(answer.json["output"], [{}, {}], answer)
            events = flows.events(client, answer.json["id"])
        took = instant(events[-1]["at"]) - instant(events[0]["at"])
        self.assertGreaterEqual(took, 0.99)
        self.assertLessEqual(took, 1.8)

    def test_a_slow_branch_delays_only_what_depends_on_it(self):
        nodes = [flows.node("in", "manual"), flows.node("slow", "wait", {"duration": "1s"}), flows.node("after slow", "noop"),
                 flows.node("quick", "noop"), flows.node("after quick", "http", {"url": self.mock.url + "/items/1"})]
        edges = [{"source": "in", "target": "slow"}, {"source": "slow", "target": "after slow"}, {"source": "in", "target": "quick"},
                 {"source": "quick", "target": "after quick"}]
        with support.Server("--allow-egress", self.mock.address) as server:
            client = server.client()
            ident = flows.create(self, client, {"name": "waves", "nodes": nodes, "edges": edges})
            answer = client.post(f"/api/v1/workflows/{ident}/execute?wait=30s", {})
            ended = {event["node"]: event["at"] for event in flows.events(client, answer.json["id"]) if event["type"] == "node_succeeded"}
        self.assertLess(ended["after quick"], ended["slow"])

    def test_a_thousand_items_at_fifty_a_time_keep_their_order(self):
        items = [{"n": number} for number in range(1000)]
        # Late and early answers mixed: the last of a group answers first.
        call = flows.node("call", "http", {"url": self.mock.url + "/items/{{ $json.n }}?delay_ms={{ (7 - $json.n % 8) * 5 }}"}, concurrency=50)
        document = flows.chain("thousand", flows.node("in", "manual"), call)
        with tempfile.TemporaryDirectory() as folder:
            given, flow = Path(folder) / "items.json", Path(folder) / "flow.json"
            given.write_text(json.dumps(items))
            flow.write_text(json.dumps(document))
            result = self.mbflow.json("run", flow, "--quiet", "--input", f"@{given}", "--allow-egress", self.mock.address)
        self.assertEqual([item["id"] for item in result["output"]], list(range(1000)))


if __name__ == "__main__":
    support.main()
