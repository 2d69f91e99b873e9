/// A token in a resource: a code and the system that it belongs to.
struct TokenValue: Hashable {
  /// Nil where there is no system; `isImplied` says whether that is because the definition fixes it.
  var system: String?
  /// Folded, so that equal codes have equal bytes.
  var code: String
  var isImplied = false

  /// The form in which two codes are compared where case does not matter: in ASCII, as codes are.
  static func folded(_ code: String) -> String {
    guard code.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else { return code }
    return String(
      decoding: code.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}

/// An identifier with its type (`:of-type`).
struct TypedIdentifier: Hashable {
  let system: String
  let code: String
  let value: String
}
