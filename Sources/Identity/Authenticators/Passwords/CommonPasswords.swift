import Crypto
import Primitives

/// The common passwords and words, as an xor filter (Graf and Lemire, 2020): three table entries
/// combined give the fingerprint of each word in the set, and of one other text in 65,536 by chance.
///
/// The table is made by Scripts/generate_common_passwords.py, which says where the words come from.
enum CommonPasswords {
  /// Shorter words are not in the set: what twelve characters have besides is more than trimming.
  static let shortestWord = 6

  /// Whether `word`, in lower case, is in the set.
  static func contains(_ word: String) -> Bool {
    let table = Self.table
    let third = table.count / 3
    guard word.unicodeScalars.count >= shortestWord, third > 0 else { return false }
    let digest = Array(SHA256.hash(data: Array("\(salt)\(word)".utf8)))
    var fingerprint = UInt16(digest[12]) << 8 | UInt16(digest[13])
    for part in 0..<3 {
      // A 32-bit number scaled to the third of the table: no division, no bias worth the name.
      let number = digest[(4 * part)..<(4 * part + 4)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      fingerprint ^= table[part * third + Int(number * UInt64(third) >> 32)]
    }
    return fingerprint == 0
  }

  /// Decoded once. An empty table, which would let everything pass, fails the tests.
  private static let table: [UInt16] = {
    let bytes = Base64.decode(encoded.filter { $0 != "\n" }) ?? []
    return stride(from: 0, to: bytes.count - 1, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
  }()
}
