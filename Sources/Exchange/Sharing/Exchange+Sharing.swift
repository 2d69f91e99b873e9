public import Consent
import Crypto
import FHIR
import Identity
public import Primitives

/// What a patient gives a provider, as the provider is known here.
public struct SharingDraft: Sendable {
  /// A paired node's id, an account of the staff, or the id of an Organization or Practitioner on record.
  public var provider: String
  public var types: RecordTypeSet
  public var purpose: PurposeOfUse
  public var until: Instant

  public init(
    provider: String, types: RecordTypeSet, purpose: PurposeOfUse, until: Instant
  ) {
    self.provider = provider
    self.types = types
    self.purpose = purpose
    self.until = until
  }
}

/// A page of the permissions that hold.
public struct GrantPage: Sendable {
  public let grants: [GrantSummary]
  /// Sealed; nil on the last page.
  public let next: String?
}

extension Exchange {
  /// Lets a provider read and search some records of the patient whom the caller is or acts for.
  ///
  /// - Throws: as `grant`; `invalid` for an end that has passed or is too far off, and for a provider who is
  ///   not known here.
  public func share(_ draft: SharingDraft, as caller: Caller) async throws -> GrantSummary {
    let patient = try Self.ownPatient(caller)
    try require(.decideSharing, of: patient, caller)
    let now = clock.now()
    guard now < draft.until else {
      throw PeerChartError(.invalid, "this has passed already", place: "expiry_date")
    }
    guard draft.until <= now.adding(seconds: MessageLimits.longestAccess) else {
      throw PeerChartError(
        .invalid, "nobody is given access for more than ten years", place: "expiry_date")
    }
    let grantee = try await store.read { [self] snapshot in
      try provider(draft.provider, Reading(self, snapshot, caller))
    }
    guard let grantee else {
      throw PeerChartError(
        .invalid, "no provider of that id is known here", place: "provider_id")
    }
    var grant = GrantDraft(
      patient: patient, grantee: grantee, types: draft.types, purposes: PurposeSet(draft.purpose),
      actions: [.read, .search], seconds: 0)
    grant.until = draft.until
    return try await self.grant(grant, as: caller)
  }

  /// The permissions that hold now, of the patient whom the caller is or acts for, the newest first.
  public func activePermissions(
    cursor: String?, count: Int?, as caller: Caller
  ) async throws -> GrantPage {
    let patient = try Self.ownPatient(caller)
    let size = try max(pageSize(count), 1)
    let seal = Array(
      SHA256.hash(data: Array("permissions\n\(caller.identity)\n\(patient)".utf8)))
    let after = try cursor.map { text in
      guard text.utf8.count <= SearchLimits.cursorBytes, let sealed = Base64URL.decode(text),
        let place = try? keys.open(sealed, .node, key: seal)
      else {
        throw PeerChartError(
          .invalid, "this cursor is not of this list; start again without it", place: "cursor")
      }
      return String(decoding: place, as: UTF8.self)
    }
    let now = clock.now()
    let active = try await grants(of: patient, as: caller)
      .filter { grant in
        grant.kind == "permission" && grant.status == "active"
          && grant.until.flatMap { Instant($0) }.map { now < $0 } ?? true
      }
      .sorted { $1.place < $0.place }
      .filter { grant in after.map { grant.place < $0 } ?? true }
    let page = active.prefix(size)
    let next = active.count > size ? page.last?.place : nil
    return GrantPage(
      grants: Array(page),
      next: try next.map { Base64URL.encode(try keys.seal(Array($0.utf8), .node, key: seal)) })
  }

  /// Whom an id stands for: nil for nobody whom the caller may know of.
  private func provider(_ id: String, _ reading: Reading) throws -> Grantee? {
    let snapshot = reading.snapshot
    if let node = NodeID(id), try peer(node, in: snapshot) != nil { return .node(node) }
    if let account = try AccountID(id).flatMap({ try self.account($0, in: snapshot) }) {
      return account.isDisabled || account.staffRoles.isEmpty ? nil : .person(account.party)
    }
    guard Resource.isValidID(id) else { return nil }
    for type in ["Organization", "Practitioner"] {
      guard let found = try reading.readable(ReferenceTarget(type: type, id: id)) else { continue }
      let identifiers = try found.resource().root["identifier"]?.elements.compactMap {
        PartyIdentifier($0)
      }
      return try identifiers.flatMap { try grantee($0, isPerson: type == "Practitioner", snapshot) }
    }
    return nil
  }

  /// A node or an account by which a record names a provider goes before other identifiers, and an NPI before
  /// the rest.
  private func grantee(
    _ identifiers: [PartyIdentifier], isPerson: Bool, _ snapshot: any StoreSnapshot
  ) throws -> Grantee? {
    for identifier in identifiers where identifier.system == "urn:peerchart:node" {
      if let node = NodeID(identifier.value), try peer(node, in: snapshot) != nil {
        return .node(node)
      }
    }
    let known = ["urn:peerchart:account", "http://hl7.org/fhir/sid/us-npi"]
    let best =
      known.lazy.compactMap { system in identifiers.first { $0.system == system } }.first
      ?? identifiers.first
    return best.map { isPerson ? .person($0) : .organization($0) }
  }
}

extension GrantSummary {
  /// Where it stands in the order of time.
  fileprivate var place: String { "\(from ?? "")/\(id)" }
}

extension PartyIdentifier {
  /// An Identifier of FHIR; nil without system and value.
  fileprivate init?(_ value: JSONValue) {
    guard let system = value["system"]?.string, let text = value["value"]?.string,
      !system.isEmpty, !text.isEmpty
    else { return nil }
    self.init(system: system, value: text)
  }
}
