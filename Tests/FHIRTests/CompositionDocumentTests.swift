import FHIR
import Foundation
import Primitives
import Testing

/// `$document`: a Composition and what it refers to.
@Suite struct CompositionDocumentTests {
  private typealias Support = DocumentSupport

  private func composition(_ more: String = "") throws -> Resource {
    try Support.resource(
      #"{"resourceType":"Composition","id":"c","status":"final","type":{"text":"Note"},"#
        + #""subject":{"reference":"Patient/p"},"date":"2026-01-01","title":"Note","#
        + #""author":[{"reference":"Practitioner/d"}],"section":[{"title":"Results","text":"#
        + #"{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"#
        + #""entry":[{"reference":"DiagnosticReport/r"}]}]\#(more)}"#)
  }

  private func chart() throws -> [Resource] {
    let lab = #""status":"final","code":{"text":"x"}"#
    return [
      try Support.patient(),
      try Support.resource(#"{"resourceType":"Practitioner","id":"d"}"#),
      try Support.record(
        "DiagnosticReport", "r", lab + #","result":[{"reference":"Observation/o"}]"#),
      try Support.record(
        "Observation", "o",
        lab
          + #","derivedFrom":[{"reference":"Observation/o2"}],"focus":[{"reference":"Patient/q"}]"#),
      try Support.record(
        "Observation", "o2", lab + #","derivedFrom":[{"reference":"Observation/o"}]"#),
      try Support.record("Observation", "beside", lab),
      try Support.resource(#"{"resourceType":"Patient","id":"q"}"#),
    ]
  }

  @Test func itHoldsWhatTheCompositionLeadsTo() throws {
    let document = try Support.document(composition(), chart())
    #expect(document.isComplete)
    let made = try MadeDocument(document.bundle())
    #expect(
      made.fullURLs
        == [
          "Composition/c", "Patient/p", "Practitioner/d", "DiagnosticReport/r", "Observation/o",
          "Observation/o2",
        ].map { "\(Support.frame.base)/\($0)" })
    #expect(made.dangling == [] && made.errors.isEmpty, "\(made.errors)")
    #expect(made.root["meta"] == nil)
    // Somebody else, to whom only a record leads, is named by no more than the type.
    #expect(
      made.resource("Observation/o")?["focus"]?[0].map { JSONTree($0) }
        == .some(.object([("type", "Patient")])))
  }

  @Test func whatTheCompositionItselfRefersToComesWhoeverItIsAbout() throws {
    let made = try MadeDocument(
      Support.document(
        composition(#","event":[{"detail":[{"reference":"Patient/q"}]}]"#), chart()
      ).bundle())
    #expect(made.resource("Patient/q") != nil)
    #expect(
      made.resource("Observation/o")?["focus"]?[0]?["reference"]?.isString("Patient/q") == true)
  }

  @Test func aPartSaysThatItIsOne() throws {
    let part = try chart().filter { $0.type != "DiagnosticReport" }
    let document = try Support.document(composition(), part)
    #expect(!document.isComplete)
    let made = try MadeDocument(document.bundle())
    #expect(made.root["meta"]?["tag"]?[0]?["code"]?.isString("SUBSETTED") == true)
    #expect(
      made.composition?["section"]?[0]?["entry"]?[0].map { JSONTree($0) }
        == .some(.object([("type", "DiagnosticReport")])))
    #expect(made.fullURLs.count == 3 && made.dangling == [])
    #expect(made.errors.isEmpty, "\(made.errors)")
    // Further on something may be missing: the document is whole all the same.
    let whole = try Support.document(composition(), chart().filter { $0.id != "o2" })
    #expect(whole.isComplete && !whole.sources.contains { $0.id == "o2" })
  }

  @Test func anEarlierDocumentIsNamedAndNotRepeated() throws {
    let relation =
      #","relatesTo":[{"code":"replaces","targetReference":{"reference":"Composition/old"}}]"#
    let old = try Support.resource(#"{"resourceType":"Composition","id":"old"}"#)
    let document = try Support.document(composition(relation), chart() + [old])
    let made = try MadeDocument(document.bundle())
    #expect(made.resource("Composition/old") == nil && made.dangling == [] && document.isComplete)
  }

  @Test func itIsBounded() throws {
    var limits = CompositionDocument.Limits()
    limits.resources = 5
    #expect(throws: PeerChartError.self) {
      _ = try Support.document(composition(), chart(), limits: limits)
    }
    limits.resources = 8
    limits.bytes = 600
    do {
      _ = try Support.document(composition(), chart(), limits: limits)
      Issue.record("nothing was thrown")
    } catch let error as PeerChartError {
      #expect(error.code == .tooLarge)
    }
    #expect(throws: PeerChartError.self) {
      _ = try CompositionDocument(of: Support.patient(), frame: Support.frame)
    }
  }

  /// R4's own examples, with everything beside them as the server's records.
  @Test(
    .enabled(
      if: FidelityCorpus.isPresent && DocumentChecker.isAvailable,
      "needs the folder shared/corpus, fhirkit and fhir.resources for Python"))
  func theExamplesOfR4MakeDocuments() async throws {
    let resources = try FidelityCorpus.files("r4-spec-examples").compactMap { file in
      try? Resource(parsing: FidelityCorpus.bytes(of: file))
    }
    let compositions = resources.filter { $0.type == "Composition" }
    #expect(!compositions.isEmpty)
    var documents: [(name: String, bytes: [UInt8])] = []
    for composition in compositions {
      let document = try Support.document(composition, resources)
      let made = try MadeDocument(document.bundle())
      #expect(made.dangling == [])
      documents.append((composition.id ?? "", made.bytes))
    }
    // R4B, which fhir.resources knows, has changed a few types that these lead to.
    let faults =
      try await DocumentChecker.faults(documents)?.split(separator: "\n").dropLast() ?? []
    #expect(faults.filter { !$0.contains("fhir.resources:") } == [])
  }
}
