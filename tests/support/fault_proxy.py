"""A TCP proxy that breaks its first connections in one of many ways and passes on the rest. A context manager."""

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time

MOST = 64 << 20  # bytes that it sends without end


def reset(peer):
    """Ends the connection by RST instead of FIN: what was sent may be lost."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def read_head(peer):
    head = b""
    while b"\r\n\r\n" not in head:
        got = peer.recv(65536)
        if not got:
            raise ConnectionError("no request")
        head += got
    return head


def until_gone(peer):
    while peer.recv(65536):
        pass


def send_on(peer, piece):
    for _ in range(MOST // len(piece)):
        peer.sendall(piece)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class FaultProxy:
    """`faults` connections meet the fault; those that come later get through to `upstream`, a port."""

    def __init__(self, fault, upstream=0, faults=1 << 30, certificate=None):
        self.fault, self.upstream, self.left, self.certificate = getattr(self, fault), upstream, faults, certificate
        self.keys = []  # the Idempotency-Key of each request that was read
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0 if fault == "never_accepts" else 128)
        self.port = self.listener.getsockname()[1]
        self.peers = []

    def __enter__(self):
        if self.fault == self.never_accepts:
            for _ in range(4):  # the kernel's own queue, too, is full
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex(("127.0.0.1", self.port))
                self.peers.append(waiting)
        else:
            threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for one in [self.listener, *self.peers]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                self.peers.append(peer)
                self.left -= 1
                threading.Thread(target=self.serve, args=(peer, self.left >= 0), daemon=True).start()

    def serve(self, peer, broken):
        with contextlib.suppress(OSError, ValueError):
            if broken:
                self.fault(peer)
            else:
                self.forward(peer)
        with contextlib.suppress(OSError):
            peer.close()

    def read(self, peer):
        head = read_head(peer)
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"idempotency-key":
                self.keys.append(value.strip().decode())
        return head

    def forward(self, peer):
        head = self.read(peer)
        with socket.create_connection(("127.0.0.1", self.upstream)) as server:
            server.sendall(head)
            threading.Thread(target=self.copy, args=(peer, server), daemon=True).start()
            self.copy(server, peer)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    # ── the faults
    def never_accepts(self, peer):
        """By the size of its queue."""

    def never_reads(self, _peer):
        self.over.wait()

    def never_answers(self, peer):
        self.read(peer)
        until_gone(peer)

    def trickles(self, peer):
        self.read(peer)
        for byte in HEAD + b"Content-Length: 4096\r\n\r\n" + b" " * 4096:
            peer.sendall(bytes([byte]))
            if self.over.wait(0.2):
                return

    def resets_at_once(self, peer):
        reset(peer)

    def resets_after_the_request(self, peer):
        self.read(peer)
        reset(peer)

    def resets_in_the_head(self, peer):
        self.read(peer)
        peer.sendall(HEAD[:30])
        reset(peer)

    def resets_in_the_body(self, peer):
        self.read(peer)
        peer.sendall(HEAD + b'Content-Length: 1000\r\n\r\n{"a": ')
        time.sleep(0.05)  # or the reset would overtake it
        reset(peer)

    def ends_in_the_body(self, peer):
        self.read(peer)
        peer.sendall(HEAD + b'Content-Length: 1000\r\n\r\n{"a": ')
        peer.shutdown(socket.SHUT_WR)
        until_gone(peer)

    def speaks_another_language(self, peer):
        self.read(peer)
        peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        until_gone(peer)

    def has_a_head_without_end(self, peer):
        self.read(peer)
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        send_on(peer, b"X-More: " + b"a" * 8000 + b"\r\n")

    def has_a_body_without_end(self, peer):
        self.read(peer)
        peer.sendall(HEAD + b"\r\n")
        send_on(peer, b" " * 65536)

    def has_a_bad_chunk(self, peer):
        self.read(peer)
        peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n")
        until_gone(peer)

    def unpacks_to_a_thousandfold(self, peer):
        self.read(peer)
        packed = gzip.compress(bytes(MOST))
        peer.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)
        until_gone(peer)

    def redirects_to_itself(self, peer):
        self.read(peer)
        peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def has_no_tls(self, peer):
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    def has_a_certificate_nobody_trusts(self, peer):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.wrap_socket(peer, server_side=True)
