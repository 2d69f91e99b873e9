import Exchange
import Hummingbird
import Identity

/// The documents in which the node describes its authorization server.
package enum ServerDocument: String, Hashable, Sendable, CaseIterable {
  /// RFC 8414.
  case authorizationServer = "oauth-authorization-server"
  /// OpenID Connect Discovery.
  case openID = "openid-configuration"
  /// RFC 9728.
  case protectedResource = "oauth-protected-resource"

  func bytes(_ server: ServerMetadata) -> [UInt8] {
    switch self {
    case .authorizationServer, .openID: server.authorizationServer
    case .protectedResource: server.protectedResource
    }
  }
}
