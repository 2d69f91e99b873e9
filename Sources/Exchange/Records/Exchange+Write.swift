import Audit
import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// Stores a new record under an id that the node assigns (FHIR create).
  ///
  /// - Throws: `malformed`, `invalid` with the place, `forbidden`.
  public func create(
    _ type: String, _ body: [UInt8], ifNoneExist query: String? = nil, as caller: Caller
  ) async throws -> StoredResource {
    let resource = try incoming(type, body)
    try caller.requireScope(.create, type)
    if query != nil { try caller.requireScope(.search, type) }
    let id = newID()
    return try await writing(caller) { writer in
      if let query, let match = try writer.match(type, query) { return try writer.show(match) }
      return try writer.put(resource, id: id, references: try Self.references(of: resource, writer))
    }
  }

  /// Stores a new version of a record, or the first under an id that the client chose (FHIR update).
  ///
  /// - Throws: as `create`; `precondition-failed` when another version is the newest.
  public func update(
    _ type: String, id: String, _ body: [UInt8], expecting: VersionCondition, as caller: Caller
  ) async throws -> StoredResource {
    try Self.checkAddress(type, id)
    let resource = try incoming(type, body)
    guard resource.id == id else {
      throw PeerChartError(
        .invalid, "the resource must have the id that it is sent to", place: "\(type).id")
    }
    try caller.requireScope(.update, type)
    return try await writing(caller) { writer in
      try writer.put(
        resource, id: id, expecting: expecting,
        references: try Self.references(of: resource, writer))
    }
  }

  /// Stores a new version of a record that is there.
  ///
  /// - Throws: as `update`; `forbidden` for what is not there, as for what is not for the caller, and `gone`
  ///   to those who may write it.
  public func replace(
    _ type: String, id: String, _ body: [UInt8], expecting: VersionCondition, as caller: Caller
  ) async throws -> StoredResource {
    try Self.checkAddress(type, id)
    let resource = try incoming(type, body)
    guard resource.id == id else {
      throw PeerChartError(
        .invalid, "the resource must have the id that it is sent to", place: "\(type).id")
    }
    try caller.requireScope(.update, type)
    return try await writing(caller) { writer in
      try writer.requireExisting(type, id: id)
      return try writer.put(
        resource, id: id, expecting: expecting,
        references: try Self.references(of: resource, writer))
    }
  }

  /// Stores a new version of the one record that a search finds, or the first version if it finds none
  /// (FHIR conditional update).
  ///
  /// - Throws: as `update`; `multiple-matches`.
  public func update(
    _ type: String, where query: String, _ body: [UInt8], expecting: VersionCondition,
    as caller: Caller
  ) async throws -> StoredResource {
    let resource = try incoming(type, body)
    try caller.requireScope(.update, type)
    try caller.requireScope(.search, type)
    let intake = try Intake(
      [IntakeEntry(putting: resource, where: query, expecting)], unresolved: .refuse, newID: newID)
    let stored = try await writing(caller) { writer in
      try intake.plan(0..<1, writer, keepUnchanged: false) { throw $1 }
    }
    guard let stored = stored[0] else {
      throw PeerChartError(.storage, "a conditional update came to nothing")
    }
    return stored
  }

  /// A resource that comes alone is held to what the entries of a bundle are held to: a reference leads
  /// to a record, or it is refused with its place.
  private static func references(of resource: Resource, _ writer: RecordWriter) throws -> ByteEdits
  {
    try ReferenceResolver(writer.view, assigned: [:], unresolved: .refuse).edits(for: resource)
  }

  /// Deletes a record: a last version says that it is gone, the earlier ones stay (FHIR delete).
  ///
  /// - Returns: nil when there was nothing to delete.
  public func delete(
    _ type: String, id: String, expecting: VersionCondition, as caller: Caller
  ) async throws -> StoredResource? {
    try Self.checkAddress(type, id)
    try caller.requireScope(.delete, type)
    return try await writing(caller) { writer in
      try writer.delete(type, id: id, expecting: expecting)
    }
  }

  /// Deletes the one record that a search finds (FHIR conditional delete).
  ///
  /// - Returns: nil when it finds none.
  /// - Throws: `multiple-matches`.
  public func delete(
    _ type: String, where query: String, as caller: Caller
  ) async throws -> StoredResource? {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    try caller.requireScope(.delete, type)
    try caller.requireScope(.search, type)
    return try await writing(caller) { writer in
      guard let match = try writer.match(type, query) else { return nil }
      return try writer.delete(type, id: match.record.id)
    }
  }

  private func incoming(_ type: String, _ body: [UInt8]) throws -> Resource {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    guard body.count <= limits.bodyBytes else {
      throw PeerChartError(.tooLarge, "a body is larger than \(limits.bodyBytes) bytes")
    }
    let resource = try Resource(parsing: body)
    guard resource.type == type else {
      throw PeerChartError(
        .invalid, "this is a \(resource.type), sent to where a \(type) belongs",
        place: "resourceType")
    }
    // References are looked at when they are resolved.
    try resource.checkStructure(references: false)
    return resource
  }

  /// One write or several, decided and planned on a snapshot, then stored all or nothing.
  ///
  /// - Parameter isArchive: whether what comes in is kept and nothing else: a Subscription that was
  ///   exported somewhere does not begin to send things from here.
  func writing<Value: Sendable>(
    _ caller: Caller, isArchive: Bool = false,
    _ plan: @escaping @Sendable (RecordWriter) throws -> Value
  ) async throws -> Value {
    try await pass { [self] snapshot in
      let writer = RecordWriter(Reading(self, snapshot, caller), isArchive: isArchive)
      do {
        let value = try plan(writer)
        return try writer.passage(value)
      } catch let refusal as WriteRefusal {
        return try self.refusal(writer.reading, refusal.cause, action: .write)
      }
    }
  }
}

/// A write that the caller may not do; the plan it belongs to ends here.
struct WriteRefusal: Error {
  let cause: RefusalCause
}
