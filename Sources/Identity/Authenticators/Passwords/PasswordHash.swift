public import Primitives

/// What is kept of a password: a PHC string of Argon2id, `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`.
public struct PasswordHash: Hashable, Sendable {
  /// Behind `Redacted`, so that no dump of an account shows what a guesser needs.
  let parts: Redacted<Parts>

  struct Parts: Hashable, Sendable {
    let cost: Argon2id.Cost
    let salt: [UInt8]
    let tag: [UInt8]
  }

  init(_ parts: Parts) { self.parts = Redacted(parts) }

  /// Hashes a password of 1 to 1024 bytes with a fresh salt. Takes some 20 ms and 19 MiB.
  ///
  /// Whether the password is any good is for `PasswordPolicy` to say.
  ///
  /// - Throws: `invalid` for an empty or a longer one, `storage` when there is not the memory.
  public static func make(
    _ password: Redacted<String>, random: any RandomSource
  ) throws(PeerChartError) -> PasswordHash {
    guard let text = PasswordText.normalized(password) else {
      throw PeerChartError(.invalid, "a password has 1 to \(PasswordText.limit) bytes")
    }
    let salt = random.bytes(Argon2id.saltLength)
    let hashed = Argon2id.hash(
      Array(text.utf8), salt: salt, cost: .current, count: Argon2id.tagLength)
    guard let tag = hashed else {
      throw PeerChartError(.storage, "there is not enough memory to hash the password")
    }
    return PasswordHash(Parts(cost: .current, salt: salt, tag: tag))
  }

  /// Whether this is the password, compared in constant time. Also false where the machine has not
  /// got the memory to find out.
  public func matches(_ password: Redacted<String>) -> Bool {
    guard let text = PasswordText.normalized(password) else { return false }
    let parts = parts.exposed
    let hashed = Argon2id.hash(
      Array(text.utf8), salt: parts.salt, cost: parts.cost, count: parts.tag.count)
    guard let hashed else { return false }
    return constantTimeEqual(hashed, parts.tag)
  }

  /// Whether the password should be hashed anew, now that its owner has just shown it.
  public var isOutdated: Bool {
    parts.exposed.cost.isOutdated || parts.exposed.tag.count < Argon2id.tagLength
  }

  /// Does the work of `matches` for an account that does not exist or has no password, so that the
  /// time an answer takes does not tell which accounts there are (ASVS 6.3.8).
  public static func spend(_ password: Redacted<String>) {
    let nobody = Parts(
      cost: .current, salt: [UInt8](repeating: 0, count: Argon2id.saltLength),
      tag: [UInt8](repeating: 0, count: Argon2id.tagLength))
    _ = PasswordHash(nobody).matches(password)
  }
}

extension PasswordHash: CustomStringConvertible {
  /// Never the hash.
  public var description: String { "<password hash>" }
}
