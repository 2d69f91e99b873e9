#!/usr/bin/env python3
"""What people are told by mail, taken in by aiosmtpd over TLS.

usage: mail_story.py PROGRAM smtps|smtp

A patient names an address, proves it by a code, and is told of a request, of a new device and of a new password, and
after saying so of nothing but warnings. No mail holds a name or a word of a record. A server that is away for a while
gets the mail later, one that shows a wrong certificate or does not begin TLS gets nothing. Exits 1 and says why.
"""

import datetime
import email
import email.policy
import email.utils
import os
import pathlib
import shutil
import socket
import ssl
import sys
import tempfile
import time
import urllib.parse

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Browser"))
from nodes import Node  # noqa: E402
from smart_app import PASSWORD, Browser, Forms, code_of, require  # noqa: E402

USER, SECRET, SENDER = "charts@node.example", "made up, 24 letters of it", "charts@node.example"
READER = "rowan.s+charts@mail.example"
PATIENT = '{"resourceType":"Patient","id":"p","birthDate":"1990-05-01","name":[{"family":"Samplewood"}]}'


def certificate(folder, name, host):
    """A certificate that is its own authority, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


class Mailbox:
    """A mail server, and what it has taken."""

    def __init__(self, scheme, port, context):
        self.taken, self.refused = [], 0
        options = {"authenticator": self.sign_in, "auth_required": True, "hostname": "localhost"}
        if scheme == "smtps":
            self.server = Controller(
                self, port=port, ssl_context=context, auth_require_tls=False, **options)
        else:
            self.server = Controller(
                self, port=port, tls_context=context, require_starttls=True, **options)
        self.server.start()

    def sign_in(self, server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(), SECRET.encode())
        self.refused += not right
        return AuthResult(success=right)

    async def handle_DATA(self, server, session, envelope):
        self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 taken"

    def stop(self):
        self.server.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Story:
    def __init__(self, program, scheme):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="peerchart-mail-"))
        self.scheme, self.port = scheme, free_port()
        self.right = certificate(self.work, "right", "localhost")
        self.wrong = certificate(self.work, "wrong", "localhost")
        (self.work / "password").write_text(SECRET + "\n")
        self.home = Node(program, self.work / "home", "Samplewood household", "household")
        self.ward = Node(program, self.work / "ward", "Oncology Hospital", "organization")
        (self.work / "patient.json").write_text(PATIENT)
        self.home.run("import", str(self.work / "patient.json"))
        self.home.start(
            "--mail", f"{scheme}://localhost:{self.port}", "--mail-from", SENDER, "--mail-ca",
            str(self.work / "right.pem"), "--mail-password-file", str(self.work / "password"))
        self.ward.start()
        self.home.pair(self.ward)
        self.box = None
        self.seen = 0

    def serve(self, context):
        self.box = Mailbox(self.scheme, self.port, context)
        self.seen = 0

    def next(self, what):
        """The next mail, looked at as any reader would."""
        deadline = time.monotonic() + 60
        while len(self.box.taken) <= self.seen:
            require(time.monotonic() < deadline, f"a mail comes: {what}")
            time.sleep(0.05)
        sender, readers, content = self.box.taken[self.seen]
        self.seen += 1
        require(sender == SENDER and readers == [READER], f"{what}: {sender} writes to {readers}")
        require(all(len(line) <= 998 for line in content.split(b"\r\n")), f"{what}: lines are short")
        require(b"\n" not in content.replace(b"\r\n", b""), f"{what}: lines end in CRLF")
        mail = email.message_from_bytes(content, policy=email.policy.default)
        require(not mail.defects, f"{what}: {mail.defects}")
        require(mail["To"] == f"<{READER}>" or READER in mail["To"], f"{what}: to {mail['To']}")
        require(abs(email.utils.parsedate_to_datetime(mail["Date"]).timestamp() - time.time()) < 600,
                f"{what}: dated {mail['Date']}")
        require(mail["Auto-Submitted"] == "auto-generated", f"{what}: says that it is a program's")
        text = mail.get_content()
        for word in ("Samplewood", "Rowan", "Oncology", "Hospital", "Thursday", "roadside", "unconscious"):
            require(word not in text and word not in str(mail["Subject"]), f"{what}: names {word}")
        require(self.home.url.replace("localhost", "127.0.0.1") in text, f"{what}: says where: {text}")
        return str(mail["Subject"]), text

    def person(self):
        # What the environment names would go before what a session is told.
        os.environ["REQUESTS_CA_BUNDLE"] = str(self.work / "home/tls/ca.pem")
        browser = Browser(self.home.url, str(self.work / "home/tls/ca.pem"))
        code = self.home.json("account", "invite", "--patient", "p")["code"]
        page = browser.get("/register")
        done = browser.submit(
            page, "/register", code=code, name="rowan", display="Rowan Samplewood", password=PASSWORD)
        require(done.status_code == 303, "an account is opened")
        page = browser.get("/security/app")
        self.uri = dict(Forms(page.text).fields("/security/app"))["uri"]
        done = browser.submit(page, "/security/app", code=code_of(self.uri))
        require(done.status_code == 200, "the app is set up")
        return browser

    def change(self, browser, **values):
        return browser.submit(browser.get("/account"), "/account", **values)

    def address(self, browser):
        for hostile in ("x", "a@b@c.example", "a b@c.example", f"{READER}\r\nBcc: eve@evil.example",
                        f"{READER}\nRCPT TO:<eve@evil.example>", f"<{READER}>", f'"a\\"b"@c.example',
                        "a@c.example,eve@evil.example", "a@[127.0.0.1]", "ä@c.example", "a" * 300 + "@c.example"):
            done = self.change(browser, do="email", email=hostile)
            require(done.status_code == 422, f"{hostile[:30]!r} is no address: {done.status_code}")
        require(self.change(browser, do="email", email=READER).status_code == 303, "an address is named")
        _, text = self.next("the code")
        code = [line for line in text.split() if len(line) == 14 and line.count("-") == 2][0]
        wrong = self.change(browser, do="code", code="0000-0000-0000")
        require(wrong.status_code == 422, "another code proves nothing")
        require("is on its way to" in browser.get("/account").text, "the address waits")
        require(self.change(browser, do="code", code=code).status_code == 303, "the code proves the address")
        require(self.change(browser, do="code", code=code).status_code == 422, "a code is good once")

    def ask(self):
        self.ward.run("peer", "request", "Samplewood household", "--patient-id", "p", "--types", "allergies",
                      "--ttl", "30d", "--reason", "Rowan comes on Thursday.")

    def sign_in_elsewhere(self):
        other = Browser(self.home.url, str(self.work / "home/tls/ca.pem"))
        done = other.submit(other.get("/sign-in"), "/sign-in", name="rowan", password=PASSWORD)
        require(done.status_code == 303, "the password is right")
        place = done.headers["Location"]
        page = other.get(place)
        now = time.time
        time.time = lambda: now() + 30
        code = code_of(self.uri)
        time.time = now
        fields = [f for f in Forms(page.text).fields("/sign-in/code") if f[0] != "code"]
        done = other.session.post(
            other.url + "/sign-in/code", data=fields + [("code", code)], allow_redirects=False,
            headers={"Origin": other.url})
        require(done.status_code == 303, f"the code is right: {done.status_code}")
        return other

    def tell(self):
        self.serve(self.right)
        browser = self.person()
        self.address(browser)
        if self.scheme == "smtp":
            return
        # Away for a while; then with a certificate that nobody vouches for; then back.
        self.box.stop()
        self.ask()
        for _ in range(200):
            if self.home.json("consent", "requests")["requests"]:
                break
            time.sleep(0.1)
        self.serve(self.wrong)
        time.sleep(3)
        require(not self.box.taken and not self.box.refused, "a wrong certificate gets nothing")
        self.box.stop()
        self.serve(self.right)
        subject, _ = self.next("a request")
        require(subject == "There is something for you", f"a request: {subject}")
        other = self.sign_in_elsewhere()
        require("new device" in self.next("a new device")[0], "a new device")
        page = other.get("/security/password")
        done = other.submit(page, "/security/password", current=PASSWORD, password="another one, long enough 8")
        require(done.status_code == 303, "the password is changed")
        require("password" in self.next("a new password")[0], "a new password")
        # The first browser is out; the other says that it wants no mail, in Spanish.
        require(browser.session.get(browser.url + "/account", allow_redirects=False).status_code == 303, "it is out")
        require(self.change(other, do="mail-off").status_code == 303, "mail is switched off")
        require(self.change(other, do="language", language="es").status_code == 303, "Spanish is chosen")
        self.ward.run("peer", "break-glass", "Samplewood household", "--patient", "p", "--reason", "unconscious",
                      "--text", "Found at the roadside.")
        require(self.change(other, do="mail-remove").status_code == 303, "the address is removed")
        subject, _ = self.next("the last mail")
        require("dirección" in subject, f"whoever wants no mail gets warnings only: {subject}")
        require(len(self.box.taken) == self.seen, "and nothing else")
        log = urllib.parse.unquote((self.work / "home.log").read_text())
        require(READER not in log and SECRET not in log, "the log names no address and no password")

    def end(self):
        if self.box:
            self.box.stop()
        self.home.stop(), self.ward.stop()
        shutil.rmtree(self.work, ignore_errors=True)


def main(program, scheme):
    story = Story(program, scheme)
    try:
        story.tell()
    finally:
        story.end()
    print(f"{scheme}: told")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
