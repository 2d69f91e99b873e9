import Primitives

/// The scopes of one token.
public struct ScopeSet: Sendable, Hashable {
  /// The most scopes in one set.
  public static let limit = 64
  /// No scope: such a token opens no record.
  public static let none = ScopeSet(unchecked: [])

  /// The scopes in the order given, each once.
  public let scopes: [Scope]

  /// Keeps each scope once.
  ///
  /// - Throws: `tooLarge` for more than 64, `invalid` for none: such a token opens nothing.
  public init(_ scopes: [Scope]) throws {
    guard scopes.count <= Self.limit else {
      throw PeerChartError(.tooLarge, "a token has more than \(Self.limit) scopes")
    }
    guard !scopes.isEmpty else { throw PeerChartError(.invalid, "a token has at least one scope") }
    self.init(unchecked: scopes)
  }

  private init(unchecked scopes: [Scope]) {
    var seen: Set<Scope> = []
    self.scopes = scopes.filter { seen.insert($0).inserted }
  }

  /// Reads scopes separated by single spaces (RFC 6749 section 3.3).
  ///
  /// - Throws: as `Scope`, with the number of the scope as the place.
  public init(parsing text: String) throws {
    guard text.utf8.count <= 4096 else {
      throw PeerChartError(.tooLarge, "the scopes are longer than 4096 characters")
    }
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    try self.init(
      parts.enumerated().map { number, part in
        do {
          return try Scope(part)
        } catch let error as PeerChartError {
          throw PeerChartError(error.code, error.reason, place: "scope \(number + 1)")
        }
      })
  }

  /// Whether any scope covers this action on every resource of this type. Scopes with a condition do
  /// not count here: whoever asks this question looks at no resource.
  ///
  /// - Parameter context: only scopes on this behalf count; nil for any.
  public func allows(
    _ type: String, _ action: Scope.Action, context: Scope.Context? = nil
  ) -> Bool {
    scopes.contains { scope in
      (context == nil || scope.context == context) && scope.allows(type, action)
    }
  }

  /// Which resources of a type the scopes cover for this action.
  ///
  /// - Parameter context: only scopes on this behalf count; nil for any.
  public func reach(
    _ type: String, _ action: Scope.Action, context: Scope.Context? = nil
  ) -> ScopeReach {
    let fitting = scopes.filter { scope in
      (context == nil || scope.context == context) && scope.concerns(type, action)
    }
    let conditions = fitting.compactMap(\.condition)
    if conditions.count < fitting.count { return .everything }
    return conditions.isEmpty ? .nothing : .meeting(conditions)
  }
}

/// Which resources of a type some scopes cover.
public enum ScopeReach: Sendable, Hashable {
  /// None.
  case nothing
  /// All.
  case everything
  /// Those that meet any of these conditions; never empty.
  case meeting([ScopeCondition])
}

extension ScopeSet: CustomStringConvertible {
  /// The scopes separated by spaces.
  public var description: String { scopes.map(\.description).joined(separator: " ") }
}
