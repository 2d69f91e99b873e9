import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read the log, recompute it, and take proofs away.",
    discussion: """
      Everything that happened to health information is an encrypted entry, and the salted hash of it \
      a leaf of a Merkle tree that nobody can rewrite unnoticed.

      Example:
        peerchart --data home audit list --patient 9c1f…
        peerchart --data home audit verify
      """,
    subcommands: [AuditList.self, AuditVerify.self, AuditProve.self])
}
