#!/usr/bin/env python3
"""A person and two programs at a node: opens an account, lets an app in, and has fhirclient do the rest.

    smart_app.py person URL CA CODE PATIENT
    smart_app.py register URL CA FILE
    smart_app.py service URL CA FILE

`person` opens an account with an invitation to the patient's chart, has fhirclient launch (standalone,
PKCE) and read, and makes the mistakes that must be refused. `register` makes a key, registers a service
and prints its id, for an administrator to approve; `service` then is that service (SMART backend
services). Exits 1 and says why when something is not as it must be.
"""
import base64
import hashlib
import hmac
import html.parser
import json
import os
import struct
import sys
import time
import urllib.parse
import uuid

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from fhirclient import client
from fhirclient.models.observation import Observation

REDIRECT = "https://app.example/callback"
PASSWORD = "a long enough passphrase 31"


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def require(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


class Forms(html.parser.HTMLParser):
    """The forms of a page with the values that a browser would send."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self.forms.append((values.get("action"), []))
        if tag == "input" and self.forms and values.get("name"):
            ticked = values.get("type") not in ("checkbox", "radio") or "checked" in values
            if ticked:
                self.forms[-1][1].append((values["name"], values.get("value") or ""))

    def fields(self, action):
        for place, fields in self.forms:
            if place == action:
                return fields
        sys.exit(f"failed: the page has no form for {action}")


class Browser:
    def __init__(self, url, ca):
        self.url = url
        self.session = requests.Session()
        self.session.verify = ca

    def get(self, path):
        return self.session.get(self.url + path, allow_redirects=True)

    def submit(self, page, action, without=(), **values):
        fields = [f for f in Forms(page.text).fields(action)
                  if f[0] not in values and f not in without]
        return self.session.post(
            self.url + action, data=fields + list(values.items()), allow_redirects=False,
            headers={"Origin": self.url})


def code_of(uri):
    secret = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)["secret"][0]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def open_account(browser, code, name="rowan"):
    page = browser.get("/register")
    answer = browser.submit(
        page, "/register", code=code, name=name, display="Made Up", password=PASSWORD)
    require(answer.status_code == 303, f"an account is opened: {answer.status_code}")
    page = browser.get("/security/app")
    uri = dict(Forms(page.text).fields("/security/app"))["uri"]
    answer = browser.submit(page, "/security/app", code=code_of(uri))
    require(answer.status_code in (200, 303), f"the app is set up: {answer.status_code}")


def register(browser, metadata):
    answer = browser.session.post(browser.url + "/oauth/register", json=metadata)
    require(answer.status_code == 201, f"an app registers: {answer.status_code} {answer.text}")
    return answer.json()["client_id"]


def allow(browser, address, without=()):
    """What the person does in the browser that the app opens: looks, unticks, agrees."""
    require(address.startswith(browser.url), "the app found this node's authorization server")
    page = browser.get(address[len(browser.url):])
    require("decision" in page.text, f"the person is asked: {page.status_code}")
    answer = browser.submit(page, "/oauth/authorize", without=without, decision="allow")
    require(answer.status_code == 303, f"the person is sent back: {answer.status_code}")
    return answer.headers["Location"]


def standalone(browser, ca, patient):
    app = register(browser, {
        "client_name": "Growth charts", "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none"})
    scope = "openid fhirUser launch/patient offline_access patient/Observation.rs patient/Condition.rs"
    smart = client.FHIRClient(settings={
        "app_id": app, "api_base": browser.url + "/fhir", "redirect_uri": REDIRECT,
        "scope": scope})
    smart.server.session.verify = ca
    smart.prepare()
    back = allow(
        browser, smart.authorize_url, without=[("scope", "patient/Condition.rs")])
    smart.handle_callback(back)
    require(smart.ready, "fhirclient has a token")
    require(smart.patient_id == patient, "the launch context names the patient")
    found = Observation.where({"patient": patient}).perform_resources(smart.server)
    require(found, "fhirclient reads what the person left standing")
    refused = smart.server.session.get(
        browser.url + "/fhir/Condition?patient=" + patient, headers=smart.server.auth.signed_headers({}))
    require(refused.status_code == 403, f"what was unticked is refused: {refused.status_code}")
    old = smart.server.auth.access_token
    require(smart.reauthorize(), "fhirclient refreshes its token")
    require(smart.server.auth.access_token != old, "the token is another")
    require(Observation.where({"patient": patient}).perform_resources(smart.server), "and is good")
    page = browser.get("/apps")
    ending = [place for place, _ in Forms(page.text).forms if place and place.startswith("/apps/")]
    require(len(ending) == 1 and "Growth charts" in page.text, "the app is listed")
    require(browser.submit(page, ending[0]).status_code == 303, "the person ends it")
    gone = smart.server.session.get(
        browser.url + "/fhir/Observation?patient=" + patient,
        headers=smart.server.auth.signed_headers({}))
    require(gone.status_code == 401, f"the app is out at once: {gone.status_code}")


def refusals(browser):
    """Requests that are not right get the standard's error."""
    app = register(browser, {
        "client_name": "Wrong", "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none"})
    verifier = "w" * 64
    request = {
        "response_type": "code", "client_id": app, "redirect_uri": REDIRECT,
        "scope": "launch/patient patient/Observation.rs", "state": "s",
        "aud": browser.url + "/fhir", "code_challenge_method": "S256",
        "code_challenge": encoded(hashlib.sha256(verifier.encode()).digest())}

    def answer(**changes):
        query = urllib.parse.urlencode({k: v for k, v in (request | changes).items() if v})
        got = browser.session.get(
            browser.url + "/oauth/authorize?" + query, allow_redirects=False)
        where = got.headers.get("Location", "")
        require(not where or where.startswith(REDIRECT), f"nobody is sent to {where}")
        return got.status_code, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))

    for changes, code in [
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"response_type": "token"}, "unsupported_response_type")]:
        status, got = answer(**changes)
        require(status == 303 and got.get("error") == code, f"{changes}: {status} {got}")
        require(got.get("state") == "s" and got.get("iss") == browser.url, "state and issuer")
    for changes in [{"redirect_uri": REDIRECT + "/x"}, {"redirect_uri": "https://evil.example/"},
                    {"client_id": "nobody"}]:
        status, got = answer(**changes)
        require(status == 400 and not got, f"{changes}: nobody is redirected, {status}")
    back = allow(browser, browser.url + "/oauth/authorize?" + urllib.parse.urlencode(request))
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))["code"]

    def token(**changes):
        form = {"grant_type": "authorization_code", "client_id": app, "code": code,
                "redirect_uri": REDIRECT, "code_verifier": verifier} | changes
        got = browser.session.post(browser.url + "/oauth/token", data=form)
        return got.status_code, got.json().get("error"), got

    require(token(client_id="nobody")[:2] == (401, "invalid_client"), "an unknown client")
    require(token(grant_type="password")[:2] == (400, "unsupported_grant_type"), "passwords")
    require(token(client_secret="x")[:2] == (401, "invalid_client"), "a shared secret")
    status, _, got = token()
    require(status == 200 and got.headers["Cache-Control"] == "no-store", f"a token: {status}")
    require(token()[:2] == (400, "invalid_grant"), "a code is good once")
    dead = browser.session.get(
        browser.url + "/fhir/Observation",
        headers={"Authorization": "Bearer " + got.json()["access_token"]})
    require(dead.status_code == 401, "what came of a code that came twice has ended")
    for text in ["eyJhbGciOiJub25lIn0.e30.", got.json()["access_token"][:-2] + "xx"]:
        refused = browser.session.get(
            browser.url + "/fhir/Observation", headers={"Authorization": "Bearer " + text})
        require(refused.status_code == 401, "a forged token")


def assertion(browser, app, key, lifetime=240):
    now = int(time.time())
    header = {"alg": "ES256", "typ": "JWT", "kid": "k1"}
    claims = {"iss": app, "sub": app, "aud": browser.url + "/oauth/token", "exp": now + lifetime,
              "iat": now, "jti": str(uuid.uuid4())}
    text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    r, s = utils.decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return text + "." + encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def ask(browser, text):
    got = browser.session.post(browser.url + "/oauth/token", data={
        "grant_type": "client_credentials", "scope": "system/Observation.rs",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": text})
    return got.status_code, got.json().get("error")


def register_service(browser, place):
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256",
           "x": encoded(numbers.x.to_bytes(32, "big")), "y": encoded(numbers.y.to_bytes(32, "big"))}
    app = register(browser, {
        "client_name": "Nightly", "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [jwk]}})
    require(ask(browser, assertion(browser, app, key)) == (400, "unauthorized_client"),
            "nobody has approved it yet")
    with open(place, "w") as file:
        json.dump({"client": app, "key": hex(numbers_of(key))}, file)
    print(app)


def numbers_of(key):
    return key.private_numbers().private_value


def service(browser, ca, place):
    with open(place) as file:
        known = json.load(file)
    app, key = known["client"], ec.derive_private_key(int(known["key"], 16), ec.SECP256R1())
    used = assertion(browser, app, key)
    require(ask(browser, used)[0] == 200, "an approved service gets a token")
    require(ask(browser, used) == (401, "invalid_client"), "an assertion is good once")
    other = ec.generate_private_key(ec.SECP256R1())
    require(ask(browser, assertion(browser, app, other)) == (401, "invalid_client"), "another key")
    require(ask(browser, assertion(browser, app, key, 3600)) == (401, "invalid_client"), "an hour")
    smart = client.FHIRClient(settings={
        "app_id": app, "api_base": browser.url + "/fhir", "scope": "system/Observation.rs",
        "jwt_token": assertion(browser, app, key)})
    smart.server.session.verify = ca
    smart.prepare()
    smart.authorize()
    found = Observation.where({"_count": "1"}).perform_resources(smart.server)
    require(found, "fhirclient reads as a service")
    refused = smart.server.session.get(
        browser.url + "/fhir/Patient", headers=smart.server.auth.signed_headers({}))
    require(refused.status_code == 403, f"what was not approved is refused: {refused.status_code}")


def main():
    what, url, ca, *rest = sys.argv[1:]
    # What the environment names would go before what a session is told.
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    browser = Browser(url, ca)
    if what == "person":
        code, patient = rest
        open_account(browser, code)
        standalone(browser, ca, patient)
        refusals(browser)
    elif what == "register":
        register_service(browser, *rest)
    else:
        service(browser, ca, *rest)


if __name__ == "__main__":
    main()
