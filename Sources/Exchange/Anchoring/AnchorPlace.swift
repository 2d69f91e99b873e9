public import Foundation
public import Primitives
public import TransparencyLog

/// Where anchors go and how often, as the operator sets it.
public struct AnchorPlace: Sendable, Codable {
  /// A registry on a chain of the Ethereum kind.
  public struct Chain: Sendable, Codable {
    public var node: AnchorAddress
    /// EIP-155.
    public var chainID: UInt64
    /// Nil until it is deployed.
    public var registry: EthereumAddress?
    /// Wei for each gas, at most.
    public var feeCap: UInt64
    /// Gas for a transaction, at most.
    public var gasLimit: UInt64
    /// Blocks, its own included, before an anchor is final; and the chain must call it so, if it says.
    public var depth: UInt64

    public init(
      node: AnchorAddress, chainID: UInt64, registry: EthereumAddress?, feeCap: UInt64,
      gasLimit: UInt64, depth: UInt64
    ) {
      self.node = node
      self.chainID = chainID
      self.registry = registry
      self.feeCap = feeCap
      self.gasLimit = gasLimit
      self.depth = depth
    }

    /// CAIP-2.
    var name: String { "eip155:\(chainID)" }
  }

  /// OpenTimestamps.
  public struct Calendars: Sendable, Codable {
    public var calendars: [AnchorAddress]
    /// A Bitcoin node that knows the blocks; nil where nobody here looks.
    public var bitcoin: AnchorAddress?
    public var depth: UInt64

    public init(calendars: [AnchorAddress], bitcoin: AnchorAddress?, depth: UInt64) {
      self.calendars = calendars
      self.bitcoin = bitcoin
      self.depth = depth
    }
  }

  /// An authority of RFC 3161.
  public struct Authority: Sendable, Codable {
    public var address: AnchorAddress
    /// DER of the certificates that may stand at the end of its path.
    public var trusted: [Data]

    public init(address: AnchorAddress, trusted: [Data]) {
      self.address = address
      self.trusted = trusted
    }
  }

  /// Which of the three it is.
  public enum Target: Sendable, Codable {
    case chain(Chain)
    case calendars(Calendars)
    case authority(Authority)
  }

  /// 1 to 32 of `a-z`, `0-9` and `-`.
  public var name: String
  public var target: Target
  /// Seconds between two anchors.
  public var interval: Int64
  /// Whether its requests carry `credentials`, which are kept beside it.
  var credentials: Redacted<String>?
  /// Of the account that pays.
  var key: EthereumKey?

  /// - Throws: `invalid`.
  public init(
    name: String, target: Target, interval: Int64, credentials: Redacted<String>? = nil
  ) throws(PeerChartError) {
    let isName = name.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
    guard (1...32).contains(name.utf8.count), isName else {
      throw PeerChartError(.invalid, "a provider's name is 1 to 32 of a-z, 0-9 and -")
    }
    guard (1...366 * 86_400).contains(interval) else {
      throw PeerChartError(.invalid, "anchors are made every second at most, every year at least")
    }
    self.name = name
    self.target = target
    self.interval = interval
    self.credentials = credentials
  }

  public var kind: LogAnchorKind {
    switch target {
    case .chain: .chain
    case .calendars: .calendar
    case .authority: .authority
    }
  }

  private enum Key: String, CodingKey { case name, target, interval, credentials, key }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Key.self)
    name = try members.decode(String.self, forKey: .name)
    target = try members.decode(Target.self, forKey: .target)
    interval = try members.decode(Int64.self, forKey: .interval)
    credentials = try members.decodeIfPresent(String.self, forKey: .credentials).map {
      Redacted($0)
    }
    key = try members.decodeIfPresent(Data.self, forKey: .key)
      .map { try EthereumKey(secret: Array($0)) }
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Key.self)
    try members.encode(name, forKey: .name)
    try members.encode(target, forKey: .target)
    try members.encode(interval, forKey: .interval)
    try members.encodeIfPresent(credentials?.exposed, forKey: .credentials)
    try members.encodeIfPresent(key.map { Data($0.secret.exposed) }, forKey: .key)
  }
}
