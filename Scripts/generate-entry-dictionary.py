#!/usr/bin/env python3
"""Prints the Swift source of the dictionary that entries of the log are compressed with.

usage: generate-entry-dictionary.py > Sources/Vault/Sealing/BodyDictionary+2.swift

It is made of events that nobody caused and of the codes that events are made of (docs/format/audit-entry.md); what
many entries of a busy node look like stands last, where it is cheapest to refer to.
"""
import json
import random

import zstd_dictionary

NIL = "00000000-0000-4000-8000-000000000000"
TYPES = [
    "Consent", "DocumentReference", "Composition", "CareTeam", "CarePlan", "Goal", "Coverage", "ExplanationOfBenefit", "Claim",
    "Procedure", "Immunization", "AllergyIntolerance", "MedicationRequest", "Encounter", "DiagnosticReport", "Condition",
    "Patient", "Observation",
]
RECORDS = [
    "discharge-summaries", "progress-notes", "radiology-reports", "care-plans", "devices", "insurance", "claims", "other",
    "encounters", "demographics", "procedures", "immunizations", "allergies", "medications", "problems", "vital-signs",
    "lab-results",
]
KINDS = [
    ("E", "node-started"), ("E", "node-stopped"), ("U", "node-configured"), ("C", "key-created"), ("U", "key-rotated"),
    ("D", "key-destroyed"), ("E", "integrity-failure"), ("C", "entity-statement"), ("C", "peer-invited"), ("C", "peer-paired"),
    ("D", "peer-removed"), ("E", "peer-refused"), ("U", "role-changed"), ("U", "client-changed"), ("U", "relationship-changed"),
    ("C", "account-invited"), ("C", "account-created"), ("U", "account-changed"), ("C", "document-issued"),
    ("C", "document-received"), ("R", "document-opened"), ("R", "document-verified"), ("U", "document-revoked"),
    ("E", "break-glass-ended"), ("E", "break-glass-reviewed"), ("E", "break-glass"), ("C", "grant"), ("U", "revoke"),
    ("E", "access-request"), ("E", "notice"), ("C", "message-received"), ("R", "message-sent"), ("D", "token-revoked"),
    ("E", "token-refused"), ("C", "token-issued"), ("E", "sign-in-refused"), ("E", "sign-out"), ("E", "sign-in"), ("C", "import"),
    ("R", "export"), ("R", "audit-read"), ("C", "write"), ("U", "write"), ("E", "decision-deny"), ("E", "decision-permit"),
]
PURPOSES = [
    "THREAT", "PUBHLTH", "HMARKT", "HRESCH", "HLEGAL", "COVERAGE", "HPAYMT", "CAREMGT", "BTG", "ETREAT", "HOPERAT", "FAMRQT",
    "HSYSADMIN", "PATRQT", "TREAT",
]
ROLES = [
    "security-officer", "privacy-officer", "auditor", "administrator", "researcher", "biller", "front-desk", "pharmacist",
    "nurse", "proxy", "clinician", "patient", "system",
]
REFUSALS = [
    "break-glass-not-active", "delegation-invalid", "label-not-granted", "role-not-permitted", "purpose-mismatch",
    "denied-by-patient", "type-not-granted", "no-grant",
]
DETAILS = [
    {"accreditor": "0", "change": "trusted", "npi": "0"}, {"document": "0", "reason": "0", "to": "0"},
    {"break-glass": "0", "labels": "0", "note": "0"}, {"health-link": "0", "state": "shown"}, {"factor": "passkey"},
    {"account": "0", "relationship": "self"}, {"account": "0", "change": "language"}, {"session": "0", "capacity": "patient"},
    {"peer": "0", "request": "0"}, {"message": "0", "peer": "0"}, {"client": "0", "change": "approved", "scope": "0"},
    {"role": "system", "scope": "system/*.rs", "token": "0"}, {"items": "session=0 token=0 account=0"},
]
QUERIES = [
    "Condition?patient=" + NIL, "Observation?patient=" + NIL + "&code=http://loinc.org|0&date=ge2025-01-01&date=lt2026-01-01",
    "Observation?patient=Patient/" + NIL + "&category=laboratory&_count=20&_sort=-date", "Patient/" + NIL + "/$everything",
]


def event(action, kind, actor, **more):
    known = {
        "action": action, "actor": actor, "id": "0" * 32, "kind": kind, "outcome": "success", "request": "0000000000000000-0",
        "time": "2026-03-01T09:00:00.000Z", "version": 1}
    return json.dumps(known | more, sort_keys=True, separators=(",", ":"))


def actor(role, name="0"):
    kind = {"patient": "patient", "proxy": "proxy", "system": "app"}.get(role, "workforce")
    return {"address": "127.0.0.1", "id": "0", "kind": kind, "name": name}


def entity(kind):
    return f"{kind}/{NIL}/_history/1"


def release(role, purpose, record, kind, reason, **detail):
    more = {"consents": [NIL]} if reason == "grant" else {}
    return event(
        "R", "disclosure", actor(role), counts={record: 1}, detail={"action": "read"} | detail, entities=[entity(kind)],
        patient="Patient/" + NIL, purpose=purpose, reasons=[reason], role=role, **more)


def everyday():
    """What many entries of a busy node look like."""
    return [
        event("R", "message-sent", {"id": "0", "kind": "peer"}, detail={"message": "0", "peer": "0"}),
        event("E", "decision-deny", actor("clinician"), detail={"action": "read"}, entities=[entity("Observation")],
              outcome="minor-failure", patient="Patient/" + NIL, purpose="TREAT", reasons=REFUSALS, role="clinician"),
        event("E", "decision-permit", actor("clinician"), detail={"action": "search", "query": QUERIES[1]},
              patient="Patient/" + NIL, purpose="TREAT", role="clinician"),
        event("C", "write", actor("system"), counts={"lab-results": 1}, detail={"action": "create"},
              entities=[entity("Observation")], patient="Patient/" + NIL, purpose="HSYSADMIN", reasons=["node-itself"],
              role="system"),
        release("clinician", "TREAT", "lab-results", "Observation", "grant", client="0", grant="0", query=QUERIES[2]),
        release("clinician", "TREAT", "vital-signs", "Observation", "grant"),
        release("patient", "PATRQT", "lab-results", "Observation", "chart-owner", client="0", grant="0"),
        release("system", "HSYSADMIN", "lab-results", "Observation", "node-itself"),
    ]


def rare():
    """An event of nearly every kind, and a release of each type of record."""
    events = []
    for number, (action, kind) in enumerate(KINDS):
        role, purpose = ROLES[number % len(ROLES)], PURPOSES[number % len(PURPOSES)]
        who = {"id": "operator", "kind": "operator"} if number % 5 == 0 else actor(role)
        events.append(event(
            action, kind, who, detail=DETAILS[number % len(DETAILS)], patient="Patient/" + NIL, purpose=purpose, role=role))
    for record, kind in zip(RECORDS, TYPES[1:], strict=True):
        events.append(release("clinician", "TREAT", record, kind, "grant"))
    return events


def content():
    """Of what is rare the codes only: what is large is slow to look things up in."""
    codes = [json.dumps(detail, separators=(",", ":")) for detail in DETAILS] + QUERIES
    codes += [f'"kind":"{kind}","outcome":"success"' for _, kind in KINDS]
    codes += [f'"purpose":"{purpose}",' for purpose in PURPOSES] + [f'"role":"{role}","time":"2026-' for role in ROLES]
    codes += [f'"counts":{{"{record}":1}},' for record in RECORDS] + [f'"entities":["{kind}/' for kind in TYPES]
    return "".join(codes + everyday()).encode()


def samples(events):
    """The events with what differs from entry to entry: salts, ids, times."""
    chance = random.Random(1)

    def digits(count):
        return "".join(chance.choice("0123456789abcdef") for _ in range(count))

    made = []
    for text in events * 3:
        text = text.replace('"id":"' + "0" * 32, '"id":"' + digits(32)).replace("2026-03-01T09:00:00.000Z", (
            f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:"
            f"{chance.randrange(60):02}:{chance.randrange(60):02}.{chance.randrange(1000):03}Z"))
        text = text.replace("0000000000000000-0", digits(16) + f"-{chance.randrange(1, 1_000_000)}")
        while NIL in text:
            text = text.replace(NIL, f"{digits(8)}-{digits(4)}-4{digits(3)}-8{digits(3)}-{digits(12)}", 1)
        made.append(chance.randbytes(32) + text.encode())
    return made


def main():
    dictionary = zstd_dictionary.finalize(content(), samples(rare() + everyday() * 5), 2)
    print(zstd_dictionary.swift(dictionary, "logEntry", "generate-entry-dictionary.py"))


if __name__ == "__main__":
    main()
