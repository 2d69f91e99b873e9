#!/usr/bin/env python3
"""A reader of .sec version 1, written from docs/format/sec-v1.md alone.

It needs Python 3.10 and PyPI `cryptography`, and shares no code with the Swift implementation. HPKE is
built here from its primitives (RFC 9180). X-Wing and ML-DSA-65 are read where `cryptography` has
ML-KEM and ML-DSA; elsewhere those vectors are counted as skipped.

    sec_reader.py vectors FOLDER                      check every vector in FOLDER
    sec_reader.py open FILE KEYS.json NAME OUT        open one document, print its manifest as JSON
"""
import base64, hashlib, hmac, json, pathlib, struct, sys, unicodedata

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

try:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
    MLKEM768PrivateKey.from_seed_bytes(bytes(64))
    HAS_PQ = True
except Exception:  # an older `cryptography`, or one built without them
    HAS_PQ = False

MAGIC = bytes.fromhex("8953 4543 0D0A 1A0A")
CHUNK = 65536
PROOF_MAGIC = b"SECPROOF"


class Refused(Exception):
    """A document that must not open; the argument is the code of the page."""


def label(purpose):
    return b"peerchart.sec/v1 " + purpose + b"\0"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- HKDF (RFC 5869) and HPKE (RFC 9180) ---------------------------------------------------------
def extract(salt, ikm):
    return hmac.digest(salt or bytes(32), ikm, "sha256")


def expand(prk, info, length):
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        output, counter = output + block, counter + 1
    return output[:length]


def hkdf(key, salt, info):
    return expand(extract(salt, key), info, 32)


def labeled_extract(suite, salt, name, ikm):
    return extract(salt, b"HPKE-v1" + suite + name + ikm)


def labeled_expand(suite, prk, name, info, length):
    return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite + name + info, length)


def hpke_open(kem, shared_secret, info, ciphertext):
    suite = b"HPKE" + struct.pack(">HHH", kem, 0x0001, 0x0002)
    context = (b"\0" + labeled_extract(suite, b"", b"psk_id_hash", b"")
               + labeled_extract(suite, b"", b"info_hash", info))
    secret = labeled_extract(suite, shared_secret, b"secret", b"")
    key = labeled_expand(suite, secret, b"key", context, 32)
    nonce = labeled_expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def decapsulate_x25519(private, enc):
    suite = b"KEM" + struct.pack(">H", 0x0020)
    dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + private.public_key().public_bytes_raw()
    prk = labeled_extract(suite, b"", b"eae_prk", dh)
    return labeled_expand(suite, prk, b"shared_secret", context, 32)


def decapsulate_xwing(seed, enc):
    expanded = hashlib.shake_256(seed).digest(96)
    x = X25519PrivateKey.from_private_bytes(expanded[64:])
    ss_m = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).decapsulate(enc[:1088])
    ss_x = x.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    x_wing_label = bytes.fromhex("5c2e2f2f5e5c")
    x_public = x.public_key().public_bytes_raw()
    return hashlib.sha3_256(ss_m + ss_x + enc[1088:] + x_public + x_wing_label).digest()


# --- Header --------------------------------------------------------------------------------------
STANZA_SIZE = {1: 1168, 2: 80, 3: 73}
KINDS = {1: "xwing", 2: "x25519", 3: "passphrase"}


class Input:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Refused("sec-truncated")
        self.at += count
        return self.data[self.at - count:self.at]

    def rest(self):
        return self.data[self.at:]


def passphrase_parameters(stanza):
    memory, passes, lanes = struct.unpack(">IIB", stanza[16:25])
    if not (8192 <= memory <= 1048576 and 1 <= passes <= 10 and 1 <= lanes <= 8):
        raise Refused("sec-passphrase-cost")
    return memory, passes, lanes


def unwrap(kind, stanza, identity):
    """The file key, or None when the stanza is for somebody else."""
    try:
        if kind == 1:
            return hpke_open(0x647A, decapsulate_xwing(identity, stanza[:1120]), label(b"xwing"), stanza[1120:])
        if kind == 2:
            key = X25519PrivateKey.from_private_bytes(identity)
            return hpke_open(0x0020, decapsulate_x25519(key, stanza[:32]), label(b"x25519"), stanza[32:])
        memory, passes, lanes = passphrase_parameters(stanza)
        key = Argon2id(salt=stanza[:16], length=32, iterations=passes, lanes=lanes,
                       memory_cost=memory).derive(identity)
        return AESGCM(key).decrypt(bytes(12), stanza[25:], stanza[:25])
    except (InvalidTag, ValueError):
        return None


def read_header(source, identity):
    if source.data[:8] != MAGIC[:len(source.data[:8])]:
        raise Refused("sec-bad-magic")
    source.take(8)
    version, kind, count = struct.unpack(">HBH", source.take(5))
    if version != 1:
        raise Refused("sec-version")
    if kind not in STANZA_SIZE or not 1 <= count <= (1 if kind == 3 else 1024):
        raise Refused("sec-header")
    stanzas = [source.take(STANZA_SIZE[kind]) for _ in range(count)]
    if kind == 3:
        passphrase_parameters(stanzas[0])
    salt = source.take(16)
    covered = source.data[:source.at]
    mac = source.take(32)
    identity_kind, secret = identity
    opened = (unwrap(kind, s, secret) for s in stanzas) if identity_kind == KINDS[kind] else ()
    file_key = next((key for key in opened if key is not None), None)
    if file_key is None:
        raise Refused("sec-no-recipient")
    if not hmac.compare_digest(mac, hmac.digest(hkdf(file_key, b"", label(b"header")), covered, "sha256")):
        raise Refused("sec-header-mac")
    return hkdf(file_key, salt, label(b"payload")), sha256(covered, mac)


# --- Records -------------------------------------------------------------------------------------
def read_records(source, payload_key):
    aead, content, index, last = AESGCM(payload_key), [], 0, False
    while True:
        frame = source.take(4)
        kind, length = frame[0], int.from_bytes(frame[1:], "big")
        allowed = {0: length == CHUNK, 1: length <= CHUNK and (length > 0 or index == 0),
                   2: 1 <= length <= 16384}
        if not allowed.get(kind, False) or (kind == 2) != last:
            raise Refused("sec-record")
        sealed = source.take(length + 16)
        try:
            plain = aead.decrypt(index.to_bytes(11, "big") + bytes([kind]), sealed, b"")
        except InvalidTag:
            raise Refused("sec-chunk")
        if kind == 2:
            return content, plain
        if plain:
            content.append(plain)
        last, index = kind == 1, index + 1


def tree_hash(chunks):
    if not chunks:
        return sha256()
    if len(chunks) == 1:
        return sha256(b"\0", chunks[0])
    split = 1 << (len(chunks) - 1).bit_length() - 1
    return sha256(b"\1", tree_hash(chunks[:split]), tree_hash(chunks[split:]))


# --- Manifest ------------------------------------------------------------------------------------
LENGTHS = {1: (2, 2), 2: (16, 16), 3: (32, 32), 4: (32, 32), 5: (1952, 1952), 6: (1, 1024), 7: (3, 9),
           8: (1, 256), 9: (3, 255), 10: (8, 8), 11: (8, 8), 12: (32, 32), 13: (32, 32), 14: (32, 32)}
REQUIRED = {1, 2, 3, 4, 9, 10, 11, 12, 14}


def demand(condition, code="sec-manifest"):
    if not condition:
        raise Refused(code)


def plain_text(value):
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("sec-manifest")
    demand(not any(unicodedata.category(c) == "Cc" for c in text))
    return text


def parse_manifest(data):
    members, at, previous = {}, 0, 0
    while at < len(data):
        demand(at + 4 <= len(data))
        tag, length = struct.unpack(">HH", data[at:at + 4])
        value = data[at + 4:at + 4 + length]
        demand(len(value) == length and tag > previous and tag in LENGTHS)
        demand(LENGTHS[tag][0] <= length <= LENGTHS[tag][1])
        members[tag], previous, at = value, tag, at + 4 + length
    demand(REQUIRED <= members.keys() and members[1] == b"\0\1" and (7 in members) == (8 in members))
    for tag in (6, 7, 8):
        if tag in members:
            plain_text(members[tag])
    if 7 in members:
        digits, hyphen, check = members[7][:-2], members[7][-2:-1], members[7][-1:]
        demand(digits.isdigit() and hyphen == b"-" and check.isdigit())
    media = members[9]
    demand(all(0x20 <= b <= 0x7E for b in media) and 0 < media.find(b"/") < len(media) - 1)
    demand(int.from_bytes(members[10], "big") <= 253402300799999)
    demand(int.from_bytes(members[11], "big") <= 1 << 48)
    return members


def read_signed_manifest(data):
    demand(len(data) >= 4)
    length = int.from_bytes(data[:4], "big")
    demand(4 + length <= len(data))
    encoded, signatures = data[4:4 + length], data[4 + length:]
    members = parse_manifest(encoded)
    demand(len(signatures) == (64 + 3309 if 5 in members else 64), "sec-signature")
    message = label(b"manifest") + encoded
    try:
        Ed25519PublicKey.from_public_bytes(members[4]).verify(signatures[:64], message)
        if 5 in members and HAS_PQ:
            MLDSA65PublicKey.from_public_bytes(members[5]).verify(signatures[64:], message)
    except (InvalidSignature, ValueError):
        raise Refused("sec-signature")
    return members, sha256(message)


# --- Document ------------------------------------------------------------------------------------
def read_proof(source):
    if not source.rest():
        return None
    section = source.rest()
    demand(section[:8] == PROOF_MAGIC[:len(section[:8])], "sec-trailing")
    head = source.take(12)
    length = int.from_bytes(head[8:], "big")
    demand(1 <= length <= 65536, "sec-proof")
    text, digest = source.take(length), source.take(32)
    demand(hmac.compare_digest(digest, sha256(head, text)), "sec-proof")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("sec-proof")
    demand(not source.rest(), "sec-trailing")
    return text


def open_document(data, identity):
    source = Input(data)
    payload_key, header_digest = read_header(source, identity)
    chunks, signed = read_records(source, payload_key)
    members, document_digest = read_signed_manifest(signed)
    demand(hmac.compare_digest(members[14], header_digest), "sec-binding")
    demand(int.from_bytes(members[11], "big") == sum(map(len, chunks)), "sec-content")
    demand(members[12] == tree_hash(chunks), "sec-content")
    proof = read_proof(source)
    text = lambda tag: members[tag].decode() if tag in members else None
    manifest = {
        "documentID": members[2].hex(), "issuer": members[3].hex(), "signingKey": members[4].hex(),
        "subject": text(6), "typeCode": text(7), "typeDisplay": text(8), "mediaType": text(9),
        "created": int.from_bytes(members[10], "big"), "contentLength": int.from_bytes(members[11], "big"),
        "contentDigest": members[12].hex(), "predecessor": members[13].hex() if 13 in members else None,
        "documentDigest": document_digest.hex(), "proof": proof.decode() if proof else None,
    }
    return b"".join(chunks), manifest


# --- Vectors -------------------------------------------------------------------------------------
def identity_named(keys, name):
    entry = keys["identities"][name]
    secret = entry["text"].encode() if entry["kind"] == "passphrase" else bytes.fromhex(entry["secret"])
    return entry["kind"], secret


def edited(data, edits, base):
    for edit in edits:
        insert = bytes.fromhex(edit["insert"]) if "insert" in edit else b""
        if "copy" in edit:
            insert = base[edit["copy"][0]:edit["copy"][1]]
        assert 0 <= edit["at"] <= edit["at"] + edit["remove"] <= len(data)
        data = data[:edit["at"]] + insert + data[edit["at"] + edit["remove"]:]
    return data


def needs_pq(data, identity, vector):
    return identity[0] == "xwing" or "ml-dsa-65" in vector.get("needs", [])


def check_vectors(folder):
    folder = pathlib.Path(folder)
    keys = json.loads((folder / "keys.json").read_text())
    files, counts, failures = {}, {"good": 0, "bad": 0, "skipped": 0}, []
    for vector in json.loads((folder / "good.json").read_text())["vectors"]:
        data = files[vector["name"]] = base64.b64decode(vector["file"], validate=True)
        identity = identity_named(keys, vector["identity"])
        if needs_pq(data, identity, vector) and not HAS_PQ:
            counts["skipped"] += 1
            continue
        try:
            content, manifest = open_document(data, identity)
            wanted = dict(vector["manifest"])
            if hashlib.sha256(content).hexdigest() != vector["contentSHA256"]:
                failures.append(vector["name"] + ": content differs")
            elif wanted != {name: manifest[name] for name in wanted}:
                failures.append(vector["name"] + ": manifest differs")
            counts["good"] += 1
        except Refused as error:
            failures.append(f"{vector['name']}: refused with {error}")
    for vector in json.loads((folder / "bad.json").read_text())["vectors"]:
        base = files.get(vector.get("base"), b"")
        data = base64.b64decode(vector["file"], validate=True) if "file" in vector else base
        data = edited(data, vector.get("edits", []), base)
        identity = identity_named(keys, vector["identity"])
        if needs_pq(data, identity, vector) and not HAS_PQ:
            counts["skipped"] += 1
            continue
        try:
            open_document(data, identity)
            failures.append(vector["name"] + ": opened")
        except Refused as error:
            if str(error) != vector["error"]:
                failures.append(f"{vector['name']}: {error} instead of {vector['error']}")
            counts["bad"] += 1
    print(json.dumps({**counts, "failures": failures}))
    return 1 if failures else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "vectors":
        return check_vectors(arguments[1])
    if len(arguments) == 5 and arguments[0] == "open":
        keys = json.loads(pathlib.Path(arguments[2]).read_text())
        try:
            content, manifest = open_document(
                pathlib.Path(arguments[1]).read_bytes(), identity_named(keys, arguments[3]))
        except Refused as error:
            print(json.dumps({"error": str(error)}))
            return 1
        pathlib.Path(arguments[4]).write_bytes(content)
        print(json.dumps(manifest))
        return 0
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
