import ArgumentParser
import Exchange
import FHIR
import Node
import Primitives

struct AuditProve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract:
      "Take away one entry with the proof that it is in the log, for somebody else to check.",
    discussion: """
      Writes JSON: the entry's salt (base64) and canonical event (text), and a C2SP tlog-proof with the \
      node's signed checkpoint. docs/format/audit-entry.md and docs/format/log.md say how a stranger \
      checks it offline.

      Example:
        peerchart --data home audit prove 42 --output entry42.json
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The number of the entry, as `audit list` shows it.") var sequence: Int64
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var output: String?

  func validate() throws {
    guard sequence >= 0 else { throw ValidationError("entries are numbered from 0") }
  }

  func run() async throws {
    let proof = try await node.withNode {
      try await $0.exchange.proveAudit(sequence, of: nil, as: $0.exchange.nodeOperator())
    }
    let text: JSONTree = [
      "sequence": .number(String(proof.sequence)), "salt": .string(Base64.encode(proof.salt)),
      "event": .string(String(decoding: proof.event, as: UTF8.self)),
      "proof": .string(String(decoding: proof.proof, as: UTF8.self)),
    ]
    guard let output, output != "-" else { return try StandardOutput.json(text) }
    let file = try NewFile(output)
    try file.write(text.serialized() + [0x0A])
    try file.commit()
  }
}
