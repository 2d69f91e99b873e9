import Crypto

/// What stands in a registry for a revoked document or grant: nobody who does not know the salt can tell for
/// what, or that two keys are of one patient.
public enum RevocationKey {
  /// What is revoked.
  public enum Subject: String, CaseIterable, Sendable {
    case document, grant
  }

  /// SHA-256 over `peerchart/revocation/1`, a zero byte, the kind, a zero byte, the salt of 32 bytes and the id.
  public static func key(_ subject: Subject, id: String, salt: [UInt8]) -> Hash? {
    guard salt.count == 32 else { return nil }
    return Hash(
      SHA256.hash(
        data: Array("peerchart/revocation/1".utf8) + [0] + Array(subject.rawValue.utf8) + [0] + salt
          + Array(id.utf8)))
  }
}
