import Exchange
import Primitives

/// What became of one file, for people and programs.
struct FileReport: Encodable {
  struct Fault: Encodable {
    let code: String
    let reason: String
    let place: String?
  }

  struct Assignment: Encodable {
    let fullUrl: String
    let reference: String
  }

  let file: String
  private(set) var created = 0
  private(set) var updated = 0
  private(set) var unchanged = 0
  /// How many were refused; `faults` lists the first of them.
  private(set) var refused = 0
  private(set) var faults: [Fault] = []
  private(set) var assigned: [Assignment] = []
  private(set) var patients: [String] = []

  /// How many faults are listed.
  static let listedFaults = 100

  init(_ file: String) { self.file = file }

  mutating func add(_ report: ImportReport) {
    created += report.created
    updated += report.updated
    unchanged += report.unchanged
    refused += report.faultCount
    list(report.faults)
    assigned += report.assigned.sorted { $0.key < $1.key }
      .map { Assignment(fullUrl: $0.key, reference: $0.value) }
    let known = Set(patients)
    patients += report.patients.subtracting(known).sorted()
  }

  /// Nothing, or nothing more, of the file could be read.
  mutating func add(_ fault: PeerChartError) {
    refused += 1
    list([fault])
  }

  private mutating func list(_ errors: [PeerChartError]) {
    faults += errors.prefix(Self.listedFaults - faults.count)
      .map { Fault(code: $0.code.rawValue, reason: $0.reason, place: $0.place) }
  }

  /// The report in words on standard output, the faults on standard error.
  func print(above progress: Progress) throws {
    progress.finish()
    var parts = ["\(created) created"]
    if updated > 0 { parts.append("\(updated) updated") }
    if unchanged > 0 { parts.append("\(unchanged) unchanged") }
    if refused > 0 { parts.append("\(refused) refused") }
    try StandardOutput.line("\(file): \(parts.joined(separator: ", "))")
    for patient in patients.prefix(10) { try StandardOutput.line("  patient \(patient)") }
    if patients.count > 10 { try StandardOutput.line("  and \(patients.count - 10) patients more") }
    var lastReason = ""
    for fault in faults {
      let place = fault.place.map { " (at \($0))" } ?? ""
      // The same long reason again would bury the places.
      let reason = fault.reason == lastReason ? "the same" : fault.reason
      StandardError.line("  refused: \(reason)\(place)")
      lastReason = fault.reason
    }
    if refused > faults.count { StandardError.line("  and \(refused - faults.count) more") }
  }
}
