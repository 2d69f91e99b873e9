import Foundation
import Primitives

/// A password as it is hashed and judged.
///
/// The same letters typed on two keyboards may be different code points (é as one or as two, a
/// full-width A), so the text is brought to Unicode's form NFKC first, as NIST SP 800-63B section
/// 3.1.1.2 asks; otherwise the owner of the password would be refused on another device.
enum PasswordText {
  /// Bytes of UTF-8: enough for any phrase, and a bound for what a stranger can make us hash.
  static let limit = 1024

  /// Returns nil for an empty text and for one beyond the limit.
  static func normalized(_ password: Redacted<String>) -> String? {
    let text = password.exposed
    guard (1...limit).contains(text.utf8.count) else { return nil }
    return text.precomposedStringWithCompatibilityMapping
  }
}
