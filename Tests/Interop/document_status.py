#!/usr/bin/env python3
"""Somebody else's reader of the statuses of documents, written from docs/format/document-status.md.

    document_status.py URL CA PROOF

PROOF is a file with the text of a document's proof section. Asks the issuer at URL how the document stands and
checks the answer: key, signature, type, times. Prints the state; exits 1 and says why when something is not as it
must be.
"""
import base64
import hashlib
import json
import sys
import time

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATES = {"good": set(), "revoked": {"since", "reason"}, "superseded": {"since", "successor"}}


def require(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def decoded(text):
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(base64.urlsafe_b64encode(raw).decode().rstrip("=") == text, "base64url has one form")
    return raw


def thumbprint(key):
    form = {"crv": "Ed25519", "kty": "OKP", "x": base64.urlsafe_b64encode(key).decode().rstrip("=")}
    text = json.dumps(form, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def main(url, ca, path):
    lines = open(path, encoding="utf-8").read().split("\n")
    log = next(line for line in lines if line.startswith("log ")).removeprefix("log ")
    name, _, rest = log.partition("+")
    kind, key = base64.b64decode(rest.partition("+")[2])[:1], base64.b64decode(rest.partition("+")[2])[1:]
    require(kind == b"\x01" and len(key) == 32, "the log's key is Ed25519")
    entry = base64.b64decode(next(line for line in lines if line.startswith("extra ")).removeprefix("extra "))
    event = json.loads(entry[32:])
    require(event["kind"] == "document-issued", "the entry is of a document")
    node = event["actor"]["id"]
    require(name == f"peerchart/{node}", "the log is the issuer's")
    digest, salt = event["detail"]["document"], bytes.fromhex(event["detail"]["status-salt"])
    require(len(salt) == 32, "the salt has 32 bytes")
    name = hashlib.sha256(b"peerchart/revocation/1\0document\0" + salt + digest.encode()).hexdigest()

    answer = requests.get(f"{url}/log/status/{name}", verify=ca)
    require(answer.status_code == 200, f"status {answer.status_code}")
    require(answer.headers["Content-Type"] == "application/jose", "the media type of a JWS")
    require(answer.headers["Cache-Control"] == "no-store", "nobody keeps it")
    head, body, signature = answer.text.split(".")
    header = json.loads(decoded(head))
    require(header == {"typ": "peerchart-document-status+jwt", "alg": "EdDSA", "kid": thumbprint(key)},
            f"header {header}")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(decoded(signature), f"{head}.{body}".encode())
    except InvalidSignature:
        require(False, "the issuer signed it")
    claims = json.loads(decoded(body))
    require(claims["iss"] == node and claims["sub"] == name, "it is about this document")
    require(set(claims) == {"iss", "sub", "state", "iat", "size"} | STATES[claims["state"]], f"claims {claims}")
    require(abs(time.time() - claims["iat"]) < 60, "it was said now")
    require(claims.get("since", 0) <= claims["iat"], "it did not happen later")
    require(event["time"][:4] <= time.strftime("%Y"), "it was issued before")
    for wrong in (name[:-1] + ("0" if name[-1] != "0" else "1"), digest, name.upper() + "x"):
        other = requests.get(f"{url}/log/status/{wrong}", verify=ca)
        require(other.status_code == 404, f"another key: {other.status_code}")
    print(claims["state"])


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
