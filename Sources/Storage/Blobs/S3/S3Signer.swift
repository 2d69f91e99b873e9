import Crypto
public import Primitives

/// Signs requests by AWS Signature Version 4, with the signature in a header.
public struct S3Signer: Sendable {
  /// Who asks.
  public struct Credentials: Sendable {
    let accessKeyID: String
    let secretAccessKey: Redacted<String>
    let sessionToken: Redacted<String>?

    public init(
      accessKeyID: String, secretAccessKey: Redacted<String>, sessionToken: Redacted<String>? = nil
    ) {
      self.accessKeyID = accessKeyID
      self.secretAccessKey = secretAccessKey
      self.sessionToken = sessionToken
    }
  }

  private let credentials: Credentials
  private let region: String
  private let service: String

  public init(_ credentials: Credentials, region: String, service: String = "s3") {
    self.credentials = credentials
    self.region = region
    self.service = service
  }

  /// What the signature says that it is about.
  public struct Request: Sendable {
    public var method: String
    /// Already as it is sent: with everything escaped that must be.
    public var path: String
    /// Not escaped yet.
    public var query: [(name: String, value: String)]
    /// Names in lower case; `host` among them.
    public var fields: [(name: String, value: String)]
    /// SHA-256 of the body, in hexadecimal digits.
    public var bodyHash: String

    public init(
      method: String, path: String, query: [(name: String, value: String)] = [],
      fields: [(name: String, value: String)], bodyHash: String
    ) {
      self.method = method
      self.path = path
      self.query = query
      self.fields = fields
      self.bodyHash = bodyHash
    }

    /// The query as it is sent and signed.
    public var encodedQuery: String {
      query.map { (S3Signer.escaped($0.name), S3Signer.escaped($0.value)) }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }
  }

  /// The fields that a request needs beside its own.
  ///
  /// - Parameter time: the service refuses what is off by more than a quarter of an hour.
  public func fields(
    for request: Request, at time: Instant, tellingBodyHash: Bool = true
  ) -> [(name: String, value: String)] {
    let stamp = Self.stamp(time)
    var added = [(name: "x-amz-date", value: stamp)]
    if tellingBodyHash { added.append(("x-amz-content-sha256", request.bodyHash)) }
    if let token = credentials.sessionToken {
      added.append(("x-amz-security-token", token.exposed))
    }
    let signed = (request.fields + added).sorted { $0.name < $1.name }
    let names = signed.map(\.name).joined(separator: ";")
    let canonical = [
      request.method, request.path, request.encodedQuery,
      signed.map { "\($0.name):\($0.value)\n" }.joined(), names, request.bodyHash,
    ].joined(separator: "\n")
    let scope = "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
    let text = [
      "AWS4-HMAC-SHA256", stamp, scope,
      Hex.encode(Array(SHA256.hash(data: Array(canonical.utf8)))),
    ].joined(separator: "\n")
    let signature = Self.authenticate(text, with: signingKey(day: stamp.prefix(8)))
    let authorization =
      "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
      + "SignedHeaders=\(names), Signature=\(Hex.encode(signature))"
    return added + [("authorization", authorization)]
  }

  private func signingKey(day: Substring) -> SymmetricKey {
    let secret = "AWS4" + credentials.secretAccessKey.exposed
    return [String(day), region, service, "aws4_request"].reduce(
      SymmetricKey(data: Array(secret.utf8))
    ) { SymmetricKey(data: Self.authenticate($1, with: $0)) }
  }

  private static func authenticate(_ text: String, with key: SymmetricKey) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }

  /// `20130524T000000Z`
  private static func stamp(_ time: Instant) -> String {
    // The text form is 2013-05-24T00:00:00.000Z.
    String(time.description.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
  }

  /// Everything but letters, digits and `-._~` as `%XX`.
  static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
      default: "%" + Hex.encode([byte]).uppercased()
      }
    }.joined()
  }
}
