"""Signing in: the first owner's link, sessions and their end, guessing, calls from foreign pages, and what the audit log says of all that."""

import re
import sqlite3
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import support

PASSWORD = "correct horse battery"
CSRF = {"X-CSRF": "1"}


class Stage(unittest.TestCase):
    words = ()

    def setUp(self):
        self.server = self.enterContext(support.Server(*self.words))
        self.anyone = self.server.client(key=None)

    def make_user(self, login, role="editor", password=PASSWORD):
        done = support.mbflow().run("users", "create", login, "--role", role, "--data", self.server.data, stdin=password + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)

    def sign_in(self, login, password=PASSWORD, headers=CSRF):
        return self.anyone.post("/api/v1/auth/sign-in", {"login": login, "password": password}, headers=headers)

    def session(self, login, password=PASSWORD):
        answer = self.sign_in(login, password)
        self.assertEqual(answer.status, 200, answer)
        return {"Cookie": answer.headers["set-cookie"].split(";")[0], **CSRF}

    def status(self, cookie):
        return self.anyone.get("/api/v1/auth/session", headers=cookie).status


class FirstStart(unittest.TestCase):
    def test_the_link_makes_one_owner_and_outlives_a_restart(self):
        server = support.Server()
        server.key = "none yet"  # so that none is made
        with server:
            token = self.token(server)
            server.stop()
            server.start()
            self.assertEqual(self.token(server), token)
            anyone = server.client(key=None)
            owner = {"login": "Me@Example.com", "password": PASSWORD, "name": "Me"}

            def first(**change):
                return anyone.post("/api/v1/auth/first-start", {"token": token, **owner, **change}, headers=CSRF)

            self.assertEqual(first(token=token[:-1] + "x").code, "auth.first_start")
            self.assertEqual(first(password="short").code, "auth.password")
            self.assertEqual(first(login="with space").code, "auth.field")
            made = first()
            self.assertEqual(made.status, 200, made)
            self.assertEqual((made.json["role"], made.json["kind"]), ("owner", "user"))
            self.assertEqual(first(login="second").status, 409)
            cookie = {"Cookie": made.headers["set-cookie"].split(";")[0], **CSRF}
            self.assertEqual(anyone.get("/api/v1/users", headers=cookie).json["items"][0]["login"], "me@example.com")
            self.assertEqual(anyone.get("/api/v1/audit/verify", headers=cookie).json["sound"], True)
            server.stop()
            server.start()
            self.assertNotIn("first-start", server.process.output())
            again = anyone.post("/api/v1/auth/first-start", {"token": token, **owner, "login": "third"}, headers=CSRF)
            self.assertEqual(again.status, 403, again)
            self.assertEqual(anyone.get("/api/v1/auth/session", headers=cookie).status, 200)  # sessions are on disk

    def token(self, server):
        return support.wait_for(lambda: re.search(r"#first-start=(mbf_[\w-]+)", server.process.output()), "the link").group(1)


class Sessions(Stage):
    def test_a_session_is_a_cookie_that_scripts_do_not_see_and_ends_when_it_is_ended(self):
        self.make_user("anna")
        answer = self.sign_in("ANNA")
        self.assertEqual(answer.status, 200, answer)
        self.assertRegex(answer.headers["set-cookie"], r"^mbflow=mbf_[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=\d+$")
        cookie = {"Cookie": "other=1; " + answer.headers["set-cookie"].split(";")[0], **CSRF}
        self.assertEqual(self.anyone.get("/api/v1/workflows", headers=cookie).status, 200)
        other = self.session("anna")
        self.assertNotEqual(other["Cookie"], cookie["Cookie"])
        self.assertEqual(self.anyone.post("/api/v1/auth/sign-out", headers=cookie).status, 204)
        self.assertEqual((self.status(cookie), self.status(other)), (401, 200))
        for wrong in ("mbflow=", "mbflow=mbf_x", "xmbflow=" + other["Cookie"].split("=")[1], other["Cookie"] + "x"):
            self.assertEqual(self.status({"Cookie": wrong}), 401, wrong)
        self.server.stop()
        raw = b"".join(path.read_bytes() for path in self.server.data.glob("mbflow.db*") if path.is_file())
        self.assertNotIn(other["Cookie"].split("=")[1].encode(), raw)
        self.assertNotIn(PASSWORD.encode(), raw)
        self.assertIn(b"$argon2id$v=19$m=65536,t=3,", raw)

    def test_a_new_password_ends_all_sessions_and_a_lost_role_counts_at_once(self):
        self.make_user("boss", "owner")
        self.make_user("anna")
        first, second = self.session("anna"), self.session("anna")
        change = {"current": PASSWORD, "password": "another long password"}
        wrong = self.anyone.post("/api/v1/auth/password", {**change, "current": "wrong"}, headers=first)
        self.assertEqual(wrong.code, "auth.sign_in", wrong)
        changed = self.anyone.post("/api/v1/auth/password", change, headers=first)
        self.assertEqual(changed.status, 200, changed)
        self.assertEqual((self.status(first), self.status(second)), (401, 401))
        fresh = {"Cookie": changed.headers["set-cookie"].split(";")[0], **CSRF}
        self.assertEqual(self.status(fresh), 200)
        self.assertEqual(self.sign_in("anna").status, 403)
        boss = self.session("boss")
        user = next(one for one in self.anyone.get("/api/v1/users", headers=boss).json["items"] if one["login"] == "anna")
        self.assertEqual(self.anyone.get("/api/v1/api-keys", headers=fresh).status, 403)
        self.assertEqual(self.anyone.request("PUT", "/api/v1/members/" + user["id"], {"role": "admin"}, boss).status, 200)
        self.assertEqual(self.anyone.get("/api/v1/api-keys", headers=fresh).status, 200)
        self.assertEqual(self.anyone.request("PUT", "/api/v1/members/" + user["id"], {"role": "viewer"}, boss).status, 200)
        self.assertEqual(self.anyone.get("/api/v1/api-keys", headers=fresh).status, 403)
        self.assertEqual(self.anyone.request("PATCH", "/api/v1/users/" + user["id"], {"active": False}, boss).status, 200)
        self.assertEqual(self.status(fresh), 401)
        self.assertEqual(self.sign_in("anna", "another long password").status, 403)

    def test_nobody_gives_more_than_they_have(self):
        self.make_user("boss", "owner")
        self.make_user("admin", "admin")
        admin, boss = self.session("admin"), self.session("boss")
        who = {member["login"]: member["user_id"] for member in self.anyone.get("/api/v1/members", headers=admin).json["items"]}
        for method, path, body in (("POST", "/api/v1/members", {"login": "admin", "role": "owner"}), ("PUT", f"/api/v1/members/{who['admin']}", {"role": "owner"}),
                                   ("PUT", f"/api/v1/members/{who['boss']}", {"role": "viewer"}), ("DELETE", f"/api/v1/members/{who['boss']}", None),
                                   ("POST", "/api/v1/members", {"login": "boss", "role": "viewer"}), ("POST", "/api/v1/api-keys", {"name": "k", "role": "owner"})):
            self.assertEqual(self.anyone.request(method, path, body, admin).code, "auth.grant", f"{method} {path}")
        self.assertEqual(self.anyone.request("PUT", f"/api/v1/members/{who['boss']}", {"role": "admin"}, boss).code, "store.last_owner")
        made = self.anyone.post("/api/v1/api-keys", {"name": "k", "role": "admin", "scopes": ["api-keys:own", "workflows:read"]}, headers=admin)
        self.assertEqual(made.status, 201, made)
        scoped = self.server.client(made.json["key"])
        for scopes in ([], ["*:own"], ["executions:run"]):
            self.assertEqual(scoped.post("/api/v1/api-keys", {"name": "x", "role": "viewer", "scopes": scopes}).code, "auth.grant", scopes)
        self.assertEqual(scoped.post("/api/v1/api-keys", {"name": "x", "role": "viewer", "scopes": ["workflows:read"]}).status, 201)
        self.assertEqual(scoped.get("/api/v1/executions").status, 403)
        self.assertEqual(self.anyone.post("/api/v1/api-keys", {"name": "x", "role": "viewer", "scopes": ["nonsense:read"]}, headers=admin).code, "auth.field")

    def test_a_page_of_another_origin_can_do_nothing(self):
        self.make_user("anna")
        cookie = self.session("anna")
        own = f"http://127.0.0.1:{self.server.port}"

        def change(**headers):
            sent = {"Cookie": cookie["Cookie"], **{name.replace("_", "-"): value for name, value in headers.items()}}
            return self.anyone.post("/api/v1/workflows/validate", {}, headers=sent)

        self.assertEqual(change(X_CSRF="1", Origin=own, Sec_Fetch_Site="same-origin").status, 200)
        for headers in ({}, {"Origin": own}, {"X_CSRF": "1", "Origin": "https://evil.example"}, {"X_CSRF": "1", "Origin": "null"},
                        {"X_CSRF": "1", "Sec_Fetch_Site": "cross-site"}, {"X_CSRF": "1", "Sec_Fetch_Site": "same-site"}, {"X_CSRF": "1", "Origin": own + ".evil.example"}):
            answer = change(**headers)
            self.assertEqual((answer.status, answer.code), (403, "auth.csrf"), f"{headers} {answer}")
        for headers in ({}, {**CSRF, "Origin": "https://evil.example"}):
            self.assertEqual(self.sign_in("anna", headers=headers).code, "auth.csrf")
        answer = self.anyone.request("OPTIONS", "/api/v1/workflows", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
        self.assertFalse([name for name in answer.headers if name.startswith("access-control-")], answer)


class BehindTls(Stage):
    words = ("--public-url", "https://flows.example.com")

    def test_the_cookie_goes_over_tls_only(self):
        self.make_user("anna")
        answer = self.sign_in("anna", headers={**CSRF, "Origin": "https://flows.example.com"})
        self.assertRegex(answer.headers["set-cookie"], r"^__Host-mbflow=mbf_[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$")
        token = answer.headers["set-cookie"].split(";")[0].split("=")[1]
        self.assertEqual(self.status({"Cookie": "__Host-mbflow=" + token}), 200)
        self.assertEqual(self.status({"Cookie": "mbflow=" + token}), 401)  # one that a plain page could have set
        self.assertEqual(self.sign_in("anna", headers={**CSRF, "Origin": f"http://127.0.0.1:{self.server.port}"}).code, "auth.csrf")


class Guessing(Stage):
    def test_guesses_are_few_and_learn_nothing(self):
        self.make_user("anna")
        self.make_user("gone")
        self.assertEqual(support.mbflow().run("users", "deactivate", "gone", "--data", self.server.data).returncode, 0)
        answers = [self.sign_in("anna", "wrong password"), self.sign_in("nobody", "wrong password"), self.sign_in("gone"), self.sign_in("nobody", "")]
        self.assertEqual({(answer.status, answer.body) for answer in answers}, {(answers[0].status, answers[0].body)})
        self.assertEqual((answers[0].status, answers[0].code), (403, "auth.sign_in"))
        wrong = 1
        while True:
            answer = self.sign_in("anna", "wrong password")
            if answer.status == 429:
                break
            self.assertEqual(answer.status, 403, answer)
            wrong += 1
            self.assertLess(wrong, 8)
        self.assertEqual(wrong, 5)
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        self.assertEqual(self.sign_in("anna").status, 429)  # also with the right one: it could be the guess that hits

    def test_an_address_has_few_guesses_over_all_accounts(self):
        statuses = [self.sign_in(f"user{number}", "wrong password").status for number in range(14)]
        self.assertEqual(statuses[:10], [403] * 10)
        self.assertIn(429, statuses[10:])


class Audit(Stage):
    def test_every_change_is_noted_and_none_can_be_taken_back(self):
        self.make_user("boss", "owner")
        boss = self.session("boss")
        made = self.anyone.post("/api/v1/workflows", {"name": "w", "nodes": [], "edges": []}, headers=boss)
        self.assertEqual(made.status, 201, made)
        self.anyone.post("/api/v1/workflows", {"nonsense": 1}, headers=boss)
        self.assertEqual(self.anyone.request("DELETE", "/api/v1/workflows/" + made.json["id"], headers=boss).status, 204)
        rows = self.anyone.get("/api/v1/audit?limit=3", headers=boss).json
        self.assertEqual([(row["action"], row["target"]) for row in rows["items"]],
                         [("delete_workflow", made.json["id"]), ("create_workflow", made.json["id"]), ("sign_in", "boss")])
        self.assertTrue(all(row["actor"].startswith("user:") and row["address"] == "127.0.0.1" for row in rows["items"]))
        page = self.anyone.get("/api/v1/audit?cursor=" + rows["next_cursor"], headers=boss).json["items"]
        self.assertEqual(page[0]["number"], rows["items"][-1]["number"] - 1)
        self.assertEqual(self.anyone.get("/api/v1/audit/verify", headers=boss).json["sound"], True)

        self.server.stop()
        base = sqlite3.connect(self.server.data / "mbflow.db", isolation_level=None)
        for statement in ("UPDATE audit SET actor = 'nobody' WHERE number = 2", "DELETE FROM audit WHERE number = 2"):
            with self.assertRaises(sqlite3.DatabaseError):
                base.execute(statement)
        for trigger in ("audit_is_not_changed", "audit_is_not_shortened"):
            base.execute("DROP TRIGGER " + trigger)
        verify = lambda: support.mbflow().run("audit", "verify", "--data", self.server.data)
        self.assertEqual(verify().returncode, 0)
        base.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
        self.assertEqual(verify().returncode, 1)
        base.execute("UPDATE audit_head SET number = number - 1")
        base.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
        done = verify()
        self.assertEqual(done.returncode, 1)
        self.assertIn("row 2", done.stderr)
        base.close()


class Rates(Stage):
    words = ("--rate-key", "5", "--rate-workflow", "2")

    def test_more_than_the_rate_is_refused_with_the_time_to_come_back(self):
        api = self.server.client()
        answers = [api.get("/api/v1/workflows") for _ in range(40)]
        refused = [answer for answer in answers if answer.status == 429]
        self.assertGreater(len(refused), 20)
        self.assertEqual(refused[0].code, "rate.limited")
        self.assertGreaterEqual(int(refused[0].headers["retry-after"]), 1)
        other = self.server.client(self.server.create_key("viewer", "other"))
        self.assertEqual(other.get("/api/v1/workflows").status, 200)

    def test_a_workflow_has_its_own_rate_by_its_webhook_too(self):
        api = self.server.client(self.server.create_key("editor", "maker"))
        document = {"name": "w", "nodes": [{"id": "h", "name": "h", "type": "webhook", "config": {"path": "rate", "auth": "public"}}], "edges": []}
        made = api.post("/api/v1/workflows", document)
        self.assertEqual(api.post(f"/api/v1/workflows/{made.json['id']}/publish", {}).status, 200)
        statuses = [self.anyone.post("/webhooks/rate", {}).status for _ in range(30)]
        self.assertIn(202, statuses)
        self.assertGreater(statuses.count(429), 15)


if __name__ == "__main__":
    support.main()
