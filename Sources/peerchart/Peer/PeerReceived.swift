import ArgumentParser
import Exchange
import Node

struct PeerReceived: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "received",
    abstract: "List the documents that other nodes delivered, or take one out.",
    discussion: """
      A document is named by its id, or the first 8 or more digits of it. `sec verify` and `sec open` \
      then work on the file.

      Examples:
        peerchart --data ward peer received
        peerchart --data ward peer received 3fa94c01 --output chart.sec
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "Which document to take out.") var id: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write the .sec document.", valueName: "file.sec"))
  var output: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard (id == nil) == (output == nil) else {
      throw ValidationError("to take a document out, name it and give --output FILE.sec")
    }
  }

  func run() async throws {
    if let id, let output {
      let document = try await node.withNode { try await $0.exchange.receivedDocument(id) }
      let file = try NewFile(output)
      try file.write(document)
      try file.commit()
      if json { try StandardOutput.json(["output": output]) }
      return
    }
    let documents = try await node.withNode { try await $0.exchange.receivedDocuments() }
    if json { return try StandardOutput.json(["documents": documents]) }
    for document in documents {
      try StandardOutput.line(
        """
        \(document.at)  from \(document.from): \(document.title)
          \(document.id)  \(document.bytes) bytes
        """)
    }
  }
}
