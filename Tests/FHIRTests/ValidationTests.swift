import FHIR
import Foundation
import Primitives
import Testing

struct ValidationTests {
  private func issues(_ text: String, profiles: [String] = []) throws -> [ValidationIssue] {
    let document = try JSONDocument(parsing: Array(text.utf8))
    return ResourceValidator().issues(in: document.root, profiles: profiles)
  }

  @Test(arguments: [
    ValidationSamples.patient, ValidationSamples.bloodPressure, ValidationSamples.bodyWeight,
    ValidationSamples.condition, ValidationSamples.bundle, ValidationSamples.questionnaire,
    ValidationSamples.group,
  ])
  func samplesAreWithoutErrors(_ sample: String) throws {
    let found = try issues(sample)
    #expect(found.isConformant, "\(found)")
  }

  @Test(arguments: Defect.patient + Defect.observations + Defect.others)
  func everySeededDefectIsFound(_ defect: Defect) throws {
    let parts = defect.sample.components(separatedBy: defect.old)
    // A defect that is not put in, or put in at several places, tests nothing.
    #expect(parts.count == 2 || defect.old.hasPrefix("urn:uuid:"), "\(defect.old)")
    let found = try issues(parts[0] + defect.new + parts.dropFirst().joined(separator: defect.old))
    #expect(
      found.contains {
        $0.severity == .error && $0.expression == defect.place
          && ($0.key == defect.what || $0.kind.rawValue == defect.what)
      }, "\(found)")
    let quoted = defect.new.split { !$0.isLetter }.filter {
      ["femal", "Kin", "Ada", "hobbyist"].contains($0)
    }
    for issue in found { for word in quoted { #expect(!issue.text.contains(word)) } }
  }

  @Test func thereAreEnoughDefects() {
    #expect((Defect.patient + Defect.observations + Defect.others).count >= 60)
  }

  @Test func aProfileIsAskedForByURLAndVersion() throws {
    let text =
      #"{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}}"#
    #expect(try issues(text).isEmpty)
    let usCore = ValidationSamples.usCore + "us-core-patient"
    for canonical in [usCore, usCore + "|6.1.0", usCore + "|8.0.0"] {
      let found = try issues(text, profiles: [canonical])
      #expect(found.map(\.expression).prefix(2) == ["Patient.identifier", "Patient.name"])
      #expect(found.allSatisfy { $0.kind == .required && $0.severity == .error })
      let version = canonical.contains("|") ? String(canonical.suffix(5)) : "8.0.0"
      #expect(found.allSatisfy { $0.profile == usCore + "|" + version })
    }
    #expect(try issues(text, profiles: [usCore + "|9.9.9"]).map(\.kind) == [.notFound])
    #expect(try issues(text, profiles: ["http://e.org/p"]).map(\.kind) == [.notFound])
    #expect(ResourceValidator.profiles.contains(usCore + "|6.1.0"))
  }

  /// us-core-sex was a code in 6.1.0 and is a Coding in 8.0.0: either will do where no version is named.
  @Test func withoutVersionOneOfThemIsEnough() throws {
    let url = ValidationSamples.usCore + "us-core-sex"
    func sex(_ value: String) -> String {
      #"{"resourceType":"Patient","extension":[{"url":"\#(url)",\#(value)}]}"#
    }
    #expect(try issues(sex(#""valueCode":"248152002""#)).isConformant)
    let coding = #""valueCoding":{"system":"http://snomed.info/sct","code":"248152002"}"#
    #expect(try issues(sex(coding)).isConformant)
    let found = try issues(sex(#""valueBoolean":true"#)).filter { $0.severity == .error }
    #expect(found.map(\.profile) == [url + "|8.0.0"])
    #expect(found.map(\.expression) == ["Patient.extension[0].value"])
  }

  @Test func issuesBecomeAnOutcome() throws {
    let found = try issues(
      ValidationSamples.patient.replacing(#"{"name":{"family":"Kin"},"#, with: "{"))
    let outcome = String(decoding: OperationOutcome.tree(for: found).serialized(), as: UTF8.self)
    #expect(outcome.contains(#""severity":"error","code":"invariant""#))
    #expect(outcome.contains(#""diagnostics":"pat-1","expression":["Patient.contact[0]"]"#))
    #expect(try issues(outcome).isConformant)
    let none = OperationOutcome.tree(for: [ValidationIssue]()).serialized()
    #expect(try issues(String(decoding: none, as: UTF8.self)).isConformant)
  }

  @Test func workAndIssuesAreBounded() throws {
    let names = Array(repeating: #"{"x":1}"#, count: 5000).joined(separator: ",")
    let document = try JSONDocument(
      parsing: Array(#"{"resourceType":"Patient","name":[\#(names)]}"#.utf8))
    let few = ResourceValidator(limits: .init(maximumIssues: 7)).issues(in: document.root)
    #expect(few.count { $0.severity == .error } == 7)
    let remarks = few.filter { $0.severity != .error }
    #expect(remarks.count <= 7)
    let short = ResourceValidator(limits: .init(maximumIssues: 10_000, maximumSteps: 300))
      .issues(in: document.root)
    #expect(short.count < 400)
    #expect(short.contains { $0.kind == .tooCostly && $0.severity == .error })
  }

  @Test(arguments: [
    "[]", "1", "null", "\"x\"", "{}", #"{"resourceType":1}"#, #"{"resourceType":"X"}"#,
  ])
  func whatIsNoResource(_ text: String) throws {
    let found = try issues(text, profiles: [ValidationSamples.usCore + "us-core-patient"])
    #expect(!found.isConformant)
  }

  @Test(
    arguments: [
      (
        PrimitiveType.date, ["2020", "2020-02", "2020-02-29", "0001-01-01"],
        ["2021-02-29", "20", "2020-2", "0000", "2020-02-29T00:00:00Z", "2020-00", "2020-01-32", ""]
      ),
      (
        .dateTime, ["2020", "2020-02-29T23:59:60.123Z", "2020-01-01T00:00:00-14:00"],
        [
          "2020-01T00:00:00Z", "2020-01-01T00:00Z", "2020-01-01T24:00:00Z",
          "2020-01-01T00:00:00+14:01",
          "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00",
        ]
      ),
      (.instant, ["2020-01-01T00:00:00Z"], ["2020-01-01", "2020"]),
      (.time, ["00:00:00", "23:59:59.9"], ["24:00:00", "1:00:00", "00:00", "00:00:00Z"]),
      (.integer, ["0", "-1", "2147483647"], ["2147483648", "1.0", "1e2", "+1", "01", "-"]),
      (.unsignedInt, ["0", "5"], ["-1"]), (.positiveInt, ["1"], ["0", "-1"]),
      (.decimal, ["0", "-1.50", "1E-22"], ["01", "1.", ".5", "NaN", ""]),
      (.code, ["a", "a b"], ["", " a", "a ", "a  b", "a\tb "]),
      (.id, ["a-1.B"], ["a_1", "", String(repeating: "a", count: 65)]),
      (
        .oid, ["urn:oid:1.2.840"],
        ["1.2", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1", "urn:oid:1..2"]
      ),
      (
        .uuid, ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
        ["c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:x"]
      ),
      (.uri, ["a", "http://x"], ["", "a b", "a\n"]),
      (.base64Binary, ["QUJD", "QUI=", "QQ==", "QU\nJD"], ["", "QUJ", "Q=JD", "QUJD=", "===="]),
      (.string, ["a", " ", "a\tb\n"], ["", "a\u{1}"]),
      (.boolean, ["true", "false"], ["True", "1"]),
    ] as [(PrimitiveType, [String], [String])])
  func formsOfPrimitives(_ type: PrimitiveType, _ good: [String], _ bad: [String]) {
    for text in good { #expect(type.isValid(text), "\(type) \(text)") }
    for text in bad { #expect(!type.isValid(text), "\(type) \(text)") }
  }

  @Test func codesOfValueSets() {
    let codes = CodeTable.standard
    #expect(codes.contains("male", system: nil, in: "administrative-gender") == .inside)
    #expect(codes.contains("malex", system: nil, in: "administrative-gender") == .outside)
    #expect(codes.contains("male", system: "http://e.org", in: "administrative-gender") == .outside)
    #expect(codes.contains("anything", system: nil, in: "mimetypes") == .unknown)
    #expect(codes.contains("x", system: nil, in: "no-such-set") == .unknown)
    #expect(codes.keys.count > 300)
  }
}
