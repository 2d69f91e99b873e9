import Primitives
import Synchronization

/// How many documents of strangers are looked at at the same time: each lies in memory as a whole, and comes in
/// as slowly as its sender likes. One address cannot take all places.
final class VerificationPlaces: Sendable {
  private static let most = 8
  private static let mostOfOne = 2
  private let taken = Mutex<[[UInt8]: Int]>([:])

  /// - Throws: `too-many-requests` where all places are taken, or as many as one address may have.
  func take(_ network: [UInt8]) throws(PeerChartError) {
    let hasPlace = taken.withLock { taken in
      let own = taken[network, default: 0]
      guard own < Self.mostOfOne, taken.values.reduce(0, +) < Self.most else { return false }
      taken[network] = own + 1
      return true
    }
    guard hasPlace else {
      throw PeerChartError(
        .tooManyRequests, "too many documents are looked at at this moment; try again")
    }
  }

  func leave(_ network: [UInt8]) {
    taken.withLock { taken in
      guard let own = taken[network] else { return }
      taken[network] = own > 1 ? own - 1 : nil
    }
  }
}

extension Exchange {
  /// Reads and verifies what a stranger sends, if there is a place for it.
  ///
  /// - Parameter address: where it comes from; whoever has none shares the places of one.
  /// - Throws: `too-many-requests`; what `body` throws.
  public func withVerificationPlace<Value>(
    for address: String?, _ body: () async throws -> Value
  ) async throws -> Value {
    let network = address.flatMap { IPAddress($0) }?.network ?? []
    try verificationPlaces.take(network)
    defer { verificationPlaces.leave(network) }
    return try await body()
  }
}
