import Audit
import Exchange
import Foundation
import Identity
import Primitives
import Testing

/// Somebody brings the records that others keep of them into their own chart.
@Suite struct UploadTests {
  private struct Home {
    let node: TestNode
    let rowan: Caller
  }

  private func home() async throws -> Home {
    let node = try await TestNode()
    try await node.store(
      Sample.patient("p", family: "Samplewood"), Sample.patient("q", family: "Other"),
      Sample.observation("theirs", of: "q"))
    return Home(
      node: node, rowan: try await Person(node, "rowan", as: .patient("p")).caller())
  }

  private func entry(_ resource: String, _ url: String?) -> String {
    let url = url.map { #""fullUrl":"\#($0)","# } ?? ""
    return #"{\#(url)"resource":\#(resource)}"#
  }

  private func bundle(_ entries: String..., type: String = "collection") -> [UInt8] {
    Sample.json(
      #"{"resourceType":"Bundle","type":"\#(type)","entry":[\#(entries.joined(separator: ","))]}"#)
  }

  private static let patient = "urn:uuid:0b5ab1c5-1f2a-4f0e-9a51-0f6f6e5f0001"
  private static let drug = "urn:uuid:0b5ab1c5-1f2a-4f0e-9a51-0f6f6e5f0002"

  private var export: [UInt8] {
    bundle(
      entry(#"{"resourceType":"Patient","birthDate":"1984-02-29"}"#, Self.patient),
      entry(
        #"{"resourceType":"Organization","name":"Clinic"}"#,
        "urn:uuid:0b5ab1c5-0000-0000-0000-000000000009"),
      entry(
        #"{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"\#(Self.patient)"},"requester":{"reference":"urn:uuid:0b5ab1c5-0000-0000-0000-000000000009"},"dosageInstruction":[{"sequence":1,"doseAndRate":[{"doseQuantity":{"value":1.10}}]}]}"#,
        Self.drug),
      entry(
        #"{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/elsewhere"}}"#,
        nil),
      entry(#"{"resourceType":"Observation","status":"final","code":{},"subject":7}"#, nil))
  }

  @Test func aBundleOfElsewhereBecomesPartOfTheChart() async throws {
    let home = try await home()
    var file = String(decoding: export, as: UTF8.self)
    file = file.replacing(
      #"{"resourceType":"Patient","#, with: #"{"resourceType":"Patient","id":"elsewhere","#)
    let first = try await home.node.exchange.upload(
      Array(file.utf8), into: "p", as: home.rowan)
    #expect(first.report.created == 2 && first.leftOut == 1)
    #expect(first.report.faultCount == 1)
    #expect(first.report.faults.first?.place?.hasPrefix("Bundle.entry[4]") == true)
    let id = String(Self.drug.dropFirst("urn:uuid:".count))
    let drug = try await home.node.exchange.read("MedicationRequest", id: id, as: home.rowan)
    let text = String(decoding: drug.json, as: UTF8.self)
    #expect(text.contains(#""reference":"Patient/p""#) && text.contains("1.10"))
    let lab = try await home.node.exchange.read("Observation", id: "o1", as: home.rowan)
    #expect(String(decoding: lab.json, as: UTF8.self).contains(#""reference":"Patient/p""#))
    // The same file once more changes nothing.
    let second = try await home.node.exchange.upload(
      Array(file.utf8), into: "p", as: home.rowan)
    #expect(second.report.stored == 0 && second.report.unchanged == 2)
    // The patient's own record is as it was: the file does not speak for it.
    let own = try await home.node.exchange.read("Patient", id: "p", as: home.rowan)
    #expect(own.version == 1)
    #expect(try await home.node.exchange.verifyAudit { _ in }.verified)
  }

  @Test func otherWaysToWriteThemDown() async throws {
    let home = try await home()
    let line =
      #"{"resourceType":"Observation","id":"n1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}}"#
    let other = line.replacing("n1", with: "n2")
    let lines = Array("\(line)\n\n\(other)\r\n".utf8)
    #expect(
      try await home.node.exchange.upload(lines, into: "p", as: home.rowan).report.created == 2)
    let xml = Array(
      """
      <Observation xmlns="http://hl7.org/fhir"><id value="n3"/><status value="final"/>\
      <code><text value="x"/></code><subject><reference value="Patient/p"/></subject></Observation>
      """.utf8)
    #expect(
      try await home.node.exchange.upload(xml, into: "p", as: home.rowan).report.created == 1)
  }

  @Test func whatIsNotTheirsIsNotTaken() async throws {
    let home = try await home()
    func code(_ file: [UInt8]) async -> String {
      await outcome { try await home.node.exchange.upload(file, into: "p", as: home.rowan) }
    }
    let own =
      #"{"resourceType":"Observation","id":"mine","status":"final","code":{},"subject":{"reference":"Patient/p"}}"#
    let theirs = own.replacing("mine", with: "new").replacing("Patient/p", with: "Patient/q")
    let overwriting = own.replacing("mine", with: "theirs")
    #expect(await code(bundle(entry(own, nil), entry(theirs, nil))) == "forbidden")
    #expect(await code(Array(overwriting.utf8)) == "forbidden")
    #expect(
      await code(
        bundle(
          entry(#"{"resourceType":"Patient","id":"x","birthDate":"1950-01-01"}"#, nil),
          entry(own, nil)))
        == "conflict")
    #expect(
      await code(
        bundle(
          entry(#"{"resourceType":"Patient","id":"x"}"#, nil),
          entry(#"{"resourceType":"Patient","id":"y"}"#, nil))) == "conflict")
    for junk in ["", "x", "[]", "{}", "<a/>", "null\n{}", "\u{0}PK"] {
      let told = await code(Array(junk.utf8))
      #expect(told == "malformed" || told == "invalid", "\(junk): \(told)")
    }
    #expect(
      await outcome {
        try await home.node.exchange.upload(Array(own.utf8), into: "q", as: home.rowan)
      } == "forbidden")
    // Nothing came in with what was refused.
    #expect(
      await outcome {
        try await home.node.exchange.read("Observation", id: "mine", as: home.node.owner)
      } == "not-found")
    let kept = try await home.node.exchange.read("Observation", id: "theirs", as: home.node.owner)
    #expect(kept.version == 1)
  }
}
