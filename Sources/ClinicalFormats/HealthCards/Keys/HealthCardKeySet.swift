import FHIR
public import Primitives

/// The keys that an issuer publishes at `ISSUER/.well-known/jwks.json`.
public struct HealthCardKeySet: Sendable {
  /// Largest text in bytes.
  public static let maximumBytes = 512 << 10
  private static let maximumKeys = 128

  /// The text as it was published.
  public let bytes: [UInt8]
  public let keys: [HealthCardKey]

  /// - Throws: `malformed` or `tooLarge` for what is no key set; what is wrong with single keys, they say
  ///   themselves.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    let limits = JSONLimits(
      maximumBytes: Self.maximumBytes, maximumDepth: 8, maximumNodes: 20_000)
    let root = try JSONDocument(parsing: bytes, limits: limits).root
    guard let keys = root["keys"], keys.kind == .array else {
      throw PeerChartError(.malformed, "a key set has an array of keys", place: "keys")
    }
    guard keys.count <= Self.maximumKeys else {
      throw PeerChartError(.tooLarge, "a key set has more than \(Self.maximumKeys) keys")
    }
    self.bytes = bytes
    self.keys = keys.elements.enumerated().map { number, value in
      HealthCardKey(value, place: "keys[\(number)]")
    }
  }

  /// What is wrong with any key of the set.
  ///
  /// - Parameter issuer: whose it is, to compare certificates with; nil for what can be said without.
  public func findings(issuer: String?) -> [HealthCardFinding] {
    keys.flatMap { $0.findings + $0.certificateFindings(issuer: issuer) }
  }

  /// The key of a name.
  public func key(_ id: String) -> HealthCardKey? {
    keys.first { $0.keyID.utf8.elementsEqual(id.utf8) }
  }
}
