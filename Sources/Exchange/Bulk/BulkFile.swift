import Audit
import Consent
import FHIR
import Primitives

/// A file of a bulk job while it is read: made group by group, each decided about and in the log before
/// its bytes are given out, and never more than one of them in memory.
public struct BulkFile: Sendable {
  private enum Source: Sendable {
    case records(ExportSubject, ExportShard)
    /// OperationOutcomes of an import: they hold places, nothing of a record.
    case lines([UInt8])
  }

  private let exchange: Exchange
  private let caller: Caller
  private let job: String
  private let name: String
  private let source: Source
  private var position = Position()
  private var given = 0

  /// Where the next group begins.
  struct Position: Sendable {
    var place: ExportPlace?
    /// Beyond the file's own range: what has changed since in the chart in the middle of which it ends.
    var isInTail = false
    var isOver = false
  }

  init(
    _ exchange: Exchange, _ caller: Caller, job: String, name: String, subject: ExportSubject,
    shard: ExportShard
  ) {
    (self.exchange, self.caller, self.job, self.name) = (exchange, caller, job, name)
    source = .records(subject, shard)
    position.place = shard.from
  }

  init(_ exchange: Exchange, _ caller: Caller, job: String, name: String, lines: [UInt8]) {
    (self.exchange, self.caller, self.job, self.name) = (exchange, caller, job, name)
    source = .lines(lines)
  }

  /// The next lines; nil at the end.
  ///
  /// - Throws: `not-found` once the job is over, `unauthenticated` once its owner is.
  public mutating func next() async throws -> [UInt8]? {
    while !position.isOver {
      switch source {
      case .lines(let lines):
        position.isOver = true
        return lines
      case .records(let subject, let shard):
        let (from, before) = (position, given)
        let group = try await exchange.pass { [exchange, caller, job, name] snapshot in
          guard try snapshot.item(.job, key: BulkJob.key(job)) != nil else {
            throw PeerChartError(.notFound, "there is no such job, or it is over")
          }
          try exchange.requireStanding(of: caller, in: snapshot)
          let reading = Reading(exchange, snapshot, caller)
          var group = ExportGroup(subject, shard, from: from, reading)
          try group.fill()
          return try group.passage(file: "\(job)/\(name)", before: before, reading)
        }
        position = group.position
        given += group.count
        if !group.lines.isEmpty { return group.lines }
      }
    }
    return nil
  }
}

extension Exchange {
  /// A file of a job that is done, for its owner.
  ///
  /// - Throws: `not-found`.
  public func bulkFile(_ id: String, _ name: String, as caller: Caller) async throws -> BulkFile {
    try await store.read { [self] snapshot in
      let nothing = PeerChartError(.notFound, "there is no such file")
      let job = try ownBulkJob(id, caller, in: snapshot)
      guard job.state == .done else { throw nothing }
      switch job.work {
      case .export(let plan):
        guard let shard = plan.shard(named: name) else { throw nothing }
        let subject = try ExportSubject(plan, Reading(self, snapshot, caller))
        return BulkFile(self, caller, job: id, name: name, subject: subject, shard: shard)
      case .import(let plan):
        guard let lines = plan.outcomes(named: name) else { throw nothing }
        return BulkFile(self, caller, job: id, name: name, lines: lines)
      }
    }
  }
}
