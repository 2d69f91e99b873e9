#!/usr/bin/env python3
"""A checker of proofs, written from docs/format/proof.md and the pages it names, and from nothing else.

It needs Python 3.10 and PyPI `cryptography`; with --rpc `eth-hash` and `pycryptodome`, with --ots the library
`opentimestamps`, and with --ca the program openssl. It shares no code with the Swift implementation.

    proof_check.py FILE [--key VKEY]... [--need N] [--rpc URL] [--ots] [--ca PEM]

Prints what was found as JSON. The exit status is 0 if the entry is in the log of a known key, N of the witnesses that
are known have cosigned, and every anchor that was to be looked at holds.
"""
import argparse, base64, binascii, hashlib, json, re, subprocess, sys, tempfile, time, urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BOUND = 262144
SKEW = 600


class Refused(Exception):
    """A proof that is none, or that is false."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


def sha256(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    """Base64 in its one form."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refused("this is not base64")
    require(base64.b64encode(data).decode() == text, "base64 in another form")
    return data


def number(text, bound=2**64):
    require(re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII) is not None, "this is not a number in its one form")
    require(int(text) < bound, "a number is too large")
    return int(text)


def hexadecimal(text, length):
    require(re.fullmatch(r"0x(?:[0-9a-f]{2}){%d}" % length, text, re.ASCII) is not None, "this is not hexadecimal")
    return bytes.fromhex(text[2:])


def after(line, keyword):
    require(line.startswith(keyword), f"a line {keyword.strip()!r} is missing")
    return line[len(keyword):]


class Key:
    """A key of a log (type 1) or of a witness (type 4): name+id+base64(type || key)."""

    def __init__(self, text, kind):
        parts = text.split("+", 2)
        require(len(parts) == 3, "this is not a key")
        self.text, self.name = text, parts[0]
        data = unbase64(parts[2])
        require(len(data) == 33 and data[0] == kind, "this is a key of another type")
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        require(self.id.hex() == parts[1], "the key has another id")
        require(self.name and not re.search(r"[\s+\x00-\x1f]", self.name), "the key's name is none")
        self.kind, self.public = kind, Ed25519PublicKey.from_public_bytes(data[1:])

    def accepts(self, signature, text):
        """The time of a cosignature, True for a log's signature; None where it does not verify."""
        message, moment = text, True
        if self.kind == 4:
            if len(signature) != 72:
                return None
            moment = int.from_bytes(signature[:8], "big")
            message, signature = b"cosignature/v1\ntime %d\n" % moment + text, signature[8:]
            if not 1 <= moment < 2**63:
                return None
        try:
            self.public.verify(signature, message)
        except InvalidSignature:
            return None
        return moment


def root_from_path(leaf, index, size, path):
    """RFC 9162, 2.1.3.2."""
    require(index < size, "the entry lies beyond the tree")
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        require(sn != 0, "the path is too long")
        if fn & 1 or fn == sn:
            node = sha256(b"\1" + sibling + node)
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha256(b"\1" + node + sibling)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "the path is too short")
    return node


class Proof:
    """A tlog-proof in three blocks: head, checkpoint, signatures."""

    def __init__(self, blocks):
        head, text, signatures = (block.split("\n") for block in blocks)
        require(head[0] == "c2sp.org/tlog-proof@v1", "this is not a tlog-proof")
        head = head[1:]
        self.extra = None
        if head and head[0].startswith("extra "):
            self.extra = unbase64(head[0][6:])
            require(1 <= len(self.extra) <= 65568, "the extra data is too long")
            head = head[1:]
        require(bool(head), "the index is missing")
        self.index = number(after(head[0], "index "))
        self.path = [unbase64(line) for line in head[1:]]
        require(len(self.path) <= 63 and all(len(h) == 32 for h in self.path), "this is not a path")
        require(len(text) >= 3, "a checkpoint has three lines")
        self.origin, self.size, self.root = text[0], number(text[1], 2**63), unbase64(text[2])
        require(bool(self.origin) and len(self.root) == 32, "this is not a checkpoint")
        self.plain = len(text) == 3
        self.text = (blocks[1] + "\n").encode()
        self.lines = []
        require(len(signatures) <= 64, "too many signatures")
        for line in signatures:
            match = re.fullmatch("\u2014 ([^\\s+]+) ([^ ]+)", line)
            require(match is not None, "this is not a signature line")
            data = unbase64(match[2])
            require(len(data) > 4, "a signature is too short")
            self.lines.append((match[1], data[:4], data[4:]))

    def check(self, leaf, log):
        require(self.origin == log.name, "the checkpoint is of another log")
        own = [s for name, id, s in self.lines if (name, id) == (log.name, log.id)]
        require(len(own) == 1 and log.accepts(own[0], self.text), "the log has not signed the checkpoint")
        require(root_from_path(leaf, self.index, self.size, self.path) == self.root, "the entry is not in the tree")


class Anchor:
    def __init__(self, blocks):
        self.text = blocks
        lines = blocks[0].split("\n")
        self.kind = after(lines[0], "anchor ")
        if self.kind == "chain":
            require(len(lines) == 6, "an anchor on a chain has six lines")
            self.chain = number(after(lines[1], "chain eip155:"))
            self.registry = hexadecimal(after(lines[2], "registry "), 20)
            self.account = hexadecimal(after(lines[3], "account "), 20)
            self.block = number(after(lines[4], "block "), 2**48)
            self.transaction = hexadecimal(after(lines[5], "transaction "), 32)
        else:
            require(self.kind in ("calendar", "authority") and len(lines) == 2, "an anchor of another kind")
            self.file = unbase64(after(lines[1], "ots " if self.kind == "calendar" else "tsr "))
            require(bool(self.file), "an anchor without evidence")
        self.proof = Proof(blocks[1:])
        require(self.proof.extra is None, "an anchor's proof has extra data")
        self.order = (self.proof.size, "\n\n".join(blocks).encode())

    def look(self, options):
        """holds or unknown; refuses what is false."""
        digest = sha256(self.proof.text)
        require(self.proof.plain, "nobody anchors a checkpoint with further lines")
        if self.kind == "chain":
            return self.look_at_chain(options.rpc) if options.rpc else "unknown"
        if self.kind == "calendar":
            if not options.ots:
                return "unknown"
            from opentimestamps.core.serialize import BytesDeserializationContext
            from opentimestamps.core.timestamp import DetachedTimestampFile
            stamp = DetachedTimestampFile.deserialize(BytesDeserializationContext(self.file))
            require(stamp.file_digest == digest, "the timestamp is of something else")
            heights = [a.height for _, a in stamp.timestamp.all_attestations() if hasattr(a, "height")]
            return "holds" if heights else "unknown"
        if not options.ca:
            return "unknown"
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.file)
            file.flush()
            done = subprocess.run(
                ["openssl", "ts", "-verify", "-digest", digest.hex(), "-in", file.name, "-CAfile", options.ca],
                capture_output=True)
        require(done.returncode == 0, "openssl does not accept the time-stamp")
        return "holds"

    def look_at_chain(self, url):
        from eth_hash.auto import keccak

        def ask(method, *parameters):
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=300) as reply:
                return json.load(reply)["result"]

        require(int(ask("eth_chainId"), 16) == self.chain, "this is a node of another chain")
        receipt = ask("eth_getTransactionReceipt", "0x" + self.transaction.hex())
        require(receipt is not None and int(receipt["status"], 16) == 1, "there is no such transaction")
        topics = [
            keccak(b"Anchored(address,bytes32,uint256,bytes32,bytes32)"), bytes(12) + self.account,
            sha256(self.proof.origin.encode()), self.proof.size.to_bytes(32, "big"),
        ]
        wanted = ["0x" + topic.hex() for topic in topics]
        require(
            any(
                log["address"].lower() == "0x" + self.registry.hex()
                and [topic.lower() for topic in log["topics"]] == wanted
                and log["data"].lower()[:66] == "0x" + self.proof.root.hex()
                for log in receipt["logs"]
            ), "the transaction has not anchored this")
        block = ask("eth_getBlockByNumber", receipt["blockNumber"], False)
        require(block is not None and block["hash"] == receipt["blockHash"], "the block is not part of the chain")
        return "holds"


def parse(data):
    require(len(data) <= BOUND, "longer than a proof may be")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused("this is not UTF-8")
    require(text.endswith("\n") and not re.search(r"[\x00-\x09\x0b-\x1f]", text), "lines end in one newline")
    blocks = text[:-1].split("\n\n")
    require(len(blocks) % 4 == 0 and len(blocks) // 4 <= 17, "blocks are missing, or there are too many")
    require(not any(b == "" or b.startswith("\n") or b.endswith("\n") for b in blocks), "an empty line too many")
    head = blocks[0].split("\n")
    require(head[0] == "peerchart.proof/v1" and len(head) >= 2, "this is not a proof of version 1")
    log = Key(after(head[1], "log "), 1)
    claims = [after(line, "witness ") for line in head[2:]]
    require(len(claims) <= 64, "too many witnesses")
    require([c.encode() for c in claims] == sorted(set(c.encode() for c in claims)), "witnesses are out of order")
    main = Proof(blocks[1:4])
    require(main.extra is not None and len(main.extra) > 32, "the entry is missing")
    anchors = [Anchor(blocks[i:i + 4]) for i in range(4, len(blocks), 4)]
    orders = [anchor.order for anchor in anchors]
    require(all(a < b for a, b in zip(orders, orders[1:])), "anchors are out of order")
    twins = [(anchor.proof.size, anchor.text[0]) for anchor in anchors]
    require(len(set(twins)) == len(twins), "an anchor is there twice")
    for part in [main] + [anchor.proof for anchor in anchors]:
        require(part.origin == log.name and part.index == main.index, "the parts are of different entries")
    return log, [Key(claim, 4) for claim in claims], main, anchors


def check(options):
    with open(options.file, "rb") as file:
        log, claimed, main, anchors = parse(file.read(BOUND + 1))
    known_logs, known_witnesses = [], []
    for text in options.key:
        kind = unbase64(text.split("+", 2)[2])[0]
        (known_logs if kind == 1 else known_witnesses).append(Key(text, kind))

    leaf = sha256(b"\0" + sha256(b"peerchart audit entry v1\n" + main.extra))
    event = main.extra[32:]
    try:
        form = json.dumps(json.loads(event), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        raise Refused("the event is not JSON")
    require(form.encode() == event, "the event is not in its one form")
    main.check(leaf, log)

    same = [key.text for key in known_logs if key.name == log.name]
    require(not same or log.text in same, "another key is known for this log")

    vouchers = []
    for name, id, signature in main.lines:
        if (name, id) == (log.name, log.id):
            continue
        key = next((k for k in known_witnesses + claimed if (k.name, k.id) == (name, id)), None)
        if key is None:
            continue
        moment = key.accepts(signature, main.text)
        require(moment is not None, "a cosignature is false")
        if moment <= time.time() + SKEW:
            vouchers.append({"name": name, "time": moment, "known": key in known_witnesses})

    found, roots = [], {main.size: main.root}
    for anchor in anchors:
        anchor.proof.check(leaf, log)
        require(roots.setdefault(anchor.proof.size, anchor.proof.root) == anchor.proof.root, "two histories")
        found.append({"kind": anchor.kind, "size": anchor.proof.size, "state": anchor.look(options)})

    known = {v["name"] for v in vouchers if v["known"]}
    print(json.dumps({
        "index": main.index, "size": main.size, "leafHash": leaf.hex(), "event": json.loads(event),
        "log": log.name, "logIsKnown": bool(same), "witnesses": vouchers, "anchors": found,
    }))
    require(bool(same), "the log's key is not known")
    require(len(known) >= options.need, "too few of the known witnesses have cosigned")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--need", type=int, default=0)
    parser.add_argument("--rpc")
    parser.add_argument("--ots", action="store_true")
    parser.add_argument("--ca")
    try:
        check(parser.parse_args())
    except Refused as reason:
        print(f"refused: {reason}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
