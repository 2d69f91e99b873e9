import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// Changes a record as a patch says (FHIR patch). Who patches must be allowed to read as well: a test
  /// within a patch tells what is there.
  ///
  /// - Throws: `forbidden`, `not-found`, `gone`, `precondition-failed`, and `invalid` with the place in the
  ///   patch, or in the resource that it makes.
  public func patch(
    _ type: String, id: String, _ patch: ResourcePatch, expecting: VersionCondition,
    as caller: Caller
  ) async throws -> StoredResource {
    try Self.checkAddress(type, id)
    try caller.requirePatchScopes(type)
    return try await writing(caller) { writer in
      try writer.patch(type, id: id, patch, expecting: expecting)
    }
  }

  /// Patches the one record that a search finds (FHIR conditional patch).
  ///
  /// - Throws: as above; `not-found` when it finds none, `multiple-matches`.
  public func patch(
    _ type: String, where query: String, _ patch: ResourcePatch, expecting: VersionCondition,
    as caller: Caller
  ) async throws -> StoredResource {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    try caller.requirePatchScopes(type)
    try caller.requireScope(.search, type)
    return try await writing(caller) { writer in
      guard let match = try writer.match(type, query) else {
        throw PeerChartError(.notFound, "no record fulfils the condition")
      }
      return try writer.patch(type, id: match.record.id, patch, expecting: expecting)
    }
  }
}

extension Caller {
  func requirePatchScopes(_ type: String) throws {
    try requireScope(.read, type)
    try requireScope(.update, type)
  }
}

extension RecordWriter {
  /// Plans the version that a patch makes of the newest one.
  func patch(
    _ type: String, id: String, _ patch: ResourcePatch, expecting: VersionCondition
  ) throws -> StoredResource {
    try revise(type, id: id, expecting: expecting) { try patch.applied(to: $0) }
  }

  /// Plans the version that a change makes of the newest one, for somebody who may read and write it.
  func revise(
    _ type: String, id: String, expecting: VersionCondition,
    _ change: (Resource) throws -> [UInt8]
  ) throws -> StoredResource {
    let key = reading.exchange.keys.recordKey(type, id)
    guard let row = try reading.snapshot.newestVersion(of: key) else {
      throw WriteRefusal(cause: .absent(type: type, id: id))
    }
    let old = try reading.open(row)
    let resource: Resource
    switch try reading.decide(old, action: .read) {
    case .deny(let reasons): throw WriteRefusal(cause: .record(old, reasons))
    case .permit(let permits):
      guard !row.isDeleted else {
        throw PeerChartError(.gone, "this record was deleted")
      }
      resource = try old.resource(under: permits, for: .read)
    }
    // Only who may write is told whether the patch would work.
    if case .deny(let reasons) = try reading.decide(old, action: .write) {
      throw WriteRefusal(cause: .record(old, reasons))
    }
    try expecting.check(against: row)
    let patched = try Resource(parsing: change(resource))
    try patched.checkStructure()
    let resolver = ReferenceResolver(view, assigned: [:], unresolved: .refuse)
    return try put(
      patched, id: id, references: try resolver.edits(for: patched), keepUnchanged: true)
  }
}
