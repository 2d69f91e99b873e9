import ArgumentParser
import Exchange
import Node

/// Who is asked about a document: its issuer, how it stands; nodes of chains, whether its anchors are there.
struct AskingOption: ParsableArguments {
  @Flag(help: "Ask nobody: whether the document was revoked is then not known.")
  var offline = false
  @OptionGroup var anchors: AnchorLookup

  func validate() throws {
    guard !offline || anchors.isEmpty else {
      throw ValidationError("--offline asks nobody; leave out --rpc and --bitcoin")
    }
  }

  /// Works with a node and the ways to those who may be asked.
  func callAsFunction<Value>(
    _ node: PeerChartNode, _ body: (VerificationSources) async throws -> Value
  ) async throws -> Value {
    guard !offline else { return try await body(VerificationSources()) }
    return try await node.withTransport { peers in
      try await anchors { try await body(VerificationSources(peers: peers, anchors: $0)) }
    }
  }
}
