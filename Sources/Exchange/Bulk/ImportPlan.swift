import FHIR
import Primitives

/// What a bulk import fetches, and how far it has come.
struct ImportPlan: Codable, Sendable {
  /// One file.
  struct File: Codable, Sendable {
    var url: String
    /// The type of all its resources.
    var type: String
    /// Lines that have been dealt with.
    var lines = 0
    var created = 0
    var updated = 0
    var unchanged = 0
    var faults: [BulkJob.Failure] = []
    var faultCount = 0
    /// Attempts that came to nothing since the last line.
    var attempts = 0
    var isDone = false

    var stored: Int { created + updated + unchanged }

    mutating func add(_ fault: PeerChartError, listing: Int) {
      faultCount += 1
      if faults.count < listing { faults.append(BulkJob.Failure(fault)) }
    }
  }

  /// Refusals that are told one by one, over all files; the others are counted.
  static let listedFaults = 2000

  var files: [File]

  /// How many more refusals of a file may be listed.
  func room(for index: Int) -> Int {
    let others = files.indices.reduce(0) { $1 == index ? $0 : $0 + files[$1].faults.count }
    return max(0, Self.listedFaults - others)
  }

  /// The name of the outcomes of a file.
  static func name(_ index: Int) -> String { "OperationOutcome.\(index + 1).ndjson" }

  /// The refusals of a file, an OperationOutcome each, and one that says how many more there are.
  func outcomes(named name: String) -> [UInt8]? {
    guard let index = files.indices.first(where: { Self.name($0) == name }),
      files[index].faultCount > 0
    else { return nil }
    let file = files[index]
    var lines: [UInt8] = []
    for fault in file.faults { lines += OperationOutcome.bytes(for: [fault.error]) + [0x0A] }
    let more = file.faultCount - file.faults.count
    if more > 0 {
      let error = PeerChartError(.invalid, "\(more) more resources of this file were refused")
      lines += OperationOutcome.bytes(for: [error]) + [0x0A]
    }
    return lines
  }
}
