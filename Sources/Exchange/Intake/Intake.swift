import FHIR
import Primitives

/// Several entries that come in together and refer to each other.
struct Intake: Sendable {
  let entries: [IntakeEntry]
  let unresolved: UnresolvedReferences
  /// The id each entry will have here; nil where it creates nothing.
  let ids: [String?]
  private let assigned: [String: String]

  init(
    _ entries: [IntakeEntry], unresolved: UnresolvedReferences, newID: () -> String
  ) throws {
    self.entries = entries
    self.unresolved = unresolved
    var ids: [String?] = []
    var assigned: [String: String] = [:]
    ids.reserveCapacity(entries.count)
    for entry in entries {
      let target: (type: String, id: String, old: String?)?
      switch entry.action {
      case .create(let resource, _): target = (resource.type, newID(), resource.id)
      case .put(let resource, let id, _): target = (resource.type, id, nil)
      case .delete, .read, .search: target = nil
      }
      ids.append(target?.id)
      guard let target else { continue }
      let address = "\(target.type)/\(target.id)"
      if let old = target.old { assigned["\(target.type)/\(old)"] = address }
      if let url = entry.fullUrl {
        guard assigned.updateValue(address, forKey: url) == nil else {
          throw PeerChartError(
            .invalid, "two entries have the same fullUrl", place: "\(entry.pointer).fullUrl")
        }
      }
    }
    self.ids = ids
    self.assigned = assigned
  }

  /// Plans the entries at `indices`, in FHIR's order: deletes, then creates, then updates.
  ///
  /// Errors carry the place of the entry. `onFault` may swallow one, so that the others go on.
  func plan(
    _ indices: Range<Int>, _ writer: RecordWriter, keepUnchanged: Bool,
    onFault: (Int, PeerChartError) throws -> Void
  ) throws -> [Int: StoredResource] {
    let resolver = ReferenceResolver(writer.reading, assigned: assigned, unresolved: unresolved)
    var done: [Int: StoredResource] = [:]
    for phase in 0..<3 {
      for index in indices where entries[index].phase == phase {
        do {
          done[index] = try plan(index, writer, resolver, keepUnchanged: keepUnchanged)
        } catch let error as PeerChartError {
          let place = error.place ?? entries[index].pointer
          try onFault(
            index, PeerChartError(error.code, error.reason, place: place, cause: error.cause))
        }
      }
    }
    return done
  }

  private func plan(
    _ index: Int, _ writer: RecordWriter, _ resolver: ReferenceResolver, keepUnchanged: Bool
  ) throws -> StoredResource? {
    switch entries[index].action {
    case .create(let resource, let condition):
      if let condition,
        let existing = try writer.existing(resource.type, condition, entries[index].pointer)
      {
        return existing
      }
      return try writer.put(
        resource, id: ids[index] ?? "", references: try resolver.edits(for: resource))
    case .put(let resource, let id, let ifMatch):
      return try writer.put(
        resource, id: id, ifMatch: ifMatch, references: try resolver.edits(for: resource),
        keepUnchanged: keepUnchanged)
    case .delete(let type, let id, let ifMatch):
      return try writer.delete(type, id: id, ifMatch: ifMatch)
    case .read, .search: return nil
    }
  }
}

extension IntakeEntry {
  /// FHIR's order within a transaction: deletes, creates, updates, and reads at the end.
  fileprivate var phase: Int {
    switch action {
    case .delete: 0
    case .create: 1
    case .put: 2
    case .read, .search: 3
    }
  }
}
