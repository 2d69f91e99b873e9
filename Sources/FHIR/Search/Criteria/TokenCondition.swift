import Primitives

/// One alternative of a token parameter (R4 3.1.1.4.10).
struct TokenCondition: Hashable {
  enum System: Hashable {
    /// `code`: whatever the system.
    case any
    /// `|code`: only codes without a system.
    case none
    case exactly(String)
  }

  let system: System
  /// Nil in `system|`: any code of the system.
  let code: String?

  init(parsing text: EscapedText, folding: Bool = true) throws(PeerChartError) {
    let parts = text.split(at: "|", maximum: 1).map(\.unescaped)
    let code = parts.last ?? ""
    if parts.count == 1 {
      system = .any
    } else if let name = parts.first, !name.isEmpty {
      system = .exactly(name)
    } else {
      system = .none
    }
    guard !code.isEmpty || parts.count > 1 && system != .none else {
      throw PeerChartError(.invalid, "a token without a code")
    }
    self.code = code.isEmpty ? nil : folding ? TokenValue.folded(code) : code
  }

  func matches(_ value: TokenValue) -> Bool {
    if let code, !code.isIdentical(to: value.code) { return false }
    if value.isImplied { return code != nil }
    switch system {
    case .any: return true
    case .none: return value.system == nil
    case .exactly(let name): return value.system?.isIdentical(to: name) ?? false
    }
  }
}

extension TypedIdentifier {
  /// Reads `system|code|value` (`:of-type`, R4 3.1.1.4.10.1).
  init(parsing text: EscapedText) throws(PeerChartError) {
    let parts = text.split(at: "|").map(\.unescaped)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else {
      throw PeerChartError(.invalid, ":of-type wants system|code|value")
    }
    self.init(
      system: parts[0], code: TokenValue.folded(parts[1]), value: TokenValue.folded(parts[2]))
  }
}
