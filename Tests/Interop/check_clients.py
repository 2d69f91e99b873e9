"""Uses a node as other people's programs do: fhirclient and fhirpy load, search, page and update, and
fhirkit says whether what they were given is FHIR. Takes the base address, the CA file, and a file with a
bearer token that may do everything. Prints what failed; exits 0 if nothing did."""
import json
import os
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

NUMBER = 7


def made_up(patient):
    """A patient and some observations, in the order of their dates."""
    yield {"resourceType": "Patient", "id": patient, "active": True,
           "identifier": [{"system": "urn:example:mrn", "value": "C-" + patient}],
           "name": [{"family": "Clientwood", "given": ["Robin"]}], "birthDate": "1990-05-01"}
    for number in range(NUMBER):
        yield {"resourceType": "Observation", "id": f"{patient}-{number}", "status": "final",
               "category": [{"coding": [{
                   "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                   "code": "vital-signs"}]}],
               "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
               "subject": {"reference": "Patient/" + patient},
               "effectiveDateTime": f"2026-01-{10 + number}",
               "valueQuantity": {"value": 60 + number, "unit": "/min",
                                 "system": "http://unitsofmeasure.org", "code": "/min"}}


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def with_fhirclient(base, ca, token, patient):
    from fhirclient import client
    from fhirclient.models import observation, patient as patients

    os.environ["REQUESTS_CA_BUNDLE"] = ca
    smart = client.FHIRClient(settings={"app_id": "peerchart-check", "api_base": base})
    server = smart.server
    server.session.headers["Authorization"] = "Bearer " + token
    given = []
    for resource in made_up(patient):
        kind = patients.Patient if resource["resourceType"] == "Patient" else observation.Observation
        given.append(kind(resource).update(server) or kind(resource).create(server))
    one = patients.Patient.read(patient, server)
    check(one.name[0].family == "Clientwood", "fhirclient: a read gives another name")
    search = observation.Observation.where({"patient": patient, "_sort": "-date", "_count": "3"})
    found = list(search.perform_resources_iter(server))
    check([o.id for o in found] == [f"{patient}-{n}" for n in reversed(range(NUMBER))],
          "fhirclient: the pages are not the results in their order")
    one.gender = "other"
    one.update(server)
    again = patients.Patient.read(patient, server)
    check(again.gender == "other" and again.meta.versionId == "2", "fhirclient: an update is lost")
    return [one.as_json(), again.as_json()] + [o.as_json() for o in found]


def with_fhirpy(base, ca, token, patient):
    from fhirpy import SyncFHIRClient

    client = SyncFHIRClient(base, authorization="Bearer " + token, requests_config={"verify": ca})
    for resource in made_up(patient):
        client.resource(resource["resourceType"], **{k: v for k, v in resource.items()
                                                     if k != "resourceType"}).save()
    query = client.resources("Observation").search(patient=patient, code="8867-4")
    found = query.sort("date").limit(2).fetch_all()
    check([o["id"] for o in found] == [f"{patient}-{n}" for n in range(NUMBER)],
          "fhirpy: the pages are not the results in their order")
    total = client.resources("Observation").search(patient=patient, _total="accurate", _count=0)
    check(total.fetch_raw()["total"] == NUMBER, "fhirpy: the total is another")
    late = client.resources("Observation").search(patient=patient, date__ge="2026-01-14").fetch_all()
    check(len(late) == NUMBER - 4, "fhirpy: a search by date finds another number")
    drawn = client.resources("Observation").search(_id=f"{patient}-0").include(
        "Observation", "patient").fetch_raw()
    modes = sorted(entry["search"]["mode"] for entry in drawn["entry"])
    check(modes == ["include", "match"], "fhirpy: _include draws nothing in")
    person = client.resources("Patient").search(identifier="urn:example:mrn|C-" + patient).get()
    person["gender"] = "female"
    person["active"] = False
    person.save()
    again = client.reference("Patient", patient).to_resource()
    check(again["gender"] == "female" and again["active"] is False, "fhirpy: a change is lost")
    found[0].delete()
    left = client.resources("Observation").search(patient=patient).fetch_all()
    check(len(left) == NUMBER - 1, "fhirpy: a delete is lost")
    return [drawn, again.serialize()] + [o.serialize() for o in found]


def validate(resources):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, resource in enumerate(resources):
            paths.append(os.path.join(folder, f"{number}.json"))
            with open(paths[-1], "w") as file:
                json.dump(resource, file)
        tool = os.path.join(os.path.dirname(sys.executable), "fhirkit")
        outcome = subprocess.run([tool, "validate"] + paths, capture_output=True, text=True)
        good = sum(line.endswith(": ok") for line in outcome.stdout.splitlines())
        check(good == len(paths), f"fhirkit: {len(paths) - good} answers are not FHIR: "
              f"{outcome.stdout[:500]}{outcome.stderr[:500]}")


def main(base, ca, token_file):
    with open(token_file) as file:
        token = file.read().strip()
    failures = 0
    for name, use in (("fhirclient", with_fhirclient), ("fhirpy", with_fhirpy)):
        try:
            validate(use(base, ca, token, name))
            print(f"{name}: ok")
        except Exception as error:  # whatever another program throws is a failure to be told
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
