"""A disk that is full, and a disk that fails: nothing that was acknowledged is lost, and the server says what is wrong."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support import flows

# fsync and fdatasync fail while the file named by MBFLOW_BROKEN_DISK exists.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int broken(void) { const char* sign = getenv("SIGN_OF_A_BROKEN_DISK"); return sign && access(sign, F_OK) == 0; }
int fsync(int fd) { if (broken()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { if (broken()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"""

SIZE = 16 << 20


def small_workflow():
    return flows.chain("small", flows.node("in", "manual"), flows.node("set", "set", {"values": {"seen": True}}))


def begin(api, workflow, size):
    return api.post(f"/api/v1/workflows/{workflow}/execute", {"input": {"text": "x" * size}})


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-disk-"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", self.folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.folder], check=True)
        self.server = self.enterContext(support.Server(data=self.folder))

    def test_starts_are_refused_before_it_is_full_and_taken_again_when_there_is_room(self):
        api = self.server.client()
        workflow = flows.create(self, api, small_workflow())
        filler = Path(self.folder) / "filler"
        filler.write_bytes(bytes(SIZE - (3 << 20)))
        taken, refused = [], None
        for _ in range(400):
            answer = begin(api, workflow, 30_000)
            if answer.status != 202:
                refused = answer
                break
            taken.append(answer.json["id"])
            time.sleep(0.02)
        self.assertIsNotNone(refused, "the disk never filled up")
        self.assertEqual((refused.status, refused.json["code"]), (503, "runtime.disk_low"), refused)
        self.assertIn("retry-after", refused.headers)
        support.wait_for(lambda: api.get("/readyz").status == 503, "not ready")
        ready = api.get("/readyz")
        self.assertEqual((ready.status, ready.json["code"]), (503, "runtime.disk_low"))
        # Nothing that was taken is lost, not even in the last bytes.
        for ident in taken:
            self.assertEqual(flows.until_status(api, ident)["status"], "succeeded")
        filler.unlink()
        support.wait_for(lambda: api.get("/readyz").status == 200, "ready again")
        self.assertEqual(begin(api, workflow, 1000).status, 202)

    def test_a_disk_that_is_full_to_the_last_byte_takes_nothing_and_breaks_nothing(self):
        api = self.server.client()
        workflow = flows.create(self, api, small_workflow())
        before = begin(api, workflow, 1000).json["id"]
        filler = Path(self.folder) / "filler"
        file = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with self.assertRaises(OSError):
            while True:
                os.write(file, bytes(4096))
        os.close(file)
        # One or two still fit into what the write-ahead log has already: those are kept like any other.
        early = [answer for answer in (begin(api, workflow, 50_000) for _ in range(20)) if answer.status != 503]
        self.assertEqual({answer.status for answer in early} - {202}, set())
        self.assertLess(len(early), 20)
        support.wait_for(lambda: api.get("/readyz").status == 503, "not ready")
        self.assertEqual({begin(api, workflow, 50_000).status for _ in range(20)}, {503})
        self.assertEqual(flows.until_status(api, before)["status"], "succeeded")  # reading goes on
        filler.unlink()
        support.wait_for(lambda: api.get("/readyz").status == 200, "ready again")
        after = begin(api, workflow, 1000)
        for answer in [*early, after]:
            self.assertEqual(flows.until_status(api, answer.json["id"])["status"], "succeeded")


class BrokenDisk(unittest.TestCase):
    def test_after_a_failed_sync_it_acknowledges_nothing_more_and_ends_with_an_error(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="mbflow-broken-")))
        (folder / "shim.c").write_text(SHIM)
        subprocess.run(["c++", "-x", "c", "-shared", "-fPIC", "-o", folder / "shim.so", folder / "shim.c", "-ldl"], check=True)
        sign = folder / "sign"
        env = {"LD_PRELOAD": str(folder / "shim.so"), "SIGN_OF_A_BROKEN_DISK": str(sign),
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        server = self.enterContext(support.Server(env=env))
        api = server.client()
        workflow = flows.create(self, api, small_workflow())
        taken = [begin(api, workflow, 100).json["id"] for _ in range(20)]
        sign.touch()
        late = []
        while server.process.running():
            try:
                answer = begin(server.client(), workflow, 100)
            except OSError:
                continue
            late.append(answer.status)
        self.assertEqual(server.process.child.wait(), 1, server.process.output())
        self.assertTrue(late)
        self.assertEqual(set(late), {503}, "it acknowledged what it could not sync")
        self.assertIn("the database cannot be written", server.process.output())
        sign.unlink()
        server.start()
        for ident in taken:
            self.assertEqual(flows.until_status(server.client(), ident)["status"], "succeeded")


if __name__ == "__main__":
    if "MBFLOW_OWN_MOUNTS" not in os.environ:
        # Mounts of its own, which end with it; without root in a user namespace of its own, too.
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.environ["MBFLOW_OWN_MOUNTS"] = "yes"
        os.execvp("unshare", ["unshare", "--mount", *as_root, sys.executable, *sys.argv])
    support.main()
