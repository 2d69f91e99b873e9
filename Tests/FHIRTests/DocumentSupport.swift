import FHIR
import Foundation
import Primitives
import TestSupport

/// Charts to make documents of, and what makes them.
enum DocumentSupport {
  static let frame = DocumentFrame(
    id: "5f0e2b1c-7a40-4d7e-9c11-0a8a3c6f2b19", base: "https://node.example/fhir",
    date: Instant(millisecondsSinceEpoch: 1_772_442_600_000))
  static let author = SummaryAuthor(name: "Samplewood <&> family", node: "0123abcd")

  static func resource(_ json: String) throws -> Resource {
    try Resource(parsing: Array(json.utf8))
  }

  static func patient(_ members: String = #","birthDate":"1984-02-29","name":[{"family":"Wood"}]"#)
    throws -> Resource
  {
    try resource(#"{"resourceType":"Patient","id":"p"\#(members)}"#)
  }

  /// A record of the patient `p`; `subject` is written for the types that have it.
  static func record(
    _ type: String, _ id: String, _ members: String, patient: String = "Patient/p"
  ) throws -> Resource {
    let names = ["AllergyIntolerance", "Immunization", "Consent", "Device"]
    let name = names.contains(type) ? "patient" : "subject"
    return try resource(
      #"{"resourceType":"\#(type)","id":"\#(id)","\#(name)":{"reference":"\#(patient)"},\#(members)}"#
    )
  }

  static func concept(_ code: String, _ system: String = "http://snomed.info/sct") -> String {
    #"{"coding":[{"system":"\#(system)","code":"\#(code)"}]}"#
  }

  /// The summary of records, of which those that it asks for are looked up in `shared` as well.
  static func summary(
    _ patient: Resource, _ records: [Resource], shared: [Resource] = [],
    frame: DocumentFrame = frame
  ) throws -> InternationalPatientSummary {
    var summary = try InternationalPatientSummary(of: patient, frame: frame, author: author)
    for record in records { _ = try summary.consider(record) }
    let known = index(records + shared)
    while case let wanted = summary.wanted(), !wanted.isEmpty {
      for target in wanted {
        if let record = known["\(target.type)/\(target.id)"] { try summary.supply(record) }
      }
    }
    return summary
  }

  /// The document of a Composition and the records that it leads to.
  static func document(
    _ composition: Resource, _ records: [Resource],
    limits: CompositionDocument.Limits = CompositionDocument.Limits()
  ) throws -> CompositionDocument {
    var document = try CompositionDocument(of: composition, frame: frame, limits: limits)
    let known = index(records)
    while case let wanted = try document.wanted(), !wanted.isEmpty {
      for target in wanted {
        if let record = known["\(target.type)/\(target.id)"] { try document.supply(record) }
      }
    }
    return document
  }

  private static func index(_ records: [Resource]) -> [String: Resource] {
    Dictionary(records.map { ("\($0.type)/\($0.id ?? "")", $0) }) { first, _ in first }
  }

  /// A patient of Synthea with all records, as they are after a transaction: references between them
  /// are relative. References to practitioners and places are searches, as Synthea writes them.
  static func chart(_ file: URL) throws -> (patient: Resource, records: [Resource]) {
    let bundle = try Resource(parsing: FidelityCorpus.bytes(of: file))
    var addresses: [String: String] = [:]
    var resources: [Resource] = []
    for entry in bundle.root["entry"]?.elements.map({ $0 }) ?? [] {
      guard let value = entry["resource"] else { continue }
      let resource = try Resource(value)
      if let url = entry["fullUrl"]?.string, let id = resource.id {
        addresses[url] = "\(resource.type)/\(id)"
      }
      resources.append(resource)
    }
    let records = try resources.map { resource in
      let edits = resource.edits(replacing: resource.links) { addresses[$0.text] }
      return try Resource(parsing: resource.applying(edits))
    }
    guard let patient = records.first(where: { $0.type == "Patient" }) else {
      throw PeerChartError(.notFound, "there is no patient in \(file.lastPathComponent)")
    }
    return (patient, records.filter { $0.type != "Patient" })
  }

  /// Synthea's patients, the smallest first: a few, or all with `PEERCHART_FULL=1`.
  static func patientFiles(_ few: Int) throws -> [URL] {
    let isFull = ProcessInfo.processInfo.environment["PEERCHART_FULL"] == "1"
    let sized = try FidelityCorpus.files("synthea-r4")
      .filter { !$0.lastPathComponent.hasPrefix("0-") }
      .map { (file: $0, size: try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0) }
      .sorted { $0.size < $1.size }
    return sized.prefix(isFull ? sized.count : few).map(\.file)
  }
}

/// A document Bundle, read for a test.
struct MadeDocument {
  let bytes: [UInt8]
  let root: JSONValue

  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    root = try JSONDocument(parsing: bytes).root
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var entries: [JSONValue] { root["entry"]?.elements.map { $0 } ?? [] }
  var composition: JSONValue? { entries.first?["resource"] }
  var fullURLs: [String] { entries.compactMap { $0["fullUrl"]?.string } }

  func section(_ code: String) -> JSONValue? {
    composition?["section"]?.elements.first {
      $0["code"]?["coding"]?[0]?["code"]?.isString(code) ?? false
    }
  }

  var sections: [String] {
    composition?["section"]?.elements.compactMap { $0["code"]?["coding"]?[0]?["code"]?.string }
      ?? []
  }

  /// What a section refers to.
  func listed(_ code: String) -> [String] {
    section(code)?["entry"]?.elements.compactMap { $0["reference"]?.string }.map {
      $0.replacingOccurrences(of: DocumentSupport.frame.base + "/", with: "")
    } ?? []
  }

  func emptyReason(_ code: String) -> String? {
    section(code)?["emptyReason"]?["coding"]?[0]?["code"]?.string
  }

  func narrative(_ code: String) -> String { section(code)?["text"]?["div"]?.string ?? "" }

  func resource(_ address: String) -> JSONValue? {
    entries.first { $0["fullUrl"]?.isString("\(DocumentSupport.frame.base)/\(address)") ?? false }?[
      "resource"]
  }

  /// References that lead to no entry and to no other server, by the text of the document alone.
  var dangling: [String] {
    var found: [String] = []
    let base = DocumentSupport.frame.base + "/"
    let urls = Set(fullURLs)
    func look(_ value: JSONValue, _ isMade: Bool) {
      if value.kind == .array { for element in value.elements { look(element, isMade) } }
      guard value.kind == .object else { return }
      if let text = value["reference"]?.string, !text.hasPrefix("#") {
        let isAbsolute = text.hasPrefix("http") || text.hasPrefix("urn:")
        let url = isAbsolute ? text : isMade ? "" : base + text
        if !urls.contains(url), !isAbsolute || text.hasPrefix("urn:") || text.hasPrefix(base) {
          found.append(text)
        }
      }
      for (_, member) in value.members { look(member, isMade) }
    }
    for entry in entries {
      guard let resource = entry["resource"] else { continue }
      look(resource, entry["fullUrl"]?.string?.hasPrefix("urn:") ?? true)
    }
    return found
  }

  /// What our own validator says, without what Synthea's records themselves have wrong: check digits,
  /// the category of smoking status, and the report on a death, whose cause is no laboratory result.
  var errors: [ValidationIssue] {
    ResourceValidator().issues(in: root).filter { issue in
      let isDeathReport =
        issue.profile?.contains("us-core-diagnosticreport-lab") == true
        && issue.expression.contains(".result[")
      return issue.severity == .error && issue.key != "us-core-17" && !isDeathReport
        && issue.profile?.contains("smokingstatus") != true
    }
  }
}

/// The checkers that this project did not write.
enum DocumentChecker {
  private static let interpreter =
    ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Interop/check_documents.py")

  static let isAvailable =
    (try? ChildProcess.run(interpreter, ["-c", "import fhirkit, fhir.resources.R4B"]))?.status == 0

  /// What they say of documents; nil where nothing is wrong.
  static func faults(_ documents: [(name: String, bytes: [UInt8])]) async throws -> String? {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "peerchart-documents-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    for document in documents {
      let file = folder.appending(path: document.name + ".json")
      try Data(document.bytes).write(to: file)
      paths.append(file.path())
    }
    let (status, printed) = try await ChildProcess.run(
      interpreter, [script.path()] + paths, mixed: true)
    let output = String(decoding: printed, as: UTF8.self)
    return status == 0 && output.hasPrefix("\(documents.count) documents, 0") ? nil : output
  }
}
