import ArgumentParser
import Audit
import Exchange
import Node
import Primitives
import TransparencyLog

struct AuditProve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract:
      "Take away one entry with the proof that it is in the log, for somebody else to check.",
    discussion: """
      Writes one text file: the entry, its inclusion under the newest checkpoint that witnesses have cosigned, \
      and the anchors over it. `peerchart verify FILE` checks it offline; docs/format/proof.md says how to do \
      that without this program.

      The entry is named by its number, or by what it is about. The latter reads the log from its end.

      Examples:
        peerchart --data home audit prove 42 --output entry42.proof
        peerchart --data home audit prove --revocation 5f0c… --output revoked.proof
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The number of the entry, as `audit list` shows it.") var sequence: Int64?
  @Option(help: ArgumentHelp("The newest entry that gives this consent.", valueName: "id"))
  var grant: String?
  @Option(help: ArgumentHelp("The newest entry that takes this consent back.", valueName: "id"))
  var revocation: String?
  @Option(help: ArgumentHelp("The entry of this document's issue.", valueName: "digest"))
  var document: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var output: String?

  private var subject: ProofSubject? {
    grant.map { .grant(id: $0) } ?? revocation.map { .revocation(id: $0) }
      ?? document.map { .documentIssued(digest: $0.lowercased()) }
  }

  func validate() throws {
    let named = [grant, revocation, document].count { $0 != nil } + (sequence == nil ? 0 : 1)
    guard named == 1 else {
      throw ValidationError(
        "name one entry: by its number, --grant ID, --revocation ID or --document DIGEST")
    }
    guard sequence ?? 0 >= 0 else { throw ValidationError("entries are numbered from 0") }
  }

  func run() async throws {
    let proof = try await node.withNode { node in
      let caller = node.exchange.nodeOperator()
      var number = sequence ?? 0
      if let subject { number = try await node.exchange.findEntry(of: subject, as: caller) }
      return try await node.exchange.proveAudit(number, of: nil, as: caller)
    }
    guard let output, output != "-" else { return try StandardOutput.write(proof.bundle.bytes) }
    let file = try NewFile(output)
    try file.write(proof.bundle.bytes)
    try file.commit()
  }
}
