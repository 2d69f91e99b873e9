import Identity
public import Primitives

/// One call to a server of somebody else's, for what people here asked to see.
public struct OutgoingFetch: Sendable {
  /// `GET` or `POST`.
  public let method: String
  public let address: FetchAddress
  /// Nil where there is no body.
  public let contentType: String?
  public let body: Redacted<[UInt8]>
  /// The most bytes of the answer.
  public let limit: Int
  /// Whether the operator has named the host: then it may be a private address and plain HTTP.
  public let isNamedHost: Bool
}

/// What a server answered.
public struct FetchedAnswer: Sendable {
  /// HTTP status.
  public let status: Int
  public let body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// The way to servers of others, by the rules that hold for the endpoints of subscriptions: HTTPS, no
/// redirects, nothing off the public network but what the operator has named.
public protocol WebFetcher: Sendable {
  /// Makes the call and reads the whole answer.
  ///
  /// - Throws: `unreachable` when nothing answers in time, `forbidden` for an address that is not on the
  ///   public network, `tooLarge`.
  func fetch(_ request: OutgoingFetch) async throws -> FetchedAnswer
}

/// An address to be fetched: as that of an endpoint, and it may have a query.
public struct FetchAddress: Sendable, Hashable {
  public let endpoint: NotificationEndpoint
  /// With the question mark; empty for none.
  public let query: String

  /// - Throws: `invalid` for what cannot be fetched at all.
  public init(_ text: String) throws(PeerChartError) {
    let mark = text.firstIndex(of: "?") ?? text.endIndex
    let query = String(text[mark...])
    guard query.utf8.count <= 4096,
      query.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"#<>\\^`{|}".utf8.contains($0) })
    else { throw PeerChartError(.invalid, "this address cannot be fetched") }
    do { endpoint = try NotificationEndpoint(String(text[..<mark])) } catch {
      throw PeerChartError(.invalid, "this address cannot be fetched")
    }
    self.query = query
  }

  public var url: String { endpoint.url() + query }

  /// The same with one more pair in its query, which needs no escapes.
  func adding(_ name: String, _ value: String) throws(PeerChartError) -> FetchAddress {
    try FetchAddress(url + (query.isEmpty ? "?" : "&") + name + "=" + value)
  }
}

extension Exchange {
  /// Fetches, if the address is one that may be.
  ///
  /// - Throws: `invalid` for plain HTTP and for hosts off the public network that the operator has not named;
  ///   what `fetch` throws.
  func fetch(
    _ method: String, _ address: FetchAddress, contentType: String? = nil,
    body: Redacted<[UInt8]> = Redacted([]), limit: Int, named hosts: NotificationHosts,
    using fetcher: any WebFetcher
  ) async throws -> FetchedAnswer {
    let isNamed = hosts.names(address.endpoint)
    guard isNamed || address.endpoint.isSecure && !PublicNetwork.excludes(address.endpoint.host)
    else {
      throw PeerChartError(
        .invalid, "only https addresses on the public network are fetched, unless they are named")
    }
    return try await fetcher.fetch(
      OutgoingFetch(
        method: method, address: address, contentType: contentType, body: body, limit: limit,
        isNamedHost: isNamed))
  }
}
