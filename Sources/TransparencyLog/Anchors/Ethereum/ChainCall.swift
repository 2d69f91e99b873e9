public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A question to an Ethereum or Bitcoin node (JSON-RPC), and the strict reading of its answer.
public struct ChainCall: Sendable {
  /// The longest answer that is read, in bytes.
  public static let answerLimit = 4 << 20

  /// An argument.
  public indirect enum Argument: Sendable {
    case text(String)
    case number(UInt64)
    case flag(Bool)
    case object([String: Argument])
    case list([Argument])
    case null
  }

  public let method: String
  public let arguments: [Argument]

  public init(_ method: String, _ arguments: [Argument] = []) {
    self.method = method
    self.arguments = arguments
  }

  /// The request, with the number by which the answer is known.
  ///
  /// - Throws: `invalid`.
  public func body(id: Int) throws(PeerChartError) -> [UInt8] {
    let envelope: [String: Argument] = [
      "jsonrpc": .text("2.0"), "id": .number(UInt64(id.magnitude)), "method": .text(method),
      "params": .list(arguments),
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(envelope)) } catch {
      throw PeerChartError(.invalid, "the call cannot be written", cause: error)
    }
  }

  /// The result in an answer; nil where it is `null`.
  ///
  /// - Throws: `malformed` or `tooLarge` for what is no answer to this request; `ChainFault` in `cause` where
  ///   the node refuses the call.
  public func result<Value: Decodable>(
    _ type: Value.Type, of answer: [UInt8], id: Int
  ) throws(PeerChartError) -> Value? {
    guard answer.count <= Self.answerLimit else {
      throw PeerChartError(.tooLarge, "the node's answer is too long", place: method)
    }
    let envelope: Envelope<Value>
    do { envelope = try JSONDecoder().decode(Envelope<Value>.self, from: Data(answer)) } catch {
      throw PeerChartError(
        .malformed, "the node's answer does not follow its form", place: method, cause: error)
    }
    guard envelope.id == id else {
      throw PeerChartError(.malformed, "the node answers another question", place: method)
    }
    if let fault = envelope.fault {
      throw PeerChartError(.refusedByChain, fault.reason, place: method, cause: fault)
    }
    guard envelope.hasResult else {
      throw PeerChartError(.malformed, "the node's answer is empty", place: method)
    }
    return envelope.result
  }
}

extension PeerChartError.Code {
  /// A chain's node understood the question and refuses it.
  public static let refusedByChain = Self("refused-by-chain")
}

/// Why a node refuses a call. What it says in words stays here: it is somebody else's text.
public struct ChainFault: Error, Sendable, Decodable {
  /// EIP-1474, JSON-RPC section 5.1; 3 where a contract refuses.
  public let code: Int
  let message: String

  /// What it means for us, in our own words.
  public var reason: String {
    let text = message.lowercased()
    let known = [
      ("nonce too low", "the account's number is used already"),
      ("already known", "the node knows the transaction already"),
      ("insufficient funds", "the account has too little to pay with"),
      ("underpriced", "the fee is too low for the node"),
      ("fee cap", "the fee is below the chain's"),
    ]
    if code == 3 { return "the contract refuses the call" }
    return known.first { text.contains($0.0) }?.1 ?? "the node refuses the call (code \(code))"
  }
}

private struct Envelope<Value: Decodable>: Decodable {
  let id: Int?
  let result: Value?
  let hasResult: Bool
  let fault: ChainFault?

  private enum Key: String, CodingKey { case id, result, error }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Key.self)
    id = try members.decodeIfPresent(Int.self, forKey: .id)
    fault = try members.decodeIfPresent(ChainFault.self, forKey: .error)
    hasResult = members.contains(.result)
    result = fault == nil ? try members.decodeIfPresent(Value.self, forKey: .result) : nil
  }
}

extension ChainCall.Argument: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var one = encoder.singleValueContainer()
    switch self {
    case .text(let text): try one.encode(text)
    case .number(let number): try one.encode(number)
    case .flag(let flag): try one.encode(flag)
    case .object(let members): try one.encode(members)
    case .list(let items): try one.encode(items)
    case .null: try one.encodeNil()
    }
  }
}
