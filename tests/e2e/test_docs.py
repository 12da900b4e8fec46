"""The calls in docs/, run as they stand there and in that order; each answer must have the shape shown. The calls of each page begin with those that docs/api.md
names before the first."""

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
from support import flows
from support.program import patience
from support.web_socket import WebSocket

PAGES = ("access.md", "api.md", "credentials.md", "live.md", "schedules.md")
DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
MARK = "=====next block====="


def blocks(page):
    """[(language, code)] of the fenced blocks of a page."""
    return re.findall(r"^```(\w+)\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)


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
        if shown[-1:] == ["…"]:
            shown, got = shown[:-1], got[: len(shown) - 1]
        if len(shown) != len(got):
            return [f"{where} has {len(got)} elements, {len(shown)} are shown"]
        return [fault for number, pair in enumerate(zip(shown, got)) for fault in differences(*pair, f"{where}[{number}]")]
    return [] if shown == got else [f"{where} is {got!r}, shown is {shown!r}"]


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Docs(unittest.TestCase):
    def run_page(self, server, page):
        """What each block of calls printed."""
        shell = [code for language, code in blocks(page) if language == "sh"]
        if page != "api.md":
            shell[0] = next(code for language, code in blocks("api.md") if language == "sh") + shell[0]
        script = f"\necho '{MARK}'\n".join(shell).replace("http://127.0.0.1:8080", server.url).replace("./mbflow-data", str(server.data))
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(support.mbflow().path, Path(folder) / "mbflow")
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, cwd=folder, timeout=60 * patience,
                                  env={**os.environ, "PATH": folder + ":" + os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout[-2000:])
        return done.stdout.split(MARK)

    def check_page(self, server, page):
        outputs = iter(self.run_page(server, page))
        output, checked = None, 0
        for language, code in blocks(page):
            if language == "sh":
                output = next(outputs)
                continue
            if output is None:
                continue  # shows something else than an answer
            with self.subTest(code.split("\n")[0][:80]):
                if language == "json":
                    self.assertEqual(differences(json.loads(code), last_line_json(output)), [], output)
                elif language == "text":
                    self.assertRegex(output, re.escape(code).replace("…", ".*"))
                checked += language in ("json", "text")
        self.assertGreater(checked, 2, "a page shows what its calls answer")

    def test_calls(self):
        for page in PAGES:
            with self.subTest(page), support.Server() as server:
                self.check_page(server, page)

    def test_every_page_with_calls_is_run(self):
        called = {page.name for page in DOCS.glob("*.md") if re.search(r"^ *(curl|api) .*(http|\$MBFLOW)", page.read_text(), re.M)}
        self.assertLessEqual(called, set(PAGES))

    def test_live_dialogue(self):
        """What is sent is sent, what is shown as received comes; lists are told of an execution that begins when it is awaited."""
        lines = [line for language, code in blocks("live.md") if language == "live" for line in code.splitlines()]
        self.assertGreater(len(lines), 5)
        with support.Server() as server, WebSocket(server.port, key=server.key) as client:
            api = server.client()
            workflow = flows.create(self, api, flows.chain("live", flows.node("in", "manual"), flows.node("set", "set", {"values": {"a": 1}})))
            execution = flows.start(self, api, workflow)
            flows.until_status(api, execution, "succeeded")
            for line in lines:
                message = json.loads(line[1:].replace("$EXECUTION", execution).replace("$WORKFLOW", workflow))
                if line[0] == "→":
                    client.send(message)
                    continue
                if message["type"] == "executions":
                    flows.start(self, api, workflow)
                got = client.receive()
                while got["type"] == "executions" != message["type"]:  # it goes on meanwhile
                    got = client.receive()
                self.assertEqual(differences(message, got), [], got)

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
