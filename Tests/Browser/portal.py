#!/usr/bin/env python3
"""The pages in a real browser: one story of a patient and a clinician, every page in both schemes and
three widths, checked by axe and by the browser's own console.

usage: portal.py PROGRAM SAMPLES OUT

PROGRAM is the built `peerchart`, SAMPLES the folder with made-up charts, OUT gets the screenshots.
Needs Chromium (CHROMIUM, or the one in the path) and requirements.txt beside this file.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import ssl
import struct
import sys
import tempfile
import time
import urllib.request

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from appearing import appears
from nodes import Node

PASSWORD = "correct barn lantern 47 otters"
SIZES = {"wide": (1280, 800), "phone": (390, 844), "small": (320, 640)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

faults = []


def fault(text):
    print(f"FAULT {text}")
    faults.append(text)


def one_time_code(secret, at=None):
    """RFC 6238, six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int((at or time.time()) // 30)), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


class Visitor:
    """A browser of one person."""

    def __init__(self, browser, node, out, script=True):
        self.node, self.out = node, out
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="en-US", timezone_id="America/New_York",
            reduced_motion="reduce", java_script_enabled=script,
        )
        self.context.set_default_timeout(60000)
        self.page = self.context.new_page()
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: fault(f"{self.page.url}: {error}"))

    def heard(self, message):
        if message.type == "error" and "status of 4" not in message.text:
            fault(f"{self.page.url}: {message.text}")

    def add_authenticator(self):
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
        }})

    def open(self, path):
        answer = self.page.goto(self.node.url + path)
        return answer

    def press(self, name, exact=False):
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").first.fill(value)

    def expect(self, text):
        if not appears(self.page, text):
            fault(f"{self.page.url}: no “{text}”")

    def register(self, code, login, name):
        self.open("/register?code=" + code)
        self.fill(code=code, display=name, name=login, password=PASSWORD)
        self.press("Continue")
        self.page.wait_for_url("**/security")

    def shoot(self, name):
        """The page as it stands, in all sizes and schemes, with what axe says."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for size, (width, height) in SIZES.items():
                self.page.set_viewport_size({"width": width, "height": height})
                wider = self.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wider > 0:
                    fault(f"{name} {size}: {wider} px wider than the screen")
                self.page.screenshot(path=self.out / f"{name}-{size}-{scheme}.png", full_page=True)
            found = Axe().run(self.page, options={"runOnly": RULES}).response["violations"]
            for violation in found:
                nodes = [node["html"][:120] for node in violation["nodes"]][:3]
                fault(f"{name} {scheme}: axe {violation['id']}: {nodes}")
        self.page.set_viewport_size({"width": 390, "height": 844})


def patient_of(node):
    """The id under which the node keeps the first patient of the samples."""
    token = node.run("token", "--scope", "system/Patient.rs", "--ttl", "5m").split()[-1]
    request = urllib.request.Request(
        f"{node.url}/fhir/Patient?name=Rowan", headers={"Authorization": f"Bearer {token}"})
    trust = ssl.create_default_context(cafile=node.folder / "tls/ca.pem")
    with urllib.request.urlopen(request, context=trust) as answer:
        return json.load(answer)["entry"][0]["resource"]["id"]


def main(program, samples, out):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="peerchart-browser-"))
    home = Node(program, work / "home", "Samplewood household", "household")
    ward = Node(program, work / "ward", "St. Elsewhere Hospital", "organization")
    samples = pathlib.Path(samples)
    own = work / "rowan.json"
    own.write_text(json.dumps({
        "resourceType": "Patient", "id": "rowan", "birthDate": "1981-04-17",
        "name": [{"family": "Samplewood", "given": ["Rowan"]}]}))
    home.run("import", str(samples / "organizations.json"), str(own))
    try:
        home.start(), ward.start()
        home.pair(ward)
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--ignore-certificate-errors"])
            story(browser, home, ward, out, samples / "rowan-samplewood.json")
            browser.close()
    finally:
        home.stop(), ward.stop()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(list(out.glob('*.png')))} screenshots, {len(faults)} faults")
    return 1 if faults else 0


def story(browser, home, ward, out, chart):
    patient = patient_of(home)
    rowan = Visitor(browser, home, out)
    rowan.open("/")
    rowan.shoot("sign-in")
    rowan.open("/register")
    rowan.shoot("register")

    # With a passkey: one press after the password.
    rowan.add_authenticator()
    rowan.register(home.json("account", "invite", "--patient", patient)["code"], "rowan", "Rowan Samplewood")
    rowan.shoot("security-first")
    rowan.open("/security/passkeys")
    rowan.shoot("passkey")
    rowan.fill(name="Phone")
    rowan.press("Create the passkey")
    rowan.page.wait_for_url("**/security?done=added")
    rowan.shoot("security")

    # What the clinic gave along as a file becomes part of the chart; a file about somebody else does not.
    rowan.open("/record/upload")
    rowan.press("Take it in")
    rowan.page.locator("input[type=file]").set_input_files(chart.with_name("juniper-samplewood.json"))
    rowan.press("Take it in")
    rowan.expect("about somebody else")
    rowan.page.locator("input[type=file]").set_input_files(chart)
    rowan.press("Take it in")
    rowan.expect("The file was read")
    rowan.shoot("upload")
    rowan.page.get_by_role("link", name="Look at the record").click()
    rowan.expect("Allergies")

    # A clinician, with an authenticator app and without script.
    ada = Visitor(browser, ward, out, script=False)
    ada.register(ward.json("account", "invite", "--role", "clinician")["code"], "ada", "Dr. Ada Example")
    ada.open("/security/app")
    secret = ada.page.inner_text(".codes").replace(" ", "")
    ada.fill(code=one_time_code(secret))
    ada.press("Confirm")
    ada.expect("Recovery codes")
    # Before other people's records come the rules.
    ada.open("/patients")
    ada.expect("Before you see")
    ada.press("Go on")
    ada.expect("Tick the box")
    ada.page.get_by_label("I have been trained").check()
    ada.press("Go on")
    ada.page.wait_for_url("**/patients")
    ada.open("/requests/new")
    ada.page.get_by_label("Allergies").check()
    ada.page.get_by_label("Medications").check()
    ada.page.get_by_label("Lab results").check()
    ada.fill(name="Rowan Samplewood", patient=patient, reason="Rowan comes to us on Thursday.")
    ada.press("Send the request")
    ada.expect("on its way")

    # The patient narrows it on a phone.
    for _ in range(240):
        rowan.open("/requests")
        if "St. Elsewhere Hospital" in rowan.page.inner_text("main"):
            break
        time.sleep(0.25)
    rowan.shoot("requests")
    rowan.open("/")
    rowan.shoot("home")
    rowan.open("/requests")
    rowan.page.get_by_role("link", name="Look and decide").click()
    rowan.shoot("request")
    rowan.page.locator("main").get_by_label("Lab results").uncheck()
    rowan.page.get_by_label("7 days").check()
    rowan.press("Give access")
    rowan.expect("Access was given")
    rowan.open("/sharing")
    rowan.expect("Allergies")
    if "Lab results" in rowan.page.inner_text("main"):
        fault("what was taken away was given")
    rowan.shoot("sharing")

    # The clinician reads just that, in the browser, and the patient sees it.
    for _ in range(240):
        ada.open("/patients")
        if "Open the chart" in ada.page.inner_text("main"):
            break
        time.sleep(0.25)
    ada.page.get_by_role("link", name="Open the chart").first.click()
    ada.expect("Opened to you by the patient at Samplewood household")
    for word, isThere in [("Allergies", True), ("Medications", True), ("Lab results", False)]:
        if (word in ada.page.inner_text("main")) != isThere:
            fault(f"{word} in the shared chart: {not isThere}")
    shared = ada.page.url[len(ward.url):]
    ada.open(shared + "/allergies")
    item = ada.page.locator("main a.row").first
    allergy = item.locator(".title").inner_text()
    item.click()
    ada.expect("Stored there")
    ada.expect(allergy)
    address = ada.page.url[len(ward.url):]
    ada.open(shared + "/search?q=" + allergy.split()[0])
    ada.expect(allergy)
    answer = ada.open(shared + "/lab-results")
    if answer.status != 403:
        fault(f"what was not given came with {answer.status}")
    ada.expect("not open to you")
    rowan.open("/log")
    rowan.expect("was given")
    rowan.page.get_by_text("Details and proof").first.click()
    rowan.expect("Dr. Ada Example, clinician")
    rowan.shoot("log")
    with rowan.page.expect_download() as download:
        rowan.page.get_by_role("link", name=re.compile("Download the proof")).first.click()
    if "proof" not in pathlib.Path(download.value.path()).read_text():
        fault("the proof is none")

    for path, name in [
        ("/record", "record"), ("/record/allergies", "record-type"), ("/record/search?q=a", "search"),
        ("/sharing/new", "grant-new"), ("/family", "family"), ("/emergency", "emergencies"),
        ("/nowhere-at-all", None), ("/record/Patient/none", "message"),
    ]:
        rowan.open(path)
        if name:
            rowan.shoot(name)
    rowan.open(f"/record/Patient/{patient}")
    rowan.expect("Where it comes from")
    rowan.shoot("record-item")

    # The same with script, for axe.
    clinician = staff_session(browser, ward, out, secret)
    clinician.open(shared)
    clinician.shoot("shared")
    clinician.open(address)
    clinician.shoot("shared-item")
    clinician.open(shared + "/search?q=zzzz")
    clinician.shoot("shared-search")
    clinician.open("/patients")
    clinician.shoot("patients")
    clinician.open(f"/requests/{shared.rsplit('/', 1)[1]}")
    clinician.shoot("request-asked")

    # Revoked, and the next look is refused.
    rowan.open("/sharing")
    rowan.press(re.compile("End the access of"))
    rowan.expect("Ended.")
    for path in (address, shared, shared + "/allergies"):
        answer = clinician.open(path)
        if answer.status != 403 or allergy in clinician.page.inner_text("body"):
            fault(f"{path} after revocation: {answer.status}")
        clinician.expect("not open to you")
    clinician.shoot("shared-ended")
    try:
        ward.run("peer", "get", "Samplewood household", f"AllergyIntolerance?patient={patient}")
        fault("a revoked grant still opens the chart")
    except AssertionError:
        pass

    # In the other language, and out and in again by passkey.
    rowan.press("Español")
    rowan.expect("Permisos")
    rowan.press("English")
    rowan.page.locator("details.account summary").click()
    rowan.press("Sign out")
    rowan.page.wait_for_url("**/sign-in?done=signed_out")
    rowan.press("Sign in with a passkey")
    rowan.page.wait_for_url(home.url + "/")
    rowan.expect("Rowan")

    # The rest of the staff's pages.
    clinician.open("/patients")
    clinician.expect("Access ended")
    for path, name in [
        ("/requests/new", "request-new"), ("/emergency", "emergency-staff"),
        ("/security/app", "app"), ("/training", "training"),
    ]:
        clinician.open(path)
        clinician.shoot(name)
    office(browser, ward, out)


def staff_session(browser, ward, out, secret):
    """The clinician once more, with script for axe."""
    ada = Visitor(browser, ward, out)
    ada.open("/sign-in")
    ada.fill(name="ada", password=PASSWORD)
    ada.press("Sign in", exact=True)
    ada.page.wait_for_url("**/sign-in/code*")
    ada.shoot("second-factor")
    # A code is good once: this one is the next.
    ada.fill(code=one_time_code(secret, time.time() + 30))
    ada.press("Continue")
    ada.page.wait_for_url("**/patients")
    return ada


def office(browser, ward, out):
    """An administrator sees to roles, the desk to who treats whom."""
    chart = ward.folder.parent / "walk-in.json"
    chart.write_text(json.dumps({
        "resourceType": "Patient", "id": "walk-in", "birthDate": "1990-04-01",
        "name": [{"family": "Walker", "given": ["Iris"]}]}))
    ward.run("import", str(chart))
    admin = newcomer(browser, ward, out, "administrator", "max", "Max Keys")
    admin.open("/staff")
    admin.expect("Dr. Ada Example")
    admin.page.get_by_text("Change roles").first.click()
    admin.shoot("staff")
    row = admin.page.locator("tr", has_text="Dr. Ada Example")
    if not row.get_by_label("Nurse", exact=True).is_visible():
        row.get_by_text("Change roles").click()
    row.get_by_label("Nurse", exact=True).check()
    row.get_by_role("button", name="Save").click()
    admin.expect("Changed.")
    if "nurse" not in admin.page.locator("tr", has_text="Dr. Ada Example").inner_text().lower():
        fault("the role was not given")

    desk = newcomer(browser, ward, out, "front-desk", "dee", "Dee Reception")
    desk.open("/patients")
    desk.page.get_by_label("I have been trained").check()
    desk.press("Go on")
    desk.open("/patients?name=Walker")
    desk.page.get_by_role("link", name="Care and invitations of").click()
    desk.expect("Iris Walker")
    desk.shoot("care")
    desk.page.get_by_label("Who?").select_option(index=0)
    desk.press("Assign", exact=True)
    desk.expect("Assigned.")
    desk.press(re.compile("treats this patient no more"))
    desk.expect("closed to them")
    desk.press("Make an invitation")
    desk.expect("Invitation code")


def newcomer(browser, node, out, role, login, name):
    """Somebody with a passkey and a role."""
    person = Visitor(browser, node, out)
    person.add_authenticator()
    person.register(node.json("account", "invite", "--role", role)["code"], login, name)
    person.open("/security/passkeys")
    person.fill(name="Key")
    person.press("Create the passkey")
    person.page.wait_for_url("**/security?done=added")
    return person


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
