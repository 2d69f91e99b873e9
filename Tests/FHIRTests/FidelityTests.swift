import FHIR
import Foundation
import Primitives
import Testing

/// Other people's records come back with nothing changed but what a server has to assign.
@Suite(.enabled(if: FidelityCorpus.isPresent, "needs the folder shared/corpus"))
struct FidelityTests {
  private static let time = Instant(millisecondsSinceEpoch: 1_772_357_400_000)
  private static let examples = ["r4-spec-examples", "us-core-6.1.0-examples"]

  @Test func everyExampleKeepsItsContent() throws {
    var count = 0
    for file in try Self.examples.flatMap(FidelityCorpus.files) {
      let bytes = try FidelityCorpus.bytes(of: file)
      let document = try JSONDocument(parsing: bytes)
      #expect(document.bytes == bytes)
      try expectContentKept(Resource(document.root), file.lastPathComponent)
      count += 1
    }
    #expect(count > 400)
  }

  @Test func everySyntheaEntryKeepsItsContent() throws {
    var count = 0
    for file in try FidelityCorpus.files("synthea-r4") {
      let bundle = try ResourceBundle(parsing: FidelityCorpus.bytes(of: file))
      for entry in bundle.entries {
        let resource = try #require(try entry.resource)
        #expect(try entry.fullUrl != nil)
        #expect(try entry.request?.method == .post)
        try expectContentKept(resource, "\(file.lastPathComponent) \(entry.pointer)")
        count += 1
      }
    }
    #expect(count > 10_000)
  }

  private func expectContentKept(_ resource: Resource, _ name: String) throws {
    let edited = try Resource(
      parsing: resource.withIdentity(id: "other-id", versionId: "3", lastUpdated: Self.time))
    #expect(edited.id == "other-id")
    let original = try Resource(parsing: resource.bytes)
    let assigned = ["id", "meta", "meta.versionId", "meta.lastUpdated"].map {
      "\(original.type).\($0)"
    }
    let differences = JSONComparison.differences(original.root, edited.root)
    #expect(differences.allSatisfy(assigned.contains), "\(name)")
    #expect(differences.contains("\(original.type).id"), "\(name)")
    #expect(edited.removingIdentity() == original.removingIdentity(), "\(name)")
    // The same number literals in the same order, counted without the editor's help.
    #expect(numbers(edited.root) == numbers(original.root), "\(name)")
    #expect(resource.structureErrors().isEmpty, "\(name): \(resource.structureErrors())")
  }

  private func numbers(_ value: JSONValue) -> [String] {
    switch value.kind {
    case .number: value.numberLiteral.map { [$0] } ?? []
    case .object: value.members.flatMap { numbers($0.value) }
    case .array: value.elements.flatMap { numbers($0) }
    default: []
    }
  }

  /// Every `urn:uuid` of a Synthea bundle leads to an entry of it, and rewriting touches nothing else.
  @Test func rewritingLinksTouchesOnlyLinks() throws {
    for file in try FidelityCorpus.files("synthea-r4") {
      let bundle = try ResourceBundle(parsing: FidelityCorpus.bytes(of: file))
      let targets = Set(try bundle.entries.compactMap { try $0.fullUrl })
      for entry in bundle.entries {
        guard let resource = try entry.resource else { continue }
        let links = resource.links
        let unknown = links.filter { link in
          guard case .urn(let urn) = link.form, link.origin == .reference else { return false }
          return !targets.contains(urn)
        }
        #expect(unknown.isEmpty, "\(file.lastPathComponent) \(unknown.map(\.pointer))")
        let edits = resource.edits(replacing: links) {
          targets.contains($0.text) ? "Basic/" + $0.text.suffix(36) : nil
        }
        let rewritten = String(decoding: resource.applying(edits), as: UTF8.self)
        let original = String(decoding: resource.bytes, as: UTF8.self)
        #expect(
          rewritten.replacing("\"reference\": \"Basic/", with: "\"reference\": \"urn:uuid:")
            == original, "\(file.lastPathComponent) \(entry.pointer)")
        #expect(edits.isEmpty == (rewritten == original))
      }
    }
  }

  @Test func randomCutsOfRealFilesAreErrors() throws {
    let seed = FuzzRandom.printedSeed(for: "FHIR cuts")
    var random = FuzzRandom(seed: seed)
    for file in try Self.examples.flatMap(FidelityCorpus.files) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      for _ in 0..<20 {
        let end = Int.random(in: 0..<document.root.range.upperBound, using: &random)
        #expect(throws: PeerChartError.self, "seed \(seed) \(file.lastPathComponent) \(end)") {
          try JSONDocument(parsing: Array(document.bytes[..<end]))
        }
      }
    }
  }
}
