"""A WebSocket client of raw frames (RFC 6455): what a test sends is what goes over the wire. Blocking; every wait has an end."""

import base64
import json
import os
import socket
import struct

from .program import patience

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server answered the handshake with something else: .status, .code."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body[:500]!r}")
        self.status = status
        try:
            self.code = json.loads(body).get("code")
        except ValueError:
            self.code = None


class Closed(Exception):
    """The server closed: .code; None: without a word."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"{code} {reason}")
        self.code = code


def masked(opcode, payload, fin=True):
    mask = os.urandom(4)
    size = len(payload)
    length = bytes([size | 128]) if size < 126 else bytes([254]) + struct.pack(">H", size) if size < 65536 else bytes([255]) + struct.pack(">Q", size)
    return bytes([(128 if fin else 0) | opcode]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def handshake(port, path, headers):
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class WebSocket:
    """One connection; a context manager that cuts it at its end, without a goodbye."""

    def __init__(self, port, path="/api/v1/live", key=None, headers=None):
        headers = {**({"Authorization": "Bearer " + key} if key else {}), **(headers or {})}
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30 * patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seen = b""
        self.kept = []  # what came while an answer was awaited
        self.socket.sendall(handshake(port, path, headers))
        head = self._until(b"\r\n\r\n").decode()
        self.status = int(head.split(" ", 2)[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])}
        if self.status != 101:
            raise Refused(self.status, self._take(int(self.headers.get("content-length", "0"))))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def cut(self):
        self.socket.close()

    def send(self, message):
        self.send_frame(TEXT, json.dumps(message).encode())

    def send_frame(self, opcode, payload=b"", fin=True):
        self.socket.sendall(masked(opcode, payload, fin))

    def receive(self):
        """The next message; pings are answered on the way. Raises Closed."""
        return self.kept.pop(0) if self.kept else self._message()

    def _message(self):
        while True:
            opcode, payload = self._frame()
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None
                raise Closed(code, payload[2:].decode())
            elif opcode != PONG:
                return json.loads(payload)

    def ask(self, message):
        """Sends, and gives the first answer that is about the same id; what comes before is there to be received."""
        self.send(message)
        while True:
            answer = self._message()
            if answer.get("id") == message.get("id") and answer["type"] not in ("events", "executions"):
                return answer
            self.kept.append(answer)

    def close(self, code=1000):
        self.send_frame(CLOSE, struct.pack(">H", code))

    def _frame(self):
        """A whole message, or a control frame between its parts."""
        whole = b""
        kind = None
        while True:
            first, second = self._take(2)
            size = second & 127
            if size == 126:
                size = struct.unpack(">H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._take(8))[0]
            payload = self._take(size)
            opcode = first & 15
            if opcode >= CLOSE:
                return opcode, payload
            kind = kind or opcode
            whole += payload
            if first & 128:
                return kind, whole

    def _more(self):
        try:
            block = self.socket.recv(65536)
        except ConnectionResetError:
            block = b""
        if not block:
            raise Closed()
        self.seen += block

    def _take(self, count):
        while len(self.seen) < count:
            self._more()
        front, self.seen = self.seen[:count], self.seen[count:]
        return front

    def _until(self, mark):
        while mark not in self.seen:
            self._more()
        front, _, self.seen = self.seen.partition(mark)
        return front
