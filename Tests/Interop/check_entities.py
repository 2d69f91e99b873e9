#!/usr/bin/env python3
"""Statements about entities, read by jwcrypto and judged by the rules of docs/format/accreditation.md: nothing here
knows how the program does it.

usage: check_entities.py vector PAGE      checks the example on the page
       check_entities.py judge            reads {"key":JWK,"now":SECONDS,"node":ID,"statements":[JWS],"times":[SECONDS]},
                                          prints {"states":[STATE],"refused":[INDEX]}
"""

import json
import pathlib
import re
import sys

from jwcrypto import jwk, jws
from jwcrypto.common import base64url_decode

SKEW = 60
LONGEST = 3 * 366 * 86400
STATUSES = {"issued", "suspended", "reinstated", "revoked", "rotated"}


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed("80840" + digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def read(text, key, now):
    """The claims of a statement that the key signed.

    Raises whatever is wrong with it."""
    assert len(text) <= 4096
    token = jws.JWS()
    token.allowed_algs = ["EdDSA"]
    token.deserialize(text, key)
    header = token.jose_header
    assert header["typ"] == "peerchart-entity+jwt" and header["alg"] == "EdDSA"
    assert header["kid"] == key.thumbprint()
    claims = json.loads(token.payload)
    assert re.fullmatch("[0-9a-f]{64}", claims["sub"])
    assert isinstance(claims["seq"], int) and 1 <= claims["seq"] < 1 << 53
    assert claims["status"] in STATUSES
    assert isinstance(claims["iat"], int) and claims["iat"] <= now + SKEW
    claims.setdefault("from", claims["iat"])
    assert 0 <= claims["from"] <= claims["iat"]
    if claims["status"] in ("issued", "reinstated"):
        assert claims["from"] == claims["iat"]
    if claims["status"] == "issued":
        assert re.fullmatch("[12][0-9]{9}", claims["npi"]) and luhn(claims["npi"])
        assert 1 <= len(claims["org"].encode()) <= 200
        assert claims["iat"] < claims["exp"] <= claims["iat"] + LONGEST
    if claims["status"] in ("suspended", "revoked"):
        assert claims["reason"]
    if claims["status"] == "rotated":
        assert re.fullmatch("[0-9a-f]{64}", claims["successor"]) and claims["successor"] != claims["sub"]
    return claims


def state(statements, time):
    """How the entity stood at a time."""
    starts = lambda c: c["from"] - (SKEW if c["status"] in ("issued", "reinstated") else 0)
    heard = sorted((c for c in statements if starts(c) <= time), key=lambda c: c["seq"])
    said = [c["status"] for c in heard]
    for final, name in (("revoked", "revoked"), ("rotated", "replaced")):
        if final in said:
            return name
    pauses = [s for s in said if s in ("suspended", "reinstated")]
    if pauses and pauses[-1] == "suspended":
        return "suspended"
    issued = [c for c in heard if c["status"] == "issued"]
    if not issued:
        return "unknown"
    return "accredited" if time < issued[-1]["exp"] + SKEW else "expired"


def judge(question):
    key = jwk.JWK(**question["key"])
    statements, refused = [], []
    for index, text in enumerate(question["statements"]):
        try:
            claims = read(text, key, question["now"])
            assert claims["sub"] == question["node"]
            statements.append(claims)
        except Exception:
            refused.append(index)
    return {"states": [state(statements, time) for time in question["times"]], "refused": refused}


def vector(page):
    text = pathlib.Path(page).read_text()
    example = text[text.index("## Example"):]
    key = jwk.JWK(**json.loads(re.search(r'`(\{"crv".*?\})`', example)[1]))
    found = re.findall(r"^(ey[\w-]+\.[\w-]+\.[\w-]+)$", example, re.MULTILINE)
    assert len(found) == 4, len(found)
    claims = [read(statement, key, 2_000_000_000) for statement in found]
    assert [c["seq"] for c in claims] == [1, 2, 3, 4]
    assert [c["status"] for c in claims] == ["issued", "suspended", "reinstated", "revoked"]
    table = re.findall(r"^\| (\d{10}) \| `(\w+)` \|$", example, re.MULTILINE)
    assert len(table) >= 6, table
    for time, expected in table:
        assert state(claims, int(time)) == expected, (time, expected)
    # A statement that somebody changed is not read.
    head, body, signature = found[0].split(".")
    assert b"accreditation" not in base64url_decode(head)
    for changed in (found[1].split(".")[1], body[:-2] + ("A" if body[-2] != "A" else "B") + body[-1]):
        try:
            read(f"{head}.{changed}.{signature}", key, 2_000_000_000)
        except Exception:
            continue
        raise AssertionError("a changed statement was read")
    print("ok")


if sys.argv[1:2] == ["vector"]:
    vector(sys.argv[2])
elif sys.argv[1:] == ["judge"]:
    json.dump(judge(json.load(sys.stdin)), sys.stdout)
else:
    sys.exit(__doc__)
