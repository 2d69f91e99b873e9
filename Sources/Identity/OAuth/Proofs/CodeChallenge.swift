import Crypto
import Primitives

/// A PKCE challenge (RFC 7636), S256 only: `plain` protects from nobody who reads the request.
public struct CodeChallenge: Sendable, Hashable, Codable {
  /// SHA-256 of the verifier.
  let digest: [UInt8]

  /// Reads `code_challenge` and `code_challenge_method` (section 4.3).
  ///
  /// - Throws: `invalid_request` for anything but 43 characters of base64url and `S256`. A method that
  ///   is not named would be `plain`.
  public init(challenge: String?, method: String?) throws(OAuthError) {
    guard method == "S256" else {
      throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
    }
    guard let challenge, challenge.utf8.count == 43, let digest = Base64URL.decode(challenge) else {
      throw OAuthError(.invalidRequest, "code_challenge must be 43 characters of base64url")
    }
    self.digest = digest
  }

  /// Whether `verifier` belongs to the challenge (section 4.6), compared in constant time.
  public func matches(verifier: String) -> Bool {
    let bytes = Array(verifier.utf8)
    guard (43...128).contains(bytes.count), bytes.allSatisfy(PercentEncoding.isUnreserved) else {
      return false
    }
    return constantTimeEqual(Array(SHA256.hash(data: bytes)), digest)
  }
}
