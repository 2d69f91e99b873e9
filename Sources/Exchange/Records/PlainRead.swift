import Consent
public import Identity
import Primitives

/// A read by id in the most usual form: somebody with a bearer token asks for the newest version of a record
/// and for nothing else. One thing to hold on to, as it is handed on a lot.
public final class PlainRead: Sendable {
  let token: BearerToken
  let type: String
  let id: String
  let networkAddress: String?
  public let requestID: String

  /// - Parameter networkAddress: where the request comes from.
  public init(
    token: BearerToken, type: String, id: String, networkAddress: String?, requestID: String
  ) {
    self.token = token
    self.type = type
    self.id = id
    self.networkAddress = networkAddress
    self.requestID = requestID
  }
}

extension Exchange {
  /// Whether the store answers on the thread that asks, so that `release` can do anything.
  public var releasesTogether: Bool { promptStore != nil }

  /// Releases records to those who ask at the same moment: through the one door, on one snapshot and in one
  /// commit. Each is decided about by itself, as `authenticate` and `read` do it; whoever asks for several is
  /// recognised once, and they are in the log as a page of a search would be: one entry for each patient, with
  /// the ids of all requests.
  ///
  /// Only what is released without further ado is answered here. Nothing has been done about the others, nor
  /// written: they take the way of `read`, which says why not. All of them do where an access rule that some
  /// of the decisions rest on has changed since.
  ///
  /// - Parameter then: called once, when the entries are durable: for each read the record, or nil.
  /// - Returns: false where there is no such way, and then `then` is not called.
  public func release(
    _ reads: [PlainRead], then: @escaping @Sendable ([ReleasedResource?]) -> Void
  ) -> Bool {
    // What restricts callers is read again every two seconds, by those who take the other way.
    guard let store = promptStore,
      let policy = restrictionMemory.policy(at: clock.now().millisecondsSinceEpoch)
    else { return false }
    guard
      let passage = try? store.readNow({ [self] in try releases(of: reads, policy, in: $0) }),
      !passage.entries.isEmpty, let resources = try? passage.outcome.get()
    else { return false }
    store.append(
      { snapshot in try Self.stands(passage, snapshot) }, waitingHere: reads.count == 1,
      then: { failure in then(failure == nil ? resources : resources.map { _ in nil }) })
    return true
  }

  private func releases(
    of reads: [PlainRead], _ policy: RestrictionPolicy, in snapshot: any StoreSnapshot
  ) throws -> Passage<[ReleasedResource?]> {
    var readers: [PlainReader] = []
    var entries: [PreparedEntry] = []
    var guards: [Int64: Int64] = [:]
    var released = [ReleasedResource?](repeating: nil, count: reads.count)
    for (place, read) in reads.enumerated() {
      let known = readers.first { $0.asks(read) }
      let reader =
        known ?? PlainReader(read, (try? reading(read, policy, in: snapshot)) ?? nil)
      if known == nil { readers.append(reader) }
      reader.take(read, at: place)
    }
    for reader in readers {
      // Whose entry cannot be made is not answered here; the others are.
      guard let passage = try? reader.passage() else { continue }
      entries += passage.entries
      guards.merge(passage.guards) { $1 }
      for (place, resource) in try passage.outcome.get() { released[place] = resource }
    }
    return Passage(outcome: .success(released), entries: entries, guards: guards)
  }

  /// The holder of a token, here and now; nil for whom nothing is released in this way.
  private func reading(
    _ read: PlainRead, _ policy: RestrictionPolicy, in snapshot: any StoreSnapshot
  ) throws -> Reading? {
    guard let known = try recognized(read.token.digest, in: snapshot),
      let caller = try bearer(
        of: known, purpose: nil, networkAddress: read.networkAddress, requestID: read.requestID,
        baseURL: nil),
      isInPlaceAndTime(caller, policy)
    else { return nil }
    return Reading(self, snapshot, caller)
  }
}

/// Whoever asks in a round of plain reads, and what is released to them.
private final class PlainReader {
  /// Bytes of a record that is answered in one piece.
  private static let longest = 64 << 10

  private let first: PlainRead
  /// Nil for whom nothing is released in this way.
  private let reading: Reading?
  private let subject: RateSubject?
  private var released: [(place: Int, resource: ReleasedResource)] = []
  private var records: [ClosedRecord] = []
  private var permits: [[Permit]] = []
  private var requests: [String] = []

  init(_ read: PlainRead, _ reading: Reading?) {
    first = read
    self.reading = reading
    subject = reading.flatMap { RateSubject($0.caller) }
  }

  func asks(_ read: PlainRead) -> Bool {
    read.token.digest == first.token.digest && read.networkAddress == first.networkAddress
  }

  /// Opens what a read asks for and decides about it. What is not as simple as that is left out.
  func take(_ read: PlainRead, at place: Int) {
    guard let reading,
      let (record, permits) = try? Self.permitted(read, reading),
      let resource = try? record.release(under: permits, for: .read),
      (try? reading.exchange.count(subject)) != nil
    else { return }
    released.append((place, resource))
    records.append(record)
    self.permits.append(permits)
    requests.append(read.requestID)
  }

  private static func permitted(
    _ read: PlainRead, _ reading: Reading
  ) throws -> (ClosedRecord, [Permit])? {
    let exchange = reading.exchange
    try Exchange.checkAddress(read.type, read.id)
    try reading.caller.requireReach(.read, read.type)
    let key = exchange.keys.recordKey(read.type, read.id)
    guard let row = try reading.snapshot.newestVersion(of: key), !row.isDeleted else { return nil }
    let record = try reading.open(row)
    // A long one goes out at the pace of its reader.
    guard record.byteCount <= longest,
      case .permit(let permits) = try reading.decide(record, action: .read),
      try permits.allSatisfy({ try isOrdinary($0, reading) })
    else { return nil }
    return (record, permits)
  }

  /// Whether a permit says nothing that an entry for several records could not say of each: emergencies and legal
  /// bases have entries of their own, and a use of a limited grant is more than an entry.
  private static func isOrdinary(_ permit: Permit, _ reading: Reading) throws -> Bool {
    switch permit.basis.rule {
    case .breakGlass, .legalBasis: return false
    case .chartOwner, .nodeItself, .role, .grant, .sharedData: break
    }
    guard let patient = permit.patient, !permit.basis.grants.isEmpty else { return true }
    return try !reading.accessRules(of: patient).grants.contains {
      $0.maximumUses != nil && permit.basis.grants.contains($0.id)
    }
  }

  /// What is released, with its entries.
  func passage() throws -> Passage<[(place: Int, resource: ReleasedResource)]>? {
    guard let reading, !records.isEmpty else { return nil }
    var passage = Passage(outcome: .success(released))
    try passage.disclose(records, under: permits, .read, reading, requests: requests)
    return passage.uses.isEmpty ? passage : nil
  }
}
