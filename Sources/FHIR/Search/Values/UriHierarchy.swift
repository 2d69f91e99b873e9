/// Which URI is below which (`:above`, `:below`): by the segments of their paths, and of an OID by its
/// arcs.
enum UriHierarchy {
  /// Whether `uri` is `parent` or lies below it.
  static func isBelow(_ uri: String, _ parent: String) -> Bool {
    let (uri, parent) = (uri.utf8, parent.utf8)
    guard uri.starts(with: parent) else { return false }
    guard let next = uri.dropFirst(parent.count).first, let last = parent.last else { return true }
    return isBoundary(last) || isBoundary(next) || next == 0x2E && parent.starts(with: oid)
  }

  private static let oid = "urn:oid:".utf8

  private static func isBoundary(_ byte: UInt8) -> Bool {
    switch byte {
    // / : # ? |
    case 0x2F, 0x3A, 0x23, 0x3F, 0x7C: true
    default: false
    }
  }

  /// The part that everything below a URI shares with it: scheme and host, or `urn:oid`. Nil where the
  /// text does not go so far.
  static func root(of uri: String) -> String? {
    let bytes = Array(uri.utf8)
    guard let colon = bytes.firstIndex(of: 0x3A), colon > 0 else { return nil }
    var start = colon + 1
    if bytes[start...].starts(with: [0x2F, 0x2F]) { start += 2 }
    let end = bytes[start...].firstIndex { isBoundary($0) } ?? bytes.endIndex
    guard end > start else { return nil }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// The URIs above one, itself included: those of which it is below.
  static func ancestors(of uri: String) -> [String] {
    let bytes = Array(uri.utf8)
    let isOID = bytes.starts(with: oid)
    var found: [String] = []
    for end in 1...max(1, bytes.count) where end <= bytes.count {
      let isEnd =
        end == bytes.count || isBoundary(bytes[end - 1]) || isBoundary(bytes[end])
        || isOID && end >= oid.count && bytes[end] == 0x2E
      if isEnd { found.append(String(decoding: bytes[..<end], as: UTF8.self)) }
    }
    return found
  }
}
