import Foundation
import Primitives

/// A file whose first line is a password, so that it stands in no list of processes.
enum PasswordFile {
  /// - Parameter what: whose password it is, for the error.
  /// - Throws: `not-found`, `invalid`.
  static func firstLine(of path: String, what: String) throws -> Redacted<String> {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw PeerChartError(.notFound, "the file with \(what) cannot be read", place: path)
    }
    let line = String(decoding: data.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    guard !line.isEmpty else {
      throw PeerChartError(.invalid, "the first line of the file must be \(what)", place: path)
    }
    return Redacted(line)
  }
}
