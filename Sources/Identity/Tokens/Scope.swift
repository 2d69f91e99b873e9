import Primitives

/// One SMART App Launch 2.2 scope for FHIR resources: `patient/Observation.rs?category=laboratory`.
///
/// Scopes of version 1 are read as what they mean in version 2 (`.read` is `.rs`, `.write` is `.cud`,
/// `.*` is `.cruds`) and written so.
public struct Scope: Sendable, Hashable {
  /// The longest text in bytes.
  public static let maximumLength = 512

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
  /// What a resource must meet for the scope to reach it; nil for every resource of the type.
  public let condition: ScopeCondition?

  /// Reads one scope.
  ///
  /// - Throws: `malformed`, `tooLarge`, or `notSupported` for what is valid elsewhere and not offered
  ///   here.
  public init(_ text: some StringProtocol) throws {
    guard text.utf8.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a scope is longer than \(Self.maximumLength) characters")
    }
    guard let slash = text.firstIndex(of: "/") else {
      throw PeerChartError(
        .notSupported, "only scopes for resources are offered, such as system/*.rs")
    }
    guard let context = Context(rawValue: String(text[..<slash])) else {
      throw PeerChartError(.malformed, "a scope begins with patient/, user/ or system/")
    }
    let halves = text[text.index(after: slash)...]
      .split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let rest = halves.first, let dot = rest.firstIndex(of: ".") else {
      throw PeerChartError(.malformed, "a scope names a type and actions, such as Observation.rs")
    }
    let type = rest[..<dot]
    guard type == "*" || Self.isTypeName(type) else {
      throw PeerChartError(.malformed, "a scope names a resource type or *")
    }
    self.context = context
    self.type = type == "*" ? nil : String(type)
    actions = try Self.actions(rest[rest.index(after: dot)...])
    condition = halves.count == 2 ? try ScopeCondition(query: halves[1]) : nil
    guard condition == nil || self.type != nil else {
      throw PeerChartError(.notSupported, "a scope with a query names one resource type")
    }
  }

  init(context: Context, type: String?, actions: Set<Action>, condition: ScopeCondition?) {
    self.context = context
    self.type = type
    self.actions = actions
    self.condition = condition
  }

  /// Whether the scope covers this action on every resource of this type. A scope with a condition does
  /// not: `ScopeSet.reach` says what it covers.
  public func allows(_ type: String, _ action: Action) -> Bool {
    condition == nil && concerns(type, action)
  }

  /// Whether the scope covers this action on some resources of this type.
  public func concerns(_ type: String, _ action: Action) -> Bool {
    (self.type == nil || self.type == type) && actions.contains(action)
  }

  /// The scope with fewer actions.
  ///
  /// - Throws: `invalid` where none would be left.
  public func limited(to actions: Set<Action>) throws -> Scope {
    let kept = self.actions.intersection(actions)
    guard !kept.isEmpty else { throw PeerChartError(.invalid, "a scope has at least one action") }
    return Scope(context: context, type: type, actions: kept, condition: condition)
  }

  private static func actions(_ text: some StringProtocol) throws -> Set<Action> {
    switch text {
    case "read": return [.read, .search]
    case "write": return [.create, .update, .delete]
    case "*": return Set(Action.allCases)
    default: break
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
    let query = condition.map { "?\($0)" } ?? ""
    return "\(context.rawValue)/\(type ?? "*").\(letters.joined())\(query)"
  }
}
