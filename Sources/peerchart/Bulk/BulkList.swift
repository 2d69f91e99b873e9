import ArgumentParser
import Exchange
import Node

struct BulkList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the bulk exports and imports that are there, the newest first.",
    discussion: """
      A job that is done stays until its time is over, so that its files can be read.

      Example:
        peerchart --data home bulk list
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let jobs = try await node.withNode { node in
      try await node.exchange.bulkJobs(as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["jobs": jobs]) }
    for job in jobs {
      try StandardOutput.line(
        """
        \(job.id)  \(job.operation)  \(job.state)
          owner      \(job.owner)
          resources  \(job.resources)
          time       \(job.begun) to \(job.ends)
        """)
    }
  }
}
