import ArgumentParser

struct AccreditorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accreditor",
    abstract: "Say whose word this node takes on organizations, and how far.",
    discussion: """
      An accreditor is a node whose word others take: that a node is of an organization, and that it is \
      not to be relied on any more. It gives them its key, and makes its statements with `entity`.

      Examples:
        peerchart --data board accreditor key > board.json
        peerchart --data home accreditor trust board.json --fresh 30d
        peerchart --data home accreditor list
      """,
    subcommands: [
      AccreditorKey.self, AccreditorTrust.self, AccreditorList.self, AccreditorRemove.self,
    ])
}
