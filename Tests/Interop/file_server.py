#!/usr/bin/env python3
"""A server of NDJSON files, some of which it does not serve as it should.

usage: file_server.py FOLDER [CERTIFICATE KEY]

Prints its port. Below / it serves the files of FOLDER; /cut/NAME ends in the middle, /short/NAME promises
more than it sends, /redirect leads to the first file, /error answers 500, /html answers with a page.
"""

import http.server
import pathlib
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = pathlib.Path()

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", length=None, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = self.path.strip("/").split("/")
        if parts[0] == "redirect":
            return self.answer(302, Location="/" + next(self.folder.iterdir()).name)
        if parts[0] == "error":
            return self.answer(500)
        if parts[0] == "html":
            return self.answer(200, b"<html><body>no such thing</body></html>")
        file = self.folder / parts[-1]
        if not file.is_file():
            return self.answer(404)
        body = file.read_bytes()
        if parts[0] == "cut":
            self.answer(200, body[: len(body) // 2], length=len(body))
            self.close_connection = True
        elif parts[0] == "short":
            self.answer(200, body, length=len(body) + 1)
            self.close_connection = True
        else:
            self.answer(200, body)


def main():
    Handler.folder = pathlib.Path(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


main()
