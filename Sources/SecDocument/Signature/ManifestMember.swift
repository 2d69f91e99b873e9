import Primitives

/// The members of a manifest and the lengths each may have.
enum ManifestMember: UInt16, CaseIterable {
  case version = 1
  case documentID = 2
  case issuer = 3
  case signingKey = 4
  case postQuantumSigningKey = 5
  case subject = 6
  case typeCode = 7
  case typeDisplay = 8
  case mediaType = 9
  case created = 10
  case contentLength = 11
  case contentDigest = 12
  case predecessor = 13
  case headerDigest = 14

  var lengths: ClosedRange<Int> {
    switch self {
    case .version: 2...2
    case .documentID: 16...16
    case .issuer, .signingKey, .contentDigest, .predecessor, .headerDigest: 32...32
    case .postQuantumSigningKey: 1952...1952
    case .subject: 1...1024
    case .typeCode: 3...9
    case .typeDisplay: 1...256
    case .mediaType: 3...255
    case .created, .contentLength: 8...8
    }
  }

  func error(_ reason: String) -> PeerChartError {
    PeerChartError(.secManifest, reason, place: "manifest member \(rawValue)")
  }
}

/// Members as they lie in a manifest: tag(2) length(2) value, in strictly ascending order of tags.
struct ManifestMembers {
  private var values: [ManifestMember: [UInt8]] = [:]

  init() {}

  /// Parses and refuses whatever version 1 does not know, so that no reader can overlook a member
  /// that a later version gives a meaning.
  init(bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    var previous: UInt16 = 0
    while reader.remaining > 0 {
      do {
        let tag = try reader.read(UInt16.self)
        let value = try reader.read(count: Int(try reader.read(UInt16.self)))
        guard tag > previous, let member = ManifestMember(rawValue: tag) else {
          throw PeerChartError(
            .secManifest, "a manifest member is unknown or out of order",
            place: "manifest member \(tag)")
        }
        guard member.lengths.contains(value.count) else {
          throw member.error("a manifest member has a wrong length")
        }
        values[member] = value
        previous = tag
      } catch let error as PeerChartError where error.code == .malformed {
        throw PeerChartError(.secManifest, "the manifest ends early", cause: error)
      }
    }
  }

  func encoded() throws -> [UInt8] {
    var writer = ByteWriter()
    for member in ManifestMember.allCases {
      guard let value = values[member] else { continue }
      guard member.lengths.contains(value.count) else {
        throw member.error("a manifest member has a wrong length")
      }
      writer.append(member.rawValue)
      writer.append(UInt16(truncatingIfNeeded: value.count))
      writer.append(raw: value)
    }
    return writer.bytes
  }

  subscript(member: ManifestMember) -> [UInt8]? {
    get { values[member] }
    set { values[member] = newValue }
  }

  func required(_ member: ManifestMember) throws -> [UInt8] {
    guard let value = values[member] else { throw member.error("a manifest member is missing") }
    return value
  }

  func integer<Value: FixedWidthInteger>(_ member: ManifestMember, _: Value.Type) throws -> Value {
    var reader = ByteReader(try required(member))
    return try reader.read()
  }

  mutating func set(_ member: ManifestMember, integer: some FixedWidthInteger) {
    var writer = ByteWriter()
    writer.append(integer)
    values[member] = writer.bytes
  }

  /// UTF-8 without control characters, which could deceive whoever prints it to a terminal.
  func text(_ member: ManifestMember) throws -> String? {
    guard let value = values[member] else { return nil }
    guard let text = String(validating: value, as: UTF8.self),
      !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw member.error("a manifest member is not plain text") }
    return text
  }
}
