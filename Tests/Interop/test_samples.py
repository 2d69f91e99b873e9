"""The sample family is valid FHIR R4, says checkers that are not ours, and refers to itself only."""

import importlib
import json
import pathlib
import unittest
import warnings

import fhirkit
from fhir.resources.R4B import get_fhir_model_class

SAMPLES = sorted((pathlib.Path(__file__).resolve().parents[2] / "Samples").glob("*.json"))


class SampleTests(unittest.TestCase):
    def entries(self):
        for path in SAMPLES:
            for entry in json.loads(path.read_text(encoding="utf-8"))["entry"]:
                yield path.name, entry

    def test_every_bundle_is_valid(self):
        self.assertEqual(len(SAMPLES), 4)
        for path in SAMPLES:
            with self.subTest(path.name):
                self.assertEqual(list(fhirkit.validate(path.read_text())), [])

    def test_two_more_libraries_read_every_resource(self):
        warnings.simplefilter("ignore")
        for name, entry in self.entries():
            resource = entry["resource"]
            kind = resource["resourceType"]
            with self.subTest(name, kind=kind):
                get_fhir_model_class(kind).model_validate(resource)
                model = getattr(importlib.import_module(f"fhirclient.models.{kind.lower()}"), kind)
                model(resource, strict=True)

    def test_references_lead_somewhere(self):
        urls = {entry["fullUrl"] for _, entry in self.entries()}
        identified = {
            f"{entry['resource']['resourceType']}?identifier={one['system']}|{one['value']}"
            for _, entry in self.entries()
            for one in entry["resource"].get("identifier", [])
        }

        def references(value):
            if isinstance(value, dict):
                if isinstance(value.get("reference"), str):
                    yield value["reference"]
                for inner in value.values():
                    yield from references(inner)
            elif isinstance(value, list):
                for inner in value:
                    yield from references(inner)

        for name, entry in self.entries():
            for reference in references(entry["resource"]):
                with self.subTest(name, reference=reference):
                    self.assertIn(reference, urls | identified)
