import Consent
public import FHIR
public import Primitives

/// A record that has been decrypted to be decided about, and not released.
///
/// Its bytes leave only through `release(under:)`, which asks for a `Permit`; only the module
/// `Consent` can make one. Matching a search and reading the facts for a decision happen in here.
struct ClosedRecord: Sendable {
  /// One thing to hold on to, as records are handed on a lot.
  private let contents: Contents

  private final class Contents: Sendable {
    let body: RecordBody
    let row: VersionRow

    init(_ body: RecordBody, _ row: VersionRow) {
      self.body = body
      self.row = row
    }
  }

  init(_ body: RecordBody, row: VersionRow) { contents = Contents(body, row) }

  private var body: RecordBody { contents.body }
  var row: VersionRow { contents.row }

  var type: String { body.type }
  var id: String { body.id }
  var recordType: RecordType { body.recordType }
  var labels: Set<SensitivityLabel> { body.labels }
  var date: Instant? { body.date }
  var patients: [String] { body.patients }
  /// How long the resource is.
  var byteCount: Int { body.json.count }

  /// Whether the record satisfies every condition of a search. What that search looks at besides must be
  /// open to the caller, and `links` sees to it.
  func matches(_ query: SearchQuery, following links: some SearchLinks) throws -> Bool {
    try query.matches(Resource(parsing: body.json), following: links)
  }

  /// As above, where many records are tried.
  func matches(_ verifier: SearchVerifier, following links: some SearchLinks) throws -> Bool {
    try verifier.matches(body.json, following: links)
  }

  /// Looks into the resource for what finding other records needs; nothing of it may leave `Exchange`.
  func withResource<Value>(_ body: (Resource) throws -> Value) throws -> Value {
    try body(try Resource(parsing: self.body.json))
  }

  /// The resource, to follow its references or take what it is sorted by.
  ///
  /// - Throws: `forbidden` unless the permits are for this very record.
  func resource(under permits: [Permit], for action: ConsentAction) throws -> Resource {
    try Resource(parsing: release(under: permits, for: action).json)
  }

  /// What this Subscription asks for.
  func subscriptionRequest() throws -> SubscriptionRequest {
    try SubscriptionRequest(try Resource(parsing: body.json))
  }

  /// What this version added to the index, to be taken out when a newer one comes.
  func indexTerms() throws -> [IndexTerm] {
    RecordIndex.terms(of: try Resource(parsing: body.json))
  }

  /// The grant that this Consent is, if it is of this patient and signed by the patient, or by the node
  /// that delegates it.
  func grant(of patient: String, signedBy keys: GrantKeys) -> SignedConsent? {
    guard body.type == "Consent", let consent = try? Resource(parsing: body.json),
      let signed = try? SignedConsent.verify(
        consent.root, patientKey: keys.patient, delegatorKey: keys.key(of:)),
      signed.grant.patient == patient
    else { return nil }
    return signed
  }

  /// Whether two versions say the same, apart from what the node assigns.
  func hasSameContent(as other: RecordBody) throws -> Bool {
    let (id, version, time) = (body.id, "1", Instant(millisecondsSinceEpoch: 0))
    return try Resource(parsing: body.json).withIdentity(
      id: id, versionId: version, lastUpdated: time)
      == Resource(parsing: other.json).withIdentity(id: id, versionId: version, lastUpdated: time)
  }

  /// Hands the record out. Throws `forbidden` unless the permit is for this very record.
  func release(under permits: [Permit], for action: ConsentAction) throws -> ReleasedResource {
    let named = body.patients.isEmpty ? [nil] : body.patients.map(Optional.init)
    guard
      named.allSatisfy({ patient in
        permits.contains {
          $0.covers(
            patient: patient, recordType: body.recordType, labels: LabelSet(ofRecord: body.labels),
            action: action)
        }
      })
    else { throw PeerChartError(.forbidden, "the permit is not for this record") }
    return ReleasedResource(body, row)
  }
}

/// A resource on its way out: decided about, logged, and only then handed over.
public struct ReleasedResource: Sendable {
  public let type: String
  public let id: String
  public let version: Int64
  public let lastUpdated: Instant
  /// The resource as JSON, byte for byte as it was stored, or the part of it that was asked for. Empty for a deleted version.
  public private(set) var json: [UInt8]
  public let isDeleted: Bool

  /// The resource with only the part that was asked for.
  public func reduced(to subset: ResourceSubset) throws -> ReleasedResource {
    guard !isDeleted else { return self }
    var reduced = self
    reduced.json = try Resource(parsing: json).reduced(to: subset)
    return reduced
  }

  fileprivate init(_ body: RecordBody, _ row: VersionRow) {
    type = body.type
    id = body.id
    version = row.number
    lastUpdated = Instant(millisecondsSinceEpoch: row.storedAt)
    json = body.json
    isDeleted = row.isDeleted
  }
}
