import FHIR
import Foundation
import Primitives
import Testing

/// Summaries of Synthea's patients.
@Suite(.enabled(if: FidelityCorpus.isPresent, "needs the folder shared/corpus"))
struct SummaryCorpusTests {
  @Test func summariesConformAndNothingDangles() throws {
    for file in try DocumentSupport.patientFiles(4) {
      let chart = try DocumentSupport.chart(file)
      let made = try MadeDocument(
        DocumentSupport.summary(chart.patient, chart.records).bundle())
      let name = file.lastPathComponent
      #expect(made.dangling == [], "\(name)")
      #expect(made.errors.isEmpty, "\(name) \(made.errors.prefix(5))")
      // Every patient of Synthea has been vaccinated and measured.
      #expect(!made.listed("11369-6").isEmpty && !made.listed("8716-3").isEmpty, "\(name)")
    }
  }

  @Test(.enabled(if: DocumentChecker.isAvailable, "needs fhirkit and fhir.resources for Python"))
  func otherProgramsFindNoFault() async throws {
    let documents = try DocumentSupport.patientFiles(6).map { file in
      let chart = try DocumentSupport.chart(file)
      return (
        file.deletingPathExtension().lastPathComponent,
        try DocumentSupport.summary(chart.patient, chart.records).bundle()
      )
    }
    #expect(try await DocumentChecker.faults(documents) == nil)
  }

  /// What the section lists is what a look at the plain JSON gives.
  @Test func activeProblemsAllergiesAndMedicationsAreAllThere() throws {
    for file in try DocumentSupport.patientFiles(8) {
      let chart = try DocumentSupport.chart(file)
      let made = try MadeDocument(
        DocumentSupport.summary(chart.patient, chart.records).bundle())
      func expected(_ type: String, _ isListed: ([String: Any]) -> Bool) throws -> Set<String> {
        Set(
          try chart.records.filter { $0.type == type }.compactMap { record in
            let object = try JSONSerialization.jsonObject(with: Data(record.bytes))
            guard let members = object as? [String: Any], isListed(members) else { return nil }
            return "\(type)/\(record.id ?? "")"
          })
      }
      func status(_ members: [String: Any]) -> String? {
        let concept = members["clinicalStatus"] as? [String: Any]
        return (concept?["coding"] as? [[String: Any]])?.first?["code"] as? String
      }
      #expect(
        try Set(made.listed("11450-4")) == expected("Condition") { status($0) == "active" })
      #expect(
        try Set(made.listed("11348-0")) == expected("Condition") { status($0) == "resolved" })
      #expect(try Set(made.listed("48765-2")) == expected("AllergyIntolerance") { _ in true })
      #expect(
        try Set(made.listed("10160-0"))
          == expected("MedicationRequest") { $0["status"] as? String == "active" })
    }
  }

  /// Any part of a chart, in any order: no reference leads to what was not there, and what was there
  /// in another order gives the same bytes.
  @Test func everyPartOfAChartIsADocument() throws {
    let seed = FuzzRandom.printedSeed(for: "parts of charts")
    var random = FuzzRandom(seed: seed)
    for file in try DocumentSupport.patientFiles(3) {
      let chart = try DocumentSupport.chart(file)
      for round in 0..<12 {
        let part = Double.random(in: 0...1, using: &random)
        let records = chart.records.filter { _ in Double.random(in: 0...1, using: &random) < part }
        let summary = try DocumentSupport.summary(chart.patient, records)
        let made = try MadeDocument(summary.bundle())
        #expect(made.dangling == [], "seed \(seed)")
        if round < 3 { #expect(made.errors.isEmpty, "seed \(seed) \(made.errors.prefix(3))") }
        let shuffled = try DocumentSupport.summary(
          chart.patient, records.shuffled(using: &random))
        #expect(shuffled.bundle() == made.bytes, "seed \(seed)")
        // Everything that is said to be in it is, and nothing else of the chart.
        let sources = Set(summary.sources.map { "\($0.type)/\($0.id)" })
        let shown = Set(
          made.fullURLs.filter { $0.hasPrefix("https:") }.map {
            String($0.dropFirst(DocumentSupport.frame.base.count + 1))
          })
        #expect(sources == shown, "seed \(seed)")
      }
    }
  }

  /// What is not part of the document has no influence on it, except on how many are left out.
  @Test func recordsBesideTheSectionsLeaveNoTrace() throws {
    guard let file = try DocumentSupport.patientFiles(2).last else { return }
    let chart = try DocumentSupport.chart(file)
    let types = Set(InternationalPatientSummary.types)
    let relevant = chart.records.filter { types.contains($0.type) }
    #expect(relevant.count < chart.records.count)
    #expect(
      try DocumentSupport.summary(chart.patient, relevant).bundle()
        == DocumentSupport.summary(chart.patient, chart.records).bundle())
  }
}
