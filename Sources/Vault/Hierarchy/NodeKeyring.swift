import Crypto

/// The node's own keys, each derived from the master key by HKDF-SHA-256 under its own label.
///
/// They depend on nothing but the master key, so replacing the root leaves them as they are.
public struct NodeKeyring: Sendable {
  /// What a derived key seals.
  public enum Sealing: String, Sendable, CaseIterable {
    /// Rows of `item`.
    case items
    /// Details of audit entries.
    case audit
    /// The node's own private keys.
    case secrets
  }

  private let master: SymmetricKey

  init(master: SecretBytes) { self.master = master.symmetricKey }

  /// A key that seals one kind of thing.
  ///
  /// - Parameter generation: for what grows without bound, such as the audit log: begin another
  ///   generation long before 2³² seals, the limit for random nonces (NIST SP 800-38D section 8.3).
  ///   Sealed bodies name the generation, so opening needs nothing else.
  public func sealingKey(_ purpose: Sealing, generation: UInt32 = 1) -> DataKey {
    let key = derive("seal \(purpose.rawValue)", generation: generation)
    return DataKey(slot: 0, generation: generation, key: key)
  }

  /// The blind index, keyed for this node.
  public var blindIndex: BlindIndex { BlindIndex(key: derive("blind index", generation: 1)) }

  private func derive(_ label: String, generation: UInt32) -> SymmetricKey {
    var info = Array("peerchart node key/\(label)/".utf8)
    withUnsafeBytes(of: generation.bigEndian) { info.append(contentsOf: $0) }
    return HKDF<SHA256>.expand(pseudoRandomKey: master, info: info, outputByteCount: 32)
  }
}

extension NodeKeyring: CustomStringConvertible, CustomReflectable {
  /// Never a key.
  public var description: String { "<node keys>" }
  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
