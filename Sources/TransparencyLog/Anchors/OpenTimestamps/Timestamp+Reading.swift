public import Primitives

extension Timestamp {
  /// The longest answer of a calendar that is read, in bytes.
  public static let answerLimit = 10_000

  /// Reads what a calendar says.
  ///
  /// - Throws: `malformed`, `tooLarge`; `not-supported` for a hash other than SHA-256.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    guard bytes.count <= Self.answerLimit else {
      throw PeerChartError(.tooLarge, "a calendar's answer is too long")
    }
    var reader = TimestampReader(bytes)
    self = try reader.timestamp(depth: 0)
    try reader.requireEnd()
  }
}

extension TimestampFile {
  /// Reads a `.ots` file of version 1 about a SHA-256.
  ///
  /// - Throws: as `Timestamp.init(parsing:)`.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    guard bytes.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a .ots file is longer than \(Self.maximumLength) bytes")
    }
    guard bytes.starts(with: Self.magic) else {
      throw PeerChartError(.malformed, "this is not a .ots file")
    }
    var reader = TimestampReader(bytes, from: Self.magic.count)
    guard try reader.number() == 1 else {
      throw PeerChartError(.unsupportedVersion, "a .ots file of another version")
    }
    guard try reader.byte() == 0x08 else {
      throw PeerChartError(.notSupported, "a .ots file about another hash than SHA-256")
    }
    guard let digest = Hash(bytes: try reader.bytes(Hash.byteCount)) else {
      throw reader.malformed("the digest is not one")
    }
    let timestamp = try reader.timestamp(depth: 0)
    try reader.requireEnd()
    self.init(digest: digest, timestamp: timestamp)
  }
}

/// Reads what others wrote: bounded in depth and in the number of entries.
private struct TimestampReader {
  private static let deepest = 128
  private static let mostEntries = 4096

  private let input: [UInt8]
  private var position: Int
  private var entries = 0

  init(_ input: [UInt8], from position: Int = 0) {
    self.input = input
    self.position = position
  }

  func malformed(_ reason: String) -> PeerChartError {
    PeerChartError(.malformed, reason, place: "byte \(position)")
  }

  mutating func byte() throws(PeerChartError) -> UInt8 {
    guard position < input.count else { throw malformed("the timestamp ends early") }
    defer { position += 1 }
    return input[position]
  }

  mutating func bytes(_ count: Int) throws(PeerChartError) -> [UInt8] {
    guard count >= 0, count <= input.count - position else {
      throw malformed("the timestamp ends early")
    }
    defer { position += count }
    return Array(input[position..<position + count])
  }

  /// A number in its shortest form, below 2^63.
  mutating func number() throws(PeerChartError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        guard byte != 0 || shift == 0 else { throw malformed("a number is longer than need be") }
        return value
      }
    }
    throw malformed("a number is too large")
  }

  mutating func prefixed(_ limits: ClosedRange<Int>) throws(PeerChartError) -> [UInt8] {
    guard let count = Int(exactly: try number()), limits.contains(count) else {
      throw malformed("a field has a length that it may not have")
    }
    return try bytes(count)
  }

  func requireEnd() throws(PeerChartError) {
    guard position == input.count else { throw malformed("bytes follow the end") }
  }

  mutating func timestamp(depth: Int) throws(PeerChartError) -> Timestamp {
    guard depth < Self.deepest else {
      throw PeerChartError(.tooLarge, "a timestamp with too many steps")
    }
    var timestamp = Timestamp()
    var tag = try byte()
    while tag == 0xFF {
      try add(try byte(), to: &timestamp, depth)
      tag = try byte()
    }
    try add(tag, to: &timestamp, depth)
    return timestamp
  }

  private mutating func add(
    _ tag: UInt8, to timestamp: inout Timestamp, _ depth: Int
  ) throws(PeerChartError) {
    entries += 1
    guard entries <= Self.mostEntries else {
      throw PeerChartError(.tooLarge, "a timestamp with too many entries")
    }
    let added: Timestamp
    switch tag {
    case 0x00: added = Timestamp(attestations: [try attestation()])
    case 0x08: added = try step(.sha256, depth)
    case 0xF0: added = try step(.append(try prefixed(1...TimestampOperation.limit)), depth)
    case 0xF1: added = try step(.prepend(try prefixed(1...TimestampOperation.limit)), depth)
    case 0x02, 0x03, 0x67, 0xF2, 0xF3:
      throw PeerChartError(.notSupported, "a step other than SHA-256, append and prepend")
    default: throw malformed("this is no step and no attestation")
    }
    timestamp.merge(added)
  }

  private mutating func step(
    _ operation: TimestampOperation, _ depth: Int
  ) throws(PeerChartError) -> Timestamp {
    Timestamp(branches: [.init(operation, try timestamp(depth: depth + 1))])
  }

  private mutating func attestation() throws(PeerChartError) -> TimestampAttestation {
    let tag = try bytes(8)
    let payload = try prefixed(0...TimestampAttestation.payloadLimit)
    var inner = TimestampReader(payload)
    switch tag {
    case TimestampAttestation.pendingTag:
      let address = try inner.prefixed(1...TimestampAttestation.addressLimit)
      try inner.requireEnd()
      let isPlain = address.allSatisfy { byte in
        switch byte {
        case 0x2D...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      }
      guard isPlain else { throw malformed("a calendar's address with other characters") }
      return .pending(String(decoding: address, as: UTF8.self))
    case TimestampAttestation.bitcoinTag:
      let height = try inner.number()
      try inner.requireEnd()
      return .bitcoin(height)
    default: return .other(tag: tag, payload: payload)
    }
  }
}
