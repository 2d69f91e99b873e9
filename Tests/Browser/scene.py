"""Two nodes, their people at browsers, and something on every page: what pages.py looks at."""

import base64
import hashlib
import json
import pathlib
import re
import ssl
import time
import urllib.parse
import urllib.request

import axe_playwright_python

from appearing import appears
from portal import PASSWORD, fault, one_time_code

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
ATTACKS = [
    '"><img src=x data-hit onerror=hit()>', "</textarea></title><script data-hit>hit()</script>",
    "' onfocus=hit() autofocus data-hit x='", "<svg data-hit onload=hit()>{{t.nav.home}}",
]


class Person:
    """Somebody at a browser, which takes script or does not."""

    def __init__(self, browser, node, script=True, origin=None):
        self.browser, self.node, self.origin = browser, node, origin
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="en-US", timezone_id="America/New_York",
            reduced_motion="reduce", java_script_enabled=script,
            storage_state=origin and origin.context.storage_state())
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
        answer = self.page.goto(self.node.url + path)
        if "again=1" not in self.page.url:
            return answer
        # On a busy machine the factor that was shown is not fresh any more: shown again, as anybody would.
        if self.origin:
            self.origin.open(path)
            self.context.add_cookies(self.origin.context.cookies())
            return self.page.goto(self.node.url + path)
        self.fill(password=PASSWORD)
        self.press(re.compile("^Sign in$"))
        self.page.wait_for_url("**/sign-in/code*")
        self.fill(code=one_time_code(self.secret, time.time() + 30))
        self.press("Continue")
        return self.page.goto(self.node.url + path)

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").first.fill(value)

    def press(self, name):
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def post(self, action, **fields):
        """Sends a form that stands on the page that is open."""
        with self.page.expect_navigation():
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
        return Person(self.browser, self.node, script=False, origin=self)

    def with_script(self):
        return Person(self.browser, self.node, origin=self)


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
        self.organizations()
        self.requests()
        self.staff_of_ward()

    def text(self, plain):
        if not self.hostile:
            return plain
        self.count += 1
        return f"{plain} {ATTACKS[self.count % len(ATTACKS)]}"

    def mark(self):
        # What a name to sign in with may consist of.
        return '"><svg/data-hit/x=' if self.hostile else ""

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
        self.see(juniper, "Your account and your keys are made")
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
        rowan.open("/sharing/links")
        rowan.fill(label=self.text("For the school"))
        rowan.press("Make the link")
        rowan.open("/sharing/links")
        self.link = rowan.page.locator("main a[href^='/sharing/links/']").first.get_attribute("href")
        rowan.open("/family/new")
        rowan.press("Make a code")
        helper = rowan.page.inner_text(".codes").strip()
        ash = Person(self.browser, self.home, script=False)
        ash.register(helper, "ash" + self.mark(), self.text("Ash Example"))
        ash.context.close()
        juniper.context.close()
        return rowan

    def see(self, person, text):
        if not appears(person.page, text):
            fault(f"{person.page.url}: no “{text}”")

    def organizations(self):
        """The ward has accredited two others and suspended one of them, and takes the household's word."""
        for node, name in (("ab" * 32, "Exampleville General"), ("cd" * 32, "Corner Pharmacy")):
            self.ward.run("entity", "issue", node, "--organization", self.text(name), "--npi", "1234567893")
        self.ward.run("entity", "suspend", "cd" * 32, "--reason", "privilege-withdrawn")
        key = self.ward.folder.parent / "accreditor.json"
        key.write_text(self.home.run("accreditor", "key"))
        self.ward.run("accreditor", "trust", str(key), "--fresh", "30d")

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
            "initiate_login_uri": "https://app.example/launch",
            "token_endpoint_auth_method": "none"})["client_id"]
        self.home.run("client", "offer", app)
        self.app = app
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"w" * 64).digest()).decode().rstrip("=")
        self.authorize = "/oauth/authorize?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": app, "redirect_uri": "http://127.0.0.1:9/back",
            "scope": "launch/patient patient/Observation.rs", "state": "s", "aud": self.home.url + "/fhir",
            "code_challenge_method": "S256", "code_challenge": challenge})

    def staff_of_ward(self):
        """Ada confirms her training, and looks at what the household has opened; a patient walks in."""
        ada = self.ada
        ada.open("/training")
        ada.page.get_by_label("I have been trained").check()
        ada.press("Go on")
        chart = self.ward.folder.parent / "walk-in.json"
        chart.write_text(json.dumps({
            "resourceType": "Patient", "id": "walk-in", "birthDate": "1990-04-01",
            "name": [{"family": self.text("Walker"), "given": ["Iris"]}]}))
        self.ward.run("import", str(chart))
        self.turn(ada, "patients")
        link = ada.page.locator("main a[href^='/shared/']")
        for _ in range(240):
            ada.open("/patients")
            if link.count():
                break
            time.sleep(0.25)
        self.shared = link.first.get_attribute("href")
        ada.open(self.shared + "/allergies")
        self.shared_record = ada.page.locator("main a.row").first.get_attribute("href")

    def turn(self, person, name):
        """Somebody with several roles acts in the one to whom a page is open."""
        roles = {"staff": "administrator", "patients": "clinician", "care": "front-desk",
                 "entities": "administrator", "witnesses": "privacy-officer"}
        if person is self.ada and name in roles:
            person.open("/security")
            person.post("/family", chart=roles[name])

    def visits(self):
        """(pattern, who, path, name of the screenshot)"""
        rowan, ada, stranger = self.rowan, self.ada, self.stranger
        return [
            ("/sign-in", stranger, "/sign-in", "sign-in"),
            ("/sign-in/code", stranger, "/sign-in/code", "second-factor"),
            ("/register", stranger, "/register", "register"),
            ("/verify", stranger, "/verify", "verify"),
            ("/", rowan, "/", "home"), ("/welcome", rowan, "/welcome", "welcome"),
            ("/requests", rowan, "/requests", "requests"),
            ("/requests/:id", rowan, f"/requests/{self.request}", "request"),
            ("/sharing/cards", rowan, "/sharing/cards", "health-cards"),
            ("/sharing/links", rowan, "/sharing/links", "health-links"),
            ("/sharing/links/:id", rowan, self.link, "health-link"),
            ("/sharing", rowan, "/sharing", "sharing"), ("/sharing/new", rowan, "/sharing/new", "grant-new"),
            ("/log", rowan, "/log", "log"), ("/record", rowan, "/record", "record"),
            ("/record/new", rowan, "/record/new", "record-new"),
            ("/record/upload", rowan, "/record/upload", "upload"),
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
            ("/apps", rowan, "/apps", "apps"),
            ("/apps/:id/open", rowan, f"/apps/{self.app}/open", "app-open"), ("/oauth/authorize", rowan, self.authorize, "authorize"),
            ("/emergency", rowan, "/emergency", "emergencies"),
            ("/staff", ada, "/staff", "staff"), ("/entities", ada, "/entities", "entities"),
            ("/witnesses", ada, "/witnesses", "witnesses"), ("/training", ada, "/training", "training"),
            ("/patients", ada, "/patients", "patients"), ("/requests/new", ada, "/requests/new", "request-new"),
            ("/emergency", ada, "/emergency", "emergency-staff"),
            ("/shared/:request", ada, self.shared, "shared"),
            ("/shared/:request/:type", ada, self.shared + "/allergies", "shared-type"),
            ("/shared/:request/search", ada, self.shared + "/search?q=a", "shared-search"),
            ("/shared/:request/:type/:id", ada, self.shared_record, "shared-item"),
            ("/patients/:id", ada, "/patients/walk-in", "care"),
        ]
