import Primitives
import Testing
import TransparencyLog

/// What a node of a chain may answer, and what it may not.
struct ChainReplyTests {
  private let call = ChainCall("eth_chainId")

  private func number(_ text: String) throws -> UInt64? {
    try call.result(ChainQuantity.self, of: Array(text.utf8), id: 1)?.value
  }

  @Test func aGoodAnswerIsRead() throws {
    #expect(try number(#"{"jsonrpc":"2.0","id":1,"result":"0x539"}"#) == 1337)
    #expect(try number(#"{"jsonrpc":"2.0","id":1,"result":"0x0"}"#) == 0)
    #expect(try number(#"{"jsonrpc":"2.0","id":1,"result":"0xffffffffffffffff"}"#) == .max)
    #expect(try number(#"{"jsonrpc":"2.0","id":1,"result":null}"#) == nil)
  }

  @Test(arguments: [
    "", "nonsense", "[]", "{}", "null", #"{"id":1}"#, #"{"id":2,"result":"0x1"}"#,
    #"{"id":"1","result":"0x1"}"#, #"{"id":1,"result":1}"#, #"{"id":1,"result":"1"}"#,
    #"{"id":1,"result":"0x"}"#, #"{"id":1,"result":"0x01"}"#, #"{"id":1,"result":"0x+1"}"#,
    #"{"id":1,"result":"0x-1"}"#, #"{"id":1,"result":"0x10000000000000000"}"#,
    #"{"id":1,"result":"0xg"}"#, #"{"id":1,"result":{"a":"0x1"}}"#, #"{"id":1,"error":"no"}"#,
    String(repeating: "[", count: 100_000),
    #"{"id":1,"result":"# + String(repeating: "[", count: 100_000),
  ])
  func nonsenseIsRefused(text: String) {
    #expect { _ = try number(text) } throws: { ($0 as? PeerChartError)?.code == .malformed }
  }

  /// Sums of heights must not overflow, whatever a node says.
  @Test func aHeightBeyondReasonIsRefused() throws {
    func block(_ number: String) throws -> ChainBlock? {
      let text = """
        {"id":1,"result":{"number":"\(number)","hash":"0x\(String(repeating: "1", count: 64))",
        "timestamp":"0x1"}}
        """
      return try ChainCall("eth_getBlockByNumber").result(
        ChainBlock.self, of: Array(text.utf8), id: 1)
    }
    #expect(try block("0xffffffffffff")?.number == (1 << 48) - 1)
    #expect { _ = try block("0x1000000000000") } throws: {
      ($0 as? PeerChartError)?.code == .malformed
    }
  }

  @Test func whatIsTooLongIsRefused() {
    let long = [UInt8](repeating: 0x20, count: ChainCall.answerLimit + 1)
    #expect { _ = try call.result(ChainQuantity.self, of: long, id: 1) } throws: {
      ($0 as? PeerChartError)?.code == .tooLarge
    }
  }

  /// Words of a node go into no message of ours.
  @Test func aRefusalHasAReasonOfOurs() {
    let answers = [
      (-32000, "nonce too low: next nonce 5, tx nonce 4", "the account's number is used already"),
      (-32000, "insufficient funds for gas * price", "the account has too little to pay with"),
      (3, "execution reverted: SECRET", "the contract refuses the call"),
      (-32601, "SECRET", "the node refuses the call (code -32601)"),
    ]
    for (code, message, reason) in answers {
      let text = #"{"id":1,"error":{"code":\#(code),"message":"\#(message)"}}"#
      #expect { _ = try number(text) } throws: { error in
        (error as? PeerChartError)?.code == .refusedByChain
          && (error as? PeerChartError)?.reason == reason
      }
    }
  }

  // MARK: Events

  private let registry = "0x00000000000000000000000000000000000000aa"
  private let account = "0x00000000000000000000000000000000000000bb"

  private func event(
    _ size: UInt64, root: UInt8, after: [UInt8], block: UInt64, from: String? = nil,
    index: UInt64 = 0
  ) -> (json: String, accumulator: [UInt8]) {
    let log = AnchorRegistry.logID(origin: "log")
    let root = Hash(bytes: [UInt8](repeating: root, count: 32)) ?? .emptyTree
    let accumulator = AnchorRegistry.accumulate(after, root: root, size: size)
    let topic = Keccak256.hash(Array("Anchored(address,bytes32,uint256,bytes32,bytes32)".utf8))
    let digits = String(size, radix: 16)
    let word = String(repeating: "0", count: 64 - digits.count) + digits
    let json = """
      {"address":"\(from ?? registry)","topics":["0x\(Hex.encode(topic))",
      "0x\(String(repeating: "0", count: 24))\(account.dropFirst(2))","0x\(log)","0x\(word)"],
      "data":"0x\(root)\(Hex.encode(accumulator))","blockNumber":"0x\(String(block, radix: 16))",
      "blockHash":"0x\(String(repeating: "1", count: 64))",
      "transactionHash":"0x\(String(repeating: "2", count: 64))","logIndex":"0x\(String(index, radix: 16))"}
      """
    return (json, accumulator)
  }

  private func history(
    _ events: [String], count: UInt64, size: UInt64, accumulator: [UInt8]
  ) throws -> AnchorHistory {
    let text = #"{"id":1,"result":[\#(events.joined(separator: ","))]}"#
    let found = try #require(
      try ChainCall("eth_getLogs").result([ChainEvent].self, of: Array(text.utf8), id: 1))
    func word(_ value: UInt64) -> [UInt8] {
      [UInt8](repeating: 0, count: 24) + withUnsafeBytes(of: value.bigEndian, Array.init)
    }
    return try AnchorHistory(
      found, head: try RegistryHead(word(count) + word(size) + accumulator),
      registry: try #require(EthereumAddress(registry)),
      account: try #require(EthereumAddress(account)), log: AnchorRegistry.logID(origin: "log"))
  }

  /// A history is all of it or none: whatever is left out, added, changed or moved is noticed.
  @Test func aHistoryIsWhole() throws {
    var accumulator = [UInt8](repeating: 0, count: 32)
    var events: [String] = []
    for number in UInt64(1)...5 {
      let made = event(
        number * 10, root: UInt8(number), after: accumulator, block: number, index: number)
      events.append(made.json)
      accumulator = made.accumulator
    }
    let good = try history(events, count: 5, size: 50, accumulator: accumulator)
    #expect(good.roots.map(\.size) == [10, 20, 30, 40, 50])
    let empty = try history([], count: 0, size: 0, accumulator: [UInt8](repeating: 0, count: 32))
    #expect(empty.roots.isEmpty)

    var bad: [[String]] = []
    for index in events.indices {
      var without = events
      without.remove(at: index)
      bad.append(without)
      var twice = events
      twice.insert(events[index], at: index)
      bad.append(twice)
      bad.append(
        events.indices.map {
          $0 == index ? events[index].replacing(registry, with: account) : events[$0]
        })
      var changed = events
      changed[index] =
        event(
          UInt64(index + 1) * 10, root: 99, after: [UInt8](repeating: 0, count: 32),
          block: UInt64(index + 1)
        ).json
      bad.append(changed)
    }
    var swapped = events
    swapped.swapAt(1, 2)
    bad.append(swapped)
    bad.append(events + [event(60, root: 6, after: accumulator, block: 6).json])
    bad.append([])
    for events in bad {
      #expect {
        _ = try history(events, count: 5, size: 50, accumulator: accumulator)
      } throws: { ($0 as? PeerChartError)?.code == .integrity }
    }
  }

  @Test func hostileAnswersNeverTrap() {
    var random = SeededGenerator()
    let made = event(10, root: 1, after: [UInt8](repeating: 0, count: 32), block: 1)
    let receipt = """
      {"id":1,"result":{"transactionHash":"0x\(String(repeating: "2", count: 64))","blockNumber":"0x1",
      "blockHash":"0x\(String(repeating: "1", count: 64))","status":"0x1","gasUsed":"0x5208",
      "effectiveGasPrice":"0x1","contractAddress":null,"logs":[\(made.json)]}}
      """
    var accepted = 0
    for _ in 0..<5_000 {
      var input = Array(receipt.utf8)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: 0..<input.count, using: &random)
        input[place] = UInt8(truncatingIfNeeded: random.next())
      }
      let call = ChainCall("eth_getTransactionReceipt")
      if let receipt = try? call.result(ChainReceipt.self, of: input, id: 1) {
        accepted += 1
        _ = receipt.events.map { AnchoredRoot($0, registry: $0.address) }
      }
    }
    #expect(accepted > 500, "seed \(random.seed)")
  }
}
