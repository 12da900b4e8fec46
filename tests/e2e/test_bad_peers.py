"""What a workflow calls may break in every way: each ends with an error that names it, in bounded memory, and harms nothing else."""

import contextlib
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows
from support.fault_proxy import FaultProxy

# What each fault is called by the node that met it.
FAULTS = {
    "never_accepts": "http.timeout",
    "never_reads": "http.timeout",
    "never_answers": "http.timeout",
    "trickles": "http.timeout",
    "resets_at_once": "http.no_answer",
    "resets_after_the_request": "http.no_answer",
    "resets_in_the_head": "http.no_answer",
    "resets_in_the_body": "http.no_answer",
    "ends_in_the_body": "http.no_answer",
    "speaks_another_language": "http.no_answer",
    "has_a_head_without_end": "http.too_large",
    "has_a_body_without_end": "http.too_large",
    "has_a_bad_chunk": "http.no_answer",
    "unpacks_to_a_thousandfold": "http.too_large",
    "redirects_to_itself": "http.redirects",
    "has_no_tls": "http.tls",
    "has_a_certificate_nobody_trusts": "http.tls",
}
SECURE = ("has_no_tls", "has_a_certificate_nobody_trusts")
PASSING = [fault for fault, code in FAULTS.items() if code in ("http.timeout", "http.no_answer") and fault not in ("never_accepts", "trickles")]


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class BadPeers(unittest.TestCase):
    def setUp(self):
        self.mock = self.enterContext(support.MockApi())
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-peer-")))
        self.certificate = folder / "both.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=elsewhere.example",
                        "-days", "1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
        self.certificate.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())

    def serve(self, proxies):
        allowed = [word for peer in (*proxies, self.mock) for word in ("--allow-egress", peer.address)]
        return self.enterContext(support.Server(*allowed))

    def call(self, api, proxy, fault, **more):
        scheme = "https" if fault in SECURE else "http"
        node = flows.node("call", "http", {"url": f"{scheme}://{proxy.address}/items/1", "method": "POST", "body": {"x": "y" * 100_000}, "timeout": "1s", "max_bytes": 1_000_000}, **more)
        return flows.start(self, api, flows.create(self, api, flows.chain(fault, flows.node("in", "manual"), node)))

    def proxy(self, fault, **more):
        return self.enterContext(FaultProxy(fault, certificate=self.certificate, **more))

    def test_each_fault_is_named_and_harms_nothing_else(self):
        proxies = {fault: self.proxy(fault) for fault in FAULTS}
        server = self.serve(proxies.values())
        api = server.client()
        before = resident(server.process.pid)
        well = flows.create(self, api, flows.chain("well", flows.node("in", "manual"), flows.node("call", "http", {"url": self.mock.url + "/items/1"})))
        idents = {fault: self.call(api, proxy, fault, retry={"attempts": 1}) for fault, proxy in proxies.items()}
        for _ in range(20):
            done = api.post(f"/api/v1/workflows/{well}/execute?wait=30s", {})
            self.assertEqual((done.status, done.json["status"]), (200, "succeeded"), done)
        ended = {fault: flows.until_status(api, ident) for fault, ident in idents.items()}
        self.assertEqual({fault: (one["status"], one["error"]["code"]) for fault, one in ended.items()}, {fault: ("failed", code) for fault, code in FAULTS.items()})
        if support.patience == 1:  # a sanitizer keeps what was freed
            self.assertLess(resident(server.process.pid) - before, 32)

    def test_a_fault_that_passes_costs_an_attempt_with_the_same_key(self):
        proxies = {fault: self.proxy(fault, upstream=int(self.mock.address.rsplit(":", 1)[1]), faults=2) for fault in PASSING}
        api = self.serve(proxies.values()).client()
        retry = {"attempts": 3, "delay": "20ms", "jitter": False}
        idents = {fault: self.call(api, proxy, fault, retry=retry) for fault, proxy in proxies.items()}
        for fault, ident in idents.items():
            with self.subTest(fault):
                found = flows.until_status(api, ident)
                self.assertEqual((found["status"], found["nodes"]["call"]["attempts"]), ("succeeded", 3), found)
                self.assertEqual(len(set(proxies[fault].keys)), 1)
        delivered = self.mock.deliveries()
        self.assertEqual(sorted(delivered), sorted(proxy.keys[0] for proxy in proxies.values()))
        self.assertEqual(set(delivered.values()), {1})


if __name__ == "__main__":
    support.main()
