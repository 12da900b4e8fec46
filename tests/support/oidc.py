"""An OpenID Connect provider that does as a test tells it, also what none should do; and a browser without pages. Keys and signatures are openssl's."""

import base64
import hashlib
import hmac
import http.client
import json
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urlsplit


def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, given=b""):
    return subprocess.run(["openssl", *map(str, words)], input=given, capture_output=True, check=True).stdout


def raw_signature(der):
    """r and s, 32 bytes each, of a DER signature."""
    numbers, rest = [], der[2:]
    for _ in range(2):
        size = rest[1]
        numbers.append(rest[2:2 + size].lstrip(b"\0").rjust(32, b"\0"))
        rest = rest[2 + size:]
    return b"".join(numbers)


class Key:
    def __init__(self, folder, kid, alg="RS256"):
        self.kid, self.alg, self.file = kid, alg, Path(folder) / (kid + ".pem")
        kind = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"] if alg == "ES256" else ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        openssl("genpkey", "-algorithm", *kind, "-out", self.file)

    def public(self):
        if self.alg == "ES256":
            point = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")[-64:]
            return {"kty": "EC", "crv": "P-256", "x": coded(point[:32]), "y": coded(point[32:]), "kid": self.kid, "use": "sig"}
        modulus = openssl("rsa", "-in", self.file, "-noout", "-modulus").split(b"=")[1].strip().decode()
        return {"kty": "RSA", "n": coded(bytes.fromhex(modulus)), "e": "AQAB", "kid": self.kid, "alg": self.alg, "use": "sig"}

    def public_pem(self):
        return openssl("pkey", "-in", self.file, "-pubout")

    def sign(self, data, alg=None):
        more = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if (alg or self.alg) == "PS256" else []
        signature = openssl("dgst", "-sha256", "-sign", self.file, *more, given=data)
        return raw_signature(signature) if self.alg == "ES256" else signature


def token(header, claims, sign):
    data = (coded(json.dumps(header).encode()) + "." + coded(json.dumps(claims).encode())).encode()
    return data.decode() + "." + coded(sign(data))


def hs256(secret):
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


class Provider:
    """A context manager. `behave(**knobs)` says what it does differently; without, it is a good one."""

    client_id, secret = "mbflow", "s3cret +/%"

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mbflow-oidc-")
        self.key = Key(self.folder.name, "first")
        self.published = [self.key]
        self.codes, self.asked = {}, []
        self.behave()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self, "")

            def do_POST(self):
                provider.answer(self, self.rfile.read(int(self.headers.get("content-length", 0))).decode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.issuer = f"http://{self.address}/realm"

    def behave(self, **knobs):
        """claims: of the token, changed (None: left out); make(header, claims): the token; discovery; pages: path → (status, body);
        codes_last: a code is good for ever; silent: paths that get no answer until release()."""
        self.knobs = knobs
        self.released = threading.Event()

    def release(self):
        self.released.set()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.release()
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def add_key(self, kid, alg="RS256"):
        """One more, that signs from here on; it is published when the test says so."""
        self.key = Key(self.folder.name, kid, alg)
        return self.key

    def discovery(self):
        place = self.issuer
        return {"issuer": place, "authorization_endpoint": place + "/auth", "token_endpoint": place + "/token", "jwks_uri": place + "/keys",
                **self.knobs.get("discovery", {})}

    def count(self, path):
        return sum(one == path for one in self.asked)

    def answer(self, request, body):
        path = urlsplit(request.path).path.removeprefix("/realm")
        self.asked.append(path)
        if path in self.knobs.get("silent", ()):
            self.released.wait()
            return
        status, answer = self.knobs.get("pages", {}).get(path) or self.page(path, body, request.headers)
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(data)))
        request.end_headers()
        try:
            request.wfile.write(data)
        except OSError:
            pass  # who asked had heard enough

    def page(self, path, body, headers):
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/keys":
            return 200, {"keys": [key.public() for key in self.published]}
        return self.redeem(body, headers) if path == "/token" else (404, {})

    def redeem(self, body, headers):
        form = {name: values[0] for name, values in parse_qs(body).items()}
        scheme, _, basic = headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(basic).decode().partition(":") if scheme == "Basic" else ("", "", "")
        if (unquote(name), unquote(secret)) != (self.client_id, self.secret):
            return 401, {"error": "invalid_client"}
        asked = self.codes.get(form.get("code")) if self.knobs.get("codes_last") else self.codes.pop(form.get("code"), None)
        proof = coded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not asked or asked["code_challenge"] != proof or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant", "error_description": "secret " + self.secret}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": self.token(asked)}

    def token(self, asked):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": asked["sub"], "nonce": asked["nonce"], "iat": now, "exp": now + 300}
        claims = {name: value for name, value in {**claims, **self.knobs.get("claims", {})}.items() if value is not None}
        header = {"alg": self.key.alg, "kid": self.key.kid, "typ": "JWT"}
        return self.knobs["make"](header, claims) if "make" in self.knobs else token(header, claims, self.key.sign)

    def agree(self, location, sub):
        """The person signs in and agrees: where they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = coded(hashlib.sha256(location.encode()).digest())
        self.codes[code] = {**asked, "sub": sub}
        return "/api/v1/auth/oidc/callback?" + urlencode({"code": code, "state": asked["state"], "session_state": "x"})


class Browser:
    """Keeps cookies, follows nothing; each is at an address of its own, by the word of a proxy."""

    count = 0

    def __init__(self, port):
        Browser.count += 1
        self.port, self.cookies, self.address = port, {}, f"203.0.113.{Browser.count % 250}"

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request("GET", path, headers={"X-Forwarded-For": self.address, **({"Cookie": cookie} if cookie else {})})
        answer = connection.getresponse()
        answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.take(value)
        connection.close()
        return answer.status, answer.headers.get("location", "")

    def take(self, set_cookie):
        name, _, value = set_cookie.split(";")[0].partition("=")
        self.cookies.pop(name, None) if not value else self.cookies.update({name: value})

    def begin(self, return_to="/"):
        """Where the provider is, with what it is asked; or the code of the refusal."""
        status, location = self.get("/api/v1/auth/oidc?" + urlencode({"return_to": return_to}))
        assert status == 302, (status, location)
        return location

    def headers(self):
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "X-CSRF": "1"}


def error_of(location):
    """The code that a page is told, or "" when all went well."""
    return parse_qs(urlsplit(location).query).get("error", [""])[0]
