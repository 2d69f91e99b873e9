#!/usr/bin/env python3
"""Prints the compact Swift tables of search parameters and of the patient compartment.

Usage: generate-search-table.py DEFINITIONS search|compartment

DEFINITIONS is the folder of the FHIR R4 definitions (search-parameters.json,
compartment-definitions.json, profiles-resources.json, profiles-types.json, as in
https://hl7.org/fhir/R4/definitions.json.zip). The output of `search` is
Sources/FHIR/Search/SearchParameterTable+R4.swift, that of `compartment` is
Sources/FHIR/Policy/PatientCompartment+R4.swift.

Paths are resolved here against the structure definitions, so that the program neither parses
FHIRPath nor guesses the type of an element: each path comes out as the JSON member names to walk
and the FHIR data type found at the end (a choice `effective[x]` becomes one path for each type).
"""
import json
import re
import sys
import textwrap
from pathlib import Path

# The parameters of the present release. To offer more, add names here and generate again.
NAMES = ["_id", "_lastUpdated", "patient", "subject", "category", "code", "date", "identifier",
         "name", "birthdate"]

# The data types that a kind of parameter can be evaluated on (R4 3.1.1.4); other types of a choice
# element (Procedure.performed as Age) have no value for it.
USABLE = {
    "date": {"date", "dateTime", "instant", "Period", "Timing"},
    "token": {"Coding", "CodeableConcept", "Identifier", "code", "boolean", "string", "uri", "id",
              "canonical", "ContactPoint"},
    "string": {"string", "markdown", "HumanName", "Address"},
    "reference": {"Reference"},
}

# Where a type that the compartment leaves out speaks of a patient all the same. The compartment
# decides which chart a resource is sealed in, so a Task for a patient must not pass as shared data.
BEYOND_COMPARTMENT = ["patient", "subject"]
EXTRA_PATHS = {"Binary": ["Binary.securityContext"], "GuidanceResponse": ["GuidanceResponse.subject"],
               "Library": ["Library.subject"], "Device": ["Device.patient"],
               "ResearchSubject": ["ResearchSubject.individual"]}
# The parameter that names whose record it is, first found first; then the others in their order.
PRIMARY = ["patient", "subject", "beneficiary", "individual"]


def entries(folder, name):
    return [e["resource"] for e in json.loads((folder / name).read_text())["entry"]]


class Structures:
    """The elements of all types and resources: path -> element definition."""

    def __init__(self, folder):
        self.elements, self.resources, self.parent = {}, [], {}
        for name in ("profiles-types.json", "profiles-resources.json"):
            for s in entries(folder, name):
                if s["resourceType"] != "StructureDefinition" or s.get("derivation") == "constraint":
                    continue
                if s["kind"] == "resource" and not s.get("abstract"):
                    self.resources.append(s["type"])
                for element in s["snapshot"]["element"]:
                    self.elements[element["path"]] = element
        self.resources.sort()

    @staticmethod
    def types(element):
        for t in element.get("type", []):
            code = t["code"].split("/")[-1]
            # R4 types the elements `id` with FHIRPath's String; as a search value they are ids.
            system = code.endswith("System.String")
            yield ("id" if system and element["path"].endswith(".id") else
                   "string" if system else code), t

    def element(self, path):
        """The element at `path`, or at `path[x]`."""
        return self.elements.get(path) or self.elements.get(path + "[x]")

    def walk(self, resource, steps, wanted):
        """Yields (JSON member names, type, single, targets) for the leaves at resource.steps."""
        def go(owner, names, rest, single):
            step, rest = rest[0], rest[1:]
            element = self.element(f"{owner}.{step}")
            if element is None:
                sys.exit(f"no element {owner}.{step}")
            single = single and element["max"] == "1"
            choice = element["path"].endswith("[x]")
            if "contentReference" in element:
                yield from go(element["contentReference"].lstrip("#"), names + [step], rest, single)
                return
            for code, definition in self.types(element):
                member = step + code[0].upper() + code[1:] if choice else step
                if rest:
                    below = element["path"] if code in ("BackboneElement", "Element") else code
                    yield from go(below, names + [member], rest, single)
                elif wanted is None or wanted == code:
                    targets = {p.split("/")[-1] for p in definition.get("targetProfile", [])}
                    yield names + [member], code, single, targets
        yield from go(resource, [], steps, True)


TERM = re.compile(r"^\(?(?:([A-Z]\w+)\.)?([\w.]+?)(?:\.as\((\w+)\)|\s+as\s+(\w+)|\.ofType\((\w+)\))?\)?"
                  r"(?:\.where\(resolve\(\) is (\w+)\))?$")


def paths_of(structures, expression, resource, kind):
    """Resolves an expression for one resource type; returns (paths, single, targets)."""
    out, single, targets, terms = [], True, set(), 0
    for term in (t.strip() for t in expression.split("|")):
        match = TERM.match(term)
        if not match:
            if re.match(rf"\(?{resource}\.", term):
                sys.exit(f"cannot read {term}")
            continue
        # InsurancePlan's parameters leave their base out.
        base, steps, filtered = match[1] or resource, match[2].split("."), match[6]
        if base not in (resource, "Resource"):
            continue
        terms += 1
        for names, code, one, found in structures.walk(
                resource, steps, match[3] or match[4] or match[5]):
            if code not in USABLE[kind]:
                continue
            if filtered and found and "Resource" not in found and filtered not in found:
                continue
            single = single and one
            targets |= {filtered} if filtered else found
            out.append(".".join(names) + (f"[{filtered}]" if filtered else "") + f":{code}")
    return list(dict.fromkeys(out)), single and terms == 1, targets


def wrapped(types):
    text = " ".join(types)
    return textwrap.fill(text, 90, initial_indent="    ", subsequent_indent="    ")


def search_rows(folder, structures):
    """(name, kind, targets, single, paths) -> resource types."""
    rows = {}
    for parameter in entries(folder, "search-parameters.json"):
        name, kind = parameter["code"], parameter["type"]
        if name not in NAMES or "expression" not in parameter:
            continue
        for base in parameter["base"]:
            if base in ("Resource", "DomainResource"):
                # Of the base resource, hence of every type: walk any one of them.
                resolved, types = paths_of(structures, parameter["expression"], "Basic", kind), ["*"]
            else:
                resolved = paths_of(structures, parameter["expression"], base, kind)
                types = [base]
            paths, single, targets = resolved
            if not paths:
                print(f"nothing to evaluate: {base} {name}", file=sys.stderr)
                continue
            some = "*" if "Resource" in targets or len(targets) > 10 else ",".join(sorted(targets))
            key = (name, kind, some if kind == "reference" else "", single, tuple(paths))
            rows.setdefault(key, []).extend(types)
    return dict(sorted(rows.items(), key=lambda row: (NAMES.index(row[0][0]), row[1][0])))


def print_search(folder, structures):
    print("""\
// Generated by Scripts/generate-search-table.py from the FHIR R4 definitions. Do not edit.

extension SearchParameterTable {
  /// The search parameters of R4 that are offered, as `SearchParameterTable.init(parsing:)` reads it.
  static let r4 = \"\"\"""")
    for (name, kind, targets, single, paths), types in search_rows(folder, structures).items():
        head = " ".join([name, kind + (f"({targets})" if targets else ""), "1" if single else "n"])
        print(f"    {head}")
        print(textwrap.indent(textwrap.fill(" ".join(paths), 92, break_on_hyphens=False), "      ="))
        print(textwrap.indent(wrapped(sorted(types)), "    "))
    print('    """\n}')


def compartment_rows(folder, structures):
    parameters = {}
    for parameter in entries(folder, "search-parameters.json"):
        if parameter["type"] == "reference" and "expression" in parameter:
            for base in parameter["base"]:
                parameters.setdefault((base, parameter["code"]), []).append(parameter)
    compartment = next(c for c in entries(folder, "compartment-definitions.json")
                       if c["code"] == "Patient")
    listed = {r["code"]: r.get("param", []) for r in compartment["resource"]}
    for resource in structures.resources:
        names = listed.get(resource) or [
            n for n in BEYOND_COMPARTMENT if (resource, n) in parameters]
        # The subject leads even where the compartment lists only other parameters beside it.
        ranked = [n for n in PRIMARY if n in names] + [n for n in names if n not in PRIMARY]
        found = []
        for name in ranked:
            for parameter in parameters.get((resource, name), []):
                for term in parameter["expression"].split("|"):
                    match = TERM.match(term.strip())
                    if match and match[1] == resource:
                        found.append(match[2])
        found += [p.split(".", 1)[1] for p in EXTRA_PATHS.get(resource, [])]
        paths = []
        for path in found:
            for names_, code, _, targets in structures.walk(resource, path.split("."), "Reference"):
                if targets & {"Patient", "Resource"}:
                    paths.append(".".join(names_))
        if paths:
            yield resource, list(dict.fromkeys(paths))


def print_compartment(folder, structures):
    print("""\
// Generated by Scripts/generate-search-table.py from the FHIR R4 definitions. Do not edit.

extension PatientCompartment {
  /// For each type that belongs to patients, the elements that name them; whose record it is first.
  static let r4 = \"\"\"""")
    rows = {}
    for resource, paths in compartment_rows(folder, structures):
        rows.setdefault(" ".join(paths), []).append(resource)
    for paths, types in sorted(rows.items()):
        print(f"    {paths}")
        print(textwrap.indent(wrapped(types), "  "))
    print('    """\n}')


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in ("search", "compartment"):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    structures = Structures(folder)
    {"search": print_search, "compartment": print_compartment}[sys.argv[2]](folder, structures)


main()
