import Audit
import Consent
import FHIR
import Primitives
import Synchronization

extension Exchange {
  /// What a step of a bulk job came to.
  enum BulkStep: Sendable {
    case goesOn
    case isOver
    /// Somebody else works on it, or nobody can at the moment.
    case isTaken
  }

  /// Works on the bulk jobs that nobody else works on, until none is left.
  ///
  /// A job belongs to one worker at a time, by a lease that is written down with each step; so does its
  /// progress. A worker that ends in the middle is followed by another one, in this process or
  /// another, from the last step on.
  ///
  /// - Parameter worker: the name of this worker, no two of which are the same.
  /// - Returns: milliseconds until a job may be open again; nil when there is nothing to wait for.
  public func workOnBulkJobs(as worker: String) async throws -> Int64? {
    while true {
      let now = clock.now().millisecondsSinceEpoch
      let jobs = try await store.read { [self] in try bulkJobs(in: $0) }
      for job in jobs where job.endsAt <= now { try await end(job, "expired") }
      let waiting = jobs.filter { $0.state == .working && $0.endsAt > now && canWork(on: $0) }
      guard let next = waiting.filter({ $0.isOpen(to: worker, at: now) }).min(by: Self.isSooner)
      else {
        return waiting.map { max($0.notBefore, $0.lease?.until ?? 0) - now }.min().map {
          max(0, $0)
        }
      }
      try await work(on: next, worker)
    }
  }

  private static func isSooner(_ a: BulkJob, _ b: BulkJob) -> Bool {
    (a.notBefore, a.createdAt, a.id) < (b.notBefore, b.createdAt, b.id)
  }

  /// An instance that may fetch from nowhere leaves imports to others.
  private func canWork(on job: BulkJob) -> Bool {
    if case .import = job.work { return bulkSource.withLock { $0 != nil } }
    return true
  }

  private func work(on job: BulkJob, _ worker: String) async throws {
    do {
      switch job.work {
      case .export: try await plan(job.id, worker)
      case .import: try await fetch(job.id, worker)
      }
    } catch let error as PeerChartError where error.code == .unauthenticated {
      try await end(job, "owner-gone")
    } catch let error as PeerChartError where ![.storage, .conflict].contains(error.code) {
      // What cannot be done will not be done by trying again.
      try await fail(job.id, error)
    }
  }

  /// Plans an export to its end.
  private func plan(_ id: String, _ worker: String) async throws {
    var subject: ExportSubject?
    while true {
      try Task.checkCancellation()
      let known = subject
      let (step, made) = try await pass {
        [self] snapshot -> Passage<(BulkStep, ExportSubject?)> in
        guard var job = try bulkJob(id, in: snapshot), job.isOpen(to: worker, at: time),
          case .export(var plan) = job.work
        else { return Passage(outcome: .success((.isTaken, nil))) }
        let reading = Reading(self, snapshot, try caller(of: job.owner, in: snapshot))
        let subject = try known ?? ExportSubject(plan, reading)
        var planner = ExportPlanner(subject, reading)
        let isOver = try planner.advance(&plan)
        job.work = .export(plan)
        job.state = isOver ? .done : .working
        job.lease = isOver ? nil : BulkJob.Lease(worker: worker, until: time + Self.exportLease)
        var passage = Passage<(BulkStep, ExportSubject?)>(
          outcome: .success((isOver ? .isOver : .goesOn, subject)))
        var draft = EventDraft(kind: .export, action: .export)
        draft.counts = ["planned": plan.found]
        draft.detail["state"] = isOver ? "planned" : "planning"
        try passage.keep(job, draft, reading)
        return passage
      }
      subject = made
      guard case .goesOn = step else { return }
    }
  }

  private var time: Int64 { clock.now().millisecondsSinceEpoch }

  private func fail(_ id: String, _ error: PeerChartError) async throws {
    try await pass { [self] snapshot in
      var passage = Passage(outcome: .success(()))
      guard var job = try bulkJob(id, in: snapshot), job.state == .working else { return passage }
      job.state = .failed
      job.lease = nil
      job.failure = BulkJob.Failure(error)
      var draft = EventDraft(kind: job.eventKind)
      draft.detail["state"] = "failed"
      draft.detail["code"] = error.code.rawValue
      try passage.keep(job, draft, Reading(self, snapshot, nodeOperator()))
      return passage
    }
  }

  private func end(_ job: BulkJob, _ state: String) async throws {
    try await pass { [self] snapshot in
      var passage = Passage(outcome: .success(()))
      guard try bulkJob(job.id, in: snapshot) != nil else { return passage }
      var draft = EventDraft(kind: job.eventKind)
      draft.detail["state"] = state
      try passage.forget(job, draft, Reading(self, snapshot, nodeOperator()))
      return passage
    }
  }

  /// Wakes whoever works on bulk jobs in this process.
  func signalBulk() { bulkSignal.withLock { $0 }?() }

  /// Says how to wake the work on bulk jobs.
  public func onBulkChange(_ signal: @escaping @Sendable () -> Void) {
    bulkSignal.withLock { $0 = signal }
  }
}
