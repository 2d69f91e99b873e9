public import Primitives

/// Ten codes for the day when phone and key are gone (look-up secrets, NIST SP 800-63B section 3.1.2).
///
/// A code is twelve characters of base32 (60 bits), so its hash is a slow one with a salt: with a fast
/// one, 60 bits are a week's work for somebody who has the hashes. One salt serves the set, so that an
/// attempt costs one hash and not ten.
public struct RecoveryCodes: Hashable, Sendable {
  static let count = 10
  private static let length = 12
  private static let tagLength = 16
  /// Crockford's: no I, L, O and U, which are read as 1, 1, 0 and as nothing.
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  private let cost: Argon2id.Cost
  private let salt: [UInt8]
  private var tags: Redacted<[[UInt8]]>

  /// How many have not been used.
  public var remaining: Int { tags.exposed.count }

  /// Makes ten codes. Takes some 200 ms.
  ///
  /// - Returns: what is kept, and the codes as they are shown once: `7KQ2-M9XA-04TB`.
  /// - Throws: `storage` when there is not the memory to hash them.
  public static func make(
    random: any RandomSource
  ) throws(PeerChartError) -> (codes: RecoveryCodes, shown: [Redacted<String>]) {
    let salt = random.bytes(Argon2id.saltLength)
    var tags: [[UInt8]] = []
    var shown: [Redacted<String>] = []
    for _ in 0..<count {
      // 256 is a multiple of 32, so the remainder favours no character.
      let code = random.bytes(length).map { alphabet[Int($0 % 32)] }
      guard let tag = Argon2id.hash(code, salt: salt, cost: .current, count: tagLength) else {
        throw PeerChartError(.storage, "there is not enough memory to make recovery codes")
      }
      tags.append(tag)
      let groups = stride(from: 0, to: code.count, by: 4).map {
        String(decoding: code[$0..<min($0 + 4, code.count)], as: UTF8.self)
      }
      shown.append(Redacted(groups.joined(separator: "-")))
    }
    return (RecoveryCodes(cost: .current, salt: salt, tags: Redacted(tags)), shown)
  }

  /// Uses up a code. False when it is none, was used before, or there is not the memory to find out.
  ///
  /// - Parameter text: as typed, in upper or lower case, with blanks and hyphens anywhere.
  public mutating func use(_ text: String) -> Bool {
    guard let code = Self.read(text),
      let tag = Argon2id.hash(code, salt: salt, cost: cost, count: Self.tagLength)
    else { return false }
    // All are compared, so that the time taken does not tell which it was.
    let rest = tags.exposed.filter { !constantTimeEqual($0, tag) }
    defer { tags = Redacted(rest) }
    return rest.count < remaining
  }

  /// Does the work of `use` for an account without such codes.
  public static func spend(_ text: String) {
    var nothing = RecoveryCodes(
      cost: .current, salt: [UInt8](repeating: 0, count: Argon2id.saltLength), tags: Redacted([]))
    _ = nothing.use(text)
  }

  private static func read(_ text: String) -> [UInt8]? {
    var code: [UInt8] = []
    for byte in text.utf8.prefix(64) where byte != 0x20 && byte != 0x2D {
      let upper = (0x61...0x7A).contains(byte) ? byte - 0x20 : byte
      switch upper {
      case UInt8(ascii: "O"): code.append(UInt8(ascii: "0"))
      case UInt8(ascii: "I"), UInt8(ascii: "L"): code.append(UInt8(ascii: "1"))
      case let other where alphabet.contains(other): code.append(other)
      default: return nil
      }
    }
    return code.count == length && text.utf8.count <= 64 ? code : nil
  }
}

extension RecoveryCodes: CustomStringConvertible {
  /// Only how many are left.
  public var description: String { "<\(remaining) recovery codes>" }
}

extension RecoveryCodes: Codable {
  private enum CodingKeys: String, CodingKey { case memory, passes, lanes, salt, tags }

  /// Reads costs, salt and hashes, the latter two in base64url.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let cost = Argon2id.Cost(
      memory: try container.decode(UInt32.self, forKey: .memory),
      passes: try container.decode(UInt32.self, forKey: .passes),
      lanes: try container.decode(UInt32.self, forKey: .lanes))
    let salt = Base64URL.decode(try container.decode(String.self, forKey: .salt))
    let tags = try container.decode([String].self, forKey: .tags).map { Base64URL.decode($0) ?? [] }
    guard let cost, let salt, salt.count == Argon2id.saltLength, tags.count <= Self.count,
      tags.allSatisfy({ $0.count == Self.tagLength })
    else { throw PeerChartError(.malformed, "recovery codes do not follow their format") }
    self.init(cost: cost, salt: salt, tags: Redacted(tags))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(cost.memory, forKey: .memory)
    try container.encode(cost.passes, forKey: .passes)
    try container.encode(cost.lanes, forKey: .lanes)
    try container.encode(Base64URL.encode(salt), forKey: .salt)
    try container.encode(tags.exposed.map { Base64URL.encode($0) }, forKey: .tags)
  }
}
