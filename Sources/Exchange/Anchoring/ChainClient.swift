import Primitives
import TransparencyLog

/// Asks a node of a chain.
struct ChainClient: Sendable {
  let address: AnchorAddress
  let credentials: Redacted<String>?
  let transport: any AnchorTransport

  /// The result; nil where it is `null`.
  func ask<Value: Decodable>(
    _ call: ChainCall, as type: Value.Type = Value.self
  ) async throws -> Value? {
    let reply = try await transport.send(
      AnchorRequest(
        address, body: try call.body(id: 1), contentType: "application/json",
        accept: "application/json", credentials: credentials, limit: ChainCall.answerLimit))
    // Some nodes say with a status what the answer says already.
    guard reply.status == 200 || (400..<600).contains(reply.status) && !reply.body.isEmpty else {
      throw PeerChartError(.unreachable, "the node answers with status \(reply.status)")
    }
    return try call.result(type, of: reply.body, id: 1)
  }

  private func required<Value: Decodable>(
    _ call: ChainCall, as type: Value.Type = Value.self
  ) async throws -> Value {
    guard let value = try await ask(call, as: type) else {
      throw PeerChartError(.malformed, "the node's answer is empty", place: call.method)
    }
    return value
  }

  func chainID() async throws -> UInt64 {
    try await required(ChainCall("eth_chainId"), as: ChainQuantity.self).value
  }

  /// How many transactions of the account are in blocks.
  func transactionCount(_ account: EthereumAddress) async throws -> UInt64 {
    try await required(
      ChainCall(
        "eth_getTransactionCount", [.text(ChainBytes.text(account.bytes)), .text("latest")]),
      as: ChainQuantity.self
    ).value
  }

  func block(_ tag: String) async throws -> ChainBlock? {
    try await ask(ChainCall("eth_getBlockByNumber", [.text(tag), .flag(false)]))
  }

  func block(number: UInt64) async throws -> ChainBlock? {
    try await block(ChainQuantity.text(number))
  }

  func latest() async throws -> ChainBlock {
    guard let block = try await block("latest") else {
      throw PeerChartError(.malformed, "the node has no newest block")
    }
    return block
  }

  /// The newest block that will not be replaced; nil where the chain does not say.
  func finalized() async throws -> ChainBlock? {
    do { return try await block("finalized") } catch let error as PeerChartError
      where error.code == .refusedByChain
    { return nil }
  }

  func tip() async throws -> UInt64 {
    do {
      return try await required(
        ChainCall("eth_maxPriorityFeePerGas"), as: ChainQuantity.self
      ).value
    } catch let error as PeerChartError where error.code == .refusedByChain {
      return 1_000_000_000
    }
  }

  func receipt(_ transaction: [UInt8]) async throws -> ChainReceipt? {
    let receipt: ChainReceipt? = try await ask(
      ChainCall("eth_getTransactionReceipt", [.text(ChainBytes.text(transaction))]))
    guard let receipt else { return nil }
    guard receipt.transaction.bytes == transaction else {
      throw PeerChartError(.malformed, "the node shows another transaction's receipt")
    }
    return receipt
  }

  func code(_ contract: EthereumAddress) async throws -> [UInt8] {
    try await required(
      ChainCall("eth_getCode", [.text(ChainBytes.text(contract.bytes)), .text("latest")]),
      as: ChainBytes.self
    ).bytes
  }

  func call(_ contract: EthereumAddress, _ data: [UInt8], at block: UInt64) async throws -> [UInt8]
  {
    try await required(
      ChainCall(
        "eth_call",
        [
          .object([
            "to": .text(ChainBytes.text(contract.bytes)), "data": .text(ChainBytes.text(data)),
            "from": .text(ChainBytes.text([UInt8](repeating: 0, count: 20))),
          ]), .text(ChainQuantity.text(block)),
        ]), as: ChainBytes.self
    ).bytes
  }

  /// - Returns: the transaction's name as the node says it.
  func send(_ raw: [UInt8]) async throws -> [UInt8] {
    try await required(
      ChainCall("eth_sendRawTransaction", [.text(ChainBytes.text(raw))]), as: ChainBytes.self
    ).bytes
  }
}
