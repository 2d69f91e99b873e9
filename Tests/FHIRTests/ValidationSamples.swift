/// Made-up resources without a fault, for tests to break.
enum ValidationSamples {
  static let usCore = "http://hl7.org/fhir/us/core/StructureDefinition/"

  static let patient = """
    {"resourceType":"Patient","id":"p1","meta":{"profile":["\(usCore)us-core-patient"]},
    "text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p>Ada</p></div>"},
    "contained":[{"resourceType":"Organization","id":"o1","name":"Clinic"}],
    "extension":[{"url":"\(usCore)us-core-race","extension":[
      {"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}},
      {"url":"text","valueString":"White"}]},
      {"url":"\(usCore)us-core-birthsex","valueCode":"F"}],
    "identifier":[{"use":"usual","system":"urn:oid:1.2.3","value":"1","_value":{"id":"v"}}],
    "active":true,"name":[{"use":"official","family":"Example","given":["Ada",null],
      "_given":[null,{"extension":[{"url":"http://e.org/x","valueString":"y"}]}]}],
    "telecom":[{"id":"t1","system":"phone","value":"555"}],
    "gender":"female","birthDate":"1980-02-29","deceasedBoolean":false,
    "address":[{"state":"VT","period":{"start":"2020-01-01","end":"2021-01-01"}}],
    "photo":[{"contentType":"image/png","data":"QUJD","size":3,"url":"http://e.org/a.png"}],
    "contact":[{"name":{"family":"Kin"},"gender":"male"}],
    "communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en"}]}}],
    "managingOrganization":{"reference":"#o1"},
    "link":[{"other":{"reference":"Patient/p2","type":"Patient"},"type":"seealso"}]}
    """

  static let bloodPressure = """
    {"resourceType":"Observation","id":"bp","meta":{"lastUpdated":"2024-01-02T03:04:05Z",
    "profile":["\(usCore)us-core-blood-pressure"]},
    "text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">120/80</div>"},
    "status":"final","category":[{"coding":[
    {"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
    "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
    "subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-01-02T03:04:05+01:00",
    "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},
    "valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},
    "referenceRange":[{"low":{"value":90},"high":{"value":130}}]},
    {"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},
    "valueQuantity":{"value":80.50,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}
    }]}
    """

  static let bodyWeight = """
    {"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/bodyweight"]},
    "status":"final","category":[{"coding":[
    {"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
    "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},
    "subject":{"reference":"Patient/p1"},"effectivePeriod":{"start":"2024-01-02"},
    "valueQuantity":{"value":70.1,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}
    """

  static let condition = """
    {"resourceType":"Condition","meta":{"profile":["\(usCore)us-core-condition-problems-health-concerns"]},
    "clinicalStatus":{"coding":[
    {"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},
    "verificationStatus":{"coding":[
    {"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},
    "category":[{"coding":[
    {"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],
    "code":{"coding":[{"system":"http://snomed.info/sct","code":"442311008"}]},
    "subject":{"reference":"Patient/p1"},"onsetDateTime":"2019-01","abatementDateTime":"2020-01"}
    """

  static let bundle = """
    {"resourceType":"Bundle","type":"collection","entry":[
    {"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient",
    "identifier":[{"system":"urn:oid:1.2.3","value":"1"}],"name":[{"family":"Li"}],"gender":"other"}},
    {"fullUrl":"urn:uuid:7d9b1e7a-6c3d-4a0e-8b9c-2f1e5d4c3b2a","resource":{"resourceType":"AllergyIntolerance",
    "meta":{"profile":["\(usCore)us-core-allergyintolerance"]},
    "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
    "code":"active"}]},"code":{"text":"nuts"},
    "patient":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}}}]}
    """

  static let questionnaire = """
    {"resourceType":"Questionnaire","url":"http://e.org/q","name":"Sample","status":"active",
    "item":[{"linkId":"1","type":"group","item":[{"linkId":"1.1","type":"integer","maxLength":5,
    "enableWhen":[{"question":"2","operator":"=","answerTime":"12:00:00"}]}]},
    {"linkId":"2","type":"time"}]}
    """

  static let group = """
    {"resourceType":"Group","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/actualgroup"]},
    "type":"person","actual":true,"quantity":1,"member":[{"entity":{"reference":"Patient/p1"}}]}
    """
}
