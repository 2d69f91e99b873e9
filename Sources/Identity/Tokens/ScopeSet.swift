import Primitives

/// The scopes of one token.
public struct ScopeSet: Sendable, Hashable {
  /// The most scopes in one set.
  public static let limit = 64

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

  /// Whether any scope covers this action on this type.
  ///
  /// - Parameter context: only scopes on this behalf count; nil for any.
  public func allows(
    _ type: String, _ action: Scope.Action, context: Scope.Context? = nil
  ) -> Bool {
    scopes.contains { scope in
      (context == nil || scope.context == context) && scope.allows(type, action)
    }
  }
}

extension ScopeSet: CustomStringConvertible {
  /// The scopes separated by spaces.
  public var description: String { scopes.map(\.description).joined(separator: " ") }
}
