import FHIR
import Identity
import Primitives

extension Exchange {
  /// Which of FHIR's two ways a bundle is processed.
  public enum BundleKind: Sendable { case transaction, batch }

  /// Processes a transaction (all or nothing) or a batch (each entry by itself).
  ///
  /// - Returns: the outcomes in the order of the entries.
  /// - Throws: for a transaction, what is wrong with the first entry that fails; nothing is stored then.
  public func process(
    bundle body: [UInt8], as caller: Caller
  ) async throws -> (type: BundleKind, outcomes: [EntryOutcome]) {
    guard body.count <= limits.bodyBytes else {
      throw PeerChartError(.tooLarge, "a body is larger than \(limits.bodyBytes) bytes")
    }
    let bundle = try ResourceBundle(parsing: body)
    switch bundle.kind {
    case .transaction: return (.transaction, try await transact(bundle, caller))
    case .batch: return (.batch, try await batch(bundle, caller))
    default:
      throw PeerChartError(
        .invalid, "only a transaction or a batch can be processed here", place: "Bundle.type")
    }
  }

  private func transact(_ bundle: ResourceBundle, _ caller: Caller) async throws -> [EntryOutcome] {
    let intake = try Intake(
      bundle.entries.map(IntakeEntry.init(request:)), unresolved: .refuse, newID: newID)
    for entry in intake.entries { try caller.requireScope(of: entry) }
    let stored = try await writing(caller) { writer in
      try intake.plan(intake.entries.indices, writer, keepUnchanged: false) { throw $1 }
    }
    var outcomes: [EntryOutcome] = []
    for (index, entry) in intake.entries.enumerated() {
      if let stored = stored[index] {
        outcomes.append(.stored(stored))
      } else {
        outcomes.append(try await look(entry, caller))
      }
    }
    return outcomes
  }

  private func batch(_ bundle: ResourceBundle, _ caller: Caller) async throws -> [EntryOutcome] {
    var outcomes: [EntryOutcome] = []
    for entry in bundle.entries {
      do {
        let intake = try Intake([IntakeEntry(request: entry)], unresolved: .refuse, newID: newID)
        try caller.requireScope(of: intake.entries[0])
        let stored = try await writing(caller) { writer in
          try intake.plan(0..<1, writer, keepUnchanged: false) { throw $1 }
        }
        if let stored = stored[0] {
          outcomes.append(.stored(stored))
        } else {
          outcomes.append(try await look(intake.entries[0], caller))
        }
      } catch let error as PeerChartError {
        outcomes.append(.refused(error))
      }
    }
    return outcomes
  }

  /// The reads of a bundle come after its writes.
  private func look(_ entry: IntakeEntry, _ caller: Caller) async throws -> EntryOutcome {
    switch entry.action {
    case .read(let type, let id): return .read(try await read(type, id: id, as: caller))
    case .vread(let type, let id, let version):
      return .read(try await read(type, id: id, version: version, as: caller))
    case .history(let type, let id):
      return .listed(try await history(type, id: id, cursor: nil, count: nil, as: caller))
    case .search(let type, let query):
      return .searched(
        try await search(
          type, query: QueryString(parsing: query).pairs, strict: true, as: caller))
    case .delete, .create, .put, .patch: return .absent
    }
  }
}

extension Caller {
  func requireScope(of entry: IntakeEntry) throws {
    switch entry.action {
    case .create(let resource, let condition):
      try requireScope(.create, resource.type)
      if condition != nil { try requireScope(.search, resource.type) }
    case .put(let resource, let target, _):
      try requireScope(.update, resource.type)
      if case .match = target { try requireScope(.search, resource.type) }
    case .delete(let type, let target, _):
      try requireScope(.delete, type)
      if case .match = target { try requireScope(.search, type) }
    case .patch(let type, let target, _, _):
      try requirePatchScopes(type)
      if case .match = target { try requireScope(.search, type) }
    case .read(let type, _), .vread(let type, _, _), .history(let type, _):
      try requireReach(.read, type)
    case .search(let type, _): try requireReach(.search, type)
    }
  }
}
