public import Exchange

extension PeerChartNode {
  /// What the node takes, and from whom it believes where a request comes from.
  public struct DoorLimits: Sendable {
    public var trustedProxies: [NetworkRange]
    public var rates: RequestRates
    /// Connections that one address may have open.
    public var connectionsPerAddress: Int

    public init(
      trustedProxies: [NetworkRange] = [], rates: RequestRates = RequestRates(),
      connectionsPerAddress: Int = 512
    ) {
      self.trustedProxies = trustedProxies
      self.rates = rates
      self.connectionsPerAddress = connectionsPerAddress
    }
  }
}
