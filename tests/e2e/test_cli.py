"""The command line: what it prints where, and its exit codes (0 done, 1 failed, 2 wrong input)."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

GOOD = flows.chain("good", flows.node("in", "manual"), flows.node("add", "set", {"values": {"m": "{{ $json.n + $vars.step }}"}}), variables={"step": 1})
FAILING = flows.chain("failing", flows.node("in", "manual"), flows.node("boom", "set", {"values": {"x": "{{ JSON.parse('{') }}"}}))
YAML = """\
name: from yaml
variables:
  step: 10
nodes:
  - id: in
    name: in
    type: manual
  - id: add
    name: add
    type: set
    config:
      values:
        m: "{{ $json.n + $vars.step }}"
edges:
  - {source: in, target: add}
"""
BROKEN_YAML = """\
name: broken
nodes:
  - id: one
    name: one
    type: no_such_type
  - id: two
    name: two
    type: conditional
    config: {}
edges:
  - {source: one, target: nowhere}
"""


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.mbflow = support.mbflow()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def test_version_and_help(self):
        done = self.mbflow.run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^mbflow \d+\.\d+\.\d+")
        for words in (("--help",), ("help",), ("run", "--help")):
            self.assertEqual(self.mbflow.run(*words).returncode, 0)
        for command in ("serve", "run", "validate", "nodes", "explain", "config", "key", "completion", "mock-api"):
            self.assertIn(command, self.mbflow.run("--help").stdout)

    def test_wrong_use_is_2(self):
        for words in ((), ("nonsense",), ("run",), ("run", "--nonsense", "x"), ("validate",), ("key",), ("serve", "--nonsense"), ("completion", "tcsh"),
                      ("serve", "--listen", "nonsense"), ("serve", "--log-level", "loud"), ("serve", "--allow-egress", "nonsense")):
            done = self.mbflow.run(*words, cwd=self.folder)
            self.assertEqual(done.returncode, 2, f"{words}: {done.stdout} {done.stderr}")
            self.assertTrue(done.stderr, words)

    def test_run_prints_the_result_alone(self):
        done = self.mbflow.run("run", self.write("good.json", GOOD), "--input", '{"n": 1}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"status": "succeeded", "output": [{"n": 1, "m": 2}], "error": None})
        self.assertIn("add", done.stderr)
        quiet = self.mbflow.run("run", self.write("good.json", GOOD), "--input", '{"n": 1}', "--quiet")
        self.assertEqual((quiet.stdout, quiet.stderr), (done.stdout, ""))

    def test_run_reads_yaml_input_files_and_stdin(self):
        flow = self.write("flow.yaml", YAML)
        given = self.write("input.json", [{"n": 1}, {"n": 2}])
        expected = [{"n": 1, "m": 11}, {"n": 2, "m": 12}]
        self.assertEqual(self.mbflow.json("run", flow, "--input", "@" + given)["output"], expected)
        self.assertEqual(self.mbflow.json("run", flow, "--input", "@-", stdin='[{"n": 1}, {"n": 2}]')["output"], expected)
        self.assertEqual(self.mbflow.json("run", "-", "--input", "@" + given, stdin=YAML)["output"], expected)
        self.assertEqual(self.mbflow.json("run", flow, "--input", "@" + given, "--set", "step=5")["output"], [{"n": 1, "m": 6}, {"n": 2, "m": 7}])
        self.assertEqual(self.mbflow.json("run", flow, "--set", "step=x", "--input", '{"n": "y"}')["output"], [{"n": "y", "m": "yx"}])

    def test_run_exit_codes(self):
        failed = self.mbflow.json("run", self.write("failing.json", FAILING), code=1)
        self.assertEqual((failed["status"], failed["error"]["code"], failed["error"]["node"]), ("failed", "expr.raised", "boom"))
        for words in (("run", self.folder / "missing.json"), ("run", self.write("bad.json", "{")), ("run", self.write("broken.yaml", BROKEN_YAML)),
                      ("run", self.write("good.json", GOOD), "--input", "{"), ("run", self.write("good.json", GOOD), "--input", "@/nowhere"),
                      ("run", self.write("good.json", GOOD), "--set", "novalue")):
            done = self.mbflow.run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), f"{words}: {done.stderr}")
            self.assertTrue(done.stderr)

    def test_run_refuses_private_addresses(self):
        with support.MockApi() as mock:
            flow = self.write("call.json", flows.chain("call", flows.node("in", "manual"), flows.node("call", "http", {"url": mock.url + "/users/1"})))
            self.assertEqual(self.mbflow.json("run", flow, code=1)["error"]["code"], "http.egress_denied")
            self.assertEqual(self.mbflow.json("run", flow, "--allow-egress", f"127.0.0.1:{mock.port + 1}", code=1)["error"]["code"], "http.egress_denied")
            self.assertEqual(self.mbflow.json("run", flow, "--allow-egress", mock.address)["output"][0]["name"], "Ada Byron")

    def test_validate_names_every_fault_with_its_line(self):
        path = self.write("broken.yaml", BROKEN_YAML)
        done = self.mbflow.run("validate", path)
        self.assertEqual(done.returncode, 2)
        for line in (5, 9, 11):
            self.assertIn(f"{path}:{line}: error:", done.stderr)
        good = self.mbflow.run("validate", self.write("good.json", GOOD), self.write("flow.yaml", YAML))
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertEqual(self.mbflow.run("validate", self.write("good.json", GOOD), path).returncode, 2)
        report = self.mbflow.json("validate", "--json", path, code=2)
        self.assertFalse(report["valid"])
        self.assertEqual({fault["line"] for fault in report["faults"] if fault["severity"] == "error"}, {5, 9, 11})

    def test_nodes(self):
        listed = self.mbflow.run("nodes").stdout
        self.assertRegex(listed, r"(?m)^http ")
        every = self.mbflow.json("nodes", "--json")
        self.assertEqual(len(every), len(listed.splitlines()))
        one = self.mbflow.json("nodes", "set", "--json")
        self.assertIn("values", one["config"]["properties"])
        self.assertIn("values", self.mbflow.run("nodes", "set").stdout)
        self.assertEqual(self.mbflow.run("nodes", "nonsense").returncode, 2)

    def test_explain_knows_every_code_of_the_nodes(self):
        told = self.mbflow.json("explain", "engine.timeout", "--json")
        self.assertTrue(told["meaning"] and told["cure"])
        self.assertEqual(self.mbflow.run("explain", "no.such_code").returncode, 2)
        for kind in self.mbflow.json("nodes", "--json"):
            for error in kind.get("errors", []):
                self.assertEqual(self.mbflow.run("explain", error["code"]).returncode, 0, error)

    def test_config_says_where_values_come_from(self):
        path = self.write("settings.yaml", "listen: 127.0.0.1:1111\ndata: /from/file\nthreads: 3\nallow_egress: [10.0.0.0/8]\n")
        env = {"MBFLOW_LISTEN": "127.0.0.1:2222", "MBFLOW_DATA": "/from/env"}
        got = self.mbflow.json("config", "--json", "--config", path, "--data", "/from/flag", env=env)
        self.assertEqual((got["data"]["value"], got["data"]["from"]), ("/from/flag", "flag --data"))
        self.assertEqual((got["listen"]["value"], got["listen"]["from"]), ("127.0.0.1:2222", "MBFLOW_LISTEN"))
        self.assertEqual((got["threads"]["value"], got["threads"]["from"]), ("3", "file " + path))
        self.assertEqual(got["allow-egress"]["value"], ["10.0.0.0/8"])
        self.assertEqual(got["log-level"]["from"], "default")
        self.assertIn("/from/flag", self.mbflow.run("config", "--data", "/from/flag").stdout)
        for url in ("postgres://u:hush@h/n", "postgres://h/n?password=hush", "postgres://u:hush@h/n?sslpassword=hush&password=hush"):
            shown = self.mbflow.json("config", "--json", "--database", url)["database"]["value"]
            self.assertNotIn("hush", shown)
            self.assertEqual(shown, url.replace("hush", "***"))
        self.assertEqual(self.mbflow.run("config", "--config", self.write("odd.yaml", "nonsense: 1\n")).returncode, 2)
        self.assertEqual(self.mbflow.run("config", "--config", "/nowhere.yaml").returncode, 2)

    def test_key_create_prints_the_key_alone(self):
        data = self.folder / "data"
        done = self.mbflow.run("key", "create", "--data", data, "--role", "owner", "--name", "me")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^mbf_[A-Za-z0-9_-]{43}\n$")
        told = self.mbflow.json("key", "create", "--data", data, "--role", "viewer", "--name", "you", "--json")
        self.assertEqual((told["role"], told["name"]), ("viewer", "you"))
        self.assertEqual(os.stat(data).st_mode & 0o077, 0)
        for file in data.iterdir():
            self.assertNotIn(done.stdout.strip().encode(), file.read_bytes(), file)
            self.assertEqual(os.stat(file).st_mode & 0o077, 0, file)

    def test_completion_scripts_parse(self):
        script = self.mbflow.run("completion", "bash")
        self.assertEqual(script.returncode, 0)
        checked = subprocess.run(["bash", "-n"], input=script.stdout, text=True, capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        for shell in ("zsh", "fish"):
            self.assertIn("mbflow", self.mbflow.run("completion", shell).stdout)

    def test_public_address_needs_an_owner(self):
        done = self.mbflow.run("serve", "--data", self.folder / "open", "--listen", f"0.0.0.0:{support.free_port()}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("owner", done.stderr)


if __name__ == "__main__":
    support.main()
