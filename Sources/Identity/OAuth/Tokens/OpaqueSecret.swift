import Crypto
public import Primitives

/// A secret that means nothing by itself: 256 random bits behind a prefix that says what it is. As with
/// `BearerToken`, the node keeps a hash. One kind is never taken for another.
public struct OpaqueSecret: Sendable {
  /// What a secret is for.
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// An authorization code (RFC 6749 section 1.3.1).
    case authorizationCode = "pcc_"
    /// A `request_uri` (RFC 9126 section 2.2).
    case pushedRequest = "urn:ietf:params:oauth:request_uri:"
    /// A `launch` of an app out of a session (SMART App Launch 2.2, EHR launch).
    case launch = "pcl_"
    /// The token with which a client changes its registration (RFC 7592 section 3).
    case registration = "pcg_"
  }

  static let byteCount = 32

  /// What it is for.
  public let kind: Kind
  /// What is handed out once.
  public let text: Redacted<String>
  /// SHA-256 over the text: what is stored and looked up.
  public let digest: [UInt8]

  /// Makes a fresh secret.
  public init(_ kind: Kind, random: any RandomSource) {
    self.init(wellFormed: kind.rawValue + Base64URL.encode(random.bytes(Self.byteCount)), kind)
  }

  /// Reads a secret as a caller shows it. Returns nil for any other text.
  public init?(_ kind: Kind, parsing text: some StringProtocol) {
    guard text.utf8.count == kind.rawValue.utf8.count + 43, text.hasPrefix(kind.rawValue),
      let secret = Base64URL.decode(text.dropFirst(kind.rawValue.count)),
      secret.count == Self.byteCount
    else { return nil }
    self.init(wellFormed: String(text), kind)
  }

  private init(wellFormed text: String, _ kind: Kind) {
    self.kind = kind
    self.text = Redacted(text)
    digest = Array(SHA256.hash(data: Array(text.utf8)))
  }

  /// Whether this is the secret that was stored under `digest`, compared in constant time.
  public func matches(digest: [UInt8]) -> Bool { constantTimeEqual(self.digest, digest) }
}

extension OpaqueSecret: CustomStringConvertible {
  /// Never the secret.
  public var description: String { "<\(kind)>" }
}
