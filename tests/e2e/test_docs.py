"""The calls in docs/api.md, run as they stand there and in that order; each answer must have the shape shown."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
MARK = "=====next block====="


def blocks(text):
    """[(language, code)] of the fenced blocks."""
    return re.findall(r"^```(\w+)\n(.*?)^```", text, re.M | re.S)


def last_line_json(output):
    """A block may make several calls: the answer shown is that of the last."""
    decoder, at, value = json.JSONDecoder(), 0, None
    while (at := output.find("{", at)) >= 0:
        value, at = decoder.raw_decode(output, at)
    return value


def differences(shown, got, where="answer"):
    if shown == "…":
        return []
    if isinstance(shown, dict) and isinstance(got, dict):
        missing = [f"{where} has no '{key}'" for key in shown if key not in got]
        return missing + [fault for key in shown if key in got for fault in differences(shown[key], got[key], f"{where}.{key}")]
    if isinstance(shown, list) and isinstance(got, list):
        if len(shown) != len(got):
            return [f"{where} has {len(got)} elements, {len(shown)} are shown"]
        return [fault for number, pair in enumerate(zip(shown, got)) for fault in differences(*pair, f"{where}[{number}]")]
    return [] if shown == got else [f"{where} is {got!r}, shown is {shown!r}"]


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Docs(unittest.TestCase):
    def test_api_calls(self):
        page = blocks((DOCS / "api.md").read_text())
        shell = [code for language, code in page if language == "sh"]
        with support.Server() as server, tempfile.TemporaryDirectory() as folder:
            os.symlink(support.mbflow().path, Path(folder) / "mbflow")
            script = f"\necho '{MARK}'\n".join(shell).replace("http://127.0.0.1:8080", server.url).replace("./mbflow-data", str(server.data))
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, cwd=folder, timeout=60,
                                  env={**os.environ, "PATH": folder + ":" + os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout[-2000:])
        outputs = iter(done.stdout.split(MARK))
        output = ""
        for language, code in page:
            if language == "sh":
                output = next(outputs)
            elif language == "json":
                with self.subTest(code.split("\n")[0][:80]):
                    self.assertEqual(differences(json.loads(code), last_line_json(output)), [], output)

    def test_settings_table(self):
        rows = re.findall(r"^\| `--([a-z-]+)` \| `(MBFLOW_[A-Z_]+)`[^|]*\| `([a-z_]+)`[^|]*\| ?`?([^|`]*)`? \|", (DOCS / "cli.md").read_text(), re.M)
        told = support.mbflow().json("config", "--json")
        self.assertEqual([row[0] for row in rows], list(told))
        for name, variable, key, default in rows:
            self.assertEqual((variable, key), ("MBFLOW_" + name.upper().replace("-", "_"), name.replace("-", "_")))
            value = told[name]["value"]
            self.assertEqual(default.strip(), value if isinstance(value, str) else ",".join(value), name)


if __name__ == "__main__":
    support.main()
