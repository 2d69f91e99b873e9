"""Places for anchors on free ports of this machine: an OpenTimestamps calendar, a Bitcoin node that stands in for
one, and an authority of RFC 3161 (openssl ts).

usage: stamp_services.py FOLDER, where tsa.cnf, its keys and certificates are

Prints the three ports, a line each; ends when its standard input does. `GET /mode/MODE` at the calendar:
good, vanished (status 500), nonsense, foreign (points to another calendar). `GET /mode/MODE` at the authority:
good, replay (the reply to another request), refuse, nonsense.
"""

import hashlib
import json
import os
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PENDING = bytes.fromhex("83dfe30d2ef90c8e")
BITCOIN = bytes.fromhex("0588960d73d71901")
HEIGHT = 101


def number(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def prefixed(data):
    return number(len(data)) + data


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, kind="application/octet-stream"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers["Content-Length"]))

    def mode(self):
        if self.path.startswith("/mode/"):
            type(self).now = self.path.split("/")[-1]
            self.answer(200, b"")
            return True
        return False


class Calendar(Service):
    now = "good"
    known = {}
    root = bytes(32)
    port = 0

    def do_POST(self):
        digest = self.body()
        if Calendar.now == "vanished":
            return self.answer(500, b"")
        if Calendar.now == "nonsense":
            return self.answer(200, b"\xff" * 9000)
        salt = os.urandom(8)
        commitment = hashlib.sha256(digest + salt).digest()
        Calendar.known[commitment.hex()] = hashlib.sha256(commitment).digest()
        port = 1 if Calendar.now == "foreign" else Calendar.port
        address = f"http://127.0.0.1:{port}".encode()
        self.answer(200, b"\xf0" + prefixed(salt) + b"\x08\x00" + PENDING + prefixed(prefixed(address)))

    def do_GET(self):
        if self.mode():
            return None
        root = Calendar.known.get(self.path.split("/")[-1])
        if Calendar.now == "vanished" or root is None:
            return self.answer(404, b"Pending confirmation in Bitcoin blockchain")
        Calendar.root = root
        return self.answer(200, b"\x08\x00" + BITCOIN + prefixed(number(HEIGHT)))


class Bitcoin(Service):
    depth = 2

    def do_POST(self):
        question = json.loads(self.body())
        header = (
            struct.pack("<i", 4) + bytes(32) + Calendar.root
            + struct.pack("<III", 1_790_000_000, 0x207FFFFF, 0))
        name = hashlib.sha256(hashlib.sha256(header).digest()).digest()[::-1].hex()
        known = {
            "getblockcount": HEIGHT + Bitcoin.depth - 1, "getblockhash": name,
            "getblockheader": header.hex(),
        }
        answer = {"result": known.get(question["method"]), "error": None, "id": question["id"]}
        self.answer(200, json.dumps(answer).encode(), "application/json")


class Authority(Service):
    now = "good"
    last = None
    folder = "."
    lock = threading.Lock()

    def do_GET(self):
        if not self.mode():
            self.answer(404, b"")

    def do_POST(self):
        request = self.body()
        with Authority.lock:
            if Authority.now == "refuse":
                return self.answer(200, bytes.fromhex("30053003020102"))
            if Authority.now == "nonsense":
                return self.answer(200, b"\x30\x84\xff\xff\xff\xff")
            if Authority.now == "replay" and Authority.last:
                return self.answer(200, Authority.last)
            with open(f"{self.folder}/request.tsq", "wb") as file:
                file.write(request)
            subprocess.run(
                ["openssl", "ts", "-reply", "-queryfile", "request.tsq", "-config", "tsa.cnf", "-section", "one",
                 "-out", "reply.tsr"],
                cwd=self.folder, check=True, capture_output=True)
            with open(f"{self.folder}/reply.tsr", "rb") as file:
                Authority.last = file.read()
            return self.answer(200, Authority.last, "application/timestamp-reply")


if __name__ == "__main__":
    Authority.folder = sys.argv[1]
    ports = []
    for kind in (Calendar, Bitcoin, Authority):
        server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        server.daemon_threads = True
        ports.append(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
    Calendar.port = ports[0]
    print(*ports, sep="\n", flush=True)
    sys.stdin.read()
    time.sleep(0)
