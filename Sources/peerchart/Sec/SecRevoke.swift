import ArgumentParser
import Exchange
import FHIR
import Identity
import Node
import Primitives
import SecDocument

struct SecRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take back a document that this node issued.",
    discussion: """
      Whoever holds the document and asks hears of it at once, and when it was. It stands in this node's \
      log; where the log is anchored on a chain, a salted hash is written there too. It cannot be undone: \
      what comes in place of the document is issued with --replaces. Doing it twice does it once.

      Reasons: \(CodeList.names(of: DocumentRevocationReason.self)).

      Example:
        peerchart --data home sec revoke 3f0a… --reason entered-in-error
      """)

  @OptionGroup var place: NodeFolder
  @Argument(
    help: ArgumentHelp("The document, as `sec issue` named it.", valueName: "digest"),
    transform: DocumentDigest.init(argument:))
  var document: DocumentDigest
  @Option(
    help: ArgumentHelp("Why. Default: unspecified.", valueName: "code"),
    transform: { try CodeList.one($0, of: "reason") })
  var reason: DocumentRevocationReason = .unspecified
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let revoked = try await place.withNode { node in
      try await node.exchange.revoke(
        document: document, reason: reason, as: node.exchange.nodeOperator())
    }
    if json {
      try StandardOutput.json([
        "document": .string(revoked.digest.description),
        "since": .string(revoked.since.description),
        "reason": .string(revoked.reason.rawValue), "key": .string(revoked.key),
        "chains": .array(revoked.chains.map { .string($0) }),
      ])
    } else {
      try StandardOutput.line(
        "\(revoked.digest): revoked since \(revoked.since) (\(revoked.reason.rawValue))")
      for chain in revoked.chains {
        try StandardOutput.line("  goes to \(chain) as well; see `log anchor status`")
      }
    }
  }
}

extension DocumentDigest {
  /// 64 hexadecimal digits.
  init(argument text: String) throws {
    guard let digest = DocumentDigest(text.lowercased()) else {
      throw ValidationError("a document is named by 64 hexadecimal digits")
    }
    self = digest
  }
}
