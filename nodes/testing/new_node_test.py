#!/usr/bin/env python3
"""What new_node.py writes is a whole folder that the generator accepts; bad names and existing folders are refused."""
import contextlib
import io
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import gen_nodes  # noqa: E402
import new_node  # noqa: E402


def write(name, nodes):
    """What it says when it refuses; nothing when all is well."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            new_node.write(name, nodes)
    except SystemExit as refusal:
        return str(refusal)
    return ""


class NewNode(unittest.TestCase):
    def setUp(self):
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.nodes, self.out = Path(work.name) / "nodes", Path(work.name) / "out"
        self.nodes.mkdir()

    def test_a_whole_folder(self):
        self.assertEqual(write("slack_message", self.nodes), "")
        folder = self.nodes / "slack_message"
        files = {"node.json", "slack_message.cpp", "text.ru.json", "README.md", "README.ru.md", "icon.svg"}
        self.assertEqual(files, {path.name for path in folder.iterdir() if path.is_file()})
        cases = [json.loads(path.read_text()) for path in (folder / "cases").iterdir()]
        self.assertGreaterEqual(len(cases), 4)
        self.assertEqual(json.loads((folder / "node.json").read_text())["title"], "Slack message")
        self.assertFalse([path for path in folder.rglob("*.*") if re.search("@[A-Z]+@", path.read_text())])
        gen_nodes.main(self.nodes, self.out)
        self.assertIn("nodes::slack_message::row()", (self.out / "node_table.gen.cpp").read_text())

    def test_a_name_that_is_a_keyword(self):
        self.assertEqual(write("delete", self.nodes), "")
        self.assertIn("namespace mbflow::nodes::delete_ {", (self.nodes / "delete" / "delete.cpp").read_text())

    def test_bad_names_are_refused(self):
        for name in ("Slack", "1st", "a-b", "a__b", "a_", "../x", "", "a" * 41, "testing.x"):
            self.assertNotEqual(write(name, self.nodes), "", name)
            self.assertEqual(list(self.nodes.iterdir()), [], name)

    def test_an_existing_folder_is_refused(self):
        (self.nodes / "http").mkdir()
        self.assertIn("is there already", write("http", self.nodes))


if __name__ == "__main__":
    unittest.main()
