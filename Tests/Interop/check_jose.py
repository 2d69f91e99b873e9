#!/usr/bin/env python3
"""The other side of Sources/Identity/OAuth, by libraries that this project did not write.

usage: check_jose.py make            prints signed texts and their keys, made by two libraries
       check_jose.py check < FILE    checks signed texts, keys and server metadata of ours

`make` prints {"cases": [{"library", "algorithm", "jwk", "thumbprint", "token"}, …]}: client assertions
of a made-up client. `check` reads {"jwks", "tokens", "verifier", "metadata"} and prints
{"claims": […], "thumbprints": […], "challenge", "failures": […]}; what any library refuses
is a failure.
"""

import json
import sys

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwk as joserfc_jwk, jwt as joserfc_jwt
from jwcrypto import jwk as jwcrypto_jwk, jws as jwcrypto_jws

ALGORITHMS = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
    "RS384": ("RSA", 2048),
}
ALLOWED = [*ALGORITHMS, "RS256"]
NOW = 1_772_000_000
CLAIMS = {
    "iss": "app", "sub": "app", "aud": "https://node.example/oauth/token", "jti": "interop",
    "iat": NOW, "exp": NOW + 240,
}


def with_joserfc(algorithm, kind, size):
    key = joserfc_jwk.JWKRegistry.generate_key(kind, size, private=True)
    header = {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
    token = joserfc_jwt.encode(header, CLAIMS, key, algorithms=[algorithm])
    return key.as_dict(private=False), key.thumbprint(), token


def with_jwcrypto(algorithm, kind, size):
    parameters = {"size": size} if kind == "RSA" else {"crv": size}
    key = jwcrypto_jwk.JWK.generate(kty=kind, **parameters)
    signer = jwcrypto_jws.JWS(json.dumps(CLAIMS))
    signer.add_signature(key, protected=json.dumps({"alg": algorithm, "kid": "key-1"}))
    return json.loads(key.export_public()), key.thumbprint(), signer.serialize(compact=True)


def make():
    cases = []
    for library in (with_joserfc, with_jwcrypto):
        for algorithm, (kind, size) in ALGORITHMS.items():
            jwk, thumbprint, token = library(algorithm, kind, size)
            jwk.pop("key_ops", None)
            jwk["kid"] = "key-1"
            cases.append(
                {
                    "library": library.__name__, "algorithm": algorithm, "jwk": json.dumps(jwk),
                    "thumbprint": thumbprint, "token": token,
                }
            )
    return {"cases": cases}


def check(document):
    failures, claims = [], []
    keys = joserfc_jwk.KeySet.import_key_set(document["jwks"])
    others = jwcrypto_jwk.JWKSet.from_json(json.dumps(document["jwks"]))
    for number, token in enumerate(document["tokens"]):
        try:
            read = joserfc_jwt.decode(token, keys, algorithms=ALLOWED)
            claims.append(read.claims)
            signed = jwcrypto_jws.JWS()
            signed.allowed_algs = ALLOWED
            signed.deserialize(token)
            signed.verify(others.get_key(read.header["kid"]))
            if json.loads(signed.payload) != read.claims:
                failures.append(f"token {number}: the libraries read different claims")
        except Exception as error:  # whatever a library says is the finding
            failures.append(f"token {number}: {type(error).__name__}: {error}")
    metadata = OpenIDProviderMetadata(document["metadata"])
    try:
        metadata.validate()
    except ValueError as error:
        failures.append(f"metadata: {error}")
    return {
        "claims": claims, "failures": failures,
        "thumbprints": [key.thumbprint() for key in keys.keys],
        "challenge": create_s256_code_challenge(document["verifier"]),
    }


if __name__ == "__main__":
    result = make() if sys.argv[1:] == ["make"] else check(json.load(sys.stdin))
    json.dump(result, sys.stdout)
