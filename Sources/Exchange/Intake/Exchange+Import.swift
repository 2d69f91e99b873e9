public import FHIR
import Primitives

extension Exchange {
  /// How many resources share one transaction where they do not belong together anyway.
  private static var importGroup: Int { 500 }

  /// Imports one JSON file: a transaction (all or nothing), a batch or collection, or one resource.
  ///
  /// Goes through the same door as the API. What is refused is in the report, with its place.
  ///
  /// - Parameter progress: called with the number of resources stored since the last call.
  /// - Throws: when nothing of the file can be read, or the store fails.
  public func importJSON(
    _ bytes: [UInt8], unresolved: UnresolvedReferences, as caller: Caller,
    progress: @escaping @Sendable (Int) -> Void
  ) async throws -> ImportReport {
    guard bytes.count <= limits.bodyBytes else {
      throw PeerChartError(
        .tooLarge, "the file is larger than \(limits.bodyBytes >> 20) MiB; NDJSON has no such limit"
      )
    }
    let resource = try Resource(
      parsing: bytes, limits: JSONLimits(maximumBytes: limits.bodyBytes))
    guard resource.type == "Bundle" else {
      return try await store(
        each: [.success(try IntakeEntry(resource, pointer: resource.type))], unresolved, caller,
        progress: progress)
    }
    let bundle = try ResourceBundle(resource)
    switch bundle.kind {
    case .transaction: return try await importTransaction(bundle, unresolved, caller, progress)
    case .batch:
      return try await store(
        each: bundle.entries.map { entry in
          Result { try IntakeEntry(request: entry) }.mapError(PeerChartError.init(wrapping:))
        }, unresolved, caller, progress: progress)
    case .collection:
      return try await store(
        each: bundle.entries.map { entry in
          Result { () throws -> IntakeEntry in
            guard let resource = try entry.resource else {
              throw PeerChartError(.invalid, "there is no resource", place: entry.pointer)
            }
            return try IntakeEntry(
              resource, pointer: "\(entry.pointer).resource", fullUrl: try entry.fullUrl)
          }.mapError(PeerChartError.init(wrapping:))
        }, unresolved, caller, progress: progress)
    default:
      // A document, message or page of results is one thing; it is kept as it is.
      return try await store(
        each: [.success(try IntakeEntry(resource, pointer: "Bundle"))], unresolved, caller,
        progress: progress)
    }
  }

  /// Imports resources that stand one on a line (NDJSON), as they come.
  public func importNDJSON(
    _ lines: [NDJSONSplitter.Line], unresolved: UnresolvedReferences, as caller: Caller,
    progress: @escaping @Sendable (Int) -> Void
  ) async throws -> ImportReport {
    try await store(
      each: lines.map { line in
        Result { try IntakeEntry(try line.resource(), pointer: "line \(line.number)") }
          .mapError(PeerChartError.init(wrapping:))
      }, unresolved, caller, progress: progress)
  }

  private func importTransaction(
    _ bundle: ResourceBundle, _ unresolved: UnresolvedReferences, _ caller: Caller,
    _ progress: @Sendable (Int) -> Void
  ) async throws -> ImportReport {
    var report = ImportReport()
    var entries: [IntakeEntry] = []
    for entry in bundle.entries {
      do { entries.append(try IntakeEntry(request: entry)) } catch let error as PeerChartError {
        report.add(error)
      }
    }
    guard report.faultCount == 0 else { return report }
    do {
      let intake = try Intake(entries, unresolved: unresolved, newID: newID)
      let (stored, faults) = try await writing(caller, isArchive: true) { writer in
        // All faults are gathered before the whole is refused: a person mends a file once.
        var faults: [PeerChartError] = []
        let stored = try intake.plan(intake.entries.indices, writer, keepUnchanged: false) {
          faults.append($1)
        }
        if !faults.isEmpty { writer.discard() }
        return (faults.isEmpty ? stored : [:], faults)
      }
      for fault in faults { report.add(fault) }
      report.add(stored, of: intake)
      progress(report.stored)
    } catch let error as PeerChartError where error.code != .storage {
      report.add(error)
    }
    return report
  }

  /// Stores entries that stand or fall by themselves, many to a transaction.
  ///
  /// - Parameter assigned: where references to what does not come in itself lead.
  func store(
    each entries: [Result<IntakeEntry, PeerChartError>], _ unresolved: UnresolvedReferences,
    _ caller: Caller, assigned: [String: String] = [:], progress: @Sendable (Int) -> Void
  ) async throws -> ImportReport {
    var report = ImportReport()
    var good: [IntakeEntry] = []
    for entry in entries {
      switch entry {
      case .success(let entry): good.append(entry)
      case .failure(let fault): report.add(fault)
      }
    }
    let intake = try Intake(good, unresolved: unresolved, assigned: assigned, newID: newID)
    for start in stride(from: 0, to: good.count, by: Self.importGroup) {
      let group = start..<min(start + Self.importGroup, good.count)
      let (stored, faults) = try await writing(caller, isArchive: true) { writer in
        var faults: [PeerChartError] = []
        let stored = try intake.plan(group, writer, keepUnchanged: true) { faults.append($1) }
        return (stored, faults)
      }
      for fault in faults { report.add(fault) }
      report.add(stored, of: intake)
      progress(stored.count)
    }
    return report
  }
}

extension ImportReport {
  fileprivate mutating func add(_ stored: [Int: StoredResource], of intake: Intake) {
    for (index, resource) in stored {
      add(resource)
      let entry = intake.entries[index]
      let address = "\(resource.resource.type)/\(resource.resource.id)"
      if let url = entry.fullUrl, url != address { assigned[url] = address }
      if case .create(let original, _) = entry.action, let old = original.id,
        old != resource.resource.id
      {
        assigned["\(original.type)/\(old)"] = address
      }
    }
  }
}

extension PeerChartError {
  /// An error of whatever kind in the project's shape.
  init(wrapping error: any Error) {
    self = error as? PeerChartError ?? PeerChartError(.storage, "it failed", cause: error)
  }
}
