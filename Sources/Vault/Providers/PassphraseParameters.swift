import CArgon2
public import Primitives

/// Argon2id's costs and salt (RFC 9106), kept in the clear beside what they protect.
public struct PassphraseParameters: Sendable, Equatable {
  static let prefix = "argon2id "
  static let saltLength = 16

  /// Memory in KiB; 8 MiB to 1 GiB, so that a doctored file cannot ask for all there is.
  public let memory: UInt32
  /// Passes over the memory; 1 to 16.
  public let passes: UInt32
  /// Lanes; 1 to 4.
  public let lanes: UInt32
  let salt: [UInt8]

  /// 64 MiB and three passes: the second recommendation of RFC 9106 section 4, with one lane.
  public static func recommended(random: any RandomSource) -> PassphraseParameters {
    PassphraseParameters(
      unchecked: (64 << 10, 3, 1), salt: random.bytes(saltLength))
  }

  /// Costs of one's own.
  ///
  /// - Throws: `invalid` beyond the bounds above.
  public init(memory: UInt32, passes: UInt32, lanes: UInt32, random: any RandomSource) throws {
    try self.init(memory, passes, lanes, salt: random.bytes(Self.saltLength))
  }

  private init(unchecked costs: (UInt32, UInt32, UInt32), salt: [UInt8]) {
    (memory, passes, lanes) = costs
    self.salt = salt
  }

  private init(_ memory: UInt32, _ passes: UInt32, _ lanes: UInt32, salt: [UInt8]) throws {
    guard (8 << 10...1 << 20).contains(memory), (1...16).contains(passes), (1...4).contains(lanes),
      salt.count == Self.saltLength
    else {
      throw PeerChartError(.invalid, "the costs of the passphrase are out of bounds")
    }
    self.init(unchecked: (memory, passes, lanes), salt: salt)
  }

  /// `argon2id m=65536 t=3 p=1 salt=…`
  var line: String {
    "\(Self.prefix)m=\(memory) t=\(passes) p=\(lanes) salt=\(Base64URL.encode(salt))"
  }

  init(line: String) throws {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    func value(_ index: Int, _ name: String) -> Substring? {
      words[index].hasPrefix(name) ? words[index].dropFirst(name.count) : nil
    }
    guard words.count == 5, let memory = value(1, "m=").flatMap({ UInt32($0) }),
      let passes = value(2, "t=").flatMap({ UInt32($0) }),
      let lanes = value(3, "p=").flatMap({ UInt32($0) }),
      let salt = value(4, "salt=").flatMap({ Base64URL.decode($0) })
    else { throw PeerChartError(.malformed, "the key file does not follow its format") }
    try self.init(memory, passes, lanes, salt: salt)
  }

  /// Stretches a passphrase of 1 to 1024 bytes into a key. Takes the memory and time it says.
  ///
  /// - Throws: `invalid` for an empty or longer one, `storage` when there is not the memory.
  func key(from passphrase: SecretBytes) throws -> SecretBytes {
    guard (1...1024).contains(passphrase.count) else {
      throw PeerChartError(.invalid, "a passphrase has 1 to 1024 bytes")
    }
    var key = [UInt8](repeating: 0, count: 32)
    let result = passphrase.withUnsafeBytes { passphrase in
      argon2id_hash_raw(
        passes, memory, lanes, passphrase.baseAddress, passphrase.count, salt, salt.count,
        &key, key.count)
    }
    guard result == ARGON2_OK.rawValue else {
      throw PeerChartError(.storage, "there is not enough memory to check the passphrase")
    }
    return SecretBytes(consuming: &key)
  }
}
