"""Signing in at an OpenID Connect provider, and every way in which a provider, a browser or somebody between them may lie. Each refusal has a code
of its own, makes no session, and links nobody."""

import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support
from support.oidc import Browser, Provider, error_of, hs256, token

PASSWORD = "correct horse battery"
CSRF = {"X-CSRF": "1"}


class Stage(unittest.TestCase):
    words = ()
    egress = True

    @classmethod
    def setUpClass(cls):
        cls.provider = cls.enterClassContext(Provider())
        port = support.free_port()
        secret = Path(cls.provider.folder.name) / "secret"
        secret.write_text(cls.provider.secret + "\n")
        more = ["--allow-egress", cls.provider.address] if cls.egress else []
        cls.server = cls.enterClassContext(support.Server(
            "--public-url", f"http://127.0.0.1:{port}", "--oidc-issuer", cls.provider.issuer, "--oidc-client-id", "mbflow",
            "--oidc-secret-file", secret, "--oidc-name", "Example", "--trusted-proxies", "127.0.0.1", *more, *cls.words, port=port))
        cls.api = cls.server.client()

    def setUp(self):
        self.provider.behave()
        self.browser = Browser(self.server.port)

    def make_user(self, login, subject=None, **more):
        given = {"login": login, "role": "editor", **({"oidc_subject": subject} if subject else {}), **more}
        made = self.api.post("/api/v1/users", given)
        self.assertEqual(made.status, 201, made)
        return made.json

    def come_back(self, sub="nobody", browser=None, return_to="/"):
        browser = browser or self.browser
        return browser.get(self.provider.agree(browser.begin(return_to), sub))

    def session(self, browser=None):
        return self.server.client(key=None).get("/api/v1/auth/session", headers=(browser or self.browser).headers())

    def refused(self, code, sub="nobody", browser=None):
        browser = browser or self.browser
        status, location = self.come_back(sub, browser)
        self.assertEqual((status, error_of(location)), (302, code), location)
        self.assertTrue(location.startswith("/sign-in?"), location)
        self.nobody_in(browser)

    def nobody_in(self, browser=None):
        self.assertEqual(self.session(browser).status, 401)

    def audit(self, action):
        return [row for row in self.api.get("/api/v1/audit?limit=200").json["items"] if row["action"] == action]


class SignIn(Stage):
    def test_who_is_linked_comes_in_where_they_wanted_to_go(self):
        user = self.make_user("linked@example.com", "sub linked")
        self.assertEqual(user["oidc"], {"issuer": self.provider.issuer, "subject": "sub linked"})
        self.assertEqual(self.api.get("/api/v1/auth/ways").json, {"oidc": {"name": "Example"}})
        location = self.browser.begin("/executions?status=failed#x")
        self.assertIn("code_challenge_method=S256", location)
        self.assertIn("redirect_uri=http%3A%2F%2F127.0.0.1", location)
        self.assertEqual(self.browser.get(self.provider.agree(location, "sub linked")), (302, "/executions?status=failed#x"))
        session = self.session()
        self.assertEqual((session.json["id"], session.json["role"], session.json["has_password"]), (user["id"], "editor", False))
        self.assertEqual(list(self.browser.cookies), ["mbflow"])
        row = self.audit("sign_in")[0]
        self.assertEqual((row["actor"], row["detail"]), ("user:" + user["id"], {"issuer": self.provider.issuer}))

    def test_a_mail_address_links_nobody(self):
        self.make_user("boss@example.com", password=PASSWORD)
        self.provider.behave(claims={"email": "boss@example.com", "email_verified": True, "preferred_username": "boss@example.com"})
        self.refused("oidc.unknown_user", "stranger")
        row = self.audit("sign_in_refused")[0]
        self.assertEqual((row["actor"], row["detail"]["code"]), ("", "oidc.unknown_user"))
        self.assertIsNone(self.session().json.get("id"))

    def test_every_lie_of_a_token_has_its_code(self):
        self.make_user("table", "sub table")
        now, mine = int(time.time()), self.provider.key
        none = lambda header, claims: token({**header, "alg": "none"}, claims, lambda _: b"")
        cut = lambda header, claims: token({**header, "alg": "none"}, claims, lambda _: b"").rstrip(".")
        confused = lambda header, claims: token({**header, "alg": "HS256"}, claims, hs256(mine.public_pem()))
        confused_jwk = lambda header, claims: token({**header, "alg": "HS256"}, claims, hs256(json.dumps(mine.public()).encode()))
        forged = lambda header, claims: token(header, claims, lambda _: b"\1" * 256)
        empty = lambda header, claims: token(header, claims, lambda _: b"")
        swapped = lambda header, claims: token(header, {**claims, "sub": "sub table"}, lambda _: mine.sign(b"another"))
        critical = lambda header, claims: token({**header, "crit": ["b64"], "b64": False}, claims, mine.sign)
        named = lambda header, claims: token({**header, "kid": "unheard of"}, claims, mine.sign)
        curve = lambda header, claims: token({**header, "alg": "ES256"}, claims, mine.sign)
        cases = [
            ("oidc.nonce", {"claims": {"nonce": "another"}}), ("oidc.nonce", {"claims": {"nonce": None}}),
            ("oidc.audience", {"claims": {"aud": "another"}}), ("oidc.audience", {"claims": {"aud": ["another"]}}),
            ("oidc.audience", {"claims": {"aud": None}}), ("oidc.audience", {"claims": {"aud": []}}),
            ("oidc.audience", {"claims": {"aud": ["mbflow", "another"]}}), ("oidc.audience", {"claims": {"aud": ["mbflow", "another"], "azp": "another"}}),
            ("oidc.audience", {"claims": {"azp": "another"}}),
            ("oidc.issuer", {"claims": {"iss": self.provider.issuer + "/"}}), ("oidc.issuer", {"claims": {"iss": "https://accounts.example.com"}}),
            ("oidc.expired", {"claims": {"exp": now - 120}}), ("oidc.token", {"claims": {"exp": None}}), ("oidc.token", {"claims": {"exp": "never"}}),
            ("oidc.clock", {"claims": {"iat": now + 600}}), ("oidc.clock", {"claims": {"iat": now - 3600}}), ("oidc.clock", {"claims": {"nbf": now + 600}}),
            ("oidc.token", {"claims": {"iat": None}}), ("oidc.token", {"claims": {"sub": ""}}), ("oidc.token", {"claims": {"sub": "x" * 256}}),
            ("oidc.token", {"claims": {"sub": 7}}), ("oidc.algorithm", {"make": none}), ("oidc.algorithm", {"make": cut}),
            ("oidc.algorithm", {"make": confused}), ("oidc.algorithm", {"make": confused_jwk}), ("oidc.signature", {"make": forged}),
            ("oidc.signature", {"make": empty}), ("oidc.signature", {"make": swapped}), ("oidc.token", {"make": critical}), ("oidc.key", {"make": named}),
            ("oidc.key", {"make": curve}), ("oidc.token", {"make": lambda *_: "no token"}), ("oidc.token", {"make": lambda *_: ""}),
            ("oidc.token", {"make": lambda *_: None}), ("oidc.token", {"make": lambda *_: "x" * 100_000}),
            ("oidc.refused", {"pages": {"/token": (400, {"error": "invalid_client"})}}), ("oidc.unreachable", {"pages": {"/token": (503, {})}}),
            ("oidc.unreachable", {"pages": {"/token": (200, b" " * (3 << 20))}}), ("oidc.token", {"pages": {"/token": (200, b"<html>")}}),
            ("oidc.refused", {"pages": {"/token": (302, {})}}),
        ]
        for number, (code, knobs) in enumerate(cases):
            with self.subTest(number=number, code=code):
                self.provider.behave(**knobs)
                self.refused(code, "sub table", Browser(self.server.port))
        self.provider.behave(claims={"aud": ["mbflow", "another"], "azp": "mbflow"})
        self.assertEqual(self.come_back("sub table"), (302, "/"))
        self.provider.behave(claims={"exp": int(time.time()) - 30, "iat": int(time.time()) + 30})  # within a minute
        self.assertEqual(self.come_back("sub table"), (302, "/"))

    def test_an_attempt_belongs_to_its_browser_and_is_good_for_once(self):
        self.make_user("once", "sub once")
        self.provider.behave(codes_last=True)
        back = self.provider.agree(self.browser.begin(), "sub once")
        kept = dict(self.browser.cookies)
        other = Browser(self.server.port)
        for stranger in (other, self.at_another_attempt()):
            self.assertEqual(error_of(stranger.get(back)[1]), "oidc.state")
            self.nobody_in(stranger)
        self.browser.cookies = dict(kept)
        self.assertEqual(error_of(self.browser.get(back.replace("state=", "state=x"))[1]), "oidc.state")
        self.browser.cookies = {"mbflow-oidc": kept["mbflow-oidc"][:-4] + "AAAA"}
        self.assertEqual(error_of(self.browser.get(back)[1]), "oidc.state")
        self.server.stop()
        self.server.start()  # it outlives a restart
        self.browser.cookies = dict(kept)
        self.assertEqual(self.browser.get(back), (302, "/"))
        self.assertEqual(self.session().status, 200)
        self.assertEqual(error_of(self.browser.get(back)[1]), "oidc.state")  # the cookie is gone
        for _ in range(2):
            self.server.stop()
            self.server.start()
            thief = Browser(self.server.port)
            thief.cookies = dict(kept)  # and whoever kept it has nothing of it
            self.assertEqual(error_of(thief.get(back)[1]), "oidc.state")
            self.nobody_in(thief)
        self.provider.behave()
        self.browser.begin()
        self.assertEqual(error_of(self.browser.get(back.replace("state=", "state=y"))[1]), "oidc.state")

    def at_another_attempt(self):
        browser = Browser(self.server.port)
        browser.begin()
        return browser

    def test_a_code_that_was_redeemed_elsewhere_and_a_refusal_there(self):
        self.make_user("twice", "sub twice")
        back = self.provider.agree(self.browser.begin(), "sub twice")
        self.provider.codes.clear()
        self.assertEqual(error_of(self.browser.get(back)[1]), "oidc.refused")
        state = back.split("state=")[1].split("&")[0]
        self.assertEqual(error_of(self.browser.get(back)[1]), "oidc.state")
        location = self.browser.begin("/workflows")
        state = location.split("&state=")[1].split("&")[0]
        status, location = self.browser.get(f"/api/v1/auth/oidc/callback?error=access_denied&error_description=%3Cb%3E&state={state}")
        self.assertEqual((status, location), (302, "/sign-in?error=oidc.refused&to=%2Fworkflows"))
        location = self.browser.begin()
        back = self.provider.agree(location, "sub twice") + "&iss=https%3A%2F%2Fother.example"
        self.assertEqual(error_of(self.browser.get(back)[1]), "oidc.issuer")
        self.nobody_in()

    def test_who_is_deactivated_stays_out_and_who_is_unlinked_goes(self):
        user = self.make_user("gone", "sub gone")
        self.assertEqual(self.come_back("sub gone"), (302, "/"))
        self.assertEqual(self.api.patch("/api/v1/users/" + user["id"], {"active": False}).status, 200)
        self.nobody_in()
        self.refused("oidc.deactivated", "sub gone")
        self.api.patch("/api/v1/users/" + user["id"], {"active": True})
        self.assertEqual(self.come_back("sub gone"), (302, "/"))
        self.assertIsNone(self.api.patch("/api/v1/users/" + user["id"], {"oidc_subject": None}).json["oidc"])
        self.nobody_in()
        self.refused("oidc.unknown_user", "sub gone")

    def test_an_account_is_one_users(self):
        self.make_user("one", "sub one")
        other = self.make_user("other", password=PASSWORD)
        self.assertEqual(self.api.patch("/api/v1/users/" + other["id"], {"oidc_subject": "sub one"}).status, 409)
        self.assertEqual(self.api.post("/api/v1/users", {"login": "third", "oidc_subject": "sub one"}).status, 409)
        self.assertEqual(self.api.post("/api/v1/users", {"login": "fourth"}).code, "auth.password")
        self.assertEqual(self.api.post("/api/v1/auth/oidc/link", {"password": PASSWORD}).code, "auth.not_a_user")
        begun = self.begin_link("other")
        status, location = self.browser.get(self.provider.agree(begun, "sub one"))
        self.assertEqual((status, location), (302, "/settings/account?error=oidc.linked"))
        self.assertIsNone(self.session().json["oidc"])

    def begin_link(self, login):
        anyone = self.server.client(key=None)
        signed_in = anyone.post("/api/v1/auth/sign-in", {"login": login, "password": PASSWORD}, headers=CSRF)
        self.browser.take(signed_in.headers["set-cookie"])
        wrong = anyone.post("/api/v1/auth/oidc/link", {"password": "wrong"}, headers=self.browser.headers())
        self.assertEqual(wrong.code, "auth.sign_in")
        foreign = {"Cookie": self.browser.headers()["Cookie"]}
        self.assertEqual(anyone.post("/api/v1/auth/oidc/link", {"password": PASSWORD}, headers=foreign).code, "auth.csrf")
        begun = anyone.post("/api/v1/auth/oidc/link", {"password": PASSWORD}, headers=self.browser.headers())
        self.assertEqual(begun.status, 200, begun)
        self.browser.take(begun.headers["set-cookie"])
        return begun.json["url"]

    def test_a_user_links_their_own_account_and_takes_it_back(self):
        user = self.make_user("self", password=PASSWORD)
        back = self.provider.agree(self.begin_link("self"), "sub self")
        stranger = Browser(self.server.port)
        stranger.cookies = {"mbflow-oidc": self.browser.cookies["mbflow-oidc"]}
        self.provider.behave(codes_last=True)
        self.assertEqual(stranger.get(back), (302, "/settings/account?error=auth.missing"))
        back = self.provider.agree(self.begin_link("self"), "sub self")
        self.assertEqual(self.browser.get(back), (302, "/settings/account"))
        self.assertEqual(self.session().json["oidc"]["subject"], "sub self")
        self.assertEqual(self.audit("link_oidc")[0]["actor"], "user:" + user["id"])
        self.browser.cookies.clear()
        self.assertEqual(self.come_back("sub self"), (302, "/"))
        anyone = self.server.client(key=None)
        self.assertEqual(anyone.delete("/api/v1/auth/oidc/link", headers=self.browser.headers()).status, 204)
        self.assertEqual(self.audit("unlink_oidc")[0]["actor"], "user:" + user["id"])
        self.assertIsNone(self.session().json["oidc"])
        self.refused("oidc.unknown_user", "sub self", Browser(self.server.port))
        self.make_user("only", "sub only")
        self.browser.cookies.clear()
        self.assertEqual(self.come_back("sub only"), (302, "/"))
        self.assertEqual(anyone.delete("/api/v1/auth/oidc/link", headers=self.browser.headers()).code, "oidc.only_way")

    def test_nobody_is_sent_elsewhere(self):
        bad = ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)", "evil.example", "/\t/evil.example",
               "/\n/evil.example", "/%2f/evil.example", "/%5cevil.example", "/./\\/evil.example", "/..//evil.example", "/a//evil.example", "/@evil.example\\",
               " /", "/ ", "/api/v1/auth/oidc", "/api", "/webhooks/x", "/x/../api/v1/auth/oidc", "/\x00", "/é", "/" + "a" * 2000, "http:/evil.example", "///"]
        for path in bad:
            with self.subTest(path=path):
                self.assertEqual(self.browser.begin(path), "/sign-in?error=oidc.return_to")
        for path in ("/", "/workflows/1?x=%2F%2Fy#//z", "/@evil.example", "/executions"):
            with self.subTest(path=path):
                self.assertTrue(self.browser.begin(path).startswith(self.provider.issuer))

    def test_an_address_has_its_share_of_attempts(self):
        seen = [error_of(self.browser.begin("//")) for _ in range(70)]
        self.assertEqual(seen[0], "oidc.return_to")
        self.assertEqual(seen[-1], "auth.limited")
        self.assertEqual(error_of(Browser(self.server.port).begin("//")), "oidc.return_to")

    def test_no_secret_is_told(self):
        self.provider.behave(pages={"/token": (400, {"error": "invalid_client", "error_description": self.provider.secret})})
        self.refused("oidc.refused")
        told = self.server.process.output() + self.api.get("/api/v1/audit?limit=200").text
        self.assertIn("oidc.refused", told)
        self.assertNotIn(self.provider.secret, told)


class Keys(Stage):
    words = ("--threads", "1")  # each loop has its own

    def test_a_new_key_is_fetched_once_and_other_algorithms_are_read(self):
        self.make_user("keys", "sub keys")
        self.assertEqual(self.come_back("sub keys"), (302, "/"))
        first, fetched = self.provider.key, self.provider.count("/keys")
        for alg in ("ES256", "PS256", "RS256"):
            self.provider.published = [self.provider.add_key("next-" + alg, alg)]
            self.assertEqual(self.come_back("sub keys"), (302, "/"), alg)
            self.assertEqual(self.come_back("sub keys"), (302, "/"), alg)
        self.assertEqual(self.provider.count("/keys"), fetched + 3)
        self.refused_after_rotation(first)
        unknown = self.provider.count("/keys")
        self.provider.add_key("hidden")
        for _ in range(12):
            status, location = self.come_back("sub keys", Browser(self.server.port))
            self.assertIn(error_of(location), ("oidc.key", "oidc.unreachable"))
        self.assertLessEqual(self.provider.count("/keys") - unknown, 10)

    def refused_after_rotation(self, first):
        """A key that is not published any more proves nothing."""
        now, self.provider.key = self.provider.key, first
        self.refused("oidc.key", "sub keys", Browser(self.server.port))
        self.provider.key = now


class NewUsers(Stage):
    words = ("--oidc-role", "operator")

    def test_whoever_the_provider_knows_comes_in_as_somebody_new(self):
        self.provider.behave(claims={"email": "New@Example.com", "email_verified": True, "name": "New One"})
        self.assertEqual(self.come_back("sub new"), (302, "/"))
        session = self.session().json
        self.assertEqual((session["name"], session["role"]), ("New One", "operator"))
        self.assertEqual(self.audit("create_user")[0]["target"], session["id"])
        again = Browser(self.server.port)
        self.assertEqual(self.come_back("sub new", again), (302, "/"))
        self.assertEqual(self.session(again).json["id"], session["id"])
        user = self.api.get("/api/v1/users/" + session["id"]).json
        self.assertEqual((user["login"], user["has_password"]), ("new@example.com", False))

    def test_nobody_gets_the_name_of_another(self):
        user = self.make_user("taken@example.com", password=PASSWORD)
        self.provider.behave(claims={"email": "taken@example.com", "email_verified": True})
        self.refused("oidc.login_taken", "sub thief")
        self.assertIsNone(self.api.get("/api/v1/users/" + user["id"]).json["oidc"])
        for number, claims in enumerate(({"email": "ceo@example.com"}, {"email": "ceo@example.com", "email_verified": "true"}, {"preferred_username": "ceo@example.com"})):
            self.provider.behave(claims=claims)
            browser = Browser(self.server.port)
            self.assertEqual(self.come_back(f"unproved-{number}", browser), (302, "/"))
            user = self.api.get("/api/v1/users/" + self.session(browser).json["id"]).json
            self.assertEqual(user["login"], f"unproved-{number}")


class Discovery(Stage):
    def test_what_a_discovery_document_may_not_say(self):
        place = self.provider.issuer
        cases = [
            ("oidc.discovery", {"discovery": {"issuer": "https://other.example"}}), ("oidc.discovery", {"discovery": {"issuer": place + "/"}}),
            ("oidc.discovery", {"discovery": {"authorization_endpoint": "javascript:alert(1)"}}), ("oidc.discovery", {"discovery": {"token_endpoint": "file:///etc/passwd"}}),
            ("oidc.discovery", {"discovery": {"jwks_uri": "gopher://127.0.0.1/"}}), ("oidc.discovery", {"discovery": {"token_endpoint": None}}),
            ("oidc.unreachable", {"pages": {"/.well-known/openid-configuration": (200, b"[]")}}),
            ("oidc.unreachable", {"pages": {"/.well-known/openid-configuration": (200, b"{" + b" " * (3 << 20) + b"}")}}),
        ]
        for number, (code, knobs) in enumerate(cases):
            with self.subTest(number=number, code=code):
                self.provider.behave(**knobs)
                self.assertEqual(error_of(self.browser.begin()), code)
        # An address within reach of the provider's words alone is refused like any other.
        self.server.stop()
        self.server.start()
        self.make_user("inside", "sub inside")
        self.provider.behave(discovery={"token_endpoint": "http://127.0.0.1:1/token"})
        self.assertEqual(error_of(self.come_back("sub inside")[1]), "oidc.egress")

    def test_who_does_not_answer_is_not_waited_for(self):
        self.server.stop()
        self.server.start()
        self.provider.behave(silent=["/.well-known/openid-configuration"])
        self.assertEqual(error_of(self.browser.begin()), "oidc.unreachable")
        self.assertEqual(self.api.get("/healthz").status, 200)


class Refusals(Stage):
    egress = False

    def test_a_private_provider_must_be_allowed(self):
        self.assertEqual(error_of(self.browser.begin()), "oidc.egress")
        self.assertIn("--allow-egress", self.server.process.output())

    def test_settings_that_would_not_be_safe_are_refused(self):
        good = {"--oidc-issuer": "https://id.example.com", "--oidc-client-id": "x", "--public-url": "https://flows.example.com"}
        cases = [({"--oidc-issuer": "http://id.example.com"}, "oidc-issuer"), ({"--oidc-issuer": "https://id.example.com/?x"}, "oidc-issuer"),
                 ({"--oidc-client-id": ""}, "oidc-client-id"), ({"--public-url": ""}, "public-url"), ({"--oidc-role": "owner"}, "oidc-role"),
                 ({"--oidc-tenant": "nowhere"}, "oidc-tenant"), ({"--oidc-secret-file": "/nonexistent"}, "oidc-secret-file")]
        for change, name in cases:
            with self.subTest(name=name):
                words = [word for pair in {**good, **change}.items() for word in pair]
                done = support.mbflow().run("serve", "--data", self.provider.folder.name + "/other", "--listen", "127.0.0.1:0", *words)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(name, done.stderr)


class Off(unittest.TestCase):
    def test_without_a_provider_nobody_signs_in_there(self):
        with support.Server() as server:
            browser = Browser(server.port)
            self.assertEqual(browser.begin(), "/sign-in?error=oidc.off")
            self.assertEqual(error_of(browser.get("/api/v1/auth/oidc/callback?code=x&state=")[1]), "oidc.state")
            self.assertEqual(server.client().get("/api/v1/auth/ways").json, {"oidc": None})
            made = server.client().post("/api/v1/users", {"login": "x", "oidc_subject": "y"})
            self.assertEqual(made.code, "oidc.off")


if __name__ == "__main__":
    support.main()
