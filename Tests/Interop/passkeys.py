#!/usr/bin/env python3
"""An authenticator and a relying party that share no code with ours (PyPI fido2, cryptography).

usage: passkeys.py < QUESTIONS > ANSWERS

Reads one JSON object: `creation` and `request` are the options that a node made, `origin` is where
the page comes from, `algorithm` one of ES256, EdDSA, RS256, `attestation` none or packed, `damaged`
how many damaged copies of each answer to make and `seed` what to draw the damage from.

Writes `registration` and `assertion` as a browser's toJSON() gives them, and `damaged`: a list of
{"kind", "response", "accepted"}, where `accepted` is what the other relying party thinks of it.
"""
import hashlib
import json
import random
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2.attestation import PackedAttestation
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)

FLAG = AuthenticatorData.FLAG


def make_key(algorithm):
    """The private key and how it signs."""
    if algorithm == "ES256":
        key = ec.generate_private_key(ec.SECP256R1())
        return key, lambda message: key.sign(message, ec.ECDSA(hashes.SHA256()))
    if algorithm == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
        return key, key.sign
    key = rsa.generate_private_key(65537, 2048)
    return key, lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def envelope(identifier, response):
    text = websafe_encode(identifier)
    return {
        "id": text, "rawId": text, "type": "public-key", "clientExtensionResults": {},
        "authenticatorAttachment": "platform", "response": response,
    }


def verify_attestation(attestation, client_data_hash):
    """What our side promises: the signature holds. Chains are not looked at."""
    if attestation.fmt == "none":
        assert attestation.att_stmt == {}
    elif attestation.fmt == "packed":
        PackedAttestation().verify(
            attestation.att_stmt, attestation.auth_data, client_data_hash
        )
    else:
        raise ValueError("a format that was not asked for")


class Judge:
    """The other relying party."""

    def __init__(self, creation, origin):
        self.server = Fido2Server(
            {"id": creation.rp.id, "name": creation.rp.name}, attestation="direct",
            verify_origin=lambda other: other == origin, verify_attestation=verify_attestation,
        )

    def registers(self, options, response):
        state = {"challenge": websafe_encode(options.challenge), "user_verification": "required"}
        try:
            return self.server.register_complete(state, response).credential_data
        except Exception:
            return None

    def accepts(self, options, credential, response):
        state = {"challenge": websafe_encode(options.challenge), "user_verification": "required"}
        try:
            return bool(self.server.authenticate_complete(state, [credential], response))
        except Exception:
            return False


def damage(response, chance):
    """A copy with one member of the response changed in one byte, or shortened by one."""
    copy = json.loads(json.dumps(response))
    member = chance.choice([name for name in copy["response"] if name != "transports"])
    data = bytearray(websafe_decode(copy["response"][member]))
    place = chance.randrange(len(data))
    if chance.random() < 0.2:
        del data[place]
    else:
        data[place] ^= 1 << chance.randrange(8)
    copy["response"][member] = websafe_encode(bytes(data))
    return copy


def main():
    asked = json.load(sys.stdin)
    creation = PublicKeyCredentialCreationOptions.from_dict(asked["creation"])
    request = PublicKeyCredentialRequestOptions.from_dict(asked["request"])
    assert creation.rp.id == request.rp_id and len(creation.challenge) == 32
    chance = random.Random(asked["seed"])
    key, sign = make_key(asked["algorithm"])
    cose = CoseKey.for_name(asked["algorithm"]).from_cryptography_key(key.public_key())
    assert cose.ALGORITHM in [parameter.alg for parameter in creation.pub_key_cred_params]

    identifier = chance.randbytes(48)
    credential = AttestedCredentialData.create(chance.randbytes(16), identifier, cose)
    rp_hash = hashlib.sha256(creation.rp.id.encode()).digest()
    client_data = CollectedClientData.create(
        CollectedClientData.TYPE.CREATE, creation.challenge, asked["origin"], cross_origin=False
    )
    data = AuthenticatorData.create(
        rp_hash, FLAG.UP | FLAG.UV | FLAG.AT | FLAG.BE, 5, credential
    )
    statement = {}
    if asked["attestation"] == "packed":
        statement = {"alg": cose.ALGORITHM, "sig": sign(data + client_data.hash)}
    registration = envelope(identifier, {
        "clientDataJSON": websafe_encode(client_data),
        "attestationObject": websafe_encode(
            AttestationObject.create(asked["attestation"], data, statement)
        ),
        "transports": ["internal", "hybrid"],
    })

    client_data = CollectedClientData.create(
        CollectedClientData.TYPE.GET, request.challenge, asked["origin"], cross_origin=False
    )
    data = AuthenticatorData.create(rp_hash, FLAG.UP | FLAG.UV | FLAG.BE | FLAG.BS, 6)
    assertion = envelope(identifier, {
        "clientDataJSON": websafe_encode(client_data),
        "authenticatorData": websafe_encode(data),
        "signature": websafe_encode(sign(data + client_data.hash)),
        "userHandle": websafe_encode(creation.user.id),
    })

    judge = Judge(creation, asked["origin"])
    registered = judge.registers(creation, registration)
    assert registered == credential and judge.accepts(request, credential, assertion)
    damaged = []
    for _ in range(asked["damaged"]):
        made, used = damage(registration, chance), damage(assertion, chance)
        accepted = judge.registers(creation, made) is not None
        damaged.append({"kind": "registration", "response": made, "accepted": accepted})
        accepted = judge.accepts(request, credential, used)
        damaged.append({"kind": "assertion", "response": used, "accepted": accepted})
    json.dump({"registration": registration, "assertion": assertion, "damaged": damaged}, sys.stdout)


if __name__ == "__main__":
    main()
