#!/usr/bin/env python3
"""Somebody else's reader of SMART Health Cards and Links, made of jwcrypto and requests.

    health_cards.py cards URL CA FILE...
    health_cards.py link CA RECIPIENT PASSCODE LINK
    health_cards.py guess CA TRIES LINK

`cards` verifies cards (signed text, `shc:/` codes, or a file of cards) with the keys that the issuer, which
must be URL, publishes there; prints for each the types of the resources and whether it is revoked. `link`
opens a link (`-` for no passcode), once with its files in the manifest and once beside it, and prints what
is in it. `guess` tries TRIES wrong passcodes at once, over as many connections, and prints what came of
them. All print JSON; exits 1 and says why when something is not as it must be.
"""
import base64
import collections
import json
import sys
import threading
import zlib

import requests
from jwcrypto import jwe, jwk, jws


def require(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def texts_of(content):
    """The signed texts in a file."""
    if content.lstrip().startswith("{"):
        return json.loads(content)["verifiableCredential"]
    if not content.startswith("shc:/"):
        return [content.strip()]
    digits = ""
    for number, line in enumerate(content.split()):
        parts = line.removeprefix("shc:/").split("/")
        require(len(parts) == 1 or parts[0] == str(number + 1), "the parts are in order")
        digits += parts[-1]
    return ["".join(chr(int(digits[i:i + 2]) + 45) for i in range(0, len(digits), 2))]


def get(url, ca, **more):
    answer = requests.get(url, verify=ca, **more)
    require(answer.status_code == 200, f"{url}: {answer.status_code}")
    require(answer.headers.get("Access-Control-Allow-Origin") == "*", f"{url}: pages may not read it")
    return answer


def verify(text, issuer, ca):
    keys = {key["kid"]: key for key in get(issuer + "/.well-known/jwks.json", ca).json()["keys"]}
    token = jws.JWS()
    token.deserialize(text)
    header = json.loads(token.objects["protected"])
    require(header["alg"] == "ES256" and header["zip"] == "DEF", f"header {header}")
    key = keys[header["kid"]]
    public = jwk.JWK(**{name: key[name] for name in ("kty", "crv", "x", "y")})
    require(public.thumbprint() == header["kid"], "the key's name is its thumbprint")
    token.verify(public)
    payload = json.loads(zlib.decompress(decoded(text.split(".")[1]), -15))
    require(payload["iss"] == issuer, f"issuer {payload['iss']}")
    listed = get(f"{issuer}/.well-known/crl/{header['kid']}.json", ca).json()
    require(listed["kid"] == header["kid"] and listed["method"] == "rid", "the list is of the key")
    require(listed["ctr"] == key["crlVersion"], "the list is of the version that the key says")
    entries = payload["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    return {
        "types": [entry["resource"]["resourceType"] for entry in entries],
        "revoked": payload["vc"]["rid"] in listed["rids"],
    }


def payload_of(link):
    require("shlink:/" in link, "it is a link")
    return json.loads(decoded(link.split("shlink:/")[1]))


def opened(sealed, key):
    token = jwe.JWE()
    token.deserialize(sealed, key)
    header = token.jose_header
    require(header["alg"] == "dir" and header["enc"] == "A256GCM", f"header {header}")
    return header["cty"], json.loads(token.payload)


def described(kind, content):
    if kind == "application/smart-health-card":
        return {"type": kind, "cards": content["verifiableCredential"]}
    resources = [entry["resource"]["resourceType"] for entry in content["entry"]]
    return {"type": kind, "kind": content["type"], "resources": resources}


def link(ca, recipient, passcode, text):
    payload = payload_of(text)
    require(len(payload["url"]) <= 128 and len(payload["key"]) == 43, "address and key have their length")
    key = jwk.JWK(kty="oct", k=payload["key"])
    flags = payload.get("flag", "")
    if "U" in flags:
        answer = get(payload["url"], ca, params={"recipient": recipient})
        require(answer.headers["Content-Type"] == "application/jose", "the file says what it is")
        files = [answer.text]
    else:
        body = {"recipient": recipient}
        if passcode != "-":
            body["passcode"] = passcode
        answer = requests.post(payload["url"], json=body, verify=ca)
        if answer.status_code != 200:
            print(json.dumps({"status": answer.status_code, "files": []}))
            return
        manifest = answer.json()
        files = [file["embedded"] for file in manifest["files"]]
        body["embeddedLengthMax"] = 0
        beside = requests.post(payload["url"], json=body, verify=ca).json()["files"]
        require(len(beside) == len(files), "as many files beside the manifest")
        for file, embedded in zip(beside, files):
            fetched = get(file["location"], ca)
            require(fetched.headers["Content-Type"] == "application/jose", "the file says what it is")
            require(fetched.text == embedded, "the same file")
    print(json.dumps({
        "status": 200, "label": payload.get("label"), "flag": flags, "exp": payload.get("exp"),
        "files": [described(*opened(file, key)) for file in files],
    }))


def guess(ca, tries, text):
    payload = payload_of(text)
    count = int(tries)
    barrier = threading.Barrier(count, timeout=240)
    outcomes = []

    def attempt(number):
        session = requests.Session()
        # The connection is there before anybody begins.
        session.get(payload["url"].split("/shl/")[0] + "/health/live", verify=ca)
        barrier.wait()
        answer = session.post(
            payload["url"], json={"recipient": "x", "passcode": f"wrong {number}"}, verify=ca)
        remaining = answer.json().get("remainingAttempts") if answer.status_code == 401 else None
        outcomes.append((answer.status_code, remaining))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(len(outcomes) == count, f"{len(outcomes)} answers")
    print(json.dumps({
        "remaining": sorted(left for status, left in outcomes if status == 401),
        "statuses": {str(status): number for status, number in
                     collections.Counter(status for status, _ in outcomes).items()},
    }))


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "cards":
        found = [verify(text, arguments[0], arguments[1])
                 for name in arguments[2:] for text in texts_of(open(name, encoding="utf-8").read())]
        print(json.dumps(found))
    elif command == "link":
        link(*arguments)
    else:
        guess(*arguments)
