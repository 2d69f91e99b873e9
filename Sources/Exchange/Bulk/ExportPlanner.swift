import FHIR
import Primitives

/// One step of planning an export: looks at some records, counts those that the caller may export, and
/// says which file each belongs to. Nothing of them is kept.
struct ExportPlanner {
  private static let versionsReadAtOnce = 256

  let view: ExportView
  /// Records in a file, at most.
  let size: Int
  /// How many records may still be looked at.
  var left: Int

  init(_ subject: ExportSubject, _ reading: Reading) {
    view = ExportView(subject, reading)
    size = reading.exchange.limits.exportFileRecords
    left = reading.exchange.limits.exportStepRecords
  }

  /// - Returns: whether all has been looked at.
  mutating func advance(_ plan: inout ExportPlan) throws -> Bool {
    while left > 0, plan.lane < plan.lanes {
      let isOver =
        plan.lane < plan.types.count
        ? try walk(plan.types[plan.lane], &plan) : try walkDeletions(&plan)
      // A type of which there is nothing costs a look as well.
      left -= 1
      if isOver { plan.endLane() }
    }
    return plan.lane >= plan.lanes
  }

  private mutating func walk(_ type: String, _ plan: inout ExportPlan) throws -> Bool {
    var walk = ExportWalk(type, view.subject.slots, after: plan.place, view.reading)
    while left > 0 {
      guard let (entry, row) = try walk.next() else { return true }
      left -= 1
      let before = plan.place
      if let before, before.slot != entry.slot { plan.leave(before, size: size) }
      plan.place = ExportPlace(entry)
      let look = try view.look(at: row, of: type)
      if look.isNew { plan.meetNew(ExportPlace(entry)) }
      if let found = look.found {
        plan.count(at: found.place, type: type, from: before, size: size)
      }
    }
    return false
  }

  private mutating func walkDeletions(_ plan: inout ExportPlan) throws -> Bool {
    while left > 0 {
      let rows = try view.reading.snapshot.versions(
        before: plan.place?.row ?? .max, limit: Self.versionsReadAtOnce)
      for row in rows {
        guard left > 0 else { return false }
        left -= 1
        if try view.isBefore(row) { return true }
        let before = plan.place
        plan.place = ExportPlace(slot: 0, row: row.row)
        guard try view.deletion(row) != nil else { continue }
        if let full = plan.open, full.count >= size { plan.close(at: before ?? .end) }
        plan.open =
          plan.open
          ?? ExportShard(type: nil, from: plan.shards.last { $0.type == nil }?.through)
        plan.open?.count += 1
      }
      if rows.count < Self.versionsReadAtOnce { return true }
    }
    return false
  }
}

extension ExportView {
  /// Whether a version was stored so long before `_since` that those before it were as well: rows follow
  /// the order of commits, times the clocks of whoever wrote.
  func isBefore(_ row: VersionRow) throws -> Bool {
    guard let since = subject.plan.since else { return true }
    let (limit, overflow) = since.subtractingReportingOverflow(
      reading.exchange.limits.clockSkew * 1000)
    return !overflow && row.storedAt < limit
  }
}
