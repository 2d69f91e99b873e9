#!/usr/bin/env python3
"""An app whose tokens are bound to its key (DPoP, RFC 9449), and what is refused to those that are not it.

    proof_app.py URL CA CODE PATIENT

Opens an account with an invitation to the patient's chart, lets the app in, and goes through what the
standards refuse: a missing, replayed, foreign or misdirected proof, one without a nonce, a wrong verifier,
a code or a refresh token that comes twice, another audience, more than was granted. Proofs are made by
jwcrypto. Exits 1 and says why when something is not as it must be.
"""
import hashlib
import json
import os
import re
import sys
import time
import urllib.parse
import uuid

from jwcrypto import jwk, jws

from smart_app import REDIRECT, Browser, allow, encoded, open_account, register, require

VERIFIER = "v" * 64


class Key:
    def __init__(self):
        self.key = jwk.JWK.generate(kty="EC", crv="P-256")

    def proof(self, method, url, token=None, nonce=None, **changes):
        claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = encoded(hashlib.sha256(token.encode()).digest())
        if nonce:
            claims["nonce"] = nonce
        text = jws.JWS(json.dumps(claims | changes).encode())
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.export_public(as_dict=True)}
        text.add_signature(self.key, None, json.dumps(header), None)
        return text.serialize(compact=True)


class App:
    def __init__(self, browser, bound=True):
        self.browser = browser
        self.id = register(browser, {
            "client_name": "Bound", "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none", "dpop_bound_access_tokens": bound})
        self.token_url = browser.url + "/oauth/token"
        self.nonce = None

    def code(self, scope, **changes):
        request = {
            "response_type": "code", "client_id": self.id, "redirect_uri": REDIRECT,
            "scope": scope, "state": "s", "aud": self.browser.url + "/fhir",
            "code_challenge_method": "S256",
            "code_challenge": encoded(hashlib.sha256(VERIFIER.encode()).digest())} | changes
        back = allow(
            self.browser, self.browser.url + "/oauth/authorize?" + urllib.parse.urlencode(request))
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))["code"]

    def ask(self, proof, **form):
        headers = {"DPoP": proof} if proof else {}
        got = self.browser.session.post(
            self.token_url, data={"client_id": self.id} | form, headers=headers)
        self.nonce = got.headers.get("DPoP-Nonce", self.nonce)
        return got

    def redeem(self, proof, code, verifier=VERIFIER):
        return self.ask(
            proof, grant_type="authorization_code", code=code, redirect_uri=REDIRECT,
            code_verifier=verifier)

    def refresh(self, proof, token, **more):
        return self.ask(proof, grant_type="refresh_token", refresh_token=token, **more)


def error(got):
    return got.status_code, got.json().get("error")


def tokens(app, key):
    """At the token endpoint."""
    code = app.code("launch/patient offline_access patient/Observation.rs patient/Patient.r")
    require(error(app.redeem(None, code)) == (400, "invalid_dpop_proof"), "a missing proof")
    bare = key.proof("POST", app.token_url)
    got = app.redeem(bare, code)
    require(error(got) == (400, "use_dpop_nonce"), f"a proof without a nonce: {got.text}")
    require(app.nonce, "the nonce comes with the refusal")
    for wrong in [key.proof("GET", app.token_url, nonce=app.nonce),
                  key.proof("POST", app.browser.url + "/fhir", nonce=app.nonce),
                  key.proof("POST", app.token_url, nonce=app.nonce, iat=int(time.time()) - 600),
                  key.proof("POST", app.token_url, nonce=app.nonce)[:-4] + "AAAA"]:
        require(error(app.redeem(wrong, code)) == (400, "invalid_dpop_proof"), "a wrong proof")
    used = key.proof("POST", app.token_url, nonce=app.nonce)
    got = app.redeem(used, code)
    require(got.status_code == 200, f"a right proof: {got.text}")
    require(got.json()["token_type"] == "DPoP", "the token is bound")
    require(error(app.redeem(used, code)) == (400, "invalid_dpop_proof"), "a replayed proof")
    return got.json()


def resources(app, key, access):
    """At the FHIR API."""
    url = app.browser.url + "/fhir/Observation"

    def get(proof=None, scheme="DPoP", where=url):
        headers = {"Authorization": f"{scheme} {access}"} | ({"DPoP": proof} if proof else {})
        got = app.browser.session.get(where, headers=headers)
        found = re.search('error="([a-z_]+)"', got.headers.get("WWW-Authenticate", ""))
        app.nonce = got.headers.get("DPoP-Nonce", app.nonce)
        if got.status_code == 401:
            require(got.headers["WWW-Authenticate"].startswith("DPoP "),
                    f"the scheme is named: {got.headers['WWW-Authenticate']}")
            require(got.json()["resourceType"] == "OperationOutcome", "in FHIR's words")
        return got.status_code, found and found[1]

    def right(**changes):
        return key.proof("GET", url, access, app.nonce, **changes)

    require(get() == (401, "invalid_dpop_proof"), "no proof")
    require(get(scheme="Bearer") == (401, "invalid_token"), "merely borne")
    require(get(right(), scheme="Bearer") == (401, "invalid_token"), "borne, with a proof")
    require(get(key.proof("GET", url, access)) == (401, "use_dpop_nonce"), "no nonce")
    require(get(key.proof("GET", url, access, "AAAA")) == (401, "use_dpop_nonce"), "no nonce of ours")
    once = right()
    require(get(once)[0] == 200, "a right proof")
    require(get(once) == (401, "invalid_dpop_proof"), "a replayed proof")
    require(get(key.proof("POST", url, access, app.nonce)) == (401, "invalid_dpop_proof"), "method")
    require(get(right(htu=url + "/x")) == (401, "invalid_dpop_proof"), "another address")
    require(get(right(ath=encoded(b"x" * 32))) == (401, "invalid_dpop_proof"), "another token")
    require(get(Key().proof("GET", url, access, app.nonce))[0] == 401, "another key")
    require(get(right(), where=url + "?_count=1")[0] == 200, "the query is no part of the address")


def refreshing(app, key, first):
    def proof(k=key):
        return k.proof("POST", app.token_url, nonce=app.nonce)

    token = first["refresh_token"]
    require(error(app.refresh(proof(Key()), token)) == (400, "invalid_grant"), "another key")
    got = app.refresh(proof(), token, scope="patient/Observation.rs patient/Condition.rs")
    require(error(got) == (400, "invalid_scope"), f"more than was granted: {got.text}")
    got = app.refresh(proof(), token, scope="patient/Observation.rs")
    require(got.status_code == 200, f"less than was granted: {got.text}")
    narrow = got.json()
    require(narrow["scope"] == "patient/Observation.rs", f"the token says less: {narrow['scope']}")
    url = app.browser.url + "/fhir/Patient"
    read = app.browser.session.get(url, headers={
        "Authorization": "DPoP " + narrow["access_token"],
        "DPoP": key.proof("GET", url, narrow["access_token"], app.nonce)})
    require(read.status_code == 403, f"and allows less: {read.status_code}")
    require(error(app.refresh(proof(), token)) == (400, "invalid_grant"), "a reused refresh token")
    got = app.refresh(proof(), narrow["refresh_token"])
    require(error(got) == (400, "invalid_grant"), "which ends its family")


def codes(app, key):
    def proof():
        return key.proof("POST", app.token_url, nonce=app.nonce)

    scope = "launch/patient patient/Observation.rs"
    code = app.code(scope)
    require(error(app.redeem(proof(), code, "w" * 64)) == (400, "invalid_grant"), "another verifier")
    require(error(app.redeem(proof(), code)) == (400, "invalid_grant"), "there is no second try")
    code = app.code(scope, dpop_jkt=key.key.thumbprint())
    got = app.redeem(Key().proof("POST", app.token_url, nonce=app.nonce), code)
    require(error(got) == (400, "invalid_grant"), "another key than the request named")
    code = app.code(scope)
    require(app.redeem(proof(), code).status_code == 200, "a code is redeemed")
    require(error(app.redeem(proof(), code)) == (400, "invalid_grant"), "a reused code")
    query = urllib.parse.urlencode({
        "response_type": "code", "client_id": app.id, "redirect_uri": REDIRECT, "scope": scope,
        "state": "s", "aud": "https://elsewhere.example/fhir", "code_challenge_method": "S256",
        "code_challenge": encoded(hashlib.sha256(VERIFIER.encode()).digest())})
    got = app.browser.session.get(
        app.browser.url + "/oauth/authorize?" + query, allow_redirects=False)
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(got.headers["Location"]).query))
    require(back.get("error") == "invalid_target", f"another audience: {back}")


def pushed(app, key):
    """A request that is pushed with a proof is for its key (RFC 9449 section 10.1)."""
    url = app.browser.url + "/oauth/par"

    def push(proof):
        return app.browser.session.post(url, headers={"DPoP": proof}, data={
            "response_type": "code", "client_id": app.id, "redirect_uri": REDIRECT,
            "scope": "launch/patient patient/Observation.rs", "state": "s",
            "aud": app.browser.url + "/fhir", "code_challenge_method": "S256",
            "code_challenge": encoded(hashlib.sha256(VERIFIER.encode()).digest())})

    got = push(key.proof("POST", url))
    require(error(got) == (400, "use_dpop_nonce"), f"a nonce is asked for here too: {got.text}")
    got = push(key.proof("POST", url, nonce=got.headers["DPoP-Nonce"]))
    require(got.status_code == 201, f"a request is pushed: {got.text}")
    query = urllib.parse.urlencode({"client_id": app.id, "request_uri": got.json()["request_uri"]})
    back = allow(app.browser, app.browser.url + "/oauth/authorize?" + query)
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))["code"]
    other = Key().proof("POST", app.token_url, nonce=app.nonce)
    require(error(app.redeem(other, code)) == (400, "invalid_grant"), "for that key alone")


def main():
    url, ca, code, patient = sys.argv[1:]
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    browser = Browser(url, ca)
    open_account(browser, code, "birch")
    app, key = App(browser), Key()
    first = tokens(app, key)
    require(first["patient"] == patient, "the launch context names the patient")
    resources(app, key, first["access_token"])
    refreshing(app, key, first)
    codes(app, key)
    pushed(app, key)


if __name__ == "__main__":
    main()
