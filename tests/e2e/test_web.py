"""The web pages, as the program serves them."""

import gzip
import re
import sys
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support

HTML = {"Accept": "text/html,application/xhtml+xml"}


class Web(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(support.Server())

    def get(self, path, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.server.url + path, headers=sent), timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def page(self, path="/"):
        status, headers, body = self.get(path, **HTML)
        self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"), path)
        return headers, body.decode()

    def test_every_address_of_a_page_gives_the_page(self):
        for path in ("/", "/workflows", "/workflows/01890000-0000-7000-8000-000000000000", "/executions?status=failed", "/no/such/page"):
            _, body = self.page(path)
            self.assertIn('<div id="app">', body, path)

    def test_the_page_runs_nothing_but_its_own(self):
        nonces = set()
        for _ in range(2):
            headers, body = self.page()
            policy = headers["content-security-policy"]
            self.assertIn("default-src 'self'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            nonce = re.search(r"'nonce-([^']+)'", policy)[1]
            self.assertIn(nonce, body)
            self.assertNotIn("MBFLOW_NONCE", body)
            self.assertEqual(headers["cache-control"], "no-store")
            self.assertNotRegex(body, r"<script(?![^>]*\bsrc=)")
            nonces.add(nonce)
        self.assertEqual(len(nonces), 2)

    def test_assets_are_packed_and_kept_for_good(self):
        _, body = self.page()
        for path in set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', body)):
            status, headers, plain = self.get(path)
            self.assertEqual(status, 200, path)
            self.assertIn("immutable", headers["cache-control"])
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            _, headers, packed = self.get(path, Accept_Encoding="gzip")
            if headers["content-encoding"] == "gzip":
                self.assertEqual(gzip.decompress(packed), plain, path)
            self.assertEqual(self.get(path, If_None_Match=headers["etag"])[0], 304)

    def test_what_is_no_page_is_not_turned_into_one(self):
        for path in ("/api/v1/no-such-thing", "/api/", "/webhooks/none", "/assets/none.js", "/assets/../index.html"):
            status, headers, body = self.get(path, **HTML)
            self.assertNotIn(b'<div id="app">', body, path)
        self.assertEqual(self.get("/api/v1/no-such-thing", **HTML)[0], 404)
        self.assertEqual(self.get("/assets/none.js", **HTML)[0], 404)

    def test_a_program_that_asks_is_told_in_plain_words(self):
        status, headers, body = self.get("/", Accept="*/*")
        self.assertEqual(status, 200)
        self.assertNotIn(b'<div id="app">', body)


if __name__ == "__main__":
    support.main()
