import ArgumentParser
import Exchange
import Logging
import PeerNetwork

/// Where the anchors of a proof are looked up: nodes of chains, asked by whoever names them.
struct AnchorLookup: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A node of a chain (JSON-RPC) that says what stands there; repeatable.", valueName: "url"))
  var rpc: [String] = []
  @Option(help: ArgumentHelp("A Bitcoin node that knows the blocks.", valueName: "url"))
  var bitcoin: String?

  var isEmpty: Bool { rpc.isEmpty && bitcoin == nil }

  /// Works with the ways to them; nil where none is named.
  func callAsFunction<Value>(
    _ body: (AnchorSources?) async throws -> Value
  ) async throws -> Value {
    guard !isEmpty else { return try await body(nil) }
    let chains = try rpc.map { try AnchorAddress($0) }
    let bitcoin = try bitcoin.map { try AnchorAddress($0) }
    let transport = HTTPAnchorTransport(logger: Logger(label: "peerchart"))
    let value: Value
    do {
      value = try await body(
        AnchorSources(chains: chains, bitcoin: bitcoin, transport: transport))
    } catch {
      await transport.shutdown()
      throw error
    }
    await transport.shutdown()
    return value
  }
}
