#!/usr/bin/env python3
"""Whether values out of a chart occur in any file below some folders: nothing may lie in clear.

usage: scan_plaintext.py --chart FILE… --in FOLDER_OR_FILE… [--count 200] [--seed N]

Takes COUNT values of 6 or more bytes (names, streets, telephone numbers, dates, clinical codes
and their displays, identifiers, note text) from the charts, evenly over these kinds, and searches
every file as bytes: as written, in lower and upper case, as UTF-16, hexadecimal, percent-encoded
and base64 at each of the three alignments.
Names the file, the kind and the encoding of a hit, never the value. Exits 0 if nothing was found,
1 on a hit, 2 if there is nothing to search for or in.
"""

import argparse
import base64
import binascii
import html
import os
import random
import re
import sys
import urllib.parse

from fhir_files import Unreadable, resources, strings

SHORTEST = 6
# Words of the FHIR standard itself say nothing about a patient, and a server may well print them.
STANDARD_SYSTEMS = ("http://terminology.hl7.org/", "http://hl7.org/fhir/")
CLINICAL_HL7_SYSTEMS = ("http://hl7.org/fhir/sid/",)
KINDS = [
    ("name", re.compile(r"(^|\.)name\.(family|given|text)$|\.display$")),
    ("street", re.compile(r"(^|\.)address\.(line|city|text)$")),
    ("contact", re.compile(r"(^|\.)telecom\.value$")),
    ("date", re.compile(r"(Date|DateTime|date|start|end|issued|authoredOn|authored|recorded|created)$")),
    ("identifier", re.compile(r"(^|\.)(identifier\.value|lotNumber|subscriberId)$")),
    ("note", re.compile(r"(^|\.)(note\.text|div|conclusion|comment|description|valueString|patientInstruction)$")),
]
DATE = re.compile(r"^\d{4}-\d{2}-\d{2}")
HEX_DIGITS = re.compile(rb"^[0-9a-fA-F]+$")


def codings(value):
    """Yields (system, code, display) of every coding below a value."""
    if isinstance(value, list) and value and all(isinstance(m, tuple) for m in value):
        members = dict(value)
        if isinstance(members.get("code"), str) and isinstance(members.get("system"), str):
            yield members["system"], members["code"], members.get("display")
        for _, inner in value:
            yield from codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from codings(inner)


def sentences(text):
    """The pieces of a longer text that would give it away on their own."""
    text = html.unescape(re.sub(r"<[^>]+>", "\n", text))
    for line in text.splitlines():
        yield from (piece.strip() for piece in re.split(r"(?<=[.!?;])\s", line))


def candidates(resource):
    """Yields (kind, value) for what a resource says about its patient."""
    for system, code, display in codings(resource):
        if system.startswith(STANDARD_SYSTEMS) and not system.startswith(CLINICAL_HL7_SYSTEMS):
            continue
        yield "code", str(code)
        if display:
            yield "display", display
    for path, text in strings(resource):
        if path.endswith("attachment.data"):
            try:
                decoded = base64.b64decode(text, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                continue
            yield from (("note", piece) for piece in sentences(decoded))
        elif path.endswith("coding.display"):
            continue
        else:
            for kind, pattern in KINDS:
                if pattern.search(path):
                    if kind == "note":
                        yield from (("note", piece) for piece in sentences(text))
                    elif kind == "date":
                        if DATE.match(text):
                            yield "date", text[:10]
                    else:
                        yield kind, text
                    break


def choose(charts, count, seed):
    """Picks values evenly over the kinds: [(kind, value)]."""
    by_kind = {}
    seen = set()
    for path in charts:
        for _, resource in resources(path):
            for kind, value in candidates(resource):
                if len(value.encode()) >= SHORTEST and len(value) <= 200 and value not in seen:
                    seen.add(value)
                    by_kind.setdefault(kind, []).append(value)
    generator = random.Random(seed)
    for values in by_kind.values():
        generator.shuffle(values)
    chosen = []
    while len(chosen) < count and any(by_kind.values()):
        for kind in sorted(by_kind):
            if by_kind[kind] and len(chosen) < count:
                chosen.append((kind, by_kind[kind].pop()))
    return chosen


def base64_cores(raw):
    """What the base64 of any text around `raw` contains, for the three places it can begin at."""
    for skip in range(3):
        encoded = base64.b64encode(b"\0" * skip + raw)
        first = -(-skip * 8 // 6)
        last = (skip + len(raw)) * 8 // 6
        core = encoded[first:last]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")


def encodings(value):
    """Yields (name of the encoding, bytes to look for)."""
    raw = value.encode()
    yield "as written", raw
    for name, text in (("lower case", value.lower()), ("upper case", value.upper())):
        yield name, text.encode()
    for text in {value, value.lower()}:
        yield "UTF-16", text.encode("utf-16-le")
        yield "UTF-16", text.encode("utf-16-be")
        yield "hexadecimal", text.encode().hex().encode()
        yield "hexadecimal", text.encode().hex().upper().encode()
        yield "percent-encoded", urllib.parse.quote(text, safe="").encode()
        yield "percent-encoded", urllib.parse.quote_plus(text).encode()
        yield "JSON-escaped", text.encode("ascii", "backslashreplace")
        for core in base64_cores(text.encode()):
            yield "base64", core


class Scanner:
    """Finds any of many byte strings: candidates by their first four bytes, then the whole."""

    def __init__(self, values):
        self.by_head = {}
        for kind, value in values:
            for encoding, pattern in encodings(value):
                entry = (pattern, kind, encoding, is_digits_only(pattern))
                found = self.by_head.setdefault(pattern[:4], [])
                if all(pattern != other[0] for other in found):
                    found.append(entry)
        self.patterns = sum(len(found) for found in self.by_head.values())
        self.heads = re.compile(b"(?=(" + trie_expression(self.by_head) + b"))", re.S)

    def search(self, data):
        """The set of (kind, encoding) found."""
        hits = set()
        for match in self.heads.finditer(data):
            start = match.start()
            for pattern, kind, encoding, digits in self.by_head[match[1]]:
                if data.startswith(pattern, start):
                    end = start + len(pattern)
                    if not digits or stands_alone(data, start, end):
                        hits.add((kind, encoding))
        return hits


def is_digits_only(pattern):
    return len(pattern) < 12 and bool(HEX_DIGITS.match(pattern))


def stands_alone(data, start, end):
    """A short run of digits inside a longer hexadecimal number is chance, not a leak."""
    around = data[max(0, start - 1) : start], data[end : end + 1]
    return not any(HEX_DIGITS.match(byte) for byte in around)


def trie_expression(heads):
    """The heads as one expression that branches on the first byte instead of trying each."""
    tree = {}
    for head in heads:
        node = tree
        for byte in head:
            node = node.setdefault(byte, {})

    def write(node):
        if not node:
            return b""
        leaves = sorted(byte for byte, inner in node.items() if not inner)
        branches = [re.escape(bytes([b])) + write(inner) for b, inner in sorted(node.items()) if inner]
        if leaves:
            branches.append(b"[" + b"".join(b"\\x%02x" % b for b in leaves) + b"]")
        return branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"

    return write(tree)


def files_below(places):
    """Yields (path, its part below the place that was named)."""
    for place in places:
        if os.path.isfile(place):
            yield place, ""
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    yield path, os.path.relpath(path, place)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chart", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--in", dest="places", nargs="+", required=True, metavar="FOLDER_OR_FILE")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--known", nargs="*", default=[], metavar="FOLDER_OR_FILE",
                        help="what was there before any chart: values that occur in it tell nothing")
    options = parser.parse_args(arguments)
    try:
        # More than are wanted, as some of them may be known.
        known = [value for path, _ in files_below(options.known) for value in [read(path).lower()]]
        values = choose(options.chart, options.count * 2 if known else options.count, options.seed)
        values = [(kind, value) for kind, value in values
                  if not any(value.lower().encode() in data for data in known)][:options.count]
    except (OSError, Unreadable) as error:
        print(f"scan_plaintext: {error}", file=sys.stderr)
        return 2
    missing = [place for place in options.places if not os.path.exists(place)]
    paths = list(files_below(options.places))
    if missing or not values or not paths:
        what = f"no such place: {missing[0]}" if missing else "no values" if not values else "no files"
        print(f"scan_plaintext: {what}", file=sys.stderr)
        return 2
    scanner, hits, size = Scanner(values), 0, 0
    for path, below in paths:
        data = read(path)
        size += len(data)
        # A name of a file is as readable as its content.
        for kind, encoding in sorted(scanner.search(data) | scanner.search(os.fsencode(below))):
            print(f"{path}: a {kind} ({encoding})")
            hits += 1
    print(f"{len(values)} values in {scanner.patterns} forms (seed {options.seed}), {len(paths)} files, "
          f"{size} bytes: {hits or 'no'} hits")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
