import FHIR
import Foundation
import Testing

@Suite struct CompartmentTests {
  private func patients(_ json: String) throws -> [String] {
    PatientCompartment.patients(of: try SearchSupport.resource(json)).map(\.unversioned)
  }

  @Test func theSubjectComesFirst() throws {
    #expect(try patients(#"{"resourceType":"Patient","id":"1"}"#) == ["Patient/1"])
    #expect(
      try patients(
        """
        {"resourceType":"Observation","performer":[{"reference":"Patient/2"},
        {"reference":"Practitioner/3"}],"subject":{"reference":"Patient/1"}}
        """) == ["Patient/1", "Patient/2"])
    #expect(
      try patients(
        """
        {"resourceType":"Coverage","policyHolder":{"reference":"Patient/2"},
        "beneficiary":{"reference":"Patient/1"},"subscriber":{"reference":"Patient/2"}}
        """) == ["Patient/1", "Patient/2"])
    #expect(
      try patients(
        """
        {"resourceType":"Patient","id":"1","link":[{"other":{"reference":"Patient/2"}}]}
        """) == ["Patient/1", "Patient/2"])
    #expect(
      try patients(
        """
        {"resourceType":"Appointment","participant":[{"actor":{"reference":"Location/1"}},
        {"actor":{"reference":"Patient/7/_history/2"}}]}
        """) == ["Patient/7"])
  }

  @Test func typesBeyondTheCompartment() throws {
    #expect(
      try patients(#"{"resourceType":"Task","for":{"reference":"Patient/1"}}"#) == ["Patient/1"])
    #expect(
      try patients(#"{"resourceType":"Device","patient":{"reference":"Patient/1"}}"#)
        == ["Patient/1"])
    #expect(
      try patients(#"{"resourceType":"Binary","securityContext":{"reference":"Patient/1"}}"#)
        == ["Patient/1"])
  }

  @Test func referencesWithoutAnIdNameNobody() throws {
    for reference in [
      "#p", "urn:uuid:1", "Patient?identifier=1", "Group/1", "Patient/", "/Patient/1",
    ] {
      let json = "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"\(reference)\"}}"
      #expect(try patients(json).isEmpty, "\(reference)")
    }
    let foreign = PatientCompartment.patients(
      of: try SearchSupport.resource(
        #"{"resourceType":"Condition","subject":{"reference":"https://b.org/fhir/Patient/1"}}"#))
    #expect(foreign.first?.base == "https://b.org/fhir/")
  }

  @Test func sharedDataBelongsToNobody() throws {
    for type in ["Organization", "Practitioner", "Location", "Medication", "Questionnaire"] {
      #expect(!PatientCompartment.isPatientBound(type))
      #expect(try patients("{\"resourceType\":\"\(type)\",\"id\":\"1\"}").isEmpty)
    }
    #expect(PatientCompartment.isPatientBound("Observation"))
  }

  /// The table covers what HL7's compartment covers.
  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/definitions"))
  func coversTheDefinition() throws {
    let file = try #require(SearchSupport.shared)
      .appendingPathComponent("definitions/r4/compartment-definitions.json")
    let bundle = try JSONDocument(parsing: Array(Data(contentsOf: file))).root
    let compartments = try #require(bundle["entry"]).elements.compactMap { $0["resource"] }
    let patient = try #require(compartments.first { $0["code"]?.string == "Patient" })
    var bound = 0
    for type in try #require(patient["resource"]).elements where type["param"] != nil {
      let name = try #require(type["code"]?.string)
      #expect(PatientCompartment.isPatientBound(name), "\(name)")
      bound += 1
    }
    #expect(bound == 66)
  }

  /// In a Synthea bundle everything that is bound to a patient is bound to the one in it. The bundle's
  /// references are `urn:uuid:`; here they are put into the form that import gives them.
  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/corpus"))
  func syntheaBundles() throws {
    let folder = try #require(SearchSupport.shared).appendingPathComponent("corpus/fhir/synthea-r4")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    var checked = 0
    for file in files.sorted(by: { $0.path < $1.path }).prefix(5) {
      let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
      let root = try JSONDocument(parsing: Array(text.utf8)).root
      let entries = try #require(root["entry"]).elements.compactMap { $0["resource"] }
      guard
        let id = entries.first(where: { $0["resourceType"]?.string == "Patient" })?["id"]?.string
      else { continue }
      for entry in entries {
        let raw = String(decoding: entry.raw, as: UTF8.self)
        let resource = try SearchSupport.resource(
          raw.replacing("urn:uuid:\(id)", with: "Patient/\(id)"))
        let found = PatientCompartment.patients(of: resource)
        guard PatientCompartment.isPatientBound(resource.type) else {
          #expect(found.isEmpty)
          continue
        }
        // A Provenance names documents; a Device may have no patient.
        if found.isEmpty, ["Provenance", "Device"].contains(resource.type) { continue }
        #expect(found.first == ReferenceTarget(type: "Patient", id: id), "\(resource.type)")
        checked += 1
      }
    }
    #expect(checked > 100)
  }
}
