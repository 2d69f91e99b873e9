/// The blind name of a record: 16 bytes of a keyed hash over type and id.
public struct RecordKey: Hashable, Sendable {
  public let bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// One patient's chart: its keys and the revision of what decides about access to it.
public struct ChartRow: Sendable, Equatable {
  public let slot: Int64
  public let tag: [UInt8]
  public let keyGeneration: Int64
  /// The chart's key under the root key; nil once destroyed.
  public let wrappedKey: [UInt8]?
  public let consentRevision: Int64

  public init(
    slot: Int64, tag: [UInt8], keyGeneration: Int64, wrappedKey: [UInt8]?, consentRevision: Int64
  ) {
    self.slot = slot
    self.tag = tag
    self.keyGeneration = keyGeneration
    self.wrappedKey = wrappedKey
    self.consentRevision = consentRevision
  }
}

/// A generation of a chart's data key, under the chart's key.
public struct DataKeyRow: Sendable, Equatable {
  public let slot: Int64
  public let generation: Int64
  public let wrapped: [UInt8]
  public init(slot: Int64, generation: Int64, wrapped: [UInt8]) {
    self.slot = slot
    self.generation = generation
    self.wrapped = wrapped
  }
}

/// A stored version of a record.
public struct VersionRow: Sendable, Equatable {
  public let row: Int64
  public let key: RecordKey
  public let slot: Int64
  public let number: Int64
  /// Milliseconds since 1970.
  public let storedAt: Int64
  public let isDeleted: Bool
  public let body: SealedBody

  /// The sealed body, fetched where it lies apart: ask once.
  ///
  /// - Throws: what `SealedBody.bytes` throws.
  public var sealed: [UInt8] { get throws { try body.bytes() } }

  public init(
    row: Int64, key: RecordKey, slot: Int64, number: Int64, storedAt: Int64, isDeleted: Bool,
    body: SealedBody
  ) {
    self.row = row
    self.key = key
    self.slot = slot
    self.number = number
    self.storedAt = storedAt
    self.isDeleted = isDeleted
    self.body = body
  }
}

/// A version about to be stored, with its index entries.
public struct NewVersion: Sendable {
  public let key: RecordKey
  public let slot: Int64
  public let number: Int64
  public let storedAt: Int64
  public let isDeleted: Bool
  public let sealed: [UInt8]
  public let tokens: [UInt64]
  /// Whether it was sealed in the transaction that stores it, so that the same write made again would
  /// have other bytes.
  public let isSealedHere: Bool
  public init(
    key: RecordKey, slot: Int64, number: Int64, storedAt: Int64, isDeleted: Bool, sealed: [UInt8],
    tokens: [UInt64], isSealedHere: Bool = false
  ) {
    self.isSealedHere = isSealedHere
    self.key = key
    self.slot = slot
    self.number = number
    self.storedAt = storedAt
    self.isDeleted = isDeleted
    self.sealed = sealed
    self.tokens = tokens
  }
}

/// Where an index entry points.
public struct IndexEntryPosition: Hashable, Comparable, Sendable {
  public let slot: Int64
  public let row: Int64
  public init(slot: Int64, row: Int64) {
    self.slot = slot
    self.row = row
  }
  public static func < (a: Self, b: Self) -> Bool { (a.slot, a.row) < (b.slot, b.row) }
}

/// Small sealed things a node keeps. Raw values are stored: never change one.
public enum ItemKind: String, Sendable, CaseIterable {
  case node, peer, token, accessRequest, notice, invitation, breakGlass, document, patientLink
  case subscription, subscriptionEvent, job
  case account, loginName, relationship, chartPerson, accountInvitation, session
  case sessionActivity, throttle, ticket
  case mail
  case appClient, appGrant, refreshFamily, tokenKeys, pushedRequest, authorizationCode
  case trustAnchor, launch, certificateOwner, offeredApp
  case restriction
  case accreditor, accreditation, issuedEntity, knownEntity
  case witnessedLog, ownLog, logWitnesses, logEvidence
  case anchorPlace, anchorTurn, logAnchor
  case cardKeys, healthCard, cardIssuer, healthLink
  case issuedDocument, documentStatus

  /// Whether every change is in the log. What counts tries, notes when a session was last used, or says how
  /// far a subscription has come changes all the time, like the outbox, and opens no chart. What only
  /// leads to the row that decides, from a card to its account, from the page to an app, opens none either. How
  /// far an anchor has come is left out because noting it would make the next checkpoint to be anchored.
  var isInLedger: Bool {
    switch self {
    case .node, .subscription, .subscriptionEvent, .sessionActivity, .throttle, .ticket,
      .pushedRequest, .authorizationCode, .launch, .certificateOwner, .offeredApp, .mail,
      // What only leads to the row of an issued document.
      .documentStatus,
      // Two nodes that wrote down each cosignature in their logs would make each other's grow for ever.
      .witnessedLog, .ownLog, .anchorTurn, .logAnchor:
      false
    default: true
    }
  }
}

/// The keys of items that begin with a prefix and stand behind a key, as a range in byte order.
public struct ItemKeyRange: Sendable {
  /// The first key that may be in it.
  public let start: [UInt8]
  /// The first key beyond it; nil where there is none.
  public let end: [UInt8]?

  public init(prefix: [UInt8], after key: [UInt8]?) {
    // The next key in byte order has one more byte, which is zero.
    let next = key.map { $0 + [0] } ?? prefix
    start = next.lexicographicallyPrecedes(prefix) ? prefix : next
    end = prefix.lastIndex { $0 < .max }.map { Array(prefix[..<$0]) + [prefix[$0] + 1] }
  }
}

/// An audit entry ready to be stored: sealed, with its leaf hash.
public struct PreparedEntry: Sendable, Equatable {
  public let slot: Int64?
  public let sealed: [UInt8]
  public let leafHash: [UInt8]
  public init(slot: Int64?, sealed: [UInt8], leafHash: [UInt8]) {
    self.slot = slot
    self.sealed = sealed
    self.leafHash = leafHash
  }
}

/// An entry of the log as stored.
public struct AuditRow: Sendable, Equatable {
  public let sequence: Int64
  public let slot: Int64?
  public let sealed: [UInt8]
  public let leafHash: [UInt8]
  public init(sequence: Int64, slot: Int64?, sealed: [UInt8], leafHash: [UInt8]) {
    self.sequence = sequence
    self.slot = slot
    self.sealed = sealed
    self.leafHash = leafHash
  }
}

/// The hash over a complete subtree of 256^level leaves.
public struct TileRootRow: Sendable, Equatable {
  public let level: Int
  public let index: Int64
  public let hash: [UInt8]
  public init(level: Int, index: Int64, hash: [UInt8]) {
    self.level = level
    self.index = index
    self.hash = hash
  }
}

/// A signed checkpoint of the log.
public struct CheckpointRow: Sendable, Equatable {
  public let size: Int64
  public let note: String
  /// Kept for good because somebody outside has it.
  public let pinned: Bool
  public init(size: Int64, note: String, pinned: Bool) {
    self.size = size
    self.note = note
    self.pinned = pinned
  }
}

/// A message that waits for its receiver to acknowledge it.
public struct OutboxRow: Sendable, Equatable {
  public let id: [UInt8]
  public let peer: [UInt8]
  public let createdAt: Int64
  public let nextAttempt: Int64
  public let attempts: Int64
  /// The message, sealed to its receiver.
  public let sealed: [UInt8]
  public init(
    id: [UInt8], peer: [UInt8], createdAt: Int64, nextAttempt: Int64, attempts: Int64,
    sealed: [UInt8]
  ) {
    self.id = id
    self.peer = peer
    self.createdAt = createdAt
    self.nextAttempt = nextAttempt
    self.attempts = attempts
    self.sealed = sealed
  }
}
