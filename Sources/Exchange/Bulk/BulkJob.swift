import Audit
import Foundation
import Primitives

/// A bulk export or import as it is kept: sealed, under its id. It says what was asked for and how far
/// the work has come, and holds nothing of any record.
struct BulkJob: Codable, Sendable {
  /// What is to be done.
  enum Work: Codable, Sendable {
    case export(ExportPlan)
    case `import`(ImportPlan)
  }

  enum State: String, Codable, Sendable { case working, done, failed }

  /// Who works on it at the moment, and until when nobody else may.
  struct Lease: Codable, Sendable {
    var worker: String
    var until: Int64
  }

  /// Why it came to nothing.
  struct Failure: Codable, Sendable {
    var code: String
    var reason: String
    var place: String?

    init(_ error: PeerChartError) {
      code = error.code.rawValue
      reason = error.reason
      place = error.place
    }

    var error: PeerChartError { PeerChartError(.init(code), reason, place: place) }
  }

  var id: String
  var owner: BulkOwner
  var work: Work
  var state = State.working
  /// The address that was called.
  var request: String
  var createdAt: Int64
  /// When it is forgotten, done or not.
  var endsAt: Int64
  var lease: Lease?
  /// Not to be worked on before this time: an attempt has failed.
  var notBefore: Int64 = 0
  var failure: Failure?

  /// What it is kept under.
  static func key(_ id: String) -> [UInt8] { Array(id.utf8) }

  /// Whether a worker may go on with it now.
  func isOpen(to worker: String, at time: Int64) -> Bool {
    guard state == .working, notBefore <= time else { return false }
    return lease.map { $0.worker == worker || $0.until <= time } ?? true
  }

  /// `$export` or `$import`.
  var operation: String { if case .export = work { "$export" } else { "$import" } }
  var eventKind: AuditEventKind { if case .export = work { .export } else { .import } }
}

extension Exchange {
  /// How long an export is left to whoever works on it, in milliseconds: longer than a step takes. It is
  /// short because a program that was killed holds its jobs for so long.
  static var exportLease: Int64 { 5000 }
  /// The same for an import, which may wait for a server without a word.
  static var importLease: Int64 { 45_000 }

  func bulkJob(_ id: String, in snapshot: any StoreSnapshot) throws -> BulkJob? {
    try item(.job, BulkJob.key(id), in: snapshot)
  }

  func bulkJobs(in snapshot: any StoreSnapshot) throws -> [BulkJob] {
    try items(.job, as: BulkJob.self, in: snapshot).map(\.value)
  }

  /// The job, if it is the caller's own: to everybody else there is none of that name.
  ///
  /// - Throws: `not-found`.
  func ownBulkJob(
    _ id: String, _ caller: Caller, in snapshot: any StoreSnapshot
  ) throws -> BulkJob {
    guard let job = try bulkJob(id, in: snapshot), job.endsAt > clock.now().millisecondsSinceEpoch,
      job.owner.isSame(as: caller) || caller.identity == .nodeOperator
    else { throw PeerChartError(.notFound, "there is no such job, or it is over") }
    return job
  }
}

extension Passage where Value == String {
  /// Keeps a job that a caller has asked for. Its id is the outcome.
  init(
    asking work: BulkJob.Work, _ id: String, url: String, _ draft: EventDraft, _ reading: Reading
  ) throws {
    let seconds = reading.exchange.limits.bulkSeconds
    let job = BulkJob(
      id: id, owner: BulkOwner(reading.caller), work: work, request: url,
      createdAt: reading.time.millisecondsSinceEpoch,
      endsAt: reading.time.adding(seconds: seconds).millisecondsSinceEpoch)
    var draft = draft
    draft.detail["state"] = "asked-for"
    draft.detail["request"] = url
    self.init(outcome: .success(id))
    try keep(job, draft, reading, isNew: true)
  }
}

extension Passage {
  /// Keeps what has become of a job, if nobody else has changed it meanwhile, and says so in the log.
  mutating func keep(
    _ job: BulkJob, _ draft: EventDraft, _ reading: Reading, isNew: Bool = false
  ) throws {
    var draft = draft
    draft.detail["job"] = job.id
    let exchange = reading.exchange
    let key = BulkJob.key(job.id)
    let item =
      isNew
      ? try exchange.keeping(.job, key, job)
      : try exchange.keeping(.job, key, job, after: reading.snapshot)
    change(item, &draft)
    entries.append(try exchange.entry(draft, reading))
  }

  /// Forgets a job.
  mutating func forget(_ job: BulkJob, _ draft: EventDraft, _ reading: Reading) throws {
    var draft = draft
    draft.detail["job"] = job.id
    let key = BulkJob.key(job.id)
    var item = ItemChange(kind: .job, key: key, sealed: nil)
    item.before = .exactly(try reading.snapshot.item(.job, key: key))
    change(item, &draft)
    entries.append(try reading.exchange.entry(draft, reading))
  }
}
