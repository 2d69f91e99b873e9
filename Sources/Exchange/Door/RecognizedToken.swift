import Consent
import Identity
import Synchronization

/// A bearer token as its row says, read once.
struct RecognizedToken: Sendable {
  let record: TokenRecord
  let role: Role
  let scopes: ScopeSet

  /// Nil for a role that this program does not know.
  init?(_ record: TokenRecord) throws {
    guard let role = Role(rawValue: record.role) else { return nil }
    self.record = record
    self.role = role
    scopes = try ScopeSet(parsing: record.scope)
  }
}

/// Tokens by their digest, each together with the sealed row that it was read from. The row is looked at
/// with every request, so a token that was revoked, here or by another process, is not found here either.
final class TokenCache: Sendable {
  private static let capacity = 4096
  private let tokens = Mutex<[[UInt8]: (sealed: [UInt8], token: RecognizedToken)]>([:])

  func token(
    _ digest: [UInt8], sealed: [UInt8], read: () throws -> TokenRecord
  ) throws -> RecognizedToken? {
    if let known = tokens.withLock({ $0[digest] }), known.sealed == sealed { return known.token }
    guard let token = try RecognizedToken(read()) else { return nil }
    tokens.withLock { tokens in
      if tokens.count >= Self.capacity, tokens[digest] == nil { tokens.removeAll() }
      tokens[digest] = (sealed, token)
    }
    return token
  }
}
