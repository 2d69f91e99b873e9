import Audit
import Consent
import FHIR
import Primitives

/// The records of a file that are given out together.
struct ExportGroup {
  private static let mostRecords = 1000
  private static let mostBytes = 1 << 20
  /// Where little is open to the caller, so many records are looked at in one snapshot.
  private static let mostLooks = 4000
  private static let deletionsInBundle = 100

  private let view: ExportView
  private let shard: ExportShard
  private let subset: ResourceSubset?
  private(set) var position: BulkFile.Position
  private var found: [ExportView.Found] = []
  private var bytes = 0
  private var looks = 0

  init(
    _ subject: ExportSubject, _ shard: ExportShard, from position: BulkFile.Position,
    _ reading: Reading
  ) {
    view = ExportView(subject, reading)
    self.shard = shard
    self.position = position
    let elements = ["", shard.type ?? ""].flatMap { subject.plan.elements[$0] ?? [] }
    subset = ResourceSubset(nil, elements: shard.type == nil ? [] : elements)
  }

  private var isFull: Bool {
    found.count >= Self.mostRecords || bytes >= Self.mostBytes || looks >= Self.mostLooks
  }

  mutating func fill() throws {
    guard let type = shard.type else { return try fillWithDeletions() }
    if !position.isInTail {
      guard try walk(type, to: shard.through) else { return }
      guard shard.splitsChart else {
        position.isOver = true
        return
      }
      position.isInTail = true
      let tail = max(shard.tail ?? .min, shard.through.row)
      position.place = ExportPlace(slot: shard.through.slot, row: tail)
    }
    if try walk(type, to: .end(of: shard.through.slot)) { position.isOver = true }
  }

  /// - Returns: whether the end of the range was reached.
  private mutating func walk(_ type: String, to end: ExportPlace) throws -> Bool {
    var walk = ExportWalk(type, view.subject.slots, after: position.place, view.reading)
    while !isFull {
      guard let (entry, row) = try walk.next(), ExportPlace(entry) <= end else { return true }
      looks += 1
      position.place = ExportPlace(entry)
      guard let record = try view.look(at: row, of: type).found, shard.contains(record.place)
      else { continue }
      add(record)
    }
    return false
  }

  private mutating func fillWithDeletions() throws {
    while !isFull {
      let rows = try view.reading.snapshot.versions(
        before: position.place?.row ?? .max, limit: 256)
      for row in rows {
        looks += 1
        if try view.isBefore(row) {
          position.isOver = true
          return
        }
        position.place = ExportPlace(slot: 0, row: row.row)
        if let record = try view.deletion(row) { add(record) }
        if row.row == shard.through.row {
          position.isOver = true
          return
        }
        if isFull { return }
      }
      if rows.count < 256 {
        position.isOver = true
        return
      }
    }
  }

  private mutating func add(_ record: ExportView.Found) {
    found.append(record)
    bytes += record.record.byteCount
  }

  /// What goes out of a group.
  struct Release: Sendable {
    let lines: [UInt8]
    let count: Int
    let position: BulkFile.Position
  }

  /// The passage that gives the group out, with the entries about it.
  ///
  /// - Parameters:
  ///   - file: its name in the log.
  ///   - before: how many records the file has given out so far.
  func passage(
    file: String, before: Int, _ reading: Reading
  ) throws -> Passage<Release> {
    let released = try found.map { try $0.record.release(under: $0.permits, for: .export) }
    let lines = shard.type == nil ? Self.deletions(released) : try self.lines(released)
    var passage = Passage(
      outcome: .success(Release(lines: lines, count: found.count, position: position)))
    try passage.disclose(
      found.map(\.record), under: found.map(\.permits), .export, reading, query: file)
    let given = before + found.count
    if position.isOver && (given == 0 || given < shard.count) {
      // What was planned and is not for the caller any more, or not there, leaves a trace too.
      var draft = EventDraft(kind: .decisionDeny, action: .export)
      draft.counts = ["planned": shard.count, "given": given]
      draft.detail["query"] = file
      passage.entries.append(try reading.exchange.entry(draft, reading))
    }
    return passage
  }

  /// One resource on a line: line ends, which in JSON stand between tokens only, become blanks.
  private func lines(_ resources: [ReleasedResource]) throws -> [UInt8] {
    var lines: [UInt8] = []
    lines.reserveCapacity(bytes + resources.count)
    for resource in resources {
      let json = try subset.map(resource.reduced(to:))?.json ?? resource.json
      if json.contains(0x0A) || json.contains(0x0D) {
        lines.append(contentsOf: json.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
      } else {
        lines.append(contentsOf: json)
      }
      lines.append(0x0A)
    }
    return lines
  }

  /// Transactions that would delete what was deleted here.
  private static func deletions(_ resources: [ReleasedResource]) -> [UInt8] {
    var lines: [UInt8] = []
    for start in stride(from: 0, to: resources.count, by: deletionsInBundle) {
      var bundle = BundleWriter(.transaction)
      lines += bundle.opening
      for resource in resources[start..<min(start + deletionsInBundle, resources.count)] {
        lines += bundle.entry(request: ("DELETE", "\(resource.type)/\(resource.id)"))
      }
      lines += bundle.closing + [0x0A]
    }
    return lines
  }
}
