import Primitives

/// Takes lines from the front of a text, each ended by a newline.
struct TextLines {
  var rest: ArraySlice<UInt8>
  var number = 0

  mutating func next() -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: 0x0A) else { return nil }
    defer { rest = rest[(end + 1)...] }
    number += 1
    return rest[..<end]
  }

  func malformed(_ reason: String) -> PeerChartError {
    PeerChartError(.malformed, reason, place: "line \(number)")
  }
}

extension ArraySlice<UInt8> {
  /// What follows a keyword, or nil when the line does not begin with it.
  func value(of keyword: String) -> ArraySlice<UInt8>? {
    starts(with: keyword.utf8) ? dropFirst(keyword.utf8.count) : nil
  }
}
