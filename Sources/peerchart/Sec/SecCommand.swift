import ArgumentParser

struct SecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sec",
    abstract: "Issue and check .sec documents: sealed to their readers, signed by their source.",
    discussion: """
      In these commands --passphrase-file means the document's passphrase; that of the node's own \
      root key, if it has one, comes from PEERCHART_PASSPHRASE_FILE or the terminal.

      Example:
        peerchart --data home sec issue --patient 9c1f… --to "Exampleville General" --output chart.sec
        peerchart --data ward sec verify chart.sec
        peerchart --data ward sec open chart.sec --output chart.json
        peerchart --data home sec revoke 3f0a… --reason entered-in-error
      """,
    subcommands: [
      SecIssue.self, SecOpen.self, SecVerify.self, SecInspect.self, SecRefresh.self,
      SecRevoke.self,
    ])
}
