#!/usr/bin/env python3
"""An app that is opened out of a session (SMART EHR launch), and one that may see some records of a type.

    launch_app.py register URL CA
    launch_app.py launch URL CA CODE PATIENT CLIENT
    launch_app.py open URL CA CODE FILE
    launch_app.py clinician URL CA FILE PATIENT OTHER CLIENT

`register` registers an app that says where it is opened and prints its id, for an administrator to offer;
`launch` then opens an account, opens the app on the page and has fhirclient do the rest; it looks at scopes
with a query, at userinfo and at the app's registration (RFC 7592) as well. `open` opens an account of the
staff and keeps its session in FILE; `clinician` is that person, who opens the app for one chart. Exits 1 and says why when something is not as it must be.
"""
import hashlib
import os
import pickle
import re
import sys
import urllib.parse

import requests
from fhirclient import client
from fhirclient.models.observation import Observation

from smart_app import REDIRECT, Browser, allow, encoded, open_account, register, require

OPENED = "https://app.example/launch"
VITAL = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"
VERIFIER = "v" * 64


def opened(browser, app):
    """What the person does on the page; the query with which the app is opened."""
    page = browser.get("/apps")
    require(f"/apps/{app}/open" in page.text, "the app is offered")
    page = browser.get(f"/apps/{app}/open")
    require("https://app.example" in page.headers["Content-Security-Policy"], "the form may lead there")
    answer = browser.submit(page, f"/apps/{app}/open")
    require(answer.status_code == 303, f"the app is opened: {answer.status_code}")
    place = answer.headers["Location"]
    require(place.startswith(OPENED + "?"), f"at its own address: {place}")
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(place).query))
    require(query["iss"] == browser.url + "/fhir", "and is told by whom")
    return query


def request(browser, app, scope, **changes):
    return browser.url + "/oauth/authorize?" + urllib.parse.urlencode({
        "response_type": "code", "client_id": app, "redirect_uri": REDIRECT, "scope": scope,
        "state": "s", "aud": browser.url + "/fhir", "code_challenge_method": "S256",
        "code_challenge": encoded(hashlib.sha256(VERIFIER.encode()).digest())} | changes)


def token(browser, app, scope, **changes):
    back = allow(browser, request(browser, app, scope, **changes))
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))["code"]
    got = browser.session.post(browser.url + "/oauth/token", data={
        "grant_type": "authorization_code", "client_id": app, "code": code,
        "redirect_uri": REDIRECT, "code_verifier": VERIFIER})
    require(got.status_code == 200, f"a token: {got.text}")
    return got.json()


def read(browser, path, access):
    got = requests.get(browser.url + path, headers={"Authorization": "Bearer " + access},
                       verify=browser.session.verify)
    return got.status_code, got.json()


def refused(browser, app, launch, what):
    got = browser.session.get(
        request(browser, app, "launch patient/Observation.rs", launch=launch), allow_redirects=False)
    where = got.headers.get("Location", "")
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
    require(where.startswith(REDIRECT) and back.get("error") == "invalid_request", f"{what}: {back}")


def launches(browser, ca, patient, app):
    query = opened(browser, app)
    smart = client.FHIRClient(settings={
        "app_id": app, "api_base": query["iss"], "redirect_uri": REDIRECT,
        "launch_token": query["launch"], "scope": "openid fhirUser patient/Observation.rs"})
    smart.server.session.verify = ca
    smart.prepare()
    back = allow(browser, smart.authorize_url)
    smart.handle_callback(back)
    require(smart.ready, "fhirclient has a token")
    require(smart.patient_id == patient, "the launch names the chart")
    require(Observation.where({"patient": patient}).perform_resources(smart.server), "and opens it")
    refused(browser, app, query["launch"], "a launch is good once")
    refused(browser, app, "pcl_" + "A" * 43, "a launch of nobody's")
    other = register(browser, {
        "client_name": "Other", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"})
    refused(browser, other, opened(browser, app)["launch"], "a launch of another app")


def limited(browser, patient, app):
    """A scope with a query opens the records that meet it, and no others."""
    scope = "launch/patient patient/Observation.rs?category=" + VITAL
    got = token(browser, app, scope)
    require("?category=" in got["scope"], f"the scope is granted as asked: {got['scope']}")
    access = got["access_token"]
    status, found = read(browser, f"/fhir/Observation?patient={patient}&_total=accurate", access)
    ids = [entry["resource"]["id"] for entry in found.get("entry", [])]
    require((status, ids, found.get("total")) == (200, ["v"], 1), f"a search: {status} {ids}")
    require(read(browser, "/fhir/Observation/v", access)[0] == 200, "one that meets it")
    require(read(browser, "/fhir/Observation/o", access)[0] == 403, "one that does not")
    require(read(browser, "/fhir/Observation/o/_history/1", access)[0] == 403, "nor a version of it")
    status, found = read(browser, "/fhir/Observation?_id=o", access)
    require(status == 200 and not found.get("entry"), "nor by what it is about")
    status, found = read(browser, f"/fhir/Patient/{patient}/$everything", access)
    ids = [entry["resource"]["id"] for entry in found.get("entry", [])]
    require(ids == ["v"], f"nor with everything: {ids}")
    require(read(browser, "/fhir/Patient/" + patient, access)[0] == 403, "nor another type")
    page = browser.get(request(browser, app, scope)[len(browser.url):])
    require("vital signs" in page.text, "the page says which")
    got = browser.session.get(
        request(browser, app, "launch/patient patient/Observation.rs?nonsense=1"),
        allow_redirects=False)
    require("nonsense" not in got.text, "what cannot be decided is not offered")


def identity(browser, patient, app):
    access = token(browser, app, "openid fhirUser launch/patient patient/Patient.r")["access_token"]
    status, told = read(browser, "/oauth/userinfo", access)
    require(status == 200 and told["fhirUser"].endswith("/fhir/Patient/" + patient), f"who: {told}")
    access = token(browser, app, "launch/patient patient/Patient.r")["access_token"]
    status, told = read(browser, "/oauth/userinfo", access)
    require((status, told.get("error")) == (403, "insufficient_scope"), f"without openid: {told}")


def registration(browser):
    got = requests.post(browser.url + "/oauth/register", verify=browser.session.verify, json={
        "client_name": "Mine", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"})
    known = got.json()
    place, secret = known["registration_client_uri"], known["registration_access_token"]

    def call(method, bearer):
        return requests.request(
            method, place, verify=browser.session.verify, headers={"Authorization": "Bearer " + bearer})

    require(call("GET", secret).json()["client_name"] == "Mine", "a client reads what it registered")
    for wrong in ["pcg_" + "A" * 43, "x"]:
        got = call("DELETE", wrong)
        require((got.status_code, got.json()["error"]) == (401, "invalid_token"), "nobody else does")
    require(call("DELETE", secret).status_code == 204, "and ends it")
    require(call("GET", secret).status_code == 401, "for good")
    got = browser.session.get(
        request(browser, known["client_id"], "launch/patient"), allow_redirects=False)
    require(got.status_code == 400, "such an app asks nobody any more")


def clinician(browser, patient, other, app):
    """One of the staff opens the app for one chart: it sees that one, whomever else they treat."""
    page = browser.get("/apps")
    answer = browser.session.post(
        browser.url + "/family", allow_redirects=False, headers={"Origin": browser.url},
        data={"csrf": re.search('name="csrf" value="([^"]+)"', page.text)[1], "patient": patient})
    require(answer.status_code == 303, f"a chart is opened: {answer.status_code}")
    query = opened(browser, app)
    scope = "launch patient/Observation.cruds"
    got = token(browser, app, scope, launch=query["launch"])
    require(got["patient"] == patient, "the launch names the chart")
    require(got["scope"] == "launch patient/Observation.rs", f"for reading: {got['scope']}")
    access = got["access_token"]
    status, found = read(browser, "/fhir/Observation", access)
    subjects = {entry["resource"]["subject"]["reference"] for entry in found.get("entry", [])}
    require(status == 200 and subjects == {"Patient/" + patient}, f"one chart: {status} {subjects}")
    require(read(browser, "/fhir/Observation?patient=" + other, access)[1].get("total", 0) == 0,
            "and not the other")
    require(read(browser, "/fhir/Observation/other", access)[0] == 403, "by its id neither")
    access = token(
        browser, app, "launch user/Observation.rs",
        launch=opened(browser, app)["launch"])["access_token"]
    require(read(browser, "/fhir/Observation/other", access)[0] == 200, "what the person may is more")


def main():
    what, url, ca, *rest = sys.argv[1:]
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    browser = Browser(url, ca)
    if what == "register":
        print(register(browser, {
            "client_name": "Opened", "redirect_uris": [REDIRECT], "initiate_login_uri": OPENED,
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"}))
    elif what == "launch":
        code, patient, app = rest
        open_account(browser, code, "alder")
        launches(browser, ca, patient, app)
        limited(browser, patient, app)
        identity(browser, patient, app)
        registration(browser)
    elif what == "open":
        open_account(browser, rest[0], "clinician")
        with open(rest[1], "wb") as file:
            pickle.dump(browser.session.cookies, file)
    else:
        place, patient, other, app = rest
        with open(place, "rb") as file:
            browser.session.cookies.update(pickle.load(file))
        clinician(browser, patient, other, app)


if __name__ == "__main__":
    main()
