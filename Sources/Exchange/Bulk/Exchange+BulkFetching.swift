import Audit
import Consent
import FHIR
import Identity
import Primitives
import Synchronization

extension Exchange {
  private static var batchLines: Int { 500 }
  private static var batchBytes: Int { 8 << 20 }
  private static var longestLine: Int { 32 << 20 }
  /// After so many milliseconds a small batch is stored as well: a slow server must not cost the lease.
  private static var longestBatch: Int64 { 10_000 }
  /// Attempts to fetch a file of which nothing more comes in.
  private static var attempts: Int { 3 }

  /// Works on an import until it is done, its next attempt has to wait, or somebody else works on it.
  func fetch(_ id: String, _ worker: String) async throws {
    while true {
      try Task.checkCancellation()
      guard let source = bulkSource.withLock({ $0 }),
        let (number, file) = try await nextFile(id, worker)
      else { return }
      do {
        var stream = try await source.open(file.url)
        guard try await store(&stream, number, file, id, worker) else { return }
      } catch let error as PeerChartError
        where [.unreachable, .invalid, .tooLarge].contains(error.code)
      {
        try await give(up: number, id, worker, error)
      }
    }
  }

  /// Takes the job and says which file comes next; nil when all are done, or somebody else has the job.
  private func nextFile(_ id: String, _ worker: String) async throws -> (Int, ImportPlan.File)? {
    try await change(id, worker) { job, plan in
      guard let number = plan.files.firstIndex(where: { !$0.isDone }) else {
        job.state = .done
        job.lease = nil
        return nil
      }
      return (number, plan.files[number])
    } ?? nil
  }

  /// Stores the lines of a file that have not been stored yet, batch by batch.
  ///
  /// - Returns: false when the job belongs to somebody else by now.
  private func store(
    _ stream: inout any BulkStream, _ number: Int, _ file: ImportPlan.File, _ id: String,
    _ worker: String
  ) async throws -> Bool {
    var splitter = NDJSONSplitter(maximumLineBytes: Self.longestLine)
    var batch: [NDJSONSplitter.Line] = []
    var bytes = 0
    // What an earlier attempt has stored is passed over; the count of a line does not change.
    func take(_ lines: [NDJSONSplitter.Line]) {
      for line in lines where line.number > file.lines {
        batch.append(line)
        bytes += line.bytes.count
      }
    }
    var kept = clock.now()
    while let piece = try await stream.next() {
      take(try splitter.split(piece))
      let isLate =
        clock.now().millisecondsSinceEpoch - kept.millisecondsSinceEpoch > Self.longestBatch
      guard batch.count >= Self.batchLines || bytes >= Self.batchBytes || isLate else { continue }
      // One time more where nothing has come in: then the lease is renewed, and nothing else.
      repeat {
        let group = Array(batch.prefix(Self.batchLines))
        guard try await store(group, number, file.type, id, worker, isLast: false) else {
          return false
        }
        batch.removeFirst(group.count)
      } while batch.count >= Self.batchLines
      bytes = batch.reduce(0) { $0 + $1.bytes.count }
      kept = clock.now()
    }
    take(splitter.finish().map { [$0] } ?? [])
    return try await store(batch, number, file.type, id, worker, isLast: true)
  }

  /// A file that cannot be fetched now waits, and is given up after some attempts.
  private func give(
    up number: Int, _ id: String, _ worker: String, _ error: PeerChartError
  ) async throws {
    let now = clock.now()
    _ = try await change(id, worker) { job, plan in
      plan.files[number].attempts += 1
      let attempts = plan.files[number].attempts
      guard error.code != .unreachable || attempts >= Self.attempts else {
        job.lease = nil
        job.notBefore = now.adding(seconds: Int64(1) << Int64(attempts - 1)).millisecondsSinceEpoch
        return
      }
      let lines = plan.files[number].lines
      plan.files[number].add(
        PeerChartError(error.code, error.reason, place: error.place ?? "after line \(lines)"),
        listing: plan.room(for: number))
      plan.files[number].isDone = true
    }
  }

  /// Changes a job that belongs to this worker, or can; nil when it cannot.
  private func change<Value: Sendable>(
    _ id: String, _ worker: String,
    _ body: @escaping @Sendable (inout BulkJob, inout ImportPlan) -> Value
  ) async throws -> Value? {
    try await pass { [self] snapshot in
      let now = clock.now().millisecondsSinceEpoch
      guard var job = try bulkJob(id, in: snapshot), job.isOpen(to: worker, at: now),
        case .import(var plan) = job.work
      else { return Passage(outcome: .success(nil)) }
      let reading = Reading(self, snapshot, try caller(of: job.owner, in: snapshot))
      job.lease = BulkJob.Lease(worker: worker, until: now + Self.importLease)
      let value = body(&job, &plan)
      job.work = .import(plan)
      var draft = EventDraft(kind: .import, action: .write)
      draft.detail["state"] = job.state == .done ? "done" : "fetching"
      draft.counts = ["stored": plan.files.reduce(0) { $0 + $1.stored }]
      var passage = Passage<Value?>(outcome: .success(value))
      try passage.keep(job, draft, reading)
      return passage
    }
  }

  /// Stores some lines and writes down in the same transaction that they are: whatever interrupts the work,
  /// none is stored twice or left out.
  private func store(
    _ lines: [NDJSONSplitter.Line], _ number: Int, _ type: String, _ id: String,
    _ worker: String, isLast: Bool
  ) async throws -> Bool {
    let entries = lines.map { line in
      Result { try Self.entry(line, type) }.mapError(PeerChartError.init(wrapping:))
    }
    return try await pass { [self] snapshot in
      let now = clock.now().millisecondsSinceEpoch
      guard var job = try bulkJob(id, in: snapshot), job.isOpen(to: worker, at: now),
        case .import(var plan) = job.work
      else { return Passage(outcome: .success(false)) }
      let reading = Reading(self, snapshot, try caller(of: job.owner, in: snapshot))
      let batch = try ImportBatch(entries, reading)
      var passage = try batch.passage(true, detail: ["job": id])
      batch.report(to: &plan.files[number], listing: plan.room(for: number))
      if let last = lines.last {
        plan.files[number].lines = last.number
        plan.files[number].attempts = 0
      }
      plan.files[number].isDone = isLast
      job.work = .import(plan)
      job.lease = BulkJob.Lease(worker: worker, until: now + Self.importLease)
      var draft = EventDraft(kind: .import, action: .write)
      draft.detail["state"] = "stored"
      draft.counts = ["stored": plan.files.reduce(0) { $0 + $1.stored }]
      try passage.keep(job, draft, reading)
      return passage
    }
  }

  private static func entry(
    _ line: NDJSONSplitter.Line, _ type: String
  ) throws -> IntakeEntry {
    let resource = try line.resource()
    guard resource.type == type else {
      throw PeerChartError(
        .invalid, "this is no \(type), which the file is said to hold",
        place: "line \(line.number), resourceType")
    }
    return try IntakeEntry(resource, pointer: "line \(line.number)")
  }
}
