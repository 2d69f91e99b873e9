import Primitives
import Vault

/// A passphrase kept in a file, for programs: the first line of it.
enum PassphraseFile {
  private static let limit = 1024

  /// - Throws: `not-found`, `storage`; `invalid` for an empty one.
  static func read(_ path: String) throws -> SecretBytes {
    var bytes = try FileSource(path: path).readAll(limit: 1 << 20)
    defer { for index in bytes.indices { bytes[index] = 0 } }
    var line = Array(bytes.prefix { $0 != 0x0A })
    if line.last == 0x0D { line.removeLast() }
    guard (1...limit).contains(line.count) else {
      throw PeerChartError(
        .invalid, "the first line of a passphrase file is the passphrase, 1 to \(limit) bytes",
        place: path)
    }
    return SecretBytes(consuming: &line)
  }
}
