"""compare_fhir must pass a faithful import and see each single change."""

import json
import pathlib
import re
import tempfile
import unittest

import compare_fhir
from fhir_files import Members, Number, Unreadable, resources

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "Samples"
CHART = SAMPLES / "juniper-samplewood.json"
ORGANIZATIONS = SAMPLES / "organizations.json"


def written(value):
    """JSON text of a value read by fhir_files, literals as they were."""
    if isinstance(value, Members):
        return "{" + ",".join(f"{json.dumps(n)}:{written(v)}" for n, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value)


def imported(*paths):
    """What a faithful server exports: ids and meta assigned, references resolved, as NDJSON."""
    originals = [one for path in paths for one in resources(path)]
    assigned = {}
    conditional = {}
    for number, (url, resource) in enumerate(originals):
        reference = f"{resource.get('resourceType')}/server-{number}"
        assigned[url] = reference
        for identifier in resource.get("identifier") or []:
            name = f"{resource.get('resourceType')}?identifier={identifier.get('system')}|{identifier.get('value')}"
            conditional[name] = reference
    lines = []
    for url, resource in originals:
        body = Members(m for m in resource if m[0] not in ("id", "meta"))
        meta = Members(resource.get("meta") or [])
        meta += [("versionId", "1"), ("lastUpdated", "2026-03-01T09:30:00.000Z")]
        body[1:1] = [("id", assigned[url].partition("/")[2]), ("meta", meta)]
        text = written(body)
        for old, new in {**assigned, **conditional}.items():
            text = text.replace(json.dumps(old), json.dumps(new))
        lines.append(text)
    return lines, assigned


class CompareTests(unittest.TestCase):
    def setUp(self):
        self.lines, self.assigned = imported(ORGANIZATIONS, CHART)
        self.originals = [*resources(ORGANIZATIONS), *resources(CHART)]

    def differences(self, lines, **options):
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
            file.write("\n".join(lines))
            file.flush()
            return compare_fhir.compare(self.originals, list(resources(file.name)), **options)

    def changed(self, pattern, replacement):
        """The export with the first match of a pattern replaced; fails if there is none."""
        for index, line in enumerate(self.lines):
            new, count = re.subn(pattern, replacement, line, count=1)
            if count:
                return [*self.lines[:index], new, *self.lines[index + 1 :]]
        self.fail(f"nothing matches {pattern}")

    def test_a_faithful_import_has_no_difference(self):
        self.assertEqual(self.differences(self.lines), [])
        self.assertEqual(self.differences(self.lines[::-1]), [])
        self.assertEqual(self.differences(self.lines, mapped=self.assigned), [])

    def test_every_kind_of_change_is_seen(self):
        changes = {
            "a trailing zero": (r'"value":1\.10', '"value":1.1'),
            "a zero added": (r'"value":118\b', '"value":118.0'),
            "a number for a string": (r'"value":"555-0142"', '"value":5550142'),
            "an exponent": (r"101\.0", "1.010e2"),
            "a text": ("bicycle", "tricycle"),
            "a lost extension": (r'"extension":\[\{"url":"http://example.org.*?\]\}\],', ""),
            "an added member": (r'"status":"final"', '"status":"final","language":"en"'),
            "an order": (r'"status":"active","intent":"order"', '"intent":"order","status":"active"'),
            "a duplicate member": (r'"status":"final"', '"status":"final","status":"final"'),
            "a lost element": (r'"given":\["Juniper","Maud"\]', '"given":["Juniper"]'),
            "a reference to another": (r'"Practitioner/server-2"', '"Practitioner/server-3"'),
            "a reference left open": (r'"Encounter/server-7"', '"urn:uuid:0"'),
            "a lost label": (r'"security":\[\{.*?\}\]', '"security":[]'),
            "an added profile": (r'"versionId"', '"profile":["http://example.org/p"],"versionId"'),
        }
        for name, (pattern, replacement) in changes.items():
            with self.subTest(name):
                self.assertNotEqual(self.differences(self.changed(pattern, replacement)), [])

    def test_labels_may_be_added_behind(self):
        labelled = self.changed(r'("security":\[\{[^\]]*\})\]', r'\1,{"code":"ETH"}]')
        self.assertEqual(self.differences(labelled), [])

    def test_missing_and_extra_resources_are_seen(self):
        self.assertEqual(len(self.differences(self.lines[:-1])), 1)
        extra = self.lines + ['{"resourceType":"Provenance","id":"p"}']
        self.assertEqual(len(self.differences(extra)), 1)
        self.assertEqual(self.differences(extra, allow_extra=["Provenance"]), [])

    def test_an_unresolved_reference_may_become_a_logical_one_if_asked_for(self):
        logical = self.changed(
            r'"individual":\{"reference":"Practitioner/server-2","display"',
            '"individual":{"type":"Practitioner","identifier":{"system":"http://example.org/practitioners",'
            '"value":"exampleton-imogen"},"display"',
        )
        self.assertNotEqual(self.differences(logical), [])
        self.assertEqual(self.differences(logical, logical=True), [])

    def test_links_in_narratives_and_uris_follow(self):
        text = (
            '{"resourceType":"Basic","id":"%s","text":{"div":"<div><a href=\\"%s\\">x</a></div>"},'
            '"extension":[{"url":"http://example.org/e","valueUri":"%s"}]}'
        )
        elsewhere = "http://old.example.org/Patient/p"
        before = [("urn:uuid:1", '{"resourceType":"Patient","id":"p"}'),
                  (None, text % ("b", "urn:uuid:1", elsewhere))]

        def compared(href, uri):
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "x.ndjson")
                path.write_text("\n".join(line for _, line in before))
                originals = [(url, one) for (url, _), (_, one) in zip(before, resources(path))]
                path.write_text('{"resourceType":"Patient","id":"q"}\n' + text % ("c", href, uri))
                return compare_fhir.compare(originals, list(resources(path)))

        self.assertEqual(compared("Patient/q", elsewhere), [])
        self.assertEqual(len(compared("Patient/r", elsewhere)), 1)
        self.assertEqual(len(compared("Patient/q", "Patient/q")), 1)

    def test_alike_resources_are_told_apart_by_what_they_refer_to(self):
        def pair_of(kind, a, b, x, y):
            text = '{"resourceType":"%s","id":"%s","part":{"reference":"%s"}}'
            return [text % (kind, a, x), text % (kind, b, y)]

        def leaf(name, value):
            return '{"resourceType":"Location","id":"%s","name":"%s"}' % (name, value)

        before = [leaf("1", "one"), leaf("2", "two"), *pair_of("Basic", "a", "b", "Location/1", "Location/2")]
        after = [leaf("9", "two"), leaf("8", "one"), *pair_of("Basic", "k", "l", "Location/9", "Location/8")]
        with tempfile.TemporaryDirectory() as folder:
            for name, lines in (("before", before), ("after", after)):
                pathlib.Path(folder, f"{name}.ndjson").write_text("\n".join(lines))
            paths = [f"{folder}/before.ndjson", f"{folder}/after.ndjson"]
            self.assertEqual(compare_fhir.compare(*(list(resources(p)) for p in paths)), [])

    def test_a_report_of_an_import_gives_the_pairs(self):
        report = {"files": [{"stored": [{"fullUrl": "urn:uuid:1", "reference": "Patient/a"}]}],
                  "also": {"urn:uuid:2": "Patient/b", "name": "Patient/c"}}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(report, file)
            file.flush()
            self.assertEqual(
                compare_fhir.read_map(file.name), {"urn:uuid:1": "Patient/a", "urn:uuid:2": "Patient/b"}
            )

    def test_what_is_not_json_is_refused(self):
        for text in ('{"resourceType":"Basic","x":NaN}', "[1]", '{"resourceType":'):
            with self.subTest(text), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(text)
                file.flush()
                self.assertRaises(Unreadable, lambda: list(resources(file.name)))
