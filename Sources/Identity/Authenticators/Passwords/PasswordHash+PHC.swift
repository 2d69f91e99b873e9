public import Primitives

extension PasswordHash {
  /// The PHC string, to be stored sealed.
  public var text: Redacted<String> {
    let parts = parts.exposed
    let cost = "m=\(parts.cost.memory),t=\(parts.cost.passes),p=\(parts.cost.lanes)"
    return Redacted(
      "$argon2id$v=19$\(cost)$\(Self.encode(parts.salt))$\(Self.encode(parts.tag))")
  }

  /// Reads a PHC string of Argon2id version 1.3. Returns nil for any other hash, for costs out of
  /// bounds and for a text that is not in its one form.
  public init?(_ text: String) {
    guard text.utf8.count <= 256 else { return nil }
    let fields = text.split(separator: "$", omittingEmptySubsequences: false)
    guard fields.count == 6, fields[0].isEmpty, fields[1] == "argon2id", fields[2] == "v=19" else {
      return nil
    }
    let costs = fields[3].split(separator: ",", omittingEmptySubsequences: false)
    guard costs.count == 3, let memory = Self.number(costs[0], "m="),
      let passes = Self.number(costs[1], "t="), let lanes = Self.number(costs[2], "p="),
      let cost = Argon2id.Cost(memory: memory, passes: passes, lanes: lanes),
      let salt = Self.decode(fields[4]), (8...64).contains(salt.count),
      let tag = Self.decode(fields[5]), (16...64).contains(tag.count)
    else { return nil }
    self.init(Parts(cost: cost, salt: salt, tag: tag))
    guard self.text.exposed == text else { return nil }
  }

  private static func number(_ field: Substring, _ name: String) -> UInt32? {
    field.hasPrefix(name) ? UInt32(field.dropFirst(name.count)) : nil
  }

  /// The PHC format has base64 without padding.
  private static func encode(_ bytes: [UInt8]) -> String {
    String(Base64.encode(bytes).prefix { $0 != "=" })
  }

  private static func decode(_ text: Substring) -> [UInt8]? {
    Base64.decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
  }
}

extension PasswordHash: Codable {
  /// Reads the PHC string.
  public init(from decoder: any Decoder) throws {
    guard let hash = PasswordHash(try decoder.singleValueContainer().decode(String.self)) else {
      throw PeerChartError(.malformed, "a password hash does not follow its format")
    }
    self = hash
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text.exposed)
  }
}
