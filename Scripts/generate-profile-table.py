#!/usr/bin/env python3
"""Prints the compact Swift tables that validation goes by.

Usage: generate-profile-table.py DEFINITIONS r4|us-core-VERSION|invariants|codes

DEFINITIONS is a folder with `r4` (the FHIR R4 definitions) and `uscore/VERSION` (StructureDefinition,
ValueSet and CodeSystem of US Core, each a Bundle). The outputs belong in Sources/FHIR/Validation/Tables:

  r4                ProfileTable+R4.swift           core profiles and extensions
  us-core-VERSION   ProfileTable+USCoreN.swift      the profiles and extensions of US Core
  invariants        InvariantTable+Text.swift       the FHIRPath of invariants
  codes             CodeTable+Text.swift            the codes of the value sets that are bound

Only what a profile adds to the type that it constrains is printed. ProfileTable.swift, CodeTable.swift
and InvariantTable.swift describe the forms.
"""
import collections
import importlib.util
import json
import sys
import textwrap
from pathlib import Path

spec = importlib.util.spec_from_file_location(
    "structure", Path(__file__).with_name("generate-structure-table.py"))
structure = importlib.util.module_from_spec(spec)
spec.loader.exec_module(structure)

codes = importlib.util.spec_from_file_location(
    "value_sets", Path(__file__).with_name("expand-value-sets.py"))
value_sets = importlib.util.module_from_spec(codes)
codes.loader.exec_module(value_sets)

VERSIONS = value_sets.VERSIONS
PREFIXES = (("http://hl7.org/fhir/StructureDefinition/", ""),
            ("http://hl7.org/fhir/us/core/StructureDefinition/", "us/"))
# Checked by hand-written code, which is faster than FHIRPath or checks more.
NATIVE = {"ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "ref-1", "txt-1", "txt-2"}


def short(url):
    url = url.split("|")[0]
    for prefix, replacement in PREFIXES:
        if url.startswith(prefix):
            return replacement + url[len(prefix):]
    return url


class Definitions:
    """All definitions, and the ids of invariants in the order in which they turn up."""

    def __init__(self, folder):
        self.base = structure.definitions(folder / "r4")
        constrained = [s for s in value_sets.entries(folder / "r4/profiles-types.json")
                       if s.get("derivation") == "constraint"]
        self.core = (constrained + value_sets.entries(folder / "r4/profiles-others.json")
                     + value_sets.entries(folder / "r4/extension-definitions.json"))
        self.us_core = {v: value_sets.entries(folder / f"uscore/{v}/StructureDefinition.json")
                        for v in VERSIONS}
        self.ids = structure.invariant_ids(self.base.values())
        for profiles in (self.core, *self.us_core.values()):
            structure.invariant_ids(profiles, self.ids)
        self.elements = {e["path"]: e for s in self.base.values() for e in s["snapshot"]["element"]}
        self.inline = {path.rsplit(".", 1)[0] for path in self.elements if "." in path}
        self.profile_types = {short(s["url"]): s["type"] for l in (self.core, *self.us_core.values())
                              for s in l}
        self.codes = value_sets.Codes(folder)

    def root_ids(self, code):
        s = self.base.get(code)
        return structure.ids_of(s["snapshot"]["element"][0], self.ids) if s else set()


class Profile:
    """What one profile adds to its type, as lines."""

    def __init__(self, definitions, s, version):
        self.all, self.s, self.version = definitions, s, version
        self.nodes = {e["id"]: e for e in s["snapshot"]["element"]}
        self.owners = {}
        self.children = collections.defaultdict(list)
        for e in s["snapshot"]["element"][1:]:
            self.children[e["id"].rsplit(".", 1)[0]].append(e)

    def owner(self, element_id):
        """The path below which the base definition of the children of an element is found."""
        if element_id not in self.owners:
            element = self.nodes[element_id]
            base = self.base_element(element_id)
            codes = [t["code"] for t in element.get("type", [])]
            if base is not None and "contentReference" in base:
                found = base["contentReference"].lstrip("#")
            elif base is not None and base["path"] in self.all.inline:
                found = base["path"]
            else:
                found = codes[0] if len(codes) == 1 else None
            self.owners[element_id] = found
        return self.owners[element_id]

    def base_element(self, element_id):
        if "." not in element_id:
            return self.all.elements[self.s["type"]]
        parent, name = element_id.rsplit(".", 1)
        owner, name = self.owner(parent), name.split(":")[0]
        return self.all.elements.get(f"{owner}.{name}")

    def type_text(self, t):
        code = t["code"]
        if code.startswith("http://hl7.org/fhirpath/"):
            return "-"
        text = code
        targets = [short(p) for p in t.get("targetProfile", [])]
        known = all(p in self.all.base or p in self.all.profile_types for p in targets)
        if targets and known and "Resource" not in targets:
            text += "(" + ",".join(targets) + ")"
        for profile in t.get("profile", []):
            if short(profile) in self.all.profile_types:
                text += "~" + short(profile)
        return text

    def tokens(self, element, base):
        words = []
        is_slice = "sliceName" in element
        minimum, maximum = element["min"], element["max"]
        base_min = 0 if is_slice else (base or {}).get("min", 0)
        base_max = (base or {}).get("max", "*")
        low = str(minimum) if minimum > base_min else ""
        high = maximum if maximum != base_max and maximum != "*" else ""
        if (low or high) and "." in element["id"]:
            words.append(f"{low}..{high}")
        types = [self.type_text(t) for t in element.get("type", [])]
        before = [self.type_text(t) for t in (base or {}).get("type", [])]
        if "-" not in before and sorted(types) != sorted(before) and types:
            words.append("t=" + "|".join(types))
        binding = element.get("binding", {})
        old = (base or {}).get("binding", {})
        strength = structure.STRENGTH[binding["strength"]] if binding else ""
        if strength in ("r", "e") and "valueSet" in binding and (
                old.get("strength") != binding["strength"] or
                old.get("valueSet", "").split("|")[0] != binding["valueSet"].split("|")[0]):
            words.append(f"={strength}:" + self.all.codes.key(binding["valueSet"], self.version))
        typed = set().union(*[self.all.root_ids(t["code"]) for t in element.get("type", [])] or [()])
        known = structure.ids_of(base, self.all.ids) if base else set()
        ids = sorted(structure.ids_of(element, self.all.ids) - known - typed - NATIVE)
        if ids:
            words.append("!" + ",".join(ids))
        return words

    def slicing(self, element, has_slices):
        slicing = element.get("slicing")
        if slicing is None or (not has_slices and slicing["rules"] == "open"):
            return []
        by = [f"{d['type']}@{d['path']}" for d in slicing.get("discriminator", [])]
        rules = {"open": "o", "closed": "c", "openAtEnd": "e"}[slicing["rules"]]
        return [f"/{rules}{'+' if slicing.get('ordered') else ''}:" + ",".join(by)]

    def fixed(self, element):
        for key, value in element.items():
            for prefix, letter in (("fixed", "F"), ("pattern", "P")):
                if key.startswith(prefix) and key[len(prefix):len(prefix) + 1].isupper():
                    if value == self.s["url"] and element["path"] == "Extension.url":
                        return []
                    return [letter + json.dumps(value, separators=(",", ":"), ensure_ascii=False)]
        return []

    def lines(self, element_id, depth):
        """The lines of an element with what is below it; none where nothing is added."""
        element = self.nodes[element_id]
        base = self.base_element(element_id)
        name = element_id.rsplit(".", 1)[-1]
        below = []
        slices = {c["id"].rsplit(".", 1)[-1].split(":")[0]
                  for c in self.children[element_id] if ":" in c["id"].rsplit(".", 1)[-1]}
        for child in self.children[element_id]:
            child_name = child["id"].rsplit(".", 1)[-1]
            found = self.lines(child["id"], depth + 1)
            if not found and child_name in slices:
                found = [" " * (depth + 1) + " ".join([child_name] + self.slicing(child, True))]
            below += found
        has_slices = False
        if "." in element_id and ":" not in name:
            parent = element_id.rsplit(".", 1)[0]
            has_slices = any(c["id"].rsplit(".", 1)[-1].startswith(name + ":")
                             for c in self.children[parent])
        words = self.tokens(element, base) + self.slicing(element, has_slices) + self.fixed(element)
        if not words and not below and ":" not in name:
            return []
        return [" " * depth + " ".join([name] + words)] + below

    def text(self):
        root = self.s["snapshot"]["element"][0]["id"]
        lines = self.lines(root, 0)
        head = f"{short(self.s['url'])}|{self.version} {self.s['type']}"
        return [" ".join([head] + lines[0].split(" ")[1:])] + lines[1:] if lines else [head]


def print_table(comment, declaration, lines):
    print("// Generated by Scripts/generate-profile-table.py from the definitions of FHIR R4 and US Core."
          " Do not\n// edit.\n")
    print(f"extension {declaration[0]} {{\n  /// {comment}\n"
          f"  static let {declaration[1]}: StaticString = #\"\"\"")
    for line in lines:
        if '"""#' in line or "\\#(" in line:
            sys.exit("a line that Swift would read otherwise")
        print(f"    {line}")
    print('    """#\n}')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    definitions, what = Definitions(Path(sys.argv[1])), sys.argv[2]
    for s in definitions.base.values():
        for e in s["snapshot"]["element"]:
            binding = e.get("binding", {})
            if "valueSet" in binding and structure.STRENGTH[binding["strength"]] in "re":
                definitions.codes.key(binding["valueSet"], "4.0.1")
    # All of them, in one order, so that names of value sets are the same in every output.
    tables = {"r4": [Profile(definitions, s, "4.0.1").text() for s in definitions.core]}
    for version, profiles in definitions.us_core.items():
        tables[f"us-core-{version}"] = [Profile(definitions, s, version).text() for s in profiles]
    if what == "r4":
        print_table("The profiles and extensions of R4 itself.", ("ProfileTable", "r4Text"),
                    [line for text in tables[what] for line in text])
    elif what in tables:
        version = what.rsplit("-", 1)[-1]
        print_table(f"The profiles and extensions of US Core {version}.",
                    ("ProfileTable", f"usCore{version[0]}Text"),
                    [line for text in tables[what] for line in text])
    elif what == "codes":
        print_table("The value sets that are bound as required or extensible.",
                    ("CodeTable", "text"), definitions.codes.lines())
    elif what == "invariants":
        human = {}
        sources = [definitions.base.values(), definitions.core, *definitions.us_core.values()]
        for s in (s for l in sources for s in l):
            for e in s["snapshot"]["element"]:
                for c in e.get("constraint", []):
                    fact = (c["key"], c["severity"], c.get("expression"))
                    human.setdefault(fact, " ".join(c["human"].split()))
        lines = []
        for fact, name in definitions.ids.items():
            if fact[0] not in NATIVE and fact[2]:
                lines.append(f"{name} {fact[1][0]} {human[fact]}")
                lines.append(" " + " ".join(fact[2].split("\n")))
        print_table("The invariants of R4 and US Core.", ("InvariantTable", "text"), lines)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
