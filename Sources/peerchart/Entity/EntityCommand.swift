import ArgumentParser
import Exchange
import Identity
import Node
import Primitives

struct EntityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entity",
    abstract:
      "Know which organizations are what they call themselves; or say it, as an accreditor.",
    discussion: """
      An entity is a node of an organization with a National Provider Identifier. An accreditor says so, \
      and later that it is suspended, reinstated, revoked, or goes on under other keys; each statement \
      is signed, numbered, and an entry of the accreditor's log. Whose word counts here, `accreditor` \
      says. A node is named by its id, or if it is paired by its name.

      At the accreditor:
        peerchart --data board entity issue 3fa9… --organization "Exampleville General" \\
          --npi 1234567893 > ward.jws
        peerchart --data board entity suspend 3fa9… --reason privilege-withdrawn
      At the organization, so that its requests show it:
        peerchart --data ward entity add ward.jws
      At those who decide about requests:
        peerchart --data home entity refresh
        peerchart --data home entity list
      """,
    subcommands: [
      EntityList.self, EntityShow.self, EntityAdd.self, EntityRefreshCommand.self,
      EntityIssue.self, EntitySuspend.self, EntityReinstate.self, EntityRevoke.self,
      EntityRotate.self,
    ])
}

extension PeerChartNode {
  /// The node that an id means, or a paired node's name or beginning of its fingerprint.
  func entityID(_ text: String) async throws -> NodeID {
    if let id = NodeID(text.lowercased()) { return id }
    return try await peerID(text)
  }
}

/// The node that a command is about.
struct EntityArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The organization's node: its id, or its name if it is paired.", valueName: "node"))
  var entity: String
}

/// Why something is withdrawn, and since when.
struct WithdrawalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Why: \(EntityReason.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "code"),
    transform: { text in
      guard let reason = EntityReason(rawValue: text) else {
        throw ValidationError(
          "a reason is one of \(EntityReason.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return reason
    })
  var reason = EntityReason.unspecified
  @Option(
    help: ArgumentHelp(
      """
      Since when it counts, as 2026-03-01T09:30:00Z: what was signed before stays good. Default: now.
      """, valueName: "time"),
    transform: { text in
      guard let time = Instant(text) else {
        throw ValidationError("a time is written 2026-03-01T09:30:00Z")
      }
      return time
    })
  var effective: Instant?
}
