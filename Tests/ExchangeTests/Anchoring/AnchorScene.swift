import Exchange
import Foundation
import Logging
import Node
import PeerNetwork
import Primitives
import Synchronization
import TestSupport
import Testing
import TransparencyLog

/// An EVM chain that can be told to misbehave (Tests/Interop/chain_node.py).
final class ChainUnderTest: Sendable {
  let service: PythonService
  private let client = HTTPAnchorTransport(logger: Logger(label: "test"))

  init() throws { service = try PythonService("chain_node.py", lines: 2) }

  var url: String { "http://127.0.0.1:\(service.lines[0])" }
  var key: Redacted<[UInt8]> { Redacted(Hex.decode(service.lines[1].dropFirst(2)) ?? []) }

  @discardableResult
  func tell(_ method: String, _ argument: ChainCall.Argument? = nil) async throws -> Int {
    let call = ChainCall("test_\(method)", argument.map { [$0] } ?? [])
    let reply = try await client.send(
      AnchorRequest(
        try AnchorAddress(url), body: try call.body(id: 1), contentType: "application/json",
        limit: 1 << 20))
    if let number = try? call.result(Int.self, of: reply.body, id: 1) { return number }
    _ = try call.result(Bool.self, of: reply.body, id: 1)
    return 0
  }

  func mode(_ mode: String) async throws { try await tell("mode", .text(mode)) }

  func close() async { await client.shutdown() }

  func place(
    gasLimit: UInt64 = 150_000, depth: UInt64 = 3, interval: Int64 = 3600
  ) throws -> AnchorPlace {
    try AnchorPlace(
      name: "chain",
      target: .chain(
        AnchorPlace.Chain(
          node: try AnchorAddress(url), chainID: 1337, registry: nil, feeCap: 50_000_000_000,
          gasLimit: gasLimit, depth: depth)),
      interval: interval)
  }
}

/// A transport that breaks off after so many requests, as a program that is killed does.
final class BreakingTransport: AnchorTransport {
  struct Killed: Error {}

  private let base: any AnchorTransport
  private let left: Mutex<Int>
  /// Whether the last request still reaches the other side.
  private let arrives: Bool

  init(_ base: any AnchorTransport, after count: Int, arrives: Bool) {
    self.base = base
    left = Mutex(count)
    self.arrives = arrives
  }

  func send(_ request: AnchorRequest) async throws -> (status: Int, body: [UInt8]) {
    let now = left.withLock { left in
      left -= 1
      return left
    }
    guard now > 0 else {
      if now == 0, arrives { _ = try await base.send(request) }
      throw Killed()
    }
    return try await base.send(request)
  }
}

extension TestNode {
  /// Takes the registry, or an anchor over everything up to now, as far as it goes.
  func deploy(_ transport: any AnchorTransport) async throws {
    try await exchange.deployRegistry("chain", as: owner)
    try await exchange.pushAnchors("chain", using: transport, as: owner)
    let registry = try await exchange.anchorPlaces(as: owner).first?.registry
    _ = try #require(registry)
  }

  @discardableResult
  func anchorNow(
    at name: String = "chain", _ transport: any AnchorTransport
  ) async throws -> LogAnchorSummary? {
    let (_, size) = try await exchange.requestAnchors(name, as: owner)
    return try await exchange.pushAnchor(name, over: size, using: transport, as: owner)
  }
}
