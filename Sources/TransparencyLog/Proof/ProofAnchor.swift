public import Primitives

/// A part of a bundle: the entry under a checkpoint that stands outside, and where it stands.
public struct ProofAnchor: Hashable, Sendable {
  /// Where a checkpoint stands outside, in the form in which others can look.
  public enum Evidence: Hashable, Sendable {
    case chain(ChainPlace)
    /// A `.ots` file about the SHA-256 of the checkpoint's text.
    case calendar([UInt8])
    /// The reply of an RFC 3161 authority about the SHA-256 of the checkpoint's text: a `.tsr` file.
    case authority([UInt8])
  }

  /// The event of a registry (docs/format/anchors.md), and what to ask a node of the chain for.
  public struct ChainPlace: Hashable, Sendable {
    /// EIP-155.
    public let chain: UInt64
    public let registry: EthereumAddress
    public let account: EthereumAddress
    /// The block in which it was when the bundle was made.
    public let block: UInt64
    public let transaction: Hash

    public init(
      chain: UInt64, registry: EthereumAddress, account: EthereumAddress, block: UInt64,
      transaction: Hash
    ) {
      self.chain = chain
      self.registry = registry
      self.account = account
      self.block = block
      self.transaction = transaction
    }

    /// CAIP-2.
    public var name: String { "eip155:\(chain)" }
  }

  public let evidence: Evidence
  /// Under the anchored checkpoint; without extra data.
  public let proof: LogProof

  /// - Throws: `invalid` for empty evidence, or a proof with extra data.
  public init(_ evidence: Evidence, proof: LogProof) throws(PeerChartError) {
    let isEmpty =
      switch evidence {
      case .chain: false
      case .calendar(let file), .authority(let file): file.isEmpty
      }
    guard !isEmpty, proof.extra == nil else {
      throw PeerChartError(.invalid, "an anchor's evidence is empty, or its proof has extra data")
    }
    self.evidence = evidence
    self.proof = proof
  }

  public var kind: LogAnchorKind {
    switch evidence {
    case .chain: .chain
    case .calendar: .calendar
    case .authority: .authority
    }
  }

  /// What is anchored.
  public var subject: LogAnchorSubject { LogAnchorSubject(proof.checkpoint.checkpoint) }

  /// Whether both say the same of the same checkpoint.
  func isTwin(of other: ProofAnchor) -> Bool { evidence == other.evidence && size == other.size }

  private var size: UInt64 { proof.checkpoint.checkpoint.size }
}

extension ProofAnchor: Comparable {
  /// The lines of the evidence, a blank line, the proof.
  var bytes: [UInt8] { Array((evidence.text + "\n").utf8) + proof.bytes }

  public static func < (a: Self, b: Self) -> Bool {
    guard a.size == b.size else { return a.size < b.size }
    return a.bytes.lexicographicallyPrecedes(b.bytes)
  }
}

/// The text form: a line with the kind, then the lines of that kind.
extension ProofAnchor.Evidence {
  var text: String {
    switch self {
    case .chain(let place):
      """
      anchor chain
      chain \(place.name)
      registry \(ChainBytes.text(place.registry.bytes))
      account \(ChainBytes.text(place.account.bytes))
      block \(place.block)
      transaction \(ChainBytes.text(place.transaction.bytes))

      """
    case .calendar(let file): "anchor calendar\nots \(Base64.encode(file))\n"
    case .authority(let file): "anchor authority\ntsr \(Base64.encode(file))\n"
    }
  }

  /// Reads the lines of one part, each ended by a newline. Throws `malformed` with the line at fault.
  init(_ lines: inout TextLines) throws(PeerChartError) {
    switch try lines.value("anchor ") {
    case "chain":
      guard let chain = Decimal.parse(try lines.value("chain eip155:").utf8),
        let registry = EthereumAddress(bytes: try lines.hexadecimal("registry ")),
        let account = EthereumAddress(bytes: try lines.hexadecimal("account ")),
        let block = Decimal.parse(try lines.value("block ").utf8), block < 1 << 48,
        let transaction = Hash(bytes: try lines.hexadecimal("transaction "))
      else { throw lines.malformed("a number, address or hash is not in its one form") }
      self = .chain(
        ProofAnchor.ChainPlace(
          chain: chain, registry: registry, account: account, block: block,
          transaction: transaction))
    case "calendar": self = .calendar(try lines.file("ots "))
    case "authority": self = .authority(try lines.file("tsr "))
    default: throw lines.malformed("an anchor is on a chain, at calendars or at an authority")
    }
  }
}

extension TextLines {
  fileprivate mutating func value(_ keyword: String) throws(PeerChartError) -> String {
    guard let value = next()?.value(of: keyword) else {
      throw malformed("a line of an anchor is missing")
    }
    return String(decoding: value, as: UTF8.self)
  }

  /// `0x` and lower-case digits.
  fileprivate mutating func hexadecimal(_ keyword: String) throws(PeerChartError) -> [UInt8] {
    let text = try value(keyword)
    guard text.hasPrefix("0x"), let bytes = Hex.decode(text.dropFirst(2)) else {
      throw malformed("this is not in hexadecimal")
    }
    return bytes
  }

  fileprivate mutating func file(_ keyword: String) throws(PeerChartError) -> [UInt8] {
    guard let bytes = Base64.decode(try value(keyword)), !bytes.isEmpty else {
      throw malformed("the evidence is not base64")
    }
    return bytes
  }
}
