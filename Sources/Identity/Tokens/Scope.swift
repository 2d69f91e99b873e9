import Primitives

/// One SMART App Launch 2 scope for FHIR resources: `system/Observation.rs`.
///
/// Scopes of version 1 (`.read`), of other kinds (`openid`, `launch`) and with query parameters are
/// refused by name: a scope that is silently read as less or more than it says is a hole.
public struct Scope: Sendable, Hashable {
  /// On whose behalf.
  public enum Context: String, Sendable, CaseIterable {
    /// One patient's chart.
    case patient
    /// What the signed-in user may see.
    case user
    /// No user: a program of its own.
    case system
  }

  /// What may be done, in the order in which a scope lists it.
  public enum Action: Character, Sendable, CaseIterable {
    /// Create.
    case create = "c"
    /// Read one resource, or a version of it.
    case read = "r"
    /// Update or patch.
    case update = "u"
    /// Delete.
    case delete = "d"
    /// Search, and the history of a type.
    case search = "s"
  }

  /// On whose behalf.
  public let context: Context
  /// The resource type; nil stands for `*`, every type.
  public let type: String?
  /// What may be done; never empty.
  public let actions: Set<Action>

  /// Reads one scope.
  ///
  /// - Throws: `malformed`, or `notSupported` for what is valid elsewhere and not offered here.
  public init(_ text: some StringProtocol) throws {
    guard text.utf8.count <= 256 else {
      throw PeerChartError(.tooLarge, "a scope is longer than 256 characters")
    }
    guard let slash = text.firstIndex(of: "/") else {
      throw PeerChartError(
        .notSupported, "only scopes for resources are offered, such as system/*.rs")
    }
    guard !text.contains("?") else {
      throw PeerChartError(.notSupported, "scopes with query parameters are not offered")
    }
    guard let context = Context(rawValue: String(text[..<slash])) else {
      throw PeerChartError(.malformed, "a scope begins with patient/, user/ or system/")
    }
    let rest = text[text.index(after: slash)...]
    guard let dot = rest.firstIndex(of: ".") else {
      throw PeerChartError(.malformed, "a scope names a type and actions, such as Observation.rs")
    }
    let type = rest[..<dot]
    guard type == "*" || Self.isTypeName(type) else {
      throw PeerChartError(.malformed, "a scope names a resource type or *")
    }
    self.context = context
    self.type = type == "*" ? nil : String(type)
    actions = try Self.actions(rest[rest.index(after: dot)...])
  }

  /// Whether the scope covers this action on this type.
  public func allows(_ type: String, _ action: Action) -> Bool {
    (self.type == nil || self.type == type) && actions.contains(action)
  }

  private static func actions(_ text: some StringProtocol) throws -> Set<Action> {
    guard !["read", "write", "*"].contains(String(text)) else {
      throw PeerChartError(
        .notSupported,
        "a scope of SMART version 1: write .rs for read, .cud for write, .cruds for *")
    }
    // In order and each at most once: what is left of "cruds" must always hold the next letter.
    var order = Action.allCases[...]
    for letter in text {
      guard let place = order.firstIndex(where: { $0.rawValue == letter }) else {
        throw PeerChartError(.malformed, "the actions of a scope are some of cruds, in this order")
      }
      order = order[(place + 1)...]
    }
    guard !text.isEmpty else {
      throw PeerChartError(.malformed, "a scope ends with actions, such as rs")
    }
    return Set(text.compactMap { Action(rawValue: $0) })
  }

  private static func isTypeName(_ text: some StringProtocol) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, (0x41...0x5A).contains(first), bytes.count <= 64 else {
      return false
    }
    return bytes.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
  }
}

extension Scope: CustomStringConvertible {
  /// The scope in its one text form.
  public var description: String {
    let letters = Action.allCases.filter { actions.contains($0) }.map { String($0.rawValue) }
    return "\(context.rawValue)/\(type ?? "*").\(letters.joined())"
  }
}
