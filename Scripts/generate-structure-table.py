#!/usr/bin/env python3
"""Prints the compact Swift table of the elements of every FHIR R4 type.

Usage: generate-structure-table.py DEFINITIONS

Scripts/generate-profile-table.py takes names of value sets and invariants from here.

DEFINITIONS is the folder of the FHIR R4 definitions (profiles-types.json and profiles-resources.json,
as in https://hl7.org/fhir/R4/definitions.json.zip). The output is
Sources/FHIR/Structure/StructureTable+R4.swift; StructureTable.swift describes the form of the lines.

Only facts are taken: names, order, types, cardinality, targets, bindings, flags and the keys of
invariants. Elements that a type has from its base are not repeated.
"""
import json
import sys
from pathlib import Path

CARDINALITY = {("0", "1"): "?", ("0", "*"): "*", ("1", "1"): "1", ("1", "*"): "+"}
STRENGTH = {"required": "r", "extensible": "e", "preferred": "p", "example": "x"}
SETS = (("http://hl7.org/fhir/ValueSet/", ""), ("http://terminology.hl7.org/ValueSet/", "thv/"))
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
# Of every element and every extension: they go without saying.
IMPLIED = {"ele-1", "ext-1"}


def definitions(folder):
    found = {}
    for name in ("profiles-types.json", "profiles-resources.json"):
        for entry in json.loads((folder / name).read_text())["entry"]:
            s = entry["resource"]
            if s["resourceType"] == "StructureDefinition" and s.get("derivation") != "constraint":
                found[s["type"]] = s
    return found


def value_set(url):
    url = url.split("|")[0]
    for prefix, short in SETS:
        if url.startswith(prefix):
            return short + url[len(prefix):]
    return url


def invariant_ids(resources, ids=None):
    """(key, severity, expression) -> id. Where several invariants share a key the later ones get
    `~2`, `~3`: R4 has four called inv-1."""
    ids = ids if ids is not None else {}
    taken = set(ids.values())
    for s in resources:
        for element in s["snapshot"]["element"]:
            for c in element.get("constraint", []):
                fact = (c["key"], c["severity"], c.get("expression"))
                if fact in ids:
                    continue
                name, number = c["key"], 1
                while name in taken:
                    number += 1
                    name = f"{c['key']}~{number}"
                ids[fact] = name
                taken.add(name)
    return ids


def ids_of(element, ids):
    return {ids[c["key"], c["severity"], c.get("expression")] for c in element.get("constraint", [])}


def type_text(t, path):
    code = t["code"]
    if code.startswith("http://hl7.org/fhirpath/"):
        code = next((e.get("valueUrl") for e in t.get("extension", []) if e["url"] == FHIR_TYPE),
                    "string")
        # R4 says "string" for the logical id, too; its form is that of an id.
        code = "id" if path == "Resource.id" else code
    names = sorted(p.split("/")[-1] for p in t.get("targetProfile", []))
    if names and "Resource" not in names:
        code += "(" + ",".join(names) + ")"
    for profile in t.get("profile", []):
        code += "~" + profile.split("/")[-1]
    return code


def line(element, open_types, ids, by_path):
    path = element["path"]
    name = path.split(".")[-1]
    card = CARDINALITY.get((str(element["min"]), element["max"]))
    if card is None:
        sys.exit(f"cardinality of {path}")
    if "contentReference" in element:
        types = element["contentReference"]
    else:
        texts = [type_text(t, path) for t in element.get("type", [])]
        codes = {t["code"] for t in element.get("type", [])}
        types = "*" if codes == open_types else "|".join(texts)
    words = [name, card, types]
    flags = ("s" if element.get("isSummary") else "") + ("m" if element.get("isModifier") else "")
    if flags:
        words.append("." + flags)
    binding = element.get("binding", {})
    if "valueSet" in binding and STRENGTH[binding["strength"]] in "re":
        words.append("=" + STRENGTH[binding["strength"]] + ":" + value_set(binding["valueSet"]))
    keys = ids_of(element, ids) - IMPLIED
    if "contentReference" in element:
        # What the element referred to must keep, this one must, too.
        keys |= ids_of(by_path[element["contentReference"].lstrip("#")], ids) - IMPLIED
    keys = sorted(keys)
    if keys:
        words.append("!" + ",".join(keys))
    return " " * path.count(".") + " ".join(words)


def order(found):
    done = []
    # Backbone elements of any type need these first.
    for name in ["BackboneElement", *sorted(found)]:
        chain = []
        while name and name not in done:
            chain.append(name)
            name = found[name].get("baseDefinition", "").split("/")[-1]
        done += reversed(chain)
    return done


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = definitions(Path(sys.argv[1]))
    ids = invariant_ids(found.values())
    by_path = {e["path"]: e for s in found.values() for e in s["snapshot"]["element"]}
    extension = next(e for e in found["Extension"]["snapshot"]["element"]
                     if e["path"] == "Extension.value[x]")
    open_types = {t["code"] for t in extension["type"]}
    print("""\
// Generated by Scripts/generate-structure-table.py from the FHIR R4 definitions. Do not edit.

extension StructureTable {
  /// The elements of the types of R4, as `StructureTable.init(parsing:)` reads them.
  static let r4Text: StaticString = \"\"\"""")
    print("    *", " ".join(type_text(t, "") for t in extension["type"]))
    for name in order(found):
        s = found[name]
        if s["kind"] == "primitive-type":
            continue
        base = s.get("baseDefinition", "").split("/")[-1]
        root = s["snapshot"]["element"][0]
        inherited = ids_of(found[base]["snapshot"]["element"][0], ids) if base else set()
        keys = sorted(ids_of(root, ids) - inherited - IMPLIED)
        head = [name, base or "-", "a" if s.get("abstract") else s["kind"][0]]
        print("    " + " ".join(head + (["!" + ",".join(keys)] if keys else [])))
        known = [e["path"].split(".", 1)[1] for e in found[base]["snapshot"]["element"][1:]] \
            if base else []
        elements = s["snapshot"]["element"][1:]
        if name in ("Element", "Resource"):
            known = []
        for position, element in enumerate(elements):
            relative = element["path"].split(".", 1)[1]
            if "." not in relative and relative in known:
                if known.index(relative) != position:
                    sys.exit(f"{element['path']} stands elsewhere than in {base}")
                continue
            # A backbone element has id, extension and modifierExtension from its type.
            if element["base"]["path"] != element["path"]:
                continue
            print("    " + line(element, open_types, ids, by_path))
    print('    """\n}')


if __name__ == "__main__":
    main()
