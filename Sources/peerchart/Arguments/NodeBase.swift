import ArgumentParser
import Node
import Primitives

/// The address under which others reach the node.
struct NodeBase: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The node's address as others reach it. Default: where it is being served.",
      valueName: "https://host[:port]"))
  var base: String?

  /// - Throws: `invalid` where there is none, or not one with https.
  func address(of node: PeerChartNode) throws -> String {
    if let base {
      let text = base.hasSuffix("/") ? String(base.dropLast()) : base
      guard text.hasPrefix("https://") else {
        throw PeerChartError(.invalid, "an address is written https://HOST[:PORT]", place: "--base")
      }
      return text
    }
    guard let address = ServingRecord.addresses(of: node).first else {
      throw PeerChartError(
        .invalid, "the node is not being served; name its address", place: "--base")
    }
    return "https://\(address)"
  }
}

/// Other people's servers that may be asked although they are on a private network.
struct FetchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A host that may be asked although it is on a private network, and by plain HTTP; repeatable.",
      valueName: "host[:port]"))
  var allow: [String] = []
  @Option(
    help: ArgumentHelp(
      "Certificates (PEM) that are trusted besides the system's.", valueName: "file"))
  var ca: String?
}
