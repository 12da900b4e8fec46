#!/usr/bin/env python3
"""The generator against its golden output. With --accept the output becomes the golden one."""
import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))
import gen_nodes  # noqa: E402

SAMPLE = HERE / "golden" / "nodes"
EXPECTED = HERE / "golden" / "expected"


def generate(nodes, out):
    """What it says when it refuses; nothing when all is well."""
    try:
        gen_nodes.main(nodes, out)
    except SystemExit as refusal:
        return str(refusal)
    return ""


class GenNodes(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        self.nodes, self.out = Path(self.work.name) / "nodes", Path(self.work.name) / "out"
        shutil.copytree(SAMPLE, self.nodes)
        self.sample = self.nodes / "sample_node"

    def edit(self, change):
        path = self.sample / "node.json"
        definition = json.loads(path.read_text())
        change(definition)
        path.write_text(json.dumps(definition))

    def refused(self):
        message = generate(self.nodes, self.out)
        self.assertNotEqual(message, "")
        return message

    def test_golden(self):
        self.assertEqual(generate(self.nodes, self.out), "")
        names = sorted(path.name for path in self.out.iterdir())
        self.assertEqual(names, ["node_table.gen.cpp", "sample_node.gen.h"])
        for name in names:
            if "--accept" in sys.argv:
                shutil.copy(self.out / name, EXPECTED / name)
            self.assertEqual((self.out / name).read_text(), (EXPECTED / name).read_text(), f"{name}: run with --accept if that is meant")

    def test_unchanged_files_are_left_alone(self):
        generate(self.nodes, self.out)
        header = self.out / "sample_node.gen.h"
        before = header.stat().st_mtime_ns
        (self.sample / "README.md").write_text("# Other\n")
        generate(self.nodes, self.out)
        self.assertEqual(header.stat().st_mtime_ns, before)
        self.assertIn("# Other", (self.out / "node_table.gen.cpp").read_text())

    def test_type_is_the_folder(self):
        self.edit(lambda definition: definition.update(type="other"))
        self.assertIn('"type" must be "sample_node"', self.refused())

    def test_missing_parts_are_named(self):
        self.edit(lambda definition: definition.pop("config"))
        self.assertIn("'config' is missing", self.refused())

    def test_missing_file(self):
        (self.sample / "icon.svg").unlink()
        self.assertIn("icon.svg", self.refused())

    def test_required_without_property(self):
        self.edit(lambda definition: definition["config"]["required"].append("nowhere"))
        self.assertIn("nowhere", self.refused())

    def test_bad_duration(self):
        self.edit(lambda definition: definition["config"]["properties"]["wait"].update(default="soon"))
        self.assertIn("'soon' is not a duration", self.refused())

    def test_run_is_needed(self):
        (self.sample / "sample_node.cpp").write_text("Result<Output> run(Config config, Context& context) {}\n")
        self.assertIn("no Result<Output> run(", self.refused())


if __name__ == "__main__":
    unittest.main(argv=[argument for argument in sys.argv if argument != "--accept"])
