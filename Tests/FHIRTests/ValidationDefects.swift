// Long because it is one list of defects, each a line or three.

import Testing

/// One fault put into a sample: what is replaced by what, and where the validator must see it.
struct Defect: Sendable, CustomTestStringConvertible {
  let sample: String
  let old: String
  let new: String
  let place: String
  /// The key of the constraint, or the kind of the issue.
  let what: String

  init(_ sample: String, _ old: String, _ new: String, _ place: String, _ what: String) {
    self.sample = sample
    self.old = old
    self.new = new
    self.place = place
    self.what = what
  }

  var testDescription: String { "\(place) \(what)" }

  static let patient: [Defect] = {
    let p = ValidationSamples.patient
    return [
      Defect(p, #""gender":"female""#, #""gender":"femal""#, "Patient.gender", "code-invalid"),
      Defect(p, #""active":true"#, #""active":true,"hobby":"x""#, "Patient.hobby", "structure"),
      Defect(p, #""active":true"#, #""active":"true""#, "Patient.active", "structure"),
      Defect(p, #""active":true"#, #""active":null"#, "Patient.active", "structure"),
      Defect(p, #""active":true"#, #""active":[true]"#, "Patient.active", "structure"),
      Defect(p, #""active":true"#, #""_name":[{"id":"n"}]"#, "Patient._name", "structure"),
      Defect(p, "1980-02-29", "1981-02-29", "Patient.birthDate", "value"),
      Defect(p, #""1980-02-29""#, "1980", "Patient.birthDate", "structure"),
      Defect(p, #""name":[{"use""#, #""maritalStatus":[{"use""#, "Patient.name", "required"),
      Defect(p, #""system":"urn:oid:1.2.3","#, "", "Patient.identifier[0].system", "required"),
      Defect(
        p, #""family":"Example","given":["Ada",null],"#, #""text":"Ada","given":[null,null],"#,
        "Patient.name[0].given[0]", "ele-1"),
      Defect(
        p, #""family":"Kin""#, #""given":[]"#, "Patient.contact[0].name.given", "structure"),
      Defect(p, #"{"name":{"family":"Kin"},"#, "{", "Patient.contact[0]", "pat-1"),
      Defect(p, #"{"family":"Kin"}"#, "{}", "Patient.contact[0].name", "ele-1"),
      Defect(
        p, #""deceasedBoolean":false"#, #""deceasedBoolean":false,"deceasedDateTime":"2020""#,
        "Patient.deceased", "structure"),
      Defect(
        p, ##"{"reference":"#o1"}"##, ##"{"reference":"Patient/1","display":"#o1"}"##,
        "Patient.managingOrganization.reference", "value"),
      Defect(
        p, ##"{"reference":"#o1"}"##, ##"{"reference":"#o2","display":"#o1"}"##,
        "Patient.managingOrganization.reference", "ref-1"),
      Defect(p, ##"{"reference":"#o1"}"##, #"{"display":"x"}"#, "Patient.contained[0]", "dom-3"),
      Defect(
        p, #""reference":"Patient/p2""#, #""reference":"Patient p2""#,
        "Patient.link[0].other.reference", "value"),
      Defect(
        p, #""type":"Patient"}"#, #""type":"RelatedPerson"}"#, "Patient.link[0].other.reference",
        "value"),
      Defect(
        p, #""name":"Clinic""#, #""name":"Clinic","contained":[{"resourceType":"Basic"}]"#,
        "Patient.contained[0].contained", "dom-2"),
      Defect(
        p, #""name":"Clinic""#, #""name":"Clinic","meta":{"versionId":"1"}"#,
        "Patient.contained[0].meta", "dom-4"),
      Defect(
        p, #""name":"Clinic""#, #""name":"Clinic","meta":{"security":[{"code":"R"}]}"#,
        "Patient.contained[0].meta", "dom-5"),
      Defect(
        p, #""resourceType":"Organization""#, #""resourceType":"Clinic""#,
        "Patient.contained[0].resourceType", "structure"),
      Defect(p, #""id":"p1""#, #""id":"p_1""#, "Patient.id", "value"),
      Defect(
        p, #"{"family":"Kin"}"#, #"{"id":"t1","family":"Kin"}"#, "Patient.contact[0].name.id",
        "value"),
      Defect(p, "<p>Ada</p>", "<script>Ada</script>", "Patient.text.div", "txt-1"),
      Defect(p, "<p>Ada</p>", "<p onclick='x'>Ada</p>", "Patient.text.div", "txt-1"),
      Defect(p, "<p>Ada</p>", "<p></p>", "Patient.text.div", "txt-2"),
      Defect(p, "<p>Ada</p>", "<p>Ada", "Patient.text.div", "value"),
      Defect(
        p, #"{"url":"text","valueString":"White"}"#, #"{"url":"x","valueString":"White"}"#,
        "Patient.extension[0].extension", "required"),
      Defect(p, "2106-3", "2106-4", "Patient.extension[0].extension[0].value", "code-invalid"),
      Defect(
        p, #""valueString":"White""#, #""valueCode":"White""#,
        "Patient.extension[0].extension[1].value", "structure"),
      Defect(
        p, #""valueCode":"F""#, #""valueCode":"X""#, "Patient.extension[1].value", "code-invalid"),
      Defect(
        p, #""valueCode":"F"}"#,
        #""valueCode":"F"},{"url":"\#(ValidationSamples.usCore)us-core-race","extension":[{"url":"text","valueString":"x"}]}"#,
        "Patient.extension", "structure"),
      Defect(
        p, #""valueString":"y"}"#, #""valueString":"y","extension":[{"url":"a","valueCode":"b"}]}"#,
        "Patient.name[0].given[1].extension[0]", "ext-1"),
      Defect(
        p, #"{"url":"http://e.org/x","valueString":"y"}"#, #"{"valueString":"y"}"#,
        "Patient.name[0].given[1].extension[0].url", "required"),
      Defect(
        p, #""url":"http://e.org/x""#, #""url":"x""#, "Patient.name[0].given[1].extension[0].url",
        "extension"),
      Defect(
        p, #""url":"http://e.org/x","valueString""#,
        #""url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueString""#,
        "Patient.name[0].given[1].extension[0].value", "structure"),
      Defect(
        p, #""start":"2020-01-01""#, #""start":"2022-01-01""#, "Patient.address[0].period", "per-1"),
      Defect(p, #""system":"phone","#, "", "Patient.telecom[0]", "cpt-2"),
      Defect(p, "QUJD", "QUJ", "Patient.photo[0].data", "value"),
      Defect(p, #""size":3"#, #""size":-3"#, "Patient.photo[0].size", "value"),
      Defect(p, "http://e.org/a.png", "http://e.org/a png", "Patient.photo[0].url", "value"),
      Defect(p, #""contentType":"image/png","#, "", "Patient.photo[0]", "att-1"),
      Defect(p, #","type":"seealso""#, "", "Patient.link[0].type", "required"),
    ]
  }()

  static let observations: [Defect] = {
    let b = ValidationSamples.bloodPressure
    let w = ValidationSamples.bodyWeight
    return [
      Defect(b, "8480-6", "8480-7", "Observation.component", "required"),
      Defect(b, "8462-4", "8480-6", "Observation.component", "structure"),
      Defect(
        b, #""value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]""#,
        #""value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm""#,
        "Observation.component[0].value.code", "value"),
      Defect(
        b, #""value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","#,
        #""value":120,"unit":"mmHg","#, "Observation.component[0].value", "qty-3"),
      Defect(b, #""code":"vital-signs""#, #""code":"vital""#, "Observation.category", "required"),
      Defect(b, "85354-9", "85354-8", "Observation.code", "value"),
      Defect(
        b, #""effectiveDateTime":"2024-01-02T03:04:05+01:00","#, "", "Observation.effective",
        "required"),
      Defect(b, #""2024-01-02T03:04:05+01:00""#, #""2024""#, "Observation.effective", "vs-1"),
      Defect(b, "03:04:05+01:00", "03:04:05", "Observation.effective", "value"),
      Defect(b, "2024-01-02T03:04:05Z", "2024-01-02", "Observation.meta.lastUpdated", "value"),
      Defect(b, #""status":"final","#, "", "Observation.status", "required"),
      Defect(b, #""status":"final""#, #""status":"done""#, "Observation.status", "code-invalid"),
      Defect(b, #""Patient/p1""#, #""Group/p1""#, "Observation.subject.reference", "value"),
      Defect(
        b, #""low":{"value":90}"#, #""low":{"value":90,"comparator":"<"}"#,
        "Observation.component[0].referenceRange[0].low.comparator", "structure"),
      Defect(
        b, #"[{"low":{"value":90},"high":{"value":130}}]"#, #"[{"id":"r"}]"#,
        "Observation.component[0].referenceRange[0]", "obs-3"),
      Defect(
        b, #""status":"final","#,
        #""status":"final","dataAbsentReason":{"text":"x"},"valueString":"y","#, "Observation",
        "obs-6"),
      Defect(w, #""code":"kg"}"#, #""code":"kilo"}"#, "Observation.value.code", "code-invalid"),
      Defect(
        w,
        #""valueQuantity":{"value":70.1,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}"#,
        #""valueString":"70""#, "Observation.value", "structure"),
      Defect(w, #""value":70.1"#, #""value":"70.1""#, "Observation.value.value", "structure"),
      Defect(
        w, #""start":"2024-01-02""#, #""start":"2024-01-02","end":"2023-01-02""#,
        "Observation.effective", "per-1"),
      Defect(
        w, #""subject":{"reference":"Patient/p1"},"#, "", "Observation.subject", "required"),
    ]
  }()

  static let others: [Defect] = {
    let c = ValidationSamples.condition
    let b = ValidationSamples.bundle
    let q = ValidationSamples.questionnaire
    let g = ValidationSamples.group
    return [
      Defect(c, #""code":"resolved""#, #""code":"active""#, "Condition", "con-4"),
      Defect(c, #""code":"confirmed""#, #""code":"entered-in-error""#, "Condition", "con-5"),
      Defect(
        c, #""code":"confirmed""#, #""code":"sure""#, "Condition.verificationStatus", "code-invalid"
      ),
      Defect(c, "problem-list-item", "problem", "Condition.category", "required"),
      Defect(
        c, #""code":{"coding":[{"system":"http://snomed.info/sct","code":"442311008"}]},"#, "",
        "Condition.code", "required"),
      Defect(c, "2019-01", "2019-13", "Condition.onset", "value"),
      Defect(
        c, "us-core-condition-problems-health-concerns", "us-core-patient",
        "Condition.meta.profile", "value"),
      Defect(
        b, "urn:uuid:7d9b1e7a-6c3d-4a0e-8b9c-2f1e5d4c3b2a",
        "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "Bundle", "bdl-7"),
      Defect(b, #""type":"collection""#, #""type":"collection","total":2"#, "Bundle", "bdl-1"),
      Defect(
        b, #""gender":"other""#, #""gender":"else""#, "Bundle.entry[0].resource.gender",
        "code-invalid"),
      Defect(
        b, #""name":[{"family":"Li"}],"#, "",
        "Bundle.entry[1].resource.patient.reference", "value"),
      Defect(
        b, #""code":{"text":"nuts"},"#, "", "Bundle.entry[1].resource.code", "required"),
      Defect(
        b, #""patient":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}"#,
        #""patient":{"reference":"urn:uuid:7d9b1e7a-6c3d-4a0e-8b9c-2f1e5d4c3b2a"}"#,
        "Bundle.entry[1].resource.patient.reference", "value"),
      Defect(q, #"{"linkId":"2""#, #"{"linkId":"1""#, "Questionnaire", "que-2"),
      Defect(q, #""type":"integer","#, "", "Questionnaire.item[0].item[0].type", "required"),
      Defect(
        q, #""maxLength":5"#, #""maxLength":5.0"#, "Questionnaire.item[0].item[0].maxLength",
        "value"),
      Defect(
        q, #""maxLength":5"#, #""maxLength":2147483648"#, "Questionnaire.item[0].item[0].maxLength",
        "value"),
      Defect(
        q, "12:00:00", "25:00:00", "Questionnaire.item[0].item[0].enableWhen[0].answer", "value"),
      Defect(
        q, #""linkId":"1.1""#, #""linkId":"""#, "Questionnaire.item[0].item[0].linkId", "value"),
      Defect(q, #""status":"active""#, #""status":" active""#, "Questionnaire.status", "value"),
      Defect(g, #""actual":true"#, #""actual":false"#, "Group.actual", "value"),
      Defect(
        g, #""quantity":1"#,
        #""quantity":1,"characteristic":[{"code":{"text":"x"},"valueBoolean":true,"exclude":false}]"#,
        "Group.characteristic", "structure"),
    ]
  }()
}
