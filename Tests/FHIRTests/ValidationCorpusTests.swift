import FHIR
import Foundation
import Primitives
import Testing

/// The official examples are without errors, but for those that truly have some.
@Suite(.enabled(if: FidelityCorpus.isPresent, "needs the folder shared/corpus"))
struct ValidationCorpusTests {
  /// Examples of R4 that break R4, each with what it breaks.
  private static let faulty = [
    // DeviceMetric.parent may refer to a Device; it refers to a DeviceDefinition.
    "devicemetric-example.json": "DeviceMetric.parent.reference",
    // Of the five types that a reason may have, Procedure is none.
    "deviceusestatement-example.json": "DeviceUseStatement.reasonReference[0].reference",
    // The narrative is a div with nothing in it (txt-2).
    "eventdefinition-example.json": "EventDefinition.text.div",
    // dispenseRequest.performer may refer to an Organization; it refers to a Practitioner.
    "medicationrequest0301.json": "MedicationRequest.dispenseRequest.performer.reference",
  ]

  @Test(arguments: [("r4-spec-examples", 200), ("us-core-6.1.0-examples", 180)])
  func examplesAreWithoutErrors(_ folder: String, _ atLeast: Int) throws {
    var count = 0
    for file in try FidelityCorpus.files(folder) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      let issues = ResourceValidator().issues(in: document.root)
      let errors = issues.filter { $0.severity == .error }
      let known = Self.faulty[file.lastPathComponent].map { [$0] } ?? []
      #expect(errors.map(\.expression) == known, "\(file.lastPathComponent) \(errors)")
      count += 1
    }
    #expect(count >= atLeast)
  }

  /// With the version named, nothing but that version counts.
  @Test func usCoreExamplesConformToTheirVersion() throws {
    var count = 0
    for file in try FidelityCorpus.files("us-core-6.1.0-examples") {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      let claims = document.root["meta"]?["profile"]?.elements.compactMap(\.string) ?? []
      let usCore = claims.filter { $0.contains("/us/core/") }.map { $0 + "|6.1.0" }
      let issues = ResourceValidator(usesClaimedProfiles: false)
        .issues(in: document.root, profiles: usCore)
      #expect(issues.isConformant, "\(file.lastPathComponent) \(issues)")
      count += usCore.count
    }
    #expect(count > 150)
  }

  /// A sample of the mutations that nobody thought of: nothing traps, whatever is in the resource.
  @Test func randomDamageIsSurvived() throws {
    let seed = FuzzRandom.printedSeed(for: "FHIR validation damage")
    var random = FuzzRandom(seed: seed)
    let values: [JSONTree] = [
      .null, "", "x", .number("-1"), .number("1e999"), true, [], .object([]), [.null],
      ["resourceType": "Bundle"], "#", "#x", "Patient/1",
    ]
    for file in try FidelityCorpus.files("us-core-6.1.0-examples").prefix(60) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      for _ in 0..<8 {
        var places = Int.random(in: 0..<200, using: &random)
        let other = values.randomElement(using: &random) ?? .null
        let damaged = damage(JSONTree(document.root), &places, with: other)
        let issues = ResourceValidator().issues(
          in: try JSONDocument(parsing: damaged.serialized()).root)
        #expect(issues.allSatisfy { !$0.expression.isEmpty }, "seed \(seed)")
      }
    }
  }

  private func damage(_ tree: JSONTree, _ left: inout Int, with other: JSONTree) -> JSONTree {
    left -= 1
    if left == 0 { return other }
    switch tree {
    case .object(let members):
      return .object(members.map { ($0.0, damage($0.1, &left, with: other)) })
    case .array(let elements): return .array(elements.map { damage($0, &left, with: other) })
    default: return tree
    }
  }

  /// What Synthea makes conforms to the profiles it claims, but for NPIs with a wrong check digit and
  /// for the category of smoking status, which US Core asks for only since 6.1.0.
  @Test func syntheaConformsToUSCore() throws {
    for file in try FidelityCorpus.files("synthea-r4").prefix(4) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      let issues = ResourceValidator().issues(in: document.root)
      let errors = issues.filter {
        $0.severity == .error && $0.key != "us-core-17"
          && $0.profile?.contains("smokingstatus") != true
      }
      #expect(errors.isEmpty, "\(file.lastPathComponent) \(errors.prefix(3))")
    }
  }
}

/// What the tables are made of.
@Suite(.enabled(if: Definitions.isPresent, "needs the folder shared/definitions"))
struct ValidationDefinitionTests {
  private static let files = [
    "r4/profiles-types.json", "r4/profiles-resources.json", "r4/profiles-others.json",
    "r4/extension-definitions.json", "uscore/6.1.0/StructureDefinition.json",
    "uscore/8.0.0/StructureDefinition.json",
  ]

  /// An invariant that did not compile would never be broken.
  @Test func everyInvariantIsUnderstood() throws {
    var expressions: Set<String> = []
    for file in Self.files {
      for definition in try Definitions.resources(file) {
        for element in definition["snapshot"]?["element"]?.elements.map({ $0 }) ?? [] {
          let constraints = element["constraint"]?.elements.map { $0 } ?? []
          expressions.formUnion(constraints.compactMap { $0["expression"]?.string })
        }
      }
    }
    #expect(expressions.count > 200)
    for expression in expressions.sorted() {
      #expect(throws: Never.self, "\(expression)") { _ = try FHIRPath(expression) }
    }
  }

  /// The definitions are resources themselves, far larger than the examples.
  @Test(arguments: [
    "r4/profiles-types", "r4/profiles-others", "r4/valuesets-required", "r4/search-parameters",
    "r4/operation-definitions", "r4/compartment-definitions", "r4/conceptmaps",
    "uscore/6.1.0/StructureDefinition", "uscore/6.1.0/ValueSet", "uscore/6.1.0/CapabilityStatement",
    "uscore/8.0.0/StructureDefinition", "uscore/8.0.0/CodeSystem", "uscore/8.0.0/SearchParameter",
  ])
  func definitionsAreWithoutErrorsAndKeepTheirContentInXML(_ file: String) throws {
    let resources = try Definitions.resources(file + ".json")
    #expect(!resources.isEmpty)
    for resource in resources {
      let id = resource["id"]?.string ?? ""
      let errors = ResourceValidator().issues(in: resource).filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(id) \(errors)")
      #expect(
        try sorted(FHIRXML.json(from: FHIRXML.xml(from: resource))) == sorted(resource), "\(id)")
    }
  }

  @Test func everyProfileCanBeAskedFor() throws {
    let known = Set(ResourceValidator.profiles)
    var count = 0
    for file in Self.files {
      for definition in try Definitions.resources(file) {
        guard definition["derivation"]?.isString("constraint") == true,
          let url = definition["url"]?.string, let version = definition["version"]?.string
        else { continue }
        #expect(known.contains("\(url)|\(version)"), "\(url)")
        count += 1
      }
    }
    #expect(count > 500)
  }
}
