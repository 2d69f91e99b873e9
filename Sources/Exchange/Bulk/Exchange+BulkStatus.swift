import Audit
import Consent
public import Primitives

/// How far a bulk job has come, and what it offers.
public enum BulkStatus: Sendable {
  /// So many resources have been found or stored.
  case working(resources: Int)
  case done(BulkManifest)
  case failed(PeerChartError)
}

/// What a bulk job has come to.
public struct BulkManifest: Sendable {
  /// One file.
  public struct File: Sendable {
    public let type: String
    /// Its name below the job's address; nil where there is none to be read.
    public let name: String?
    public let count: Int
    /// Where it came from, for an import.
    public let inputURL: String?

    init(type: String, name: String?, count: Int, inputURL: String? = nil) {
      self.type = type
      self.name = name
      self.count = count
      self.inputURL = inputURL
    }
  }

  public let isImport: Bool
  /// What was newest at this time is exported.
  public let transactionTime: Instant
  /// The address that was called.
  public let request: String
  public let output: [File]
  public let deleted: [File]
  public let errors: [File]
  /// When all of it is forgotten.
  public let expires: Instant
}

/// A bulk job, for people and programs to look at.
public struct BulkSummary: Sendable, Encodable {
  public let id: String
  public let operation: String
  /// `working`, `done` or `failed`.
  public let state: String
  /// The token's id, the peer's node id, or `operator`.
  public let owner: String
  public let resources: Int
  public let begun: String
  public let ends: String

  init(_ job: BulkJob) {
    id = job.id
    operation = job.operation
    state = job.state.rawValue
    owner = job.owner.kind == .nodeOperator ? "operator" : job.owner.id
    resources = job.resources
    begun = Instant(millisecondsSinceEpoch: job.createdAt).description
    ends = Instant(millisecondsSinceEpoch: job.endsAt).description
  }
}

extension BulkJob {
  fileprivate var resources: Int {
    switch work {
    case .export(let plan): plan.found
    case .import(let plan): plan.files.reduce(0) { $0 + $1.stored }
    }
  }

  fileprivate var manifest: BulkManifest {
    let time: Int64
    var (output, deleted, errors): ([BulkManifest.File], [BulkManifest.File], [BulkManifest.File]) =
      ([], [], [])
    switch work {
    case .export(let plan):
      time = plan.time
      for (index, shard) in plan.shards.enumerated() {
        let file = BulkManifest.File(
          type: shard.type ?? "Bundle", name: plan.name(index), count: shard.count)
        if shard.type == nil { deleted.append(file) } else { output.append(file) }
      }
    case .import(let plan):
      time = createdAt
      for (index, file) in plan.files.enumerated() {
        output.append(
          BulkManifest.File(type: file.type, name: nil, count: file.stored, inputURL: file.url))
        guard file.faultCount > 0 else { continue }
        errors.append(
          BulkManifest.File(
            type: "OperationOutcome", name: ImportPlan.name(index), count: file.faultCount,
            inputURL: file.url))
      }
    }
    return BulkManifest(
      isImport: operation == "$import", transactionTime: Instant(millisecondsSinceEpoch: time),
      request: request, output: output, deleted: deleted, errors: errors,
      expires: Instant(millisecondsSinceEpoch: endsAt))
  }
}

extension Exchange {
  /// How far a job has come. Only its owner learns that there is one.
  ///
  /// - Throws: `not-found`.
  public func bulkStatus(_ id: String, as caller: Caller) async throws -> BulkStatus {
    try await store.read { [self] snapshot in
      let job = try ownBulkJob(id, caller, in: snapshot)
      switch job.state {
      case .working: return .working(resources: job.resources)
      case .done: return .done(job.manifest)
      case .failed:
        return .failed(
          job.failure?.error ?? PeerChartError(.storage, "the job came to nothing"))
      }
    }
  }

  /// Ends a job and forgets it with everything it offers.
  ///
  /// - Throws: `not-found`.
  public func cancelBulk(_ id: String, as caller: Caller) async throws {
    try await pass { [self] snapshot in
      let job = try ownBulkJob(id, caller, in: snapshot)
      var draft = EventDraft(kind: job.eventKind)
      draft.detail["state"] = "cancelled"
      var passage = Passage(outcome: .success(()))
      try passage.forget(job, draft, Reading(self, snapshot, caller))
      return passage
    }
  }

  /// The bulk jobs of this node, the newest first. For its operator.
  public func bulkJobs(as caller: Caller) async throws -> [BulkSummary] {
    try require(.manageClients, caller)
    return try await store.read { [self] snapshot in
      try bulkJobs(in: snapshot).sorted { ($1.createdAt, $0.id) < ($0.createdAt, $1.id) }
        .map(BulkSummary.init)
    }
  }
}
