#!/usr/bin/env python3
"""Prints the Swift source of the dictionary that small bodies are compressed with.

usage: generate-body-dictionary.py > Sources/Vault/Sealing/BodyDictionary+1.swift

The dictionary is public and the same for every node: nothing of anybody's records may be in it. It is
made of what FHIR resources have in common: element names in their usual order, code systems, profiles,
and made-up values where values go, once with the blanks that many systems send and once without.
"""
import json

import zstd_dictionary

SIZE = 80 << 10
HL7 = "http://terminology.hl7.org/CodeSystem/"
CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
FHIR = "http://hl7.org/fhir/"
SCT, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
RX = "http://www.nlm.nih.gov/research/umls/rxnorm"
ID = "2f1e7c04-91b3-4d6a-8c57-0a3be9d2f486"
LATER = "9c40d8e2-57f1-4b06-a3d9-6e18f25b7c03"
T1, T2 = "2019-03-14T08:25:41-05:00", "2019-03-14T08:40:41-05:00"
META_TIME = "2026-03-01T09:30:00.000Z"


def meta(*profiles):
    m = {"versionId": "1", "lastUpdated": META_TIME}
    if profiles:
        m["profile"] = [CORE + p for p in profiles]
    return m


def ref(kind, display=None):
    r = {"reference": f"{kind}/{ID}"}
    if display:
        r["display"] = display
    return r


def coding(system, code, display=None):
    c = {"system": system, "code": code}
    if display:
        c["display"] = display
    return c


def concept(system, code, display=None, text=None):
    c = {"coding": [coding(system, code, display)]}
    if text or display:
        c["text"] = text or display
    return c


def hl7(name, code, display=None):
    return {"coding": [coding(HL7 + name, code, display)]}


def quantity(value, unit, code=None):
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def observation(category, label, code, display, **value):
    return {
        "resourceType": "Observation", "id": LATER, "meta": meta(), "status": "final",
        "category": [{"coding": [coding(HL7 + "observation-category", category, label)]}],
        "code": concept(LOINC, code, display), "subject": ref("Patient"),
        "encounter": ref("Encounter"), "effectiveDateTime": T1,
        "issued": "2019-03-14T08:25:41.317-05:00", **value,
    }


def vital(code, display, value, unit):
    o = observation("vital-signs", "vital-signs", code, display, valueQuantity=quantity(value, unit))
    o["meta"] = meta("vital-signs")
    return o


def lab(code, display, value, unit):
    o = observation("laboratory", "laboratory", code, display, valueQuantity=quantity(value, unit))
    o["meta"] = meta("observation-lab")
    return o


def extension(url, **value):
    return {"url": url, **value}


PATIENT = {
    "resourceType": "Patient", "id": ID, "meta": meta("patient"),
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"></div>'},
    "extension": [
        {"url": CORE + "race", "extension": [
            extension("ombCategory", valueCoding=coding("urn:oid:2.16.840.1.113883.6.238", "2106-3", "White")),
            extension("text", valueString="White")]},
        {"url": CORE + "ethnicity", "extension": [
            extension("ombCategory", valueCoding=coding("urn:oid:2.16.840.1.113883.6.238", "2186-5", "Not Hispanic or Latino")),
            extension("text", valueString="Not Hispanic or Latino")]},
        extension(FHIR + "StructureDefinition/patient-mothersMaidenName", valueString="Sample"),
        extension(CORE + "birthsex", valueCode="F"),
        extension(FHIR + "StructureDefinition/patient-birthPlace", valueAddress={
            "city": "Exampleville", "state": "Massachusetts", "country": "US"})],
    "identifier": [
        {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + ID},
        {"type": {"coding": [coding(HL7 + "v2-0203", "MR", "Medical Record Number")], "text": "Medical Record Number"},
         "system": "http://hospital.example.org", "value": ID},
        {"type": {"coding": [coding(HL7 + "v2-0203", "SS", "Social Security Number")], "text": "Social Security Number"},
         "system": FHIR + "sid/us-ssn", "value": "999-00-0000"}],
    "active": True, "name": [{"use": "official", "family": "Sample", "given": ["Wren"], "prefix": ["Ms."]}],
    "telecom": [{"system": "phone", "value": "555-0100", "use": "home"}], "gender": "female",
    "birthDate": "1987-06-05",
    "address": [{"extension": [{"url": FHIR + "StructureDefinition/geolocation", "extension": [
        extension("latitude", valueDecimal=0.0), extension("longitude", valueDecimal=0.0)]}],
        "line": ["1 Example Street"], "city": "Exampleville", "state": "MA", "postalCode": "00000", "country": "US"}],
    "maritalStatus": concept(HL7 + "v3-MaritalStatus", "M", "Married"), "multipleBirthBoolean": False,
    "communication": [{"language": concept("urn:ietf:bcp:47", "en-US", "English")}],
}
ENCOUNTER = {
    "resourceType": "Encounter", "id": ID, "meta": meta("encounter"),
    "identifier": [{"use": "official", "system": "https://example.org/encounter", "value": ID}],
    "status": "finished", "class": coding(HL7 + "v3-ActCode", "AMB"),
    "type": [concept(SCT, "185349003", "Encounter for check up (procedure)")],
    "subject": ref("Patient", "Ms. Wren Sample"),
    "participant": [{"type": [concept(HL7 + "v3-ParticipationType", "PPRF", "primary performer")],
                     "period": {"start": T1, "end": T2}, "individual": ref("Practitioner", "Dr. Rowan Sample")}],
    "period": {"start": T1, "end": T2},
    "reasonCode": [{"coding": [coding(SCT, "10509002", "Acute bronchitis (disorder)")]}],
    "hospitalization": {"dischargeDisposition": concept(HL7 + "discharge-disposition", "home", "Home")},
    "location": [{"location": ref("Location", "EXAMPLE MEDICAL CENTER")}],
    "serviceProvider": ref("Organization", "EXAMPLE MEDICAL CENTER"),
}
CONDITION = {
    "resourceType": "Condition", "id": ID, "meta": meta("condition"),
    "clinicalStatus": hl7("condition-clinical", "resolved"),
    "verificationStatus": hl7("condition-ver-status", "confirmed"),
    "category": [{"coding": [coding(HL7 + "condition-category", "encounter-diagnosis", "Encounter Diagnosis")]}],
    "code": concept(SCT, "195967001", "Asthma (disorder)"), "subject": ref("Patient"),
    "encounter": ref("Encounter"), "onsetDateTime": T1, "abatementDateTime": T2, "recordedDate": T1,
}
REQUEST = {
    "resourceType": "MedicationRequest", "id": ID, "meta": meta("medicationrequest"), "status": "active",
    "intent": "order",
    "category": [concept(HL7 + "medicationrequest-category", "community", "Community")],
    "medicationCodeableConcept": concept(RX, "860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet"),
    "subject": ref("Patient"), "encounter": ref("Encounter"), "authoredOn": T1,
    "requester": ref("Practitioner", "Dr. Rowan Sample"), "reasonReference": [ref("Condition")],
    "dosageInstruction": [{"sequence": 1, "text": "Take as needed.", "asNeededBoolean": False,
        "timing": {"repeat": {"frequency": 1, "period": 1.0, "periodUnit": "d"}},
        "doseAndRate": [{"type": {"coding": [coding(HL7 + "dose-rate-type", "ordered", "Ordered")]},
                         "doseQuantity": {"value": 1.0}}]}],
    "dispenseRequest": {"numberOfRepeatsAllowed": 1, "quantity": {"value": 30, "unit": "tablet"}},
}
IMMUNIZATION = {
    "resourceType": "Immunization", "id": ID, "meta": meta("immunization"), "status": "completed",
    "vaccineCode": concept(FHIR + "sid/cvx", "140", "Influenza, seasonal, injectable, preservative free"),
    "patient": ref("Patient"), "encounter": ref("Encounter"), "occurrenceDateTime": T1,
    "primarySource": True, "location": ref("Location", "EXAMPLE MEDICAL CENTER"),
}
PROCEDURE = {
    "resourceType": "Procedure", "id": ID, "meta": meta("procedure"), "status": "completed",
    "code": concept(SCT, "430193006", "Medication Reconciliation (procedure)"), "subject": ref("Patient"),
    "encounter": ref("Encounter"), "performedPeriod": {"start": T1, "end": T2},
    "location": ref("Location", "EXAMPLE MEDICAL CENTER"),
    "reasonReference": [ref("Condition", "Asthma (disorder)")],
}
ALLERGY = {
    "resourceType": "AllergyIntolerance", "id": ID, "meta": meta("allergyintolerance"),
    "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
    "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
    "type": "allergy", "category": ["medication"], "criticality": "low",
    "code": concept(SCT, "91936005", "Allergy to penicillin"), "patient": ref("Patient"), "recordedDate": T1,
    "reaction": [{"manifestation": [concept(SCT, "271807003", "Eruption of skin (disorder)")], "severity": "mild"}],
}
REPORT = {
    "resourceType": "DiagnosticReport", "id": ID, "meta": meta("diagnosticreport-lab"), "status": "final",
    "category": [{"coding": [coding(HL7 + "v2-0074", "LAB", "Laboratory")]}],
    "code": concept(LOINC, "58410-2", "Complete blood count (hemogram) panel - Blood by Automated count"),
    "subject": ref("Patient"), "encounter": ref("Encounter"), "effectiveDateTime": T1,
    "issued": "2019-03-14T08:25:41.317-05:00", "performer": [ref("Organization", "EXAMPLE MEDICAL CENTER")],
    "presentedForm": [{"contentType": "text/plain; charset=utf-8", "data": "CjIwMTktMDMtMTQK"}],
    "result": [ref("Observation", "Leukocytes [#/volume] in Blood by Automated count"),
               ref("Observation", "Hemoglobin [Mass/volume] in Blood")],
}
DOCUMENT = {
    "resourceType": "DocumentReference", "id": ID, "meta": meta("documentreference"),
    "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + ID}], "status": "current",
    "type": {"coding": [coding(LOINC, "34117-2", "History and physical note"),
                        coding(LOINC, "51847-2", "Evaluation + Plan note")]},
    "category": [{"coding": [coding(CORE.replace("StructureDefinition/us-core-", "CodeSystem/us-core-documentreference-category"),
                                    "clinical-note", "Clinical Note")]}],
    "subject": ref("Patient"), "date": "2019-03-14T08:25:41.317-05:00",
    "author": [ref("Practitioner", "Dr. Rowan Sample")], "custodian": ref("Organization", "EXAMPLE MEDICAL CENTER"),
    "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": "CjIwMTktMDMtMTQKCiMgQ2hpZWYgQ29tcGxhaW50Cg=="},
                 "format": coding("http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem", "urn:ihe:iti:xds:2017:mimeTypeSufficient", "mimeType Sufficient")}],
    "context": {"encounter": [ref("Encounter")], "period": {"start": T1, "end": T2}},
}
MONEY = {"value": 129.16, "currency": "USD"}
CLAIM = {
    "resourceType": "Claim", "id": ID, "status": "active", "type": hl7("claim-type", "professional"),
    "use": "claim", "patient": ref("Patient", "Wren Sample"), "billablePeriod": {"start": T1, "end": T2},
    "created": T2, "provider": ref("Organization", "EXAMPLE MEDICAL CENTER"), "priority": hl7("processpriority", "normal"),
    "facility": ref("Location", "EXAMPLE MEDICAL CENTER"), "prescription": ref("MedicationRequest"),
    "diagnosis": [{"sequence": 1, "diagnosisReference": ref("Condition")}],
    "procedure": [{"sequence": 1, "procedureReference": ref("Procedure")}],
    "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Example Insurance"}}],
    "item": [{"sequence": 1, "productOrService": concept(SCT, "185349003", "Encounter for check up (procedure)"),
              "encounter": [ref("Encounter")]},
             {"sequence": 2, "diagnosisSequence": [1], "productOrService": concept(SCT, "195967001", "Asthma (disorder)")},
             {"sequence": 3, "procedureSequence": [1],
              "productOrService": concept(SCT, "430193006", "Medication Reconciliation (procedure)"), "net": MONEY}],
    "total": MONEY,
}
BLUE = "https://bluebutton.cms.gov/resources/"


def adjudication(code, display, money=True):
    a = {"category": {"coding": [coding(BLUE + "codesystem/adjudication", BLUE + "variables/" + code, display)]}}
    a.update({"amount": MONEY} if money else {"reason": {"coding": [coding(BLUE + "variables/line_prcsg_ind_cd", "A", "Allowed")]}})
    return a


BENEFIT = {
    "resourceType": "ExplanationOfBenefit", "id": ID,
    "contained": [
        {"resourceType": "ServiceRequest", "id": "referral", "status": "completed", "intent": "order", "subject": ref("Patient"),
         "requester": ref("Practitioner"), "performer": [ref("Practitioner")]},
        {"resourceType": "Coverage", "id": "coverage", "status": "active", "type": {"text": "Example Insurance"},
         "beneficiary": ref("Patient"), "payor": [{"display": "Example Insurance"}]}],
    "identifier": [{"system": BLUE + "variables/clm_id", "value": ID}, {"system": BLUE + "identifier/claim-group", "value": "99999999999"}],
    "status": "active", "type": hl7("claim-type", "professional"), "use": "claim", "patient": ref("Patient"),
    "billablePeriod": {"start": T1, "end": T2}, "created": T2, "insurer": {"display": "Example Insurance"},
    "provider": ref("Practitioner"), "referral": {"reference": "#referral"}, "facility": ref("Location", "EXAMPLE MEDICAL CENTER"),
    "claim": ref("Claim"), "outcome": "complete",
    "careTeam": [{"sequence": 1, "provider": ref("Practitioner"), "role": hl7("claimcareteamrole", "primary", "Primary Care Practitioner")}],
    "diagnosis": [{"sequence": 1, "diagnosisReference": ref("Condition"), "type": [hl7("ex-diagnosistype", "principal")]}],
    "insurance": [{"focal": True, "coverage": {"reference": "#coverage", "display": "Example Insurance"}}],
    "item": [{"sequence": 1, "category": {"coding": [coding(BLUE + "variables/line_cms_type_srvc_cd", "1", "Medical care")]},
              "productOrService": concept(SCT, "185349003", "Encounter for check up (procedure)"),
              "servicedPeriod": {"start": T1, "end": T2},
              "locationCodeableConcept": {"coding": [coding(HL7 + "ex-serviceplace", "19", "Off Campus-Outpatient Hospital")]},
              "encounter": [ref("Encounter")]},
             {"sequence": 2, "diagnosisSequence": [1], "category": {"coding": [coding(BLUE + "variables/line_cms_type_srvc_cd", "1", "Medical care")]},
              "productOrService": concept(SCT, "195967001", "Asthma (disorder)"), "servicedPeriod": {"start": T1, "end": T2},
              "locationCodeableConcept": {"coding": [coding(HL7 + "ex-serviceplace", "19", "Off Campus-Outpatient Hospital")]},
              "net": MONEY,
              "adjudication": [
                  adjudication("line_coinsrnc_amt", "Line Beneficiary Coinsurance Amount"),
                  adjudication("line_prvdr_pmt_amt", "Line Provider Payment Amount"),
                  adjudication("line_sbmtd_chrg_amt", "Line Submitted Charge Amount"),
                  adjudication("line_alowd_chrg_amt", "Line Allowed Charge Amount"),
                  adjudication("line_bene_ptb_ddctbl_amt", "Line Beneficiary Part B Deductible Amount"),
                  adjudication("line_prcsg_ind_cd", "Line Processing Indicator Code", False)]}],
    "total": [{"category": {"coding": [coding(HL7 + "adjudication", "submitted", "Submitted Amount")], "text": "Submitted Amount"}, "amount": MONEY}],
    "payment": {"amount": MONEY},
}
CAREPLAN = {
    "resourceType": "CarePlan", "id": ID, "meta": meta("careplan"),
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Care Plan for Asthma.<br/>Activities: <ul><li></li></ul></div>'},
    "status": "active", "intent": "order",
    "category": [{"coding": [coding(FHIR + "us/core/CodeSystem/careplan-category", "assess-plan")]}, concept(SCT, "698360004", "Diabetes self management plan")],
    "subject": ref("Patient"), "encounter": ref("Encounter"), "period": {"start": T1}, "careTeam": [ref("CareTeam")],
    "addresses": [ref("Condition")],
    "activity": [{"detail": {"code": concept(SCT, "160670007", "Diabetic diet"), "status": "in-progress", "location": {"display": "EXAMPLE MEDICAL CENTER"}}}],
}
CARETEAM = {
    "resourceType": "CareTeam", "id": ID, "meta": meta("careteam"), "status": "active", "subject": ref("Patient"),
    "encounter": ref("Encounter"), "period": {"start": T1},
    "participant": [{"role": [concept(SCT, "116154003", "Patient")], "member": ref("Patient", "Ms. Wren Sample")},
                    {"role": [concept(SCT, "223366009", "Healthcare professional (occupation)")], "member": ref("Practitioner", "Dr. Rowan Sample")},
                    {"role": [concept(SCT, "224891009", "Healthcare services")], "member": ref("Organization", "EXAMPLE MEDICAL CENTER")}],
    "reasonCode": [concept(SCT, "195967001", "Asthma (disorder)")], "managingOrganization": [ref("Organization", "EXAMPLE MEDICAL CENTER")],
}
ORGANIZATION = {
    "resourceType": "Organization", "id": ID, "meta": meta("organization"),
    "identifier": [{"system": FHIR + "sid/us-npi", "value": "9999999999"}], "active": True,
    "type": [concept(HL7 + "organization-type", "prov", "Healthcare Provider")], "name": "EXAMPLE MEDICAL CENTER",
    "telecom": [{"system": "phone", "value": "5550100"}],
    "address": [{"line": ["1 EXAMPLE STREET"], "city": "EXAMPLEVILLE", "state": "MA", "postalCode": "00000", "country": "US"}],
}
PRACTITIONER = {
    "resourceType": "Practitioner", "id": ID, "meta": meta("practitioner"),
    "identifier": [{"system": FHIR + "sid/us-npi", "value": "9999999999"}], "active": True,
    "name": [{"family": "Sample", "given": ["Rowan"], "prefix": ["Dr."]}],
    "telecom": [{"extension": [extension(FHIR + "us/core/StructureDefinition/us-core-direct", valueBoolean=True)],
                 "system": "email", "value": "rowan@example.com", "use": "work"}],
    "address": [{"line": ["1 EXAMPLE STREET"], "city": "EXAMPLEVILLE", "state": "MA", "postalCode": "00000", "country": "US"}],
    "gender": "male",
}
ROLE = {
    "resourceType": "PractitionerRole", "id": ID, "meta": meta("practitionerrole"), "active": True,
    "practitioner": {"identifier": {"system": FHIR + "sid/us-npi", "value": "9999999999"}, "display": "Dr. Rowan Sample"},
    "organization": ref("Organization", "EXAMPLE MEDICAL CENTER"),
    "code": [concept("http://nucc.org/provider-taxonomy", "208D00000X", "General Practice Physician")],
    "specialty": [concept("http://nucc.org/provider-taxonomy", "208D00000X", "General Practice Physician")],
    "location": [ref("Location", "EXAMPLE MEDICAL CENTER")], "telecom": [{"system": "phone", "value": "5550100"}],
}
LOCATION = {
    "resourceType": "Location", "id": ID, "meta": meta("location"), "status": "active", "name": "EXAMPLE MEDICAL CENTER",
    "telecom": [{"system": "phone", "value": "5550100"}],
    "address": {"line": ["1 EXAMPLE STREET"], "city": "EXAMPLEVILLE", "state": "MA", "postalCode": "00000", "country": "US"},
    "position": {"longitude": 0.0, "latitude": 0.0}, "managingOrganization": ref("Organization", "EXAMPLE MEDICAL CENTER"),
}
SUPPLY = {
    "resourceType": "SupplyDelivery", "id": ID, "status": "completed", "patient": ref("Patient"),
    "type": {"coding": [coding(HL7 + "supply-item-type", "device", "Device")]},
    "suppliedItem": {"quantity": {"value": 1}, "itemCodeableConcept": concept(SCT, "463659001", "Wheelchair")}, "occurrenceDateTime": T1,
}
ADMINISTRATION = {
    "resourceType": "MedicationAdministration", "id": ID, "status": "completed",
    "medicationCodeableConcept": concept(RX, "860975", "Metformin hydrochloride 500 MG Oral Tablet"), "subject": ref("Patient"),
    "context": ref("Encounter"), "effectiveDateTime": T1, "reasonReference": [ref("Condition")],
}
MEDICATION = {
    "resourceType": "Medication", "id": ID, "meta": meta("medication"),
    "code": concept(RX, "860975", "Metformin hydrochloride 500 MG Oral Tablet"), "status": "active",
}
COVERAGE = {
    "resourceType": "Coverage", "id": ID, "meta": meta("coverage"), "status": "active",
    "type": concept(HL7 + "v3-ActCode", "EHCPOL", "extended healthcare"), "subscriberId": "999",
    "beneficiary": ref("Patient"), "relationship": hl7("subscriber-relationship", "self"), "period": {"start": "2019-03-14"},
    "payor": [ref("Organization", "Example Insurance")],
}
GOAL = {
    "resourceType": "Goal", "id": ID, "meta": meta("goal"), "lifecycleStatus": "active",
    "achievementStatus": hl7("goal-achievement", "in-progress"),
    "description": {"text": "Hemoglobin A1c total in Blood < 7.0"}, "subject": ref("Patient"), "addresses": [ref("Condition")],
    "target": [{"measure": concept(LOINC, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), "dueDate": "2019-03-14"}],
}
PRESSURE = observation("vital-signs", "Vital Signs", "85354-9", "Blood pressure panel with all children optional")
PRESSURE["component"] = [
    {"code": concept(LOINC, "8462-4", "Diastolic Blood Pressure"), "valueQuantity": quantity(80, "mm[Hg]")},
    {"code": concept(LOINC, "8480-6", "Systolic Blood Pressure"), "valueQuantity": quantity(120, "mm[Hg]")}]
AUDIT = {
    "action": "read", "actor": {"id": "8f3c2a", "kind": "token"}, "consents": [], "counts": {"records": 1},
    "entities": ["Observation/" + LATER + "/_history/1", "Patient/" + ID], "id": LATER, "kind": "disclosure",
    "outcome": "success", "patient": "Patient/" + ID, "purpose": "TREAT", "role": "clinician", "time": META_TIME, "version": 1,
}

# The best known last: what is near the end of a dictionary is cheapest to refer to.
RESOURCES = [
    GOAL, COVERAGE, MEDICATION, ADMINISTRATION, SUPPLY, ALLERGY, ROLE, LOCATION, PRACTITIONER, ORGANIZATION, PATIENT,
    CARETEAM, CAREPLAN, IMMUNIZATION, PROCEDURE, CONDITION, REQUEST, DOCUMENT, ENCOUNTER, CLAIM, BENEFIT, REPORT, PRESSURE,
    observation("survey", "survey", "72166-2", "Tobacco smoking status", valueCodeableConcept=concept(SCT, "266919005", "Never smoked tobacco (finding)")),
    observation("survey", "survey", "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
                valueQuantity=quantity(2, "{score}")),
    lab("2339-0", "Glucose [Mass/volume] in Blood", 89.13, "mg/dL"),
    lab("2947-0", "Sodium [Moles/volume] in Blood", 140.21, "mmol/L"),
    lab("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", 6.1, "%"),
    lab("6690-2", "Leukocytes [#/volume] in Blood by Automated count", 7.1, "10*3/uL"),
    lab("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", 180.4, "mg/dL"),
    vital("39156-5", "Body mass index (BMI) [Ratio]", 23.7, "kg/m2"), vital("29463-7", "Body Weight", 71.3, "kg"),
    vital("8302-2", "Body Height", 170.2, "cm"), vital("8867-4", "Heart rate", 71, "/min"),
    vital("9279-1", "Respiratory rate", 14, "/min"),
]


def facts(resource):
    """What stands before a resource's JSON in a body (Exchange's RecordBody)."""
    def prefixed(text):
        return len(text).to_bytes(4, "big") + text.encode()
    return (b"\x01" + prefixed(resource["resourceType"]) + prefixed(resource["id"]) + prefixed("lab-results")
            + bytes(4) + (1_552_571_141_000).to_bytes(8, "big") + (1).to_bytes(4, "big") + prefixed(ID))


def hapi(value, depth=0):
    """Two blanks; a list's brackets stand on the line of the objects in it."""
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        inner = (",\n" + pad).join(f"{json.dumps(k)}: {hapi(v, depth + 1)}" for k, v in value.items())
        return "{\n" + pad + inner + "\n" + "  " * depth + "}"
    if isinstance(value, list):
        return "[ " + ", ".join(hapi(v, depth) for v in value) + " ]"
    return json.dumps(value)


def main():
    compact = [json.dumps(r, separators=(",", ":")).encode() for r in RESOURCES]
    # Within a Bundle's entry, where most resources come from, they stand two levels deep.
    spread = [hapi(r, 2).encode() for r in RESOURCES]
    samples = [facts(r) + text for texts in (compact, spread) for r, text in zip(RESOURCES, texts)]
    audit = json.dumps(AUDIT, separators=(",", ":"), sort_keys=True).encode()
    content = audit + b"".join(compact) + b"".join(spread) + facts(RESOURCES[-1])
    dictionary = zstd_dictionary.finalize(content[-SIZE:], samples, 1)
    print(zstd_dictionary.swift(dictionary, "resource", "generate-body-dictionary.py"))


if __name__ == "__main__":
    main()
