"""Workflows over the API: create, read, change, publish, delete; every fault of a document named at once."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


def small(name="small"):
    return flows.chain(name, flows.node("a", "manual"), flows.node("b", "set", {"values": {"x": 1}}))


class Workflows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(support.Server())
        cls.api = cls.server.client()

    def test_create_gives_id_version_and_document(self):
        made = self.api.post("/api/v1/workflows", small("create"))
        self.assertEqual(made.status, 201, made)
        self.assertEqual(made.json["version"], 1)
        self.assertEqual(made.json["name"], "create")
        self.assertEqual([node["id"] for node in made.json["nodes"]], ["a", "b"])
        read = self.api.get("/api/v1/workflows/" + made.json["id"])
        self.assertEqual(read.status, 200, read)
        self.assertEqual(read.json["nodes"], made.json["nodes"])
        self.assertEqual(read.json["status"], made.json["status"])

    def test_wrapped_and_upper_case_form(self):
        wrapped = {"workflow": {"name": "wrapped", "nodes": [
            {"id": "n1", "name": "In", "type": "MANUAL", "config": {}},
            {"id": "n2", "name": "Shape", "type": "DATA_ADAPTER", "config": {"operation": "map", "mapping": {"y": "x"}}}],
            "edges": [{"source": "n1", "target": "n2", "type": "DIRECT"}]}}
        made = self.api.post("/api/v1/workflows", wrapped)
        self.assertEqual(made.status, 201, made)
        self.assertEqual([node["type"] for node in made.json["nodes"]], ["manual", "data_adapter"])

    def test_put_makes_a_version(self):
        ident = flows.create(self, self.api, small("first"))
        changed = self.api.put("/api/v1/workflows/" + ident, small("second"))
        self.assertEqual(changed.status, 200, changed)
        self.assertEqual(changed.json["version"], 2)
        self.assertEqual(self.api.get("/api/v1/workflows/" + ident).json["name"], "second")

    def test_older_versions_can_be_read_started_and_published(self):
        def document(number):
            return flows.chain(f"v{number}", flows.node("in", "manual"), flows.node("say", "set", {"values": {"v": number}, "keep": "none"}))
        ident = flows.create(self, self.api, document(1))
        path = "/api/v1/workflows/" + ident
        for number in (2, 3):
            self.assertEqual(self.api.put(path, document(number)).json["version"], number)
        for number in (1, 2, 3, 1):
            read = self.api.get(f"{path}?version={number}")
            self.assertEqual((read.json["version"], read.json["name"]), (number, f"v{number}"), read)
            run = self.api.post(f"{path}/execute?wait=30s&version={number}", {})
            self.assertEqual(run.json["output"], [{"v": number}], run)
            self.assertEqual(self.api.get("/api/v1/executions/" + run.json["id"]).json["version"], number)
        self.assertEqual(self.api.get(path + "?version=4").status, 404)
        published = self.api.post(path + "/publish?version=2")
        self.assertEqual((published.status, published.json["published_version"]), (200, 2), published)
        self.assertEqual(self.api.post(f"{path}/execute?wait=30s&version=published", {}).json["output"], [{"v": 2}])

    def test_edits_are_never_lost(self):
        ident = flows.create(self, self.api, small("etag"))
        etag = self.api.get("/api/v1/workflows/" + ident).headers.get("etag")
        self.assertTrue(etag)
        first = self.api.put("/api/v1/workflows/" + ident, small("etag 2"), headers={"If-Match": etag})
        self.assertEqual(first.status, 200, first)
        second = self.api.put("/api/v1/workflows/" + ident, small("etag 3"), headers={"If-Match": etag})
        self.assertEqual(second.status, 412, second)

    def test_delete(self):
        ident = flows.create(self, self.api, small("gone"))
        self.assertIn(self.api.delete("/api/v1/workflows/" + ident).status, (200, 204))
        self.assertEqual(self.api.get("/api/v1/workflows/" + ident).status, 404)
        self.assertEqual(self.api.delete("/api/v1/workflows/" + ident).status, 404)
        self.assertEqual(self.api.post(f"/api/v1/workflows/{ident}/execute", {}).status, 404)

    def test_unknown_and_malformed_ids_are_not_found(self):
        for ident in (UNKNOWN_ID, "nonsense", "1"):
            for answer in (self.api.get("/api/v1/workflows/" + ident), self.api.put("/api/v1/workflows/" + ident, small()),
                           self.api.post(f"/api/v1/workflows/{ident}/publish")):
                self.assertIn(answer.status, (400, 404), answer)
        unknown = self.api.get("/api/v1/workflows/" + UNKNOWN_ID)
        self.assertEqual(unknown.status, 404)
        self.assertIn("application/problem+json", unknown.headers["content-type"])
        self.assertTrue(unknown.code)

    def test_list_pages_through_all(self):
        made = [flows.create(self, self.api, small(f"page {number}")) for number in range(7)]
        seen, cursor = [], None
        for _ in range(100):
            page = self.api.get("/api/v1/workflows?limit=3" + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual(page.status, 200, page)
            self.assertLessEqual(len(page.json["items"]), 3)
            seen += [item["id"] for item in page.json["items"]]
            cursor = page.json["next_cursor"]
            if not cursor:
                break
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual([ident for ident in seen if ident in made], made[::-1])

    def test_bad_limit_and_cursor(self):
        for query in ("limit=0", "limit=-1", "limit=many", "limit=1000000", "cursor=nonsense"):
            answer = self.api.get("/api/v1/workflows?" + query)
            self.assertEqual(answer.status, 400, f"{query}: {answer}")

    def test_faults_are_named_all_at_once(self):
        broken = {"name": "broken",
                  "nodes": [flows.node("a", "no_such_type"), flows.node("b", "conditional", {}),
                            flows.node("b", "set", {"values": {}, "extra": 1}),
                            flows.node("c", "set", {"values": {"x": "{{ 1 + }}"}})],
                  "edges": [{"source": "a", "target": "nowhere"}, {"source": "b", "target": "c", "source_port": "maybe"}]}
        answer = self.api.post("/api/v1/workflows", broken)
        self.assertEqual(answer.status, 400, answer)
        self.assertIn("application/problem+json", answer.headers["content-type"])
        errors = answer.json["errors"]
        self.assertGreaterEqual(len(errors), 6, json.dumps(errors, indent=1))
        for error in errors:
            self.assertRegex(error["code"], r"^[a-z_]+\.[a-z_]+$")
            self.assertTrue(error["message"])
            self.assertTrue(error["at"].startswith("/"), error)
        places = " ".join(error["at"] for error in errors)
        for place in ("/nodes/0", "/nodes/1/config", "/nodes/2", "/nodes/3/config", "/edges/0", "/edges/1"):
            self.assertIn(place, places)

    def test_a_cycle_is_named_with_its_path(self):
        document = flows.chain("cycle", *(flows.node(name, "noop") for name in ("one", "two", "three")))
        document["edges"].append({"source": "three", "target": "one"})
        answer = self.api.post("/api/v1/workflows", document)
        self.assertEqual(answer.status, 400, answer)
        cycle = [error for error in answer.json["errors"] if "cycle" in error["code"]]
        self.assertEqual(len(cycle), 1, answer)
        for name in ("one", "two", "three"):
            self.assertIn(name, cycle[0]["message"])

    def test_validate_says_the_same_without_saving(self):
        before = len(self.api.get("/api/v1/workflows?limit=200").json["items"])
        good = self.api.post("/api/v1/workflows/validate", small())
        self.assertEqual(good.status, 200, good)
        self.assertTrue(good.json["valid"])
        bad = self.api.post("/api/v1/workflows/validate", {"name": "x", "nodes": [flows.node("a", "no_such_type")], "edges": []})
        self.assertEqual(bad.status, 200, bad)
        self.assertFalse(bad.json["valid"])
        self.assertEqual(len(bad.json["errors"]), 1, bad)
        self.assertEqual(len(self.api.get("/api/v1/workflows?limit=200").json["items"]), before)

    def test_unknown_fields_are_refused(self):
        for document in ({**small(), "nonsense": 1}, {**small(), "nodes": [flows.node("a", "noop", nonsense=1)], "edges": []},
                         {**small(), "settings": {"nonsense": 1}}):
            answer = self.api.post("/api/v1/workflows", document)
            self.assertEqual(answer.status, 400, f"{document}: {answer}")
            self.assertTrue(any("nonsense" in error["at"] or "nonsense" in error["message"] for error in answer.json["errors"]), answer)
        ident = flows.create(self, self.api, small())
        answer = self.api.post(f"/api/v1/workflows/{ident}/execute", {"input": 1, "nonsense": 2})
        self.assertEqual(answer.status, 400, answer)

    def test_publish(self):
        ident = flows.create(self, self.api, small("publish"))
        self.assertEqual(self.api.get("/api/v1/workflows/" + ident).json["status"], "draft")
        self.assertEqual(self.api.post(f"/api/v1/workflows/{ident}/publish").status, 200)
        self.assertEqual(self.api.get("/api/v1/workflows/" + ident).json["status"], "published")
        self.assertEqual(self.api.post(f"/api/v1/workflows/{ident}/unpublish").status, 200)
        self.assertEqual(self.api.get("/api/v1/workflows/" + ident).json["status"], "draft")

    def test_node_types_describe_themselves(self):
        listed = self.api.get("/api/v1/node-types")
        self.assertEqual(listed.status, 200, listed)
        kinds = {entry["type"]: entry for entry in listed.json["items"]}
        for kind in ("http", "set", "conditional", "merge", "wait", "webhook", "manual", "data_adapter", "respond", "noop"):
            self.assertIn(kind, kinds)
            self.assertEqual(kinds[kind]["config"]["type"], "object")


if __name__ == "__main__":
    support.main()
