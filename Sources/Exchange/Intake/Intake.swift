import FHIR
import Primitives

/// Several entries that come in together and refer to each other.
struct Intake: Sendable {
  let entries: [IntakeEntry]
  let unresolved: UnresolvedReferences
  /// Where references to what is no entry lead.
  private let assigned: [String: String]
  /// The id each entry will have here unless its condition finds a record; nil where it creates nothing.
  private let ids: [String?]

  init(
    _ entries: [IntakeEntry], unresolved: UnresolvedReferences, assigned: [String: String] = [:],
    newID: () -> String
  ) throws {
    self.entries = entries
    self.assigned = assigned
    self.unresolved = unresolved
    ids = entries.map { entry in
      switch entry.action {
      case .create: newID()
      case .put(_, .id(let id), _): id
      case .put(let resource, .match, _): resource.id ?? newID()
      case .delete, .patch, .read, .vread, .history, .search: nil
      }
    }
    var urls: Set<String> = []
    for (entry, id) in zip(entries, ids) {
      guard id != nil, let url = entry.fullUrl else { continue }
      guard urls.insert(url).inserted else {
        throw PeerChartError(
          .invalid, "two entries have the same fullUrl", place: "\(entry.pointer).fullUrl")
      }
    }
  }

  /// Plans the entries at `indices`, in FHIR's order: conditions are looked up, then come deletes, then
  /// creates, then updates.
  ///
  /// Errors carry the place of the entry. `onFault` may swallow one, so that the others go on.
  func plan(
    _ indices: Range<Int>, _ writer: RecordWriter, keepUnchanged: Bool,
    onFault: (Int, PeerChartError) throws -> Void
  ) throws -> [Int: StoredResource] {
    var work = Work(intake: self, writer: writer, keepUnchanged: keepUnchanged)
    var failed: Set<Int> = []
    func attempt(_ index: Int, _ body: () throws -> Void) throws {
      do {
        try body()
      } catch let error as PeerChartError {
        failed.insert(index)
        let place = error.place ?? entries[index].pointer
        try onFault(
          index, PeerChartError(error.code, error.reason, place: place, cause: error.cause))
      }
    }
    for index in indices { try attempt(index) { try work.lookUp(index) } }
    let resolver = ReferenceResolver(
      writer.view, assigned: addresses(work.ids), unresolved: unresolved)
    for phase in 0..<3 {
      for index in indices where entries[index].phase == phase && !failed.contains(index) {
        try attempt(index) { try work.plan(index, resolver) }
      }
    }
    return work.done
  }

  /// Where references to entries lead: from the full URL, or the address in the input, to the one here.
  private func addresses(_ ids: [String?]) -> [String: String] {
    var assigned = assigned
    for (entry, id) in zip(entries, ids) {
      guard let id, let resource = entry.resource else { continue }
      let address = "\(resource.type)/\(id)"
      if case .create = entry.action, let old = resource.id {
        assigned["\(resource.type)/\(old)"] = address
      }
      if let url = entry.fullUrl { assigned[url] = address }
    }
    return assigned
  }

  /// The planning of some entries on one snapshot.
  private struct Work {
    let intake: Intake
    let writer: RecordWriter
    let keepUnchanged: Bool
    var ids: [String?]
    var done: [Int: StoredResource] = [:]
    private var found: [Int: FoundRecord] = [:]
    private var conditions: Set<String> = []

    init(intake: Intake, writer: RecordWriter, keepUnchanged: Bool) {
      self.intake = intake
      self.writer = writer
      self.keepUnchanged = keepUnchanged
      ids = intake.ids
    }

    /// Finds out which record a conditional entry means: other entries may refer to it.
    mutating func lookUp(_ index: Int) throws {
      guard let (type, query) = intake.entries[index].condition else { return }
      guard conditions.insert("\(type)?\(query)").inserted else {
        throw PeerChartError(.invalid, "two entries are under the same condition")
      }
      let entry = intake.entries[index]
      let only: FoundRecord?
      do {
        only = try writer.match(type, query)
      } catch let error as PeerChartError {
        // The place is the entry's: which parameter it was would be looked for in the wrong query.
        throw PeerChartError(
          error.code, error.reason, place: entry.conditionPlace, cause: error.cause)
      }
      guard let match = only else { return }
      found[index] = match
      if case .put(let resource, .match, _) = entry.action,
        let id = resource.id, id != match.record.id
      {
        throw PeerChartError(
          .invalid, "the resource has another id than the record that its condition finds")
      }
      if ids[index] != nil { ids[index] = match.record.id }
    }

    mutating func plan(_ index: Int, _ resolver: ReferenceResolver) throws {
      switch intake.entries[index].action {
      case .create(let resource, _):
        if let match = found[index] {
          done[index] = try writer.show(match)
        } else {
          done[index] = try writer.put(
            resource, id: ids[index] ?? "", references: try resolver.edits(for: resource))
        }
      case .put(let resource, _, let condition):
        done[index] = try writer.put(
          resource, id: ids[index] ?? "", expecting: condition,
          references: try resolver.edits(for: resource), keepUnchanged: keepUnchanged)
      case .delete(let type, .id(let id), let condition):
        done[index] = try writer.delete(type, id: id, expecting: condition)
      case .delete(let type, .match, let condition):
        guard let match = found[index] else { return }
        done[index] = try writer.delete(type, id: match.record.id, expecting: condition)
      case .patch(let type, .id(let id), let patch, let condition):
        done[index] = try writer.patch(type, id: id, patch, expecting: condition)
      case .patch(let type, .match, let patch, let condition):
        guard let match = found[index] else {
          throw PeerChartError(.notFound, "no record fulfils the condition")
        }
        done[index] = try writer.patch(type, id: match.record.id, patch, expecting: condition)
      case .read, .vread, .history, .search: return
      }
    }
  }
}

extension IntakeEntry {
  /// FHIR's order within a transaction: deletes, creates, updates, and reads at the end.
  fileprivate var phase: Int {
    switch action {
    case .delete: 0
    case .create: 1
    case .put, .patch: 2
    case .read, .vread, .history, .search: 3
    }
  }

  /// The search that decides which record is meant.
  fileprivate var condition: (type: String, query: String)? {
    switch action {
    case .create(let resource, let query?): (resource.type, query)
    case .put(let resource, .match(let query), _): (resource.type, query)
    case .delete(let type, .match(let query), _): (type, query)
    case .patch(let type, .match(let query), _, _): (type, query)
    default: nil
    }
  }

  fileprivate var conditionPlace: String {
    if case .create = action { "\(pointer).request.ifNoneExist" } else { "\(pointer).request.url" }
  }

  /// What is to be stored.
  fileprivate var resource: Resource? {
    switch action {
    case .create(let resource, _), .put(let resource, _, _): resource
    default: nil
    }
  }
}
