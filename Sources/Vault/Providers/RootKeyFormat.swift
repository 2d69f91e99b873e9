import Crypto
import Primitives

/// The text of a root key file (docs/format/sealed-record.md, "Root key file"), strict: every file has
/// exactly one form, so whatever parses is written again to the same bytes.
struct RootKeyFormat: Sendable {
  static let title = "peerchart root key, version 1"

  /// One `generation N VALUE` line: the key itself, or the key wrapped under the passphrase.
  struct Entry {
    let generation: UInt32
    let value: SecretBytes
  }

  /// Argon2id's parameters where a passphrase protects the file.
  var protection: PassphraseParameters?
  var entries: [Entry]

  init(protection: PassphraseParameters?, entries: [Entry]) {
    self.protection = protection
    self.entries = entries
  }

  /// - Throws: `unsupportedVersion` for another title, `integrity` when the checksum does not fit,
  ///   `malformed` otherwise. Nothing thrown holds a part of the file.
  init(parsing content: SecretBytes) throws {
    var lines = content.withUnsafeBytes { bytes in
      bytes.split(separator: 10, maxSplits: 64, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    guard lines.first == Self.title else {
      throw PeerChartError(
        .unsupportedVersion, "this is no root key file, or one of a newer version", place: "line 1")
    }
    guard lines.count >= 4, lines.count <= 64, lines.removeLast().isEmpty else {
      throw Self.malformed
    }
    let check = lines.removeLast()
    guard check == Self.checkLine(over: lines) else {
      throw PeerChartError(.integrity, "the key file was damaged: its checksum does not fit")
    }
    lines.removeFirst()
    if let line = lines.first, line.hasPrefix(PassphraseParameters.prefix) {
      protection = try PassphraseParameters(line: line)
      lines.removeFirst()
    }
    entries = try lines.map { try Self.entry($0) }
    guard serialized == content else { throw Self.malformed }
  }

  /// The file's bytes.
  var serialized: SecretBytes {
    var lines = [Self.title]
    if let protection { lines.append(protection.line) }
    lines += entries.map { entry in
      entry.value.withUnsafeBytes { "generation \(entry.generation) \(Base64URL.encode($0))" }
    }
    lines.append(Self.checkLine(over: lines))
    return SecretBytes(copying: (lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func entry(_ line: String) throws -> Entry {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "generation", let generation = UInt32(words[1]),
      var value = Base64URL.decode(words[2])
    else { throw malformed }
    return Entry(generation: generation, value: SecretBytes(consuming: &value))
  }

  /// Against slips of the disk and the hand, not against an attacker, who could compute it too.
  private static func checkLine(over lines: [String]) -> String {
    let digest = SHA256.hash(data: Array((lines.joined(separator: "\n") + "\n").utf8))
    return "check " + Hex.encode(Array(digest.prefix(8)))
  }

  private static var malformed: PeerChartError {
    PeerChartError(.malformed, "the key file does not follow its format")
  }
}
