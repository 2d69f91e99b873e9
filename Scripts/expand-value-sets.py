#!/usr/bin/env python3
"""The codes of value sets, as far as the code systems at hand allow: a part of generate-profile-table.py.
"""
import importlib.util
import json
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location(
    "structure", Path(__file__).with_name("generate-structure-table.py"))
structure = importlib.util.module_from_spec(spec)
spec.loader.exec_module(structure)

VERSIONS = ("6.1.0", "8.0.0")
# US Core 6.1.0 and 8.0.0 bind these to sets of VSAC, which are not in the package. US Core 3.1.1 lists
# the same codes; the null flavors are those of any of the three.
CDCREC = "urn:oid:2.16.840.1.113883.6.238"
NULL_FLAVORS = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
                "concept": [{"code": code} for code in ("ASKU", "OTH", "UNK")]}
# Code systems that have got codes since R4: whoever uses one of these is not wrong.
GROWING = {"http://terminology.hl7.org/CodeSystem/hl7-work-group"}
VSAC = "http://cts.nlm.nih.gov/fhir/ValueSet/"
LISTED_IN_3_1_1 = {
    VSAC + "2.16.840.1.114222.4.11.836": "omb-race-category",
    VSAC + "2.16.840.1.113883.4.642.2.575": "omb-race-category",
    VSAC + "2.16.840.1.114222.4.11.837": "omb-ethnicity-category",
    VSAC + "2.16.840.1.113883.4.642.40.2.48.3": "omb-ethnicity-category",
    VSAC + "2.16.840.1.113762.1.4.1": "birthsex",
    VSAC + "2.16.840.1.113762.1.4.1021.24": "birthsex",
}
# Null flavors alone, and the detailed races and ethnicities, of which the code system is known only.
NULL_FLAVOR_SETS = {VSAC + "2.16.840.1.113762.1.4.1021.102", VSAC + "2.16.840.1.113762.1.4.1021.103"}
CDCREC_SETS = {VSAC + oid for oid in (
    "2.16.840.1.114222.4.11.877", "2.16.840.1.113883.1.11.14914", "2.16.840.1.113762.1.4.1267.25",
    "2.16.840.1.113883.4.642.40.2.48.1")}


def entries(path):
    return [e["resource"] for e in json.loads(path.read_text())["entry"]]


class Codes:
    """Value sets, expanded as far as the code systems at hand allow."""

    def __init__(self, folder):
        self.sets, self.systems = {}, {}
        for name in ("valuesets-required", "valuesets-extensible-preferred"):
            for r in entries(folder / f"r4/{name}.json"):
                self.take(r, "4.0.1")
        for version in VERSIONS:
            for name in ("ValueSet", "CodeSystem"):
                for r in entries(folder / f"uscore/{version}/{name}.json"):
                    self.take(r, version)
        for r in entries(folder / "uscore/3.1.1/ValueSet.json"):
            for url, name in LISTED_IN_3_1_1.items():
                if r["url"].endswith("/ValueSet/" + name):
                    self.sets[url, "3.1.1"] = {
                        "compose": {"include": r["compose"]["include"] + [NULL_FLAVORS]}}
        for url in NULL_FLAVOR_SETS:
            self.sets[url, "3.1.1"] = {"compose": {"include": [NULL_FLAVORS]}}
        for url in CDCREC_SETS:
            self.sets[url, "3.1.1"] = {"compose": {"include": [{"system": CDCREC}, NULL_FLAVORS]}}
        self.used = {}

    def take(self, r, version):
        if r["resourceType"] == "ValueSet":
            self.sets.setdefault((r["url"], version), r)
        elif r["resourceType"] == "CodeSystem" and r.get("content") == "complete" \
                and r["url"] not in GROWING:
            self.systems.setdefault(r["url"], r)

    def find(self, url, version):
        url = url.split("|")[0]
        for v in (version, *VERSIONS[::-1], "4.0.1", "3.1.1"):
            if (url, v) in self.sets:
                return self.sets[url, v], v
        return None, None

    def key(self, url, version):
        """A name for the value set as that version has it; the same where the content is the same."""
        found, where = self.find(url, version)
        name = structure.value_set(url)
        if found is None:
            return name
        parts = self.expand(found, where)
        for candidate in [name] + [f"{name}~{n}" for n in range(2, 9)]:
            if self.used.setdefault(candidate, parts) == parts:
                return candidate
        sys.exit(f"too many contents of {url}")

    def tree(self, system):
        parents = {}

        def walk(concepts, above):
            for c in concepts:
                parents[c["code"]] = above
                walk(c.get("concept", []), above + [c["code"]])
        walk(self.systems[system].get("concept", []), [])
        return parents

    def filtered(self, include):
        """The codes of one include: a set, None for the whole system, or "?" where it cannot be told."""
        system = include["system"]
        if "concept" in include:
            return {c["code"] for c in include["concept"]}
        if system not in self.systems:
            # A whole system: whatever the code is, it belongs. With filters nobody can tell here.
            return "?"
        if "filter" not in include:
            return None
        parents = self.tree(system)
        codes = set(parents)
        for f in include["filter"]:
            if f["property"] != "concept" or f["op"] not in ("is-a", "descendent-of", "is-not-a"):
                return "?"
            under = {c for c, above in parents.items() if f["value"] in above}
            if f["op"] == "is-a":
                under |= {f["value"]}
            codes = codes - under - {f["value"]} if f["op"] == "is-not-a" else codes & under
        return codes

    def expand(self, r, version, seen=()):
        """system -> set of codes, None (all of a system at hand) or "?"."""
        parts = {}

        def add(system, codes):
            have = parts.get(system, set())
            if codes is None or have is None:
                parts[system] = None
            elif codes == "?" or have == "?":
                parts[system] = "?"
            else:
                parts[system] = have | codes
        for include in r.get("compose", {}).get("include", []):
            imported = None
            for url in include.get("valueSet", []):
                found, where = self.find(url, version)
                if found is None or url in seen:
                    imported = {"*": "?"}
                    break
                imported = self.expand(found, where, seen + (url,))
            if "system" in include:
                # With value sets beside it only what is in both counts; that is not told here.
                add(include["system"], self.filtered(include) if imported is None else "?")
            else:
                for system, codes in (imported or {}).items():
                    add(system, codes)
        for exclude in r.get("compose", {}).get("exclude", []):
            system = exclude.get("system")
            have = parts.get(system, set())
            gone = self.filtered(exclude) if system else "?"
            if gone == "?" or have == "?":
                continue
            if have is None:
                have = set(self.tree(system))
            parts[system] = have - (gone if gone is not None else set(self.tree(system)))
        if not r.get("compose", {}).get("include"):
            parts["*"] = "?"
        return parts

    def lines(self):
        systems = sorted({s for parts in self.used.values() for s, c in parts.items() if c is None})
        for system in systems:
            yield "@" + system
            yield from self.wrapped(sorted(self.tree(system)))
        for name, parts in sorted(self.used.items()):
            yield "#" + name
            for system, codes in sorted(parts.items()):
                mark = {None: "*", "?": "?"}.get(codes if not isinstance(codes, set) else 0, "=")
                yield " " + mark + system
                if mark == "=":
                    yield from self.wrapped(sorted(codes))

    @staticmethod
    def wrapped(codes):
        # Codes may hold spaces, never two in a row.
        line = ""
        for code in codes:
            if line and len(line) + len(code) > 90:
                yield "  " + line
                line = ""
            line += ("\t" if line else "") + code
        if line:
            yield "  " + line
