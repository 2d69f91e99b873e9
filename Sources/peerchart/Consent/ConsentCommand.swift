import ArgumentParser
import Consent
import Exchange
import Node
import Primitives

struct ConsentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consent",
    abstract: "Decide about sharing: the patient's grants, requests, emergency access.",
    discussion: """
      A grant is signed by the patient's key and kept as a FHIR Consent. What no grant gives stays \
      closed; a denial wins over every grant; after a revoke the very next request is refused.

      Example:
        peerchart --data home consent requests
        peerchart --data home consent grant --request 4fd1… --patient 9c1f…
        peerchart --data home consent revoke 77ab…
      """,
    subcommands: [
      ConsentList.self, ConsentRequests.self, ConsentGrant.self, ConsentRefuse.self,
      ConsentRevoke.self, ConsentBreakGlass.self,
    ])
}

extension Grantee {
  /// `organization:system|value`, `person:system|value`, or else a paired node by name, id or
  /// beginning of its fingerprint.
  static func find(_ text: String, in node: PeerChartNode) async throws -> Grantee {
    for (prefix, make) in [("organization:", Grantee.organization), ("person:", Grantee.person)]
    where text.hasPrefix(prefix) {
      let parts = text.dropFirst(prefix.count)
        .split(separator: "|", maxSplits: 1, omittingEmptySubsequences: true)
      guard parts.count == 2 else {
        throw ValidationError("a party is written \(prefix)SYSTEM|VALUE, not '\(text)'")
      }
      return make(PartyIdentifier(system: String(parts[0]), value: String(parts[1])))
    }
    return .node(try await node.peerID(text))
  }
}
