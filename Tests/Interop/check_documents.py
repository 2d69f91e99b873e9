"""Looks at FHIR documents with programs that know nothing of ours: fhir.resources and fhirkit say whether
they are FHIR, expat whether their narratives are XML; the rules of R4 3.3 and of the International Patient
Summary 2.0.0 are checked on the plain JSON. Takes files of one Bundle each; prints what is wrong."""

import sys
import json
import re
import xml.etree.ElementTree as xml

import fhirkit
from fhir.resources.R4B import get_fhir_model_class

XHTML = "{http://www.w3.org/1999/xhtml}"
IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
LOINC = "http://loinc.org"
REQUIRED = {"11450-4", "48765-2", "10160-0"}
# What a section may refer to (profile Composition-uv-ips).
SECTIONS = {
    "11450-4": {"Condition"},
    "48765-2": {"AllergyIntolerance"},
    "10160-0": {"MedicationStatement", "MedicationRequest", "MedicationAdministration",
                "MedicationDispense"},
    "11369-6": {"Immunization"},
    "47519-4": {"Procedure"},
    "46264-8": {"DeviceUseStatement"},
    "30954-2": {"Observation", "DiagnosticReport"},
    "8716-3": {"Observation"},
    "11348-0": {"Condition"},
    "10162-6": {"Observation"},
    "29762-2": {"Observation"},
    "47420-5": {"Condition", "ClinicalImpression"},
    "18776-5": {"CarePlan"},
    "42348-3": {"Consent"},
    "104605-1": {"Flag"},
    "81338-6": set(),
}
ABSOLUTE = re.compile(r"^[a-z][a-z0-9+.-]*:")
RESTFUL = re.compile(r"^(.*/)?([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(/_history/[A-Za-z0-9.-]{1,64})?$")


def references(element):
    """Every Reference.reference of a resource, contained ones included."""
    if isinstance(element, dict):
        text = element.get("reference")
        if isinstance(text, str):
            yield text
        for value in element.values():
            yield from references(value)
    elif isinstance(element, list):
        for value in element:
            yield from references(value)


def resolve(text, full_url, entries):
    """R4 2.36.4.1: what a reference within a Bundle means."""
    found = RESTFUL.match(text)
    if ABSOLUTE.match(text):
        return entries.get(text if text.startswith("urn:") else text.split("/_history/")[0])
    base = RESTFUL.match(full_url)
    if not found or not base or full_url.startswith("urn:"):
        return None
    return entries.get(base.group(1) + found.group(2))


def document(bundle):
    """R4 3.3 and the invariants of Bundle."""
    if bundle["type"] != "document":
        yield "the type is not document"
    if not bundle.get("identifier", {}).get("system") or not bundle["identifier"].get("value"):
        yield "bdl-9: identifier"
    if not bundle.get("timestamp"):
        yield "bdl-10: timestamp"
    if bundle["entry"][0]["resource"]["resourceType"] != "Composition":
        yield "bdl-11: the first resource is no Composition"
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    if len(set(urls)) != len(urls):
        yield "bdl-7: a fullUrl stands twice"
    entries = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    bases = {RESTFUL.match(url).group(1) for url in urls if not url.startswith("urn:")}
    reached, waiting = set(), [urls[0]]
    while waiting:
        url = waiting.pop()
        if url in reached:
            continue
        reached.add(url)
        resource = entries[url]
        contained = {"#" + part.get("id", "") for part in resource.get("contained", [])}
        for text in references(resource):
            if text.startswith("#"):
                if text != "#" and text not in contained:
                    yield f"{url}: {text} is not contained"
                continue
            target = resolve(text, url, entries)
            if target is not None:
                waiting += [key for key, value in entries.items() if value is target]
            elif not ABSOLUTE.match(text) or text.startswith("urn:") or any(
                    text.startswith(base) for base in bases):
                yield f"{url}: the reference {text} leads nowhere"
    for url in urls:
        if url not in reached:
            yield f"{url}: nothing refers to this entry"
        resource = entries[url]
        if not url.startswith("urn:") and not url.endswith(
                f"/{resource['resourceType']}/{resource['id']}"):
            yield f"{url}: the fullUrl is not that of the resource"


def narratives(bundle):
    """Every div has to be XML, of XHTML, and to say something."""
    def divs(element):
        if isinstance(element, dict):
            if isinstance(element.get("div"), str):
                yield element["div"]
            for value in element.values():
                yield from divs(value)
        elif isinstance(element, list):
            for value in element:
                yield from divs(value)
    for div in divs(bundle):
        try:
            root = xml.fromstring(div)
        except xml.ParseError as error:
            yield f"a narrative is not XML: {error}"
            continue
        if root.tag != XHTML + "div" or not "".join(root.itertext()).strip():
            yield "a narrative is no div with content"
        for table in root.iter(XHTML + "table"):
            widths = {len(list(row)) for row in table.iter(XHTML + "tr")}
            if len(widths) != 1:
                yield "a table has rows of different widths"


def summary(bundle):
    """The profiles Bundle-uv-ips, Composition-uv-ips and Patient-uv-ips."""
    composition = bundle["entry"][0]["resource"]
    if any(entry["resource"]["resourceType"] == "Composition" for entry in bundle["entry"][1:]):
        yield "bdl-ips-1: a second Composition"
    if any({"search", "request", "response"} & set(entry) for entry in bundle["entry"]):
        yield "an entry has what only other Bundles have"
    if {"system": LOINC, "code": "60591-5"}.items() - composition["type"]["coding"][0].items():
        yield "the type is not 60591-5"
    for name in ("date", "author", "title", "status", "identifier", "text"):
        if not composition.get(name):
            yield f"the Composition has no {name}"
    full = bundle["entry"][0]["fullUrl"]
    entries = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    patient = resolve(composition["subject"]["reference"], full, entries)
    if not patient or patient["resourceType"] != "Patient":
        yield "the subject is no Patient of the Bundle"
    else:
        names = patient.get("name") or []
        if not names or not all(
                set(name) & {"family", "given", "text", "_family", "_given", "_text"}
                for name in names):
            yield "ips-pat-1: the name"
        if not patient.get("birthDate") and not patient.get("_birthDate"):
            yield "the Patient has no birthDate"
    codes = []
    for section in composition.get("section", []):
        coding = section["code"]["coding"][0]
        codes.append(coding["code"])
        if coding["system"] != LOINC or coding["code"] not in SECTIONS:
            yield f"an unknown section {coding['code']}"
            continue
        if not section.get("title") or not section.get("text") or section.get("section"):
            yield f"section {coding['code']}: title, text or sub-sections"
        if bool(section.get("entry")) == bool(section.get("emptyReason")):
            yield f"ips-comp-1: section {coding['code']} has both or neither of entry and emptyReason"
        for entry in section.get("entry", []):
            target = resolve(entry["reference"], full, entries)
            types = SECTIONS[coding["code"]] | {"DocumentReference"}
            if not target or target["resourceType"] not in types:
                yield f"section {coding['code']} refers to {target and target['resourceType']}"
    if len(set(codes)) != len(codes):
        yield "a section stands twice"
    if REQUIRED - set(codes):
        yield f"required sections are missing: {REQUIRED - set(codes)}"


def problems(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    bundle = json.loads(text)
    yield from (f"fhirkit: {issue}" for issue in list(fhirkit.validate(text))[:5])
    try:
        get_fhir_model_class("Bundle").model_validate(bundle)
    except Exception as error:
        yield f"fhir.resources: {str(error)[:600]}"
    yield from document(bundle)
    yield from narratives(bundle)
    if any(profile.startswith(IPS) for profile in bundle.get("meta", {}).get("profile", [])):
        yield from summary(bundle)


def main():
    faulty = 0
    for path in sys.argv[1:]:
        found = list(problems(path))
        faulty += bool(found)
        for problem in found:
            print(f"{path.rsplit('/', 1)[-1]}: {problem}")
    print(f"{len(sys.argv) - 1} documents, {faulty} of them faulty")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
