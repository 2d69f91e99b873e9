public import Primitives

/// Who a node is of: an organization with its National Provider Identifier, until some time.
public struct EntityCredential: Sendable, Hashable {
  /// The longest time that one holds: three years, in seconds.
  public static let longestLifetime: Int64 = 3 * 366 * 86_400
  /// Bytes of a name.
  public static let longestName = 200

  public let organization: String
  public let npi: NationalProviderIdentifier
  public let expires: Instant

  /// - Throws: `invalid` for a name that a statement cannot have.
  public init(organization: String, npi: NationalProviderIdentifier, expires: Instant) throws {
    guard !organization.isEmpty, organization.utf8.count <= Self.longestName else {
      throw PeerChartError(
        .invalid, "an organization's name is 1 to \(Self.longestName) bytes", place: "organization")
    }
    self.organization = organization
    self.npi = npi
    self.expires = Instant(epochSeconds: expires.epochSeconds)
  }
}
