/// What is known about a message: attestations of it, and steps to other messages with theirs.
public struct Timestamp: Hashable, Sendable {
  /// One step and what is known behind it.
  public struct Branch: Hashable, Sendable {
    public let operation: TimestampOperation
    public var timestamp: Timestamp

    public init(_ operation: TimestampOperation, _ timestamp: Timestamp) {
      self.operation = operation
      self.timestamp = timestamp
    }
  }

  public private(set) var attestations: [TimestampAttestation]
  public private(set) var branches: [Branch]

  public init(attestations: [TimestampAttestation] = [], branches: [Branch] = []) {
    self.attestations = attestations
    self.branches = branches
  }

  /// Adds what another timestamp of the same message knows.
  public mutating func merge(_ other: Timestamp) {
    for attestation in other.attestations where !attestations.contains(attestation) {
      attestations.append(attestation)
    }
    for branch in other.branches {
      if let index = branches.firstIndex(where: { $0.operation == branch.operation }) {
        branches[index].timestamp.merge(branch.timestamp)
      } else {
        branches.append(branch)
      }
    }
  }

  /// Adds what another timestamp knows of a message on the way from `start`.
  public mutating func merge(_ other: Timestamp, about message: [UInt8], from start: [UInt8]) {
    if message == start { merge(other) }
    for index in branches.indices {
      guard let next = branches[index].operation.apply(to: start) else { continue }
      branches[index].timestamp.merge(other, about: message, from: next)
    }
  }

  /// An attestation and the message that it speaks of.
  public struct Attested: Hashable, Sendable {
    public let attestation: TimestampAttestation
    public let message: [UInt8]
  }

  /// All attestations that lead back to a message.
  public func attested(from message: [UInt8]) -> [Attested] {
    attestations.map { Attested(attestation: $0, message: message) }
      + branches.flatMap { branch in
        branch.operation.apply(to: message).map { branch.timestamp.attested(from: $0) } ?? []
      }
  }

  /// The bytes: attestations first, both in the order that the client of OpenTimestamps keeps, the last entry
  /// without a mark.
  var encoded: [UInt8] {
    let entries =
      attestations.sorted { $0.order.lexicographicallyPrecedes($1.order) }
      .map { [0x00] + $0.encoded }
      + branches.sorted { $0.operation.order.lexicographicallyPrecedes($1.operation.order) }
      .map { $0.operation.encoded + $0.timestamp.encoded }
    return entries.dropLast().flatMap { [0xFF] + $0 } + (entries.last ?? [])
  }
}

/// A `.ots` file: what is known about the SHA-256 of a file.
public struct TimestampFile: Hashable, Sendable {
  /// The longest that is read, in bytes.
  public static let maximumLength = 256 << 10

  static let magic: [UInt8] =
    [0] + Array("OpenTimestamps".utf8) + [0, 0] + Array("Proof".utf8)
    + [0, 0xBF, 0x89, 0xE2, 0xE8, 0x84, 0xE8, 0x92, 0x94]

  public let digest: Hash
  public var timestamp: Timestamp

  public init(digest: Hash, timestamp: Timestamp) {
    self.digest = digest
    self.timestamp = timestamp
  }

  /// The file (version 1, SHA-256).
  public var bytes: [UInt8] { Self.magic + [0x01, 0x08] + digest.bytes + timestamp.encoded }

  /// All attestations.
  public var attested: [Timestamp.Attested] { timestamp.attested(from: digest.bytes) }

  /// The messages that wait at a calendar, where Bitcoin does not attest them already.
  public func waiting(at calendars: [String]) -> [(calendar: String, message: [UInt8])] {
    attested.compactMap { entry in
      guard case .pending(let address) = entry.attestation, calendars.contains(address) else {
        return nil
      }
      return (address, entry.message)
    }
  }
}
