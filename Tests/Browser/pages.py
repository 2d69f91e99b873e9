#!/usr/bin/env python3
"""Every page of the portal in a real browser: with script and without, in both schemes and three widths, looked at
by axe and by the browser's own console. The list of pages is that of the program's table of routes, so a page that
nobody visits fails.

usage: pages.py PROGRAM SAMPLES OUT [--hostile]

PROGRAM is the built `peerchart`, SAMPLES the folder with made-up charts, OUT gets the screenshots; - for none.
With --hostile every name and text is an attack, each field of each form is given one, and every page is looked at for
what has become of them.
"""

import hashlib
import base64
import json
import os
import pathlib
import re
import shutil
import ssl
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import axe_playwright_python
from playwright.sync_api import sync_playwright

from nodes import Node
from portal import PASSWORD, RULES, SIZES, fault, faults, one_time_code

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
ROUTES = pathlib.Path(__file__).parents[2] / "Sources/Web/Portal/Server/PortalRoute.swift"
# What answers with something else than a page.
NO_PAGES = {"/events", "/assets/:name", "/log/:number/proof", "/emergency/:id"}
ATTACKS = [
    '"><img src=x data-hit onerror=hit()>', "</textarea></title><script data-hit>hit()</script>",
    "' onfocus=hit() autofocus data-hit x='", "<svg data-hit onload=hit()>{{t.nav.home}}",
]


def patterns():
    """The patterns of all routes that can be loaded, from the two tables of which the compiler checks that they are
    whole."""
    text = ROUTES.read_text()
    table = dict(re.findall(r'case \.(\w+): "(/[^"]*)"', text))
    methods = text[text.index("var methods:"):text.index("var pattern:")]
    loaded = set()
    for names, found in re.findall(r"case ((?:\.\w+[,\s]*)+):\s*\[([^\]]*)\]", methods):
        if '"GET"' in found:
            loaded |= set(re.findall(r"\.(\w+)", names))
    assert len(table) > 40 and len(loaded) > 30, "the tables of routes were not understood"
    return {table[name] for name in loaded}


class Person:
    """Somebody at a browser, which takes script or does not."""

    def __init__(self, browser, node, script=True, state=None):
        self.browser, self.node = browser, node
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="en-US", timezone_id="America/New_York",
            reduced_motion="reduce", java_script_enabled=script, storage_state=state)
        self.context.set_default_timeout(60000)
        if script:
            self.context.add_init_script(AXE)
            self.context.add_init_script("window.hit = () => { window.hits = (window.hits || 0) + 1 }")
        self.page = self.context.new_page()
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: fault(f"{self.page.url}: {error}"))
        self.page.on("dialog", lambda dialog: (fault(f"{self.page.url}: a dialog"), dialog.dismiss()))

    def heard(self, message):
        if message.type == "error" and "status of 4" not in message.text:
            fault(f"{self.page.url}: {message.text}")

    def open(self, path):
        return self.page.goto(self.node.url + path)

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").first.fill(value)

    def press(self, name):
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def post(self, action, **fields):
        """Sends a form that stands on the page that is open."""
        self.page.evaluate("""([action, fields]) => {
            const form = document.createElement("form");
            form.method = "post";
            form.action = action;
            fields.csrf = document.querySelector("input[name=csrf]").value;
            for (const [name, value] of Object.entries(fields)) {
                const input = document.createElement("input");
                [input.type, input.name, input.value] = ["hidden", name, value];
                form.append(input);
            }
            document.body.append(form);
            form.submit();
        }""", [action, fields])
        self.page.wait_for_load_state()

    def register(self, code, login, name):
        """Opens an account and sets up an authenticator app: no step of it needs script."""
        self.open("/register?code=" + code)
        self.fill(code=code, display=name, name=login, password=PASSWORD)
        self.press("Continue")
        self.page.wait_for_url("**/security")
        self.open("/security/app")
        self.secret = self.page.inner_text(".codes").replace(" ", "")
        self.fill(code=one_time_code(self.secret))
        self.press("Confirm")
        self.page.wait_for_selector("text=Recovery codes")

    def without_script(self):
        return Person(self.browser, self.node, script=False, state=self.context.storage_state())

    def with_script(self):
        return Person(self.browser, self.node, state=self.context.storage_state())


class Scene:
    """Two nodes, three people, and something on every page."""

    def __init__(self, browser, home, ward, hostile):
        self.browser, self.home, self.ward, self.hostile = browser, home, ward, hostile
        self.count = 0
        patients = self.patients()
        self.rowan_id, self.wren_id, self.juniper_id = patients
        self.rowan = self.people_of_home()
        self.ada = Person(browser, ward)
        roles = [w for role in ("clinician", "administrator", "privacy-officer", "front-desk")
                 for w in ("--role", role)]
        self.ada.register(
            ward.json("account", "invite", *roles)["code"], "ada" + self.mark(), self.text("Dr. Ada Example"))
        self.stranger = Person(browser, home)
        self.requests()

    def text(self, plain):
        if not self.hostile:
            return plain
        self.count += 1
        return f"{plain} {ATTACKS[self.count % len(ATTACKS)]}"

    def mark(self):
        return '"><svg/data-hit/onload=hit()>' if self.hostile else ""

    def fetch(self, node, path, data=None, token=None):
        headers = {"Content-Type": "application/json"} if data else {}
        if token:
            headers["Authorization"] = "Bearer " + token
        body = json.dumps(data).encode() if data else None
        trust = ssl.create_default_context(cafile=node.folder / "tls/ca.pem")
        with urllib.request.urlopen(
                urllib.request.Request(node.url + path, body, headers), context=trust) as answer:
            return json.load(answer)

    def patients(self):
        token = self.home.run("token", "--scope", "system/*.rs", "--ttl", "5m").split()[-1]

        def one(name):
            return self.fetch(self.home, f"/fhir/Patient?given={name}", token=token)["entry"][0]["resource"]["id"]

        allergies = self.fetch(self.home, f"/fhir/AllergyIntolerance?patient={one('Rowan')}", token=token)
        self.record = allergies["entry"][0]["resource"]["id"]
        return one("Rowan"), one("Wren"), one("Juniper")

    def invite(self, *arguments):
        return self.home.json("account", "invite", *arguments)["code"]

    def people_of_home(self):
        # Juniper does without script, all the way from the invitation to naming somebody for emergencies.
        juniper = Person(self.browser, self.home, script=False)
        juniper.register(
            self.invite("--patient", self.juniper_id), "juniper" + self.mark(), self.text("Juniper Samplewood"))
        juniper.page.get_by_role("link", name="I have kept them").click()
        self.see(juniper, "First steps")
        juniper.open("/record/new")
        juniper.fill(what=self.text("Peanuts"), note=self.text("Hives, at school."))
        juniper.press("Add it")
        self.see(juniper, "It is in your record.")
        juniper.open("/family/new")
        juniper.page.get_by_label(re.compile("^For emergencies")).check()
        juniper.press("Make a code")
        code = juniper.page.inner_text(".codes").strip()

        rowan = Person(self.browser, self.home)
        rowan.register(
            self.invite("--patient", self.rowan_id), "rowan" + self.mark(), self.text("Rowan Samplewood"))
        session = rowan.context.new_cdp_session(rowan.page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}})
        rowan.open("/security/passkeys")
        rowan.fill(name=self.text("Phone"))
        rowan.press("Create the passkey")
        rowan.page.wait_for_url("**/security?done=added")
        self.passkey = rowan.page.locator("a[href^='/security/passkeys/']").first.get_attribute("href")
        for taken in (code, self.invite("--patient", self.wren_id, "--relationship", "parent")):
            rowan.open("/family")
            rowan.fill(code=taken)
            rowan.press("Use the code")
            self.see(rowan, "The code was right.")
        self.see(rowan, "Wren")
        self.see(rowan, "comes of age")
        rowan.open("/family/new")
        rowan.press("Make a code")
        helper = rowan.page.inner_text(".codes").strip()
        ash = Person(self.browser, self.home, script=False)
        ash.register(helper, "ash" + self.mark(), self.text("Ash Example"))
        ash.context.close()
        juniper.context.close()
        return rowan

    def see(self, person, text):
        if text.lower() not in person.page.inner_text("body").lower():
            fault(f"{person.page.url}: no “{text}”")

    def requests(self):
        ward, rowan = self.ward, self.rowan_id
        for reason in ("A visit on Thursday.", "A second opinion."):
            ward.run("peer", "request", "Samplewood household", "--patient-id", rowan, "--types",
                     "allergies,medications", "--ttl", "30d", "--reason", self.text(reason))
        ward.run("peer", "break-glass", "Samplewood household", "--patient", rowan, "--reason", "unconscious",
                 "--text", self.text("Found at the roadside."))
        known = []
        for _ in range(240):
            known = self.home.json("consent", "requests")["requests"]
            if len(known) == 2:
                break
            time.sleep(0.25)
        self.request, other = [entry["id"] for entry in known]
        self.home.run("consent", "grant", "--request", other, "--patient", rowan)
        app = self.fetch(self.home, "/oauth/register", {
            "client_name": self.text("Growth charts"), "redirect_uris": ["http://127.0.0.1:9/back"],
            "token_endpoint_auth_method": "none"})["client_id"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"w" * 64).digest()).decode().rstrip("=")
        self.authorize = "/oauth/authorize?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": app, "redirect_uri": "http://127.0.0.1:9/back",
            "scope": "launch/patient patient/Observation.rs", "state": "s", "aud": self.home.url + "/fhir",
            "code_challenge_method": "S256", "code_challenge": challenge})

    def visits(self):
        """(pattern, who, path, name of the screenshot)"""
        rowan, ada, stranger = self.rowan, self.ada, self.stranger
        yield from [
            ("/sign-in", stranger, "/sign-in", "sign-in"),
            ("/sign-in/code", stranger, "/sign-in/code", "second-factor"),
            ("/register", stranger, "/register", "register"),
            ("/", rowan, "/", "home"), ("/welcome", rowan, "/welcome", "welcome"),
            ("/requests", rowan, "/requests", "requests"),
            ("/requests/:id", rowan, f"/requests/{self.request}", "request"),
            ("/sharing", rowan, "/sharing", "sharing"), ("/sharing/new", rowan, "/sharing/new", "grant-new"),
            ("/log", rowan, "/log", "log"), ("/record", rowan, "/record", "record"),
            ("/record/new", rowan, "/record/new", "record-new"),
            ("/record/search", rowan, "/record/search?q=a", "search"),
            ("/record/:type", rowan, "/record/allergies", "record-type"),
            ("/record/:type/:id", rowan, f"/record/AllergyIntolerance/{self.record}", "record-item"),
            ("/family", rowan, "/family", "family"), ("/family/new", rowan, "/family/new", "helper-new"),
            ("/family/:id", rowan, f"/family/{self.juniper_id}", "delegate"),
            ("/security", rowan, "/security", "security"),
            ("/security/app", rowan, "/security/app", "app"),
            ("/security/passkeys", rowan, "/security/passkeys", "passkey"),
            ("/security/passkeys/:id", rowan, self.passkey, "passkey-name"),
            ("/security/password", rowan, "/security/password", "password"),
            ("/security/codes", rowan, "/security/codes", "codes-renew"),
            ("/account", rowan, "/account", "account"), ("/account/close", rowan, "/account/close", "account-close"),
            ("/apps", rowan, "/apps", "apps"), ("/oauth/authorize", rowan, self.authorize, "authorize"),
            ("/emergency", rowan, "/emergency", "emergencies"),
            ("/staff", ada, "/staff", "staff"),
        ]
        ada.open("/security")
        ada.post("/family", chart="clinician")
        yield from [
            ("/patients", ada, "/patients", "patients"), ("/requests/new", ada, "/requests/new", "request-new"),
            ("/emergency", ada, "/emergency", "emergency-staff"),
        ]


def look(person, path, name, out):
    """The page in all sizes and schemes, with what axe says."""
    answer, page = person.open(path), person.page
    if answer.status != 200:
        return fault(f"{path}: status {answer.status}")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for size, (width, height) in SIZES.items():
            if scheme == "dark" and not out:
                continue
            page.set_viewport_size({"width": width, "height": height})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wider > 0:
                fault(f"{name} {size}: {wider} px wider than the screen")
            if out:
                page.screenshot(path=out / f"{name}-{size}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        # Nothing but colours is another in the dark.
        only = RULES if scheme == "light" else ["color-contrast"]
        found = page.evaluate(
            "only => axe.run(document, {runOnly: only}).then(r => r.violations.map("
            "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))", only)
        for violation, nodes in found:
            fault(f"{name} {scheme}: axe {violation}: {nodes}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def look_without_script(person, path, name):
    answer = person.open(path)
    if answer.status != 200:
        return fault(f"{name} without script: status {answer.status}")
    for what in ("h1", "main"):
        if not person.page.locator(what).first.is_visible():
            fault(f"{name} without script: no {what}")
    forms = person.page.locator("main form:not([data-passkey])")
    for index in range(forms.count()):
        if forms.nth(index).locator("button, input[type=submit]").count() == 0:
            fault(f"{name} without script: a form that nothing sends")


def every_page(scene, out):
    visited = set()
    plain = {}
    for pattern, person, path, name in scene.visits():
        visited.add(pattern)
        look(person, path, name, out)
        state = person.context.storage_state()
        if person not in plain or plain[person][1] != state:
            if person in plain:
                plain[person][0].context.close()
            plain[person] = (person.without_script(), state)
        look_without_script(plain[person][0], path, name)
    missing = patterns() - visited - NO_PAGES
    for pattern in sorted(missing):
        fault(f"nobody visits {pattern}")
    for pattern in sorted(visited - patterns()):
        fault(f"there is no {pattern} any more")
    warn_when_idle(scene)
    return len(visited)


def warn_when_idle(scene):
    """The clock of the page stands still but for the time that is let pass."""
    rowan = scene.rowan.with_script()
    rowan.page.clock.install()
    rowan.open("/account")
    rowan.page.clock.run_for(12 * 60_000)
    if rowan.page.locator("#toasts .notice").count():
        fault("a page warns too early")
    rowan.page.clock.run_for(70_000)
    scene.see(rowan, "signed out in two minutes")
    rowan.page.get_by_role("button", name="Stay signed in").click()
    rowan.page.locator("#toasts .notice").wait_for(state="detached")
    rowan.page.clock.run_for(15 * 60_000 + 2000)
    rowan.page.wait_for_url(lambda url: "/account" not in url)
    rowan.context.close()
    # Without script the page shows what was there all along, once its time has come.
    markup = scene.rowan.without_script()
    markup.open("/account")
    if markup.page.locator(".going[data-quiet='780']").count() != 1:
        fault("a page without script does not warn")
    markup.context.close()


def clean(person, path):
    """Whether nothing that was text has become a part of the page; and how often it is shown as text."""
    hits = person.page.evaluate(
        "[window.hits || 0, document.querySelectorAll('[data-hit]').length,"
        " (document.body.textContent.match(/data-hit/g) || []).length,"
        " [...document.querySelectorAll('input, textarea')].filter(i => i.value.includes('data-hit')).length]")
    if hits[0] or hits[1]:
        fault(f"{path}: what somebody wrote has become part of the page")
    return 1 if hits[2] or hits[3] else 0


TEXT_FIELDS = """form => [...form.elements].filter(e =>
    e.tagName === "TEXTAREA" || e.tagName === "INPUT" &&
    ["text", "email", "date", "password", "search", "tel"].includes(e.type))"""


def attack(person, path):
    """Every text field of every form on a page is given an attack, and the form sent."""
    person.open(path)
    forms = person.page.evaluate(
        f"[...document.forms].map((form, i) => [i, ({TEXT_FIELDS})(form).length, !!form.dataset.passkey])")
    sent = 0
    for index, fields, is_passkey in forms:
        if not fields or is_passkey:
            continue
        for number, text in enumerate(ATTACKS):
            if number and "sign-in" in path + person.page.url:
                break
            person.open(path)
            with person.page.expect_navigation():
                person.page.evaluate(f"""([index, text]) => {{
                    const form = document.forms[index];
                    form.noValidate = true;
                    for (const field of ({TEXT_FIELDS})(form)) {{
                        if (field.tagName === "INPUT") field.type = "text";
                        field.removeAttribute("maxlength");
                        field.value = text;
                    }}
                    for (const box of form.querySelectorAll("input[type=radio], input[type=checkbox]"))
                        box.checked = true;
                    form.requestSubmit(form.querySelector("button[type=submit], button:not([type])"));
                }}""", [index, text])
            clean(person, f"{path}, form {index}")
            sent += 1
            if sent > 3 * len(ATTACKS) or "password" in path or "/app" in path or "/account" in path:
                break
    return sent


def hostile_pages(scene):
    visits = list(scene.visits())
    shown = sum((person.open(path), clean(person, path))[1] for _, person, path, _ in visits)
    sent = 0
    # Ada is a clinician by now; what the administrator sees comes later.
    for _, person, path, name in visits:
        if name == "staff":
            person.open("/security")
            person.post("/family", chart="administrator")
        if name == "patients":
            person.post("/family", chart="clinician")
        if name != "delegate":
            sent += attack(person, path)
    sent += attack(scene.rowan, f"/family/{scene.juniper_id}")
    scene.rowan.open("/family")
    scene.rowan.post("/family", chart=f"patient/{scene.rowan_id}")
    again = sum((person.open(path), clean(person, path))[1] for _, person, path, _ in scene.visits())
    print(f"{sent} forms sent, attacks shown as text on {shown} and {again} pages")
    if shown < 12 or again < shown or sent < 30:
        fault("the attacks did not get anywhere near the pages")


def main(program, samples, out, hostile=False):
    out = None if out == "-" else pathlib.Path(out)
    if out:
        out.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="peerchart-pages-"))
    home = Node(program, work / "home", "Samplewood household", "household")
    ward_name = f"St. Elsewhere {ATTACKS[3]}" if hostile else "St. Elsewhere Hospital"
    ward = Node(program, work / "ward", ward_name, "organization")
    samples = pathlib.Path(samples)
    home.run("import", *[str(samples / f"{name}.json") for name in (
        "organizations", "rowan-samplewood", "wren-samplewood", "juniper-samplewood")])
    began = time.monotonic()
    try:
        home.start("--mail", "smtp://localhost:9", "--mail-from", "charts@example.org")
        ward.start()
        home.pair(ward)
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--ignore-certificate-errors"])
            scene = Scene(browser, home, ward, hostile)
            if hostile:
                hostile_pages(scene)
            else:
                print(f"{every_page(scene, out)} pages")
            browser.close()
    finally:
        home.stop(), ward.stop()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    hostile = "--hostile" in arguments
    if hostile:
        arguments.remove("--hostile")
    if len(arguments) != 3:
        sys.exit(__doc__)
    sys.exit(main(*arguments, hostile))
