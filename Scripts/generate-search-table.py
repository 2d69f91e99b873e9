#!/usr/bin/env python3
"""Prints the compact Swift tables of search parameters and of the compartments.

Long because it is one reader of FHIRPath expressions, resolved against the structure definitions.

Usage: generate-search-table.py DEFINITIONS search|patient-compartment|compartments

DEFINITIONS is a folder with `r4` (search-parameters.json, compartment-definitions.json,
profiles-resources.json, profiles-types.json, as in https://hl7.org/fhir/R4/definitions.json.zip)
and `uscore/6.1.0` and `uscore/8.0.0` (SearchParameter.json of those packages). The outputs are
  search               Sources/FHIR/Search/Parameters/SearchParameterTable+R4.swift
  patient-compartment  Sources/FHIR/Policy/PatientCompartment+R4.swift
  compartments         Sources/FHIR/Policy/Compartment+R4.swift

Expressions are resolved here against the structure definitions, so that the program neither parses
FHIRPath nor guesses the type of an element: each comes out as the JSON member names to walk and the
FHIR data type found at the end (a choice `effective[x]` becomes one path for each type). An
expression that cannot be put so, a data type that a kind of parameter is not known to read, and a US
Core parameter that disagrees with R4's of the same name end the program with an error.
"""
import json
import re
import sys
import textwrap
from pathlib import Path

# The data types that a kind of parameter is evaluated on (R4 3.1.1.4).
USABLE = {
    "date": {"date", "dateTime", "instant", "Period", "Timing"},
    "token": {"Coding", "CodeableConcept", "Identifier", "ContactPoint", "code", "boolean", "string",
              "uri", "id", "canonical"},
    "string": {"string", "markdown", "HumanName", "Address"},
    "reference": {"Reference", "canonical", "uri", "Resource"},
    "number": {"decimal", "integer", "positiveInt", "unsignedInt", "Range"},
    "quantity": {"Quantity", "Age", "Duration", "Money", "Range", "SimpleQuantity"},
    "uri": {"uri", "url", "canonical", "oid"},
    "special": {"position"},
}
# Types of choice elements for which R4 gives a kind of parameter no meaning: such a value is not
# found. Any other type that is not usable is an error.
WITHOUT_MEANING = {
    ("date", "Age"), ("date", "Range"), ("date", "string"), ("date", "boolean"), ("date", "Duration"),
    ("quantity", "SampledData"), ("token", "Reference"), ("token", "Quantity"), ("token", "Range"),
    ("token", "dateTime"), ("reference", "CodeableConcept"), ("reference", "Attachment"),
    ("string", "Period"),
}
# R4 names the two components' definitions the wrong way round: the kinds go by the expressions.
COMPONENT_KINDS = {"DocumentReference-relationship": ["token", "reference"]}
# Of an extension's value only the types that a kind reads are meant; with a member behind it
# (`value.code`), only the one type for which such a member is a coded value.
EXTENSION_MEMBERS = {"code": "Coding", "coding": "CodeableConcept"}
# Parameters of every type that this program answers with a reason and not with a table.
REFUSED = {"_content", "_text", "_query"}

# Where a type that the compartment leaves out speaks of a patient all the same. The compartment
# decides which chart a resource is sealed in, so a Task for a patient must not pass as shared data.
BEYOND_COMPARTMENT = ["patient", "subject"]
EXTRA_PATHS = {"Binary": ["Binary.securityContext"], "GuidanceResponse": ["GuidanceResponse.subject"],
               "Library": ["Library.subject"], "Device": ["Device.patient"],
               "ResearchSubject": ["ResearchSubject.individual"]}
# The parameter that names whose record it is, first found first; then the others in their order.
PRIMARY = ["patient", "subject", "beneficiary", "individual"]

PRESENCE = re.compile(r"^(\w+)\.(\w+)\.exists\(\) and \1\.\2 != false$")


def fail(message):
    sys.exit(f"generate-search-table: {message}")


def entries(path):
    content = json.loads(path.read_text())
    if isinstance(content, list):
        return content
    return [e["resource"] for e in content["entry"]]


class Structures:
    """The elements of all types and resources: path -> element definition."""

    def __init__(self, folder):
        self.elements, self.resources = {}, []
        for name in ("profiles-types.json", "profiles-resources.json"):
            for s in entries(folder / name):
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

    def children(self, place, step):
        """The places reached by one step: a choice gives one for each of its types."""
        owner, type_, steps, single, _ = place
        below = owner if type_ in (None, "BackboneElement", "Element") else type_
        named = [(f"{below}.{step}", None), (f"{below}.{step}[x]", None)]
        # `extension.valueDateTime`: the step names the JSON member of one choice.
        named += [(f"{below}.{step[:i]}[x]", step[i:]) for i in range(1, len(step))
                  if step[i].isupper()]
        for path, chosen in named:
            element = self.elements.get(path)
            if element is None:
                continue
            one = single and element["max"] == "1"
            if "contentReference" in element:
                target = element["contentReference"].lstrip("#")
                return [(target, None, steps + (step,), one, set())]
            out = []
            for code, definition in self.types(element):
                choice = element["path"].endswith("[x]")
                suffix = code[0].upper() + code[1:]
                if chosen is not None and chosen != suffix:
                    continue
                member = step + suffix if choice and chosen is None else step
                targets = {p.split("/")[-1] for p in definition.get("targetProfile", [])}
                place = element["path"]
                if code == "BackboneElement" and place == "Location.position":
                    code = "position"
                out.append((place, code, steps + (member,), one, targets))
            return out
        return []


def split_top(text, separator):
    """Splits where no bracket or quote is open."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == "'":
            quoted = not quoted
        elif not quoted:
            depth += (c in "([") - (c in ")]")
            if depth == 0 and text.startswith(separator, i):
                parts.append(text[start:i])
                start = i + len(separator)
    parts.append(text[start:])
    return [p.strip() for p in parts]


class Expressions:
    """Resolves FHIRPath expressions of search parameters."""

    def __init__(self, structures):
        self.structures = structures

    def places(self, text, base, root):
        """The places at one term of an expression; None if it is about another resource type."""
        text = text.strip()
        cast = split_top(text, " as ")
        if len(cast) == 2:
            return self.of_type(self.places(cast[0], base, root), cast[1])
        segments = split_top(text, ".")
        found = None
        first = segments[0]
        if first.startswith("(") and first.endswith(")"):
            found = self.places(first[1:-1], base, root)
            segments = segments[1:]
        elif first == "%resource":
            found = [(base, None, ("",), True, set())]
            segments = segments[1:]
        elif first[0].isupper():
            if first not in (base, "Resource", "DomainResource"):
                return None
            found = [(base, None, (), True, set())]
            segments = segments[1:]
        else:
            found = root
        for segment in segments:
            if found is None:
                return None
            found = self.step(found, segment)
        return found

    def of_type(self, found, name):
        if found is None:
            return None
        name = name.strip()
        name = name if name in self.structures.elements else name[0].lower() + name[1:]
        return [p for p in found if p[1] == name]

    def step(self, found, segment):
        match = re.fullmatch(r"(?:as|ofType)\((\w+)\)", segment)
        if match:
            return self.of_type(found, match[1])
        match = re.fullmatch(r"where\(resolve\(\) is (\w+)\)", segment)
        if match:
            return [(o, t, s[:-1] + (s[-1] + f"[{match[1]}]",), one, {match[1]})
                    for o, t, s, one, targets in found
                    if not targets or "Resource" in targets or match[1] in targets]
        match = re.fullmatch(r"where\((\w+)\s*=\s*'([^'{}\s]*)'\)", segment)
        if match:
            return [(o, t, s[:-1] + (s[-1] + f"{{{match[1]}={match[2]}}}",), False, targets)
                    for o, t, s, one, targets in found]
        match = re.fullmatch(r"(\w+)\[0\]", segment)
        if match:
            return [(o, t, s[:-1] + (s[-1] + "#0",), False, targets)
                    for o, t, s, one, targets in self.step(found, match[1])]
        if not re.fullmatch(r"\w+", segment):
            fail(f"cannot read {segment}")
        out = []
        for place in found:
            if place[0].startswith("Extension.value") and segment in EXTENSION_MEMBERS \
                    and place[1] != EXTENSION_MEMBERS[segment]:
                continue
            out += self.structures.children(place, segment)
        if not out:
            fail(f"no element {segment} below {sorted({p[0] for p in found})}")
        return out

    def paths(self, parameter, base, kind, root=None, expression=None):
        """(paths, single, targets) of a parameter for one resource type."""
        out, single, targets, elements = [], True, set(), set()
        root = root or [(base, None, (), True, set())]
        for term in split_top(expression or parameter["expression"], "|"):
            presence = PRESENCE.match(term)
            if presence:
                if presence[1] == base:
                    for _, code, steps, _, _ in self.places(f"{base}.{presence[2]}", base, root):
                        out.append(".".join(steps) + ":presence")
                continue
            if "exists()" in term or " and " in term:
                fail(f"cannot read {term}")
            found = self.places(term, base, root)
            if found is None:
                continue
            for element, code, steps, one, some in found:
                elements.add(element)
                if code not in USABLE[kind]:
                    inExtension = any(s.startswith("extension") for s in steps)
                    if (kind, code) in WITHOUT_MEANING or inExtension:
                        continue
                    fail(f"{parameter['id']}: a {kind} cannot be read from {code}")
                single = single and one
                targets |= some
                out.append(".".join(steps) + f":{code}")
        return list(dict.fromkeys(out)), single and len(elements) <= 1, targets

    def composite(self, parameter, base, definitions):
        """([kind], paths) of a composite: each base behind @, then its components' paths."""
        kinds = COMPONENT_KINDS.get(parameter["id"]) or [
            definitions[c["definition"]]["type"] for c in parameter["component"]]
        out = []
        for term in split_top(parameter["expression"], "|"):
            places = self.places(term, base, [(base, None, (), True, set())])
            for owner, type_, steps, one, _ in places or []:
                out.append("@" + ".".join(steps))
                root = [(owner, type_, (), True, set())]
                for number, (kind, component) in enumerate(zip(kinds, parameter["component"])):
                    found, _, _ = self.paths(
                        parameter, base, kind, root, component["expression"])
                    if not found:
                        fail(f"{parameter['id']}: no component {component['expression']}")
                    out += [f"{number + 1}>{path}" for path in found]
        return kinds, out


def search_parameters(folder):
    """R4's parameters, then those that US Core adds; and all by canonical URL."""
    r4 = entries(folder / "r4" / "search-parameters.json")
    added = []
    for version in ("8.0.0", "6.1.0"):
        added += entries(folder / "uscore" / version / "SearchParameter.json")
    return r4, added


def wrapped(types):
    return textwrap.fill(" ".join(types), 90, initial_indent="    ", subsequent_indent="    ")


def search_rows(folder, expressions):
    """(name, kind, targets, single, paths) -> resource types."""
    r4, added = search_parameters(folder)
    definitions = {p["url"]: p for p in r4}
    rows, known = {}, {}
    for parameter in r4 + added:
        name, kind = parameter["code"], parameter["type"]
        if name in REFUSED:
            continue
        if "expression" not in parameter:
            fail(f"{parameter['id']} has no expression")
        for base in parameter["base"]:
            walked, types = base, [base]
            if base in ("Resource", "DomainResource"):
                # Of the base resource, hence of every type: walk any one of them.
                walked, types = "Basic", ["*"]
            if kind == "composite":
                kinds, paths = expressions.composite(parameter, walked, definitions)
                single, targets, head = False, set(), f"composite({','.join(kinds)})"
            else:
                paths, single, targets = expressions.paths(parameter, walked, kind)
                # An inline resource is what the definition says the parameter targets.
                if any(p.endswith(":Resource") for p in paths):
                    targets = set(parameter["target"])
                some = "*" if "Resource" in targets or len(targets) > 12 else ",".join(sorted(targets))
                head = kind + (f"({some})" if kind == "reference" else "")
            if not paths:
                fail(f"{parameter['id']}: nothing to evaluate for {base}")
            earlier = known.get((base, name)) or known.get(("Resource", name))
            if earlier:
                if earlier[0] != kind or not set(paths) <= set(earlier[1]):
                    fail(f"{parameter['id']}: another definition of {base} {name} says otherwise")
                continue
            known[base, name] = (kind, paths)
            rows.setdefault((name, head, single, tuple(paths)), []).extend(types)
    return dict(sorted(rows.items(), key=lambda r: (r[1] != ["*"], r[0][0], sorted(r[1])[0])))


def print_search(folder, structures):
    print("""\
// Generated by Scripts/generate-search-table.py from the definitions of FHIR R4 and US Core.

extension SearchParameterTable {
  /// All search parameters of R4, and those that US Core 6.1 and 8.0 add, as
  /// `SearchParameterTable.init(parsing:)` reads them.
  static let r4 = \"\"\"""")
    for (name, head, single, paths), types in search_rows(folder, Expressions(structures)).items():
        print(f"    {name} {head} {'1' if single else 'n'}")
        for line in textwrap.wrap(" ".join(paths), 90, break_on_hyphens=False, break_long_words=False):
            print(f"      ={line}")
        print(textwrap.indent(wrapped(sorted(types)), "    "))
    print('    """\n}')


def compartment_definition(folder, code):
    return next(c for c in entries(folder / "r4" / "compartment-definitions.json")
                if c["code"] == code and len(c["resource"]) > 100)


def compartment_rows(folder, structures):
    expressions = Expressions(structures)
    parameters = {}
    for parameter in entries(folder / "r4" / "search-parameters.json"):
        if parameter["type"] == "reference" and "expression" in parameter:
            for base in parameter["base"]:
                parameters.setdefault((base, parameter["code"]), []).append(parameter)
    listed = {r["code"]: r.get("param", [])
              for r in compartment_definition(folder, "Patient")["resource"]}
    for resource in structures.resources:
        names = listed.get(resource) or [
            n for n in BEYOND_COMPARTMENT if (resource, n) in parameters]
        # The subject leads even where the compartment lists only other parameters beside it.
        ranked = [n for n in PRIMARY if n in names] + [n for n in names if n not in PRIMARY]
        found = []
        for name in ranked:
            for parameter in parameters.get((resource, name), []):
                found += split_top(parameter["expression"], "|")
        found += EXTRA_PATHS.get(resource, [])
        paths = []
        root = [(resource, None, (), True, set())]
        for term in found:
            for _, code, steps, _, targets in expressions.places(term, resource, root) or []:
                if code == "Reference" and targets & {"Patient", "Resource"}:
                    paths.append(".".join(steps).split("[")[0])
        if paths:
            yield resource, list(dict.fromkeys(paths))


def print_patient_compartment(folder, structures):
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


def print_compartments(folder, structures):
    known = {(b, p["code"]) for p in entries(folder / "r4" / "search-parameters.json")
             for b in p["base"]}
    print("""\
// Generated by Scripts/generate-search-table.py from the FHIR R4 definitions. Do not edit.

extension Compartment {
  /// By the type that a compartment is named after: the parameters through which a resource belongs
  /// to it, and the types that have them. `{def}` is the resource that the compartment is about.
  static let r4 = \"\"\"""")
    for code in ("Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"):
        rows = {}
        for r in compartment_definition(folder, code)["resource"]:
            names = list(r.get("param", []))
            # Whoever the compartment is about belongs to it, also where R4 leaves that unsaid.
            if r["code"] == code and "{def}" not in names:
                names.append("{def}")
            names = [n for n in names if n == "{def}" or (r["code"], n) in known]
            if names:
                rows.setdefault(" ".join(names), []).append(r["code"])
        print(f"    {code}")
        for names, types in sorted(rows.items()):
            print(f"      {names}")
            print(textwrap.indent(wrapped(sorted(types)), "    "))
    print('    """\n}')


def main():
    outputs = {"search": print_search, "patient-compartment": print_patient_compartment,
               "compartments": print_compartments}
    if len(sys.argv) != 3 or sys.argv[2] not in outputs:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    outputs[sys.argv[2]](folder, Structures(folder / "r4"))


main()
