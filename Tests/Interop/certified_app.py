#!/usr/bin/env python3
"""Programs and people that are known by certificates: members of a trust community (UDAP), services that show
a certificate when they connect (RFC 8705), and smart cards.

    certified_app.py make FOLDER
    certified_app.py strangers URL CA FOLDER
    certified_app.py register URL CA FOLDER
    certified_app.py services URL CA FOLDER
    certified_app.py ended URL CA FOLDER
    certified_app.py card URL CA FOLDER CODE

`make` makes authorities and certificates with `cryptography`; `strangers` shows that nobody of them is known
while no authority is trusted. `register` registers two services and a member, after what must be refused,
and prints their ids; once they are approved `services` has them get tokens and read, `ended` shows that a
member whose authority is trusted no more gets none. `card` opens an account, adds a card to it and signs in
with it. Exits 1 and says why when something is not as it must be.
"""
import base64
import datetime
import hashlib
import json
import os
import sys
import time
import uuid

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from jwcrypto import jwk, jws

from smart_app import Browser, Forms, encoded, open_account, require

MEMBER = "https://member.example/nightly"
OTHER = "https://other.example/app"
SERVICE = "service.example"


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption())


class Authority:
    def __init__(self, text):
        self.key, self.name = ec.generate_private_key(ec.SECP256R1()), name(text)
        self.certificate = self.issue(self.name, self.key, authority=True)

    def issue(self, subject, key, names=(), authority=False, usage=None, days=30):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, None), True)
            .add_extension(x509.KeyUsage(
                not authority, False, False, False, False, authority, authority, False, False),
                True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
        return builder.sign(self.key, hashes.SHA256())


def make(folder):
    def keep(place, certificate, key=None):
        with open(f"{folder}/{place}.pem", "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        if key:
            with open(f"{folder}/{place}.key", "wb") as file:
                file.write(pem(key))

    def member(place, authority, names=(), usage=None, text="Made up", days=30):
        key = ec.generate_private_key(ec.SECP256R1())
        keep(place, authority.issue(name(text), key, names, usage=usage, days=days), key)

    community, strangers, cards = (Authority(t) for t in ("Community", "Strangers", "Cards"))
    for place, authority in [("community", community), ("cards", cards)]:
        keep(place, authority.certificate)
    login = ExtendedKeyUsageOID.CLIENT_AUTH
    uri, dns = x509.UniformResourceIdentifier, x509.DNSName
    member("member", community, [uri(MEMBER)])
    member("other", community, [uri(OTHER)])
    member("expired", community, [uri(MEMBER)], days=-1)
    member("stranger", strangers, [uri(MEMBER)])
    member("service", community, [dns(SERVICE)], login)
    member("impostor", strangers, [dns(SERVICE)], login)
    member("neighbour", community, [dns("neighbour.example")], login)
    member("own", strangers, (), login)
    member("card", cards, [x509.RFC822Name("rowan@example.org")], login)
    member("second-card", cards, (), login)
    member("foreign-card", strangers, (), login)


class Member:
    """Whoever signs with the key of a certificate."""

    def __init__(self, folder, place):
        with open(f"{folder}/{place}.pem", "rb") as file:
            self.certificate = x509.load_pem_x509_certificate(file.read())
        with open(f"{folder}/{place}.key", "rb") as file:
            self.key = jwk.JWK.from_pem(file.read())

    def sign(self, claims):
        now = int(time.time())
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        header = {"alg": "ES256", "x5c": [base64.b64encode(der).decode()]}
        text = jws.JWS(json.dumps(
            {"iat": now, "exp": now + 240, "jti": str(uuid.uuid4())} | claims).encode())
        text.add_signature(self.key, None, json.dumps(header), None)
        return text.serialize(compact=True)


def pair(folder, place):
    return (f"{folder}/{place}.pem", f"{folder}/{place}.key")


def statement(browser, signer, **changes):
    return signer.sign({
        "iss": MEMBER, "sub": MEMBER, "aud": browser.url + "/oauth/register",
        "client_name": "Member's nightly", "contacts": ["mailto:ops@member.example"],
        "grant_types": ["client_credentials"], "scope": "system/Observation.rs",
        "token_endpoint_auth_method": "private_key_jwt"} | changes)


def enrol(browser, text):
    got = browser.session.post(browser.url + "/oauth/register", json={
        "software_statement": text, "certifications": [], "udap": "1"})
    return got.status_code, got.json()


def strangers(browser, folder):
    status, told = enrol(browser, statement(browser, Member(folder, "member")))
    require((status, told["error"]) == (403, "unapproved_software_statement"), f"{status} {told}")


def registering(browser, ca, folder):
    got = browser.session.get(browser.url + "/fhir/.well-known/udap").json()
    require(got["registration_endpoint"] == browser.url + "/oauth/register", "the place is named")
    signed = jws.JWS()
    signed.deserialize(got["signed_metadata"])
    chain = [x509.load_der_x509_certificate(base64.b64decode(part))
             for part in signed.jose_header["x5c"]]
    with open(ca, "rb") as file:
        root = x509.load_pem_x509_certificate(file.read())
    chain[0].verify_directly_issued_by(root)
    names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    require(names.get_values_for_type(x509.UniformResourceIdentifier) == [browser.url + "/fhir"],
            "the signer's certificate is for this API")
    signed.verify(jwk.JWK.from_pem(chain[0].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)))
    claims = json.loads(signed.payload)
    require(claims["iss"] == browser.url + "/fhir" and claims["exp"] > time.time(), "of now")
    require(claims["token_endpoint"] == got["token_endpoint"], "and says the same")

    member = Member(folder, "member")
    now = int(time.time())
    for signer, changes, error in [
            (member, {"exp": now - 120, "iat": now - 300}, "invalid_software_statement"),
            (member, {"exp": now + 86_400}, "invalid_software_statement"),
            (member, {"aud": "https://elsewhere.example/register"}, "invalid_software_statement"),
            (member, {"iss": OTHER, "sub": OTHER}, "invalid_software_statement"),
            (Member(folder, "other"), {}, "invalid_software_statement"),
            (Member(folder, "stranger"), {}, "unapproved_software_statement"),
            (Member(folder, "expired"), {}, "unapproved_software_statement"),
            (member, {"contacts": []}, "invalid_client_metadata")]:
        status, told = enrol(browser, statement(browser, signer, **changes))
        require(status in (400, 403) and told["error"] == error, f"{changes}: {status} {told}")
    text = statement(browser, member)
    status, told = enrol(browser, text[:-6] + "AAAAAA")
    require(status in (400, 403), f"a forged statement: {status}")
    status, told = enrol(browser, text)
    require(status == 201, f"a member registers: {status} {told}")
    app = told["client_id"]
    status, told = enrol(browser, text)
    require((status, told["error"]) == (400, "invalid_software_statement"), "a replayed statement")
    status, told = enrol(browser, statement(browser, member))
    require((status, told["client_id"]) == (200, app), "again: the same registration")

    def register(**metadata):
        got = browser.session.post(browser.url + "/oauth/register", json={
            "grant_types": ["client_credentials"],
            "tls_client_certificate_bound_access_tokens": True} | metadata)
        return got.status_code, got.json()

    status, named = register(
        client_name="Named", token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_san_dns=SERVICE)
    require(status == 201, f"a service by its name: {named}")
    require(named["tls_client_auth_san_dns"] == SERVICE, "which the answer repeats")
    with open(f"{folder}/own.pem", "rb") as file:
        public = x509.load_pem_x509_certificate(file.read()).public_key()
    key = jwk.JWK.from_pem(public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    status, own = register(
        client_name="Own", token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [key.export_public(as_dict=True)]})
    require(status == 201, f"a service by its key: {own}")
    status, told = register(client_name="None", token_endpoint_auth_method="tls_client_auth")
    require((status, told["error"]) == (400, "invalid_client_metadata"), "without a name")
    ids = [app, named["client_id"], own["client_id"]]
    with open(f"{folder}/ids.json", "w") as file:
        json.dump(ids, file)
    print("\n".join(ids))


def assertion(browser, signer, app, **changes):
    return signer.sign({"iss": app, "sub": app, "aud": browser.url + "/oauth/token"} | changes)


def ask(browser, form, cert=None):
    # A session of its own: a connection keeps the certificate that it was opened with.
    got = requests.post(
        browser.url + "/oauth/token", verify=browser.session.verify, cert=cert,
        data={"grant_type": "client_credentials", "scope": "system/Observation.rs"} | form)
    return got.status_code, got.json()


def signed(text):
    return {"client_assertion": text, "udap": "1",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}


def services(browser, folder):
    with open(f"{folder}/ids.json") as file:
        app, named, own = json.load(file)
    member = Member(folder, "member")
    text = assertion(browser, member, app)
    status, got = ask(browser, signed(text))
    require(status == 200, f"a member gets a token: {status} {got}")
    read = requests.get(
        browser.url + "/fhir/Observation", verify=browser.session.verify,
        headers={"Authorization": "Bearer " + got["access_token"]})
    require(read.status_code == 200 and read.json()["entry"], "and reads")
    require(ask(browser, signed(text))[1].get("error") == "invalid_client", "an assertion is good once")
    for signer in ["other", "stranger", "expired"]:
        status, told = ask(browser, signed(assertion(browser, Member(folder, signer), app)))
        require((status, told["error"]) == (401, "invalid_client"), f"signed by {signer}: {told}")
    status, told = ask(
        browser, signed(assertion(browser, member, app, aud="https://elsewhere.example/token")))
    require((status, told["error"]) == (401, "invalid_client"), "for another audience")
    status, told = ask(browser, {"client_id": app})
    require((status, told["error"]) == (401, "invalid_client"), "a member that merely says its name")

    for client, right, wrong in [
            (named, "service", ["impostor", "neighbour", "own", None]),
            (own, "own", ["service", None])]:
        for place in wrong:
            cert = pair(folder, place) if place else None
            status, told = ask(browser, {"client_id": client}, cert)
            require((status, told["error"]) == (401, "invalid_client"), f"{place}: {status} {told}")
        status, got = ask(browser, {"client_id": client}, pair(folder, right))
        require(status == 200, f"by its certificate: {status} {got}")
        bound(browser, folder, got["access_token"], right)


def bound(browser, folder, access, right):
    """A token that is bound to a certificate is worth nothing without it."""
    with open(f"{folder}/{right}.pem", "rb") as file:
        der = x509.load_pem_x509_certificate(file.read()).public_bytes(serialization.Encoding.DER)
    claims = access.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    require(claims["cnf"] == {"x5t#S256": encoded(hashlib.sha256(der).digest())}, "it says to which")

    def read(cert):
        return requests.get(
            browser.url + "/fhir/Observation", verify=browser.session.verify, cert=cert,
            headers={"Authorization": "Bearer " + access}).status_code

    require(read(pair(folder, right)) == 200, "shown with the certificate")
    require(read(None) == 401, "without it")
    require(read(pair(folder, "neighbour")) == 401, "with another")


def ended(browser, folder):
    with open(f"{folder}/ids.json") as file:
        app, named, own = json.load(file)
    status, told = ask(browser, signed(assertion(browser, Member(folder, "member"), app)))
    require((status, told["error"]) == (401, "invalid_client"), f"a member of nothing: {told}")
    status, told = ask(browser, {"client_id": named}, pair(folder, "service"))
    require((status, told["error"]) == (401, "invalid_client"), f"a name that nobody vouches: {told}")
    require(ask(browser, {"client_id": own}, pair(folder, "own"))[0] == 200, "its own key is its own")


def with_card(browser, ca, folder, place, cookies=None):
    other = Browser(browser.url, ca)
    if place:
        other.session.cert = pair(folder, place)
    if cookies is not None:
        other.session.cookies.update(cookies)
    return other


def card(browser, ca, folder, code):
    open_account(browser, code, "cardholder")
    cookies = browser.session.cookies.copy()

    def add(place):
        holder = with_card(browser, ca, folder, place, cookies)
        answer = holder.submit(holder.get("/security"), "/security/cards")
        require(answer.status_code == 303, f"the form is taken: {answer.status_code}")
        return answer.headers["Location"], holder

    for place in ["foreign-card", None]:
        require(add(place)[0].endswith("problem=card"), f"{place} is not taken")
    place, holder = add("card")
    require(place.endswith("done=added"), f"a card is added: {place}")
    cookies = holder.session.cookies.copy()
    page = holder.get("/security")
    require("rowan@example.org" in page.text, "and listed by the name on it")
    require(add("card")[0].endswith("problem=card"), "once")

    def sign_in(place):
        visitor = with_card(browser, ca, folder, place)
        page = visitor.get("/sign-in")
        return visitor, visitor.submit(page, "/sign-in/card")

    visitor, answer = sign_in("card")
    require((answer.status_code, answer.headers.get("Location")) == (303, "/"),
            f"the card signs in: {answer.status_code}")
    require(visitor.get("/").status_code == 200 and visitor.get("/record").status_code == 200,
            "with two factors")
    for place in ["second-card", "foreign-card", None]:
        _, answer = sign_in(place)
        require(answer.status_code == 422, f"{place} signs nobody in: {answer.status_code}")
    forms = [p for p, _ in Forms(page.text).forms
             if p and p.startswith("/security/cards/")]
    answer = holder.submit(page, forms[0])
    require(answer.headers["Location"].endswith("done=removed"), "the card is removed")
    require(sign_in("card")[1].status_code == 422, "and signs nobody in any more")


def main():
    what, *rest = sys.argv[1:]
    if what == "make":
        return make(*rest)
    url, ca, folder, *rest = rest
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    browser = Browser(url, ca)
    if what == "strangers":
        strangers(browser, folder)
    elif what == "register":
        registering(browser, ca, folder)
    elif what == "services":
        services(browser, folder)
    elif what == "ended":
        ended(browser, folder)
    else:
        card(browser, ca, folder, *rest)


if __name__ == "__main__":
    main()
