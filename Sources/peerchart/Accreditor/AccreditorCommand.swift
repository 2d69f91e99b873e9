import ArgumentParser

struct AccreditorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accreditor",
    abstract:
      "Say which organizations are what they call themselves, or whose word you take on it.",
    discussion: """
      An accreditor is a node whose word others take. It gives them its key, and to organizations \
      statements: this node is of that organization, with that National Provider Identifier. An \
      organization shows its statement with each request, and patients see who has checked it.

      Examples:
        peerchart --data board accreditor key > board.json
        peerchart --data home accreditor trust board.json
        peerchart --data board accreditor issue 3fa9… --organization "Exampleville General" \\
          --npi 1234567893 > ward.jws
        peerchart --data ward accreditor keep ward.jws
      """,
    subcommands: [
      AccreditorKey.self, AccreditorTrust.self, AccreditorList.self, AccreditorRemove.self,
      AccreditorIssue.self, AccreditorKeep.self,
    ])
}
