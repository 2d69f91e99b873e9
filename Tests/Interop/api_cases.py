#!/usr/bin/env python3
"""Three programs at a node's REST API, and schemathesis over its OpenAPI document.

    api_cases.py URL CA CASES CODE CODE CODE

Opens an account with each invitation, has openapi-spec-validator read the document, tries with one
account whatever is the other's, then lets schemathesis make up CASES requests or more under all of its
checks, with the first two as people who must not see each other's records. Prints what was done; exits
1 and says why when something is not as it must be.
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

PASSWORD = "a long enough passphrase 31"
# A token is good for five minutes; a round takes less, and begins with fresh ones.
ROUND = 2000
SIGN_OUT = "/api/auth/sign-out"
# What a valid request may come to besides success: a right that the caller lacks, something that is not
# there or not any more, a version that has changed, a resource that FHIR does not allow, too many tries.
REFUSALS = ["2xx", "401", "403", "404", "409", "410", "412", "422", "429"]


def require(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def code_of(uri):
    secret = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)["secret"][0]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Person:
    """Somebody's program: registers, signs in, keeps its token fresh."""

    def __init__(self, url, name, code):
        self.url, self.name = url, name
        self.session = requests.Session()
        begun = self.post("/api/auth/register", 201, {
            "code": code, "login": name, "name": "Made Up", "password": PASSWORD})
        prompt = self.post("/api/auth/second-factor", 200, {"session_token": begun["session_token"]})
        self.take(self.post("/api/auth/second-factor/confirm", 200, {
            "session_token": begun["session_token"], "ticket": prompt["ticket"],
            "code": code_of(prompt["otpauth_uri"])}))

    def post(self, path, status, body):
        answer = self.session.post(self.url + path, json=body)
        require(answer.status_code == status, f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def take(self, access):
        self.token, self.renewal = access["access_token"], access["refresh_token"]
        self.patient = access["acting_as"].split("/")[1]

    def refresh(self):
        self.take(self.post("/api/auth/refresh", 200, {"refresh_token": self.renewal}))

    def ask(self, method, path, body=None, **fields):
        fields["Authorization"] = f"Bearer {self.token}"
        return self.session.request(method, self.url + path, json=body, headers=fields)

    def pulse(self):
        return {"resource": {
            "resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": f"Patient/{self.patient}"},
            "valueQuantity": {"value": 62, "unit": "/min"}}}


def sharing():
    """The request of the specification, with a day that is still to come."""
    until = time.strftime("%Y-12-31T23:59:59Z", time.gmtime(time.time() + 365 * 86_400))
    return {"provider_id": "provider-123", "record_types": ["lab_results", "prescriptions"],
            "expiry_date": until, "purpose": "routine_checkup"}


def another(owner, other):
    """Whatever is one person's is for the other as if it were not there."""
    for person in (owner, other):
        person.refresh()
    made = owner.ask("POST", "/api/records", owner.pulse())
    require(made.status_code == 201, f"a record is added: {made.text}")
    record = made.json()["id"]
    given = owner.ask("POST", "/api/sharing/grant", sharing())
    require(given.status_code == 201, f"access is granted: {given.text}")
    grant = given.json()["id"]
    theirs = dict(made.json()["resource"])
    own = dict(other.pulse()["resource"], id=theirs["id"])
    absent = str(uuid.uuid4())
    tries = [
        ("GET", f"/api/records/{record}", None), ("DELETE", f"/api/records/{record}", None),
        ("PUT", f"/api/records/{record}", {"resource": theirs}),
        ("PUT", f"/api/records/{record}", {"resource": own}),
        ("GET", f"/api/records/Patient-{owner.patient}", None),
        ("GET", f"/api/records?patient_id={owner.patient}", None),
        ("POST", "/api/records", owner.pulse()),
        ("GET", f"/api/records/Consent-{grant}", None),
        ("PUT", f"/api/sharing/{grant}/revoke", None)]
    for method, path, body in tries:
        answer = other.ask(method, path, body)
        require(answer.status_code in (403, 404), f"{method} {path}: {answer.status_code}")
        text = json.dumps(body)
        for known in (record.split("-", 1)[1], grant):
            path, text = path.replace(known, absent), text.replace(known, absent)
        nothing = other.ask(method, path, json.loads(text))
        same = ("status", "title", "detail", "code")
        require([answer.json()[name] for name in same] == [nothing.json().get(name) for name in same],
                f"{method} {path}: another's and nobody's are told apart: "
                f"{answer.text} and {nothing.text}")
    for path, name in [("/api/records?page_size=200", "records"),
                       ("/api/sharing/permissions?page_size=200", "permissions")]:
        seen = other.ask("GET", path).text
        require(record not in seen and grant not in seen, f"{path} shows what is another's")
        require(name in other.ask("GET", path).json(), path)
    require(owner.ask("GET", f"/api/records/{record}").status_code == 200, "it is there all the same")
    return len(tries)


def run(url, folder, people, arguments, seed, cases, options=()):
    """One round of schemathesis: how many cases it made."""
    users = folder / "people.json"
    users.write_text(json.dumps({"auth": [
        {"name": person.name, "fixedHeaders": [
            {"name": "Authorization", "value": f"Bearer {person.token}"}]} for person in people]}))
    peers = f"peers = {json.dumps([person.name for person in people])}" if len(people) > 1 else ""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    config = folder / "schemathesis.toml"
    config.write_text(f"""
[auth.wfc]
path = {json.dumps(str(users))}
{peers}
[checks.positive_data_acceptance]
expected-statuses = {json.dumps(REFUSALS)}
""")
    outcome = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run",
         url + "/api/openapi.json", "--checks", "all", "--max-examples", str(cases),
         "--seed", str(seed), "--workers", "1", "--continue-on-failure",
         "--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off",
         "--tls-verify", os.environ["REQUESTS_CA_BUNDLE"], "--request-timeout", "30",
         "--report", "json", "--report-json-path", str(report), *options, *arguments],
        cwd=folder, capture_output=True, text=True)
    text = re.sub(r"eyJ[A-Za-z0-9_.-]+", "TOKEN", outcome.stdout + outcome.stderr)
    require(outcome.returncode == 0, f"schemathesis, seed {seed}:\n{text[-20000:]}")
    said = json.loads(report.read_text())
    require(said["complete"] and said["operations"]["errored"] == 0, f"schemathesis: {said}")
    return said["test_cases"]["generated"]


def main():
    url, ca, wanted, *codes = sys.argv[1:]
    # What the environment names would go before what a session is told.
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    juniper, rowan, leaving = [
        Person(url, name, code) for name, code in zip(["juniper", "rowan", "leaving"], codes)]
    document = juniper.session.get(url + "/api/openapi.json").json()
    faults = [fault.message for fault in OpenAPIV31SpecValidator(document).iter_errors()]
    require(not faults, f"openapi-spec-validator: {faults}")
    tried = another(juniper, rowan) + another(rowan, juniper)
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}", flush=True)
    started, made, rounds = time.time(), 0, 0
    operations = sum(len(item) for item in document["paths"].values())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made += run(url, folder, [leaving], ["--include-path", SIGN_OUT], seed, 10)
        while made < int(wanted):
            for person in (juniper, rowan):
                person.refresh()
            each = max(1, min(ROUND, int(wanted) - made) // operations)
            # What a round always begins with is made once.
            phases = [] if rounds == 0 else ["--phases", "fuzzing,stateful"]
            made += run(url, folder, [juniper, rowan], ["--exclude-path", SIGN_OUT, *phases],
                        seed + rounds, each)
            rounds += 1
    another(juniper, rowan)
    print(f"{made} cases in {rounds} rounds, {time.time() - started:.0f} s; {tried} tries at what is "
          f"another's; {operations} operations")


main()
