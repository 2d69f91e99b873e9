import ArgumentParser
import Exchange
import Node

struct LogStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show who has cosigned this node's log, and how the logs of paired nodes stand.",
    discussion: """
      The exit status is 0 only if no log is forked or silent and no witness refuses this one's.

      Example:
        peerchart --data home log status
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let status = try await node.withNode {
      try await $0.exchange.logStatus(as: $0.exchange.nodeOperator())
    }
    if json { try StandardOutput.json(status) } else { try print(status) }
    guard status.isGood else { throw ExitCode.failure }
  }

  private func print(_ status: LogStatus) throws {
    try StandardOutput.line(
      """
      This node's log
        key        \(status.verifierKey)
        entries    \(status.size)
        published  \(status.publishedSize.map { "\($0) entries, \(status.publishedAt ?? "")" } ?? "nothing yet")
        needs      \(status.needed) of \(status.witnesses.count) cosignatures
      """)
    for witness in status.witnesses {
      let seen = witness.at.map { ", \($0)" } ?? ""
      let size = witness.size > 0 ? "; it cosigned \(witness.size) entries last" : ""
      try StandardOutput.line("  witness    \(witness.title): \(witness.sentence)\(size)\(seen)")
    }
    if !status.followed.isEmpty { try StandardOutput.line("Logs that this node follows") }
    for log in status.followed {
      try StandardOutput.line("  \(log.name): \(log.sentence); \(log.size) entries, \(log.seenAt)")
      if let evidence = log.evidence {
        try StandardOutput.line("    peerchart log evidence \(evidence)")
      }
    }
  }
}

extension LogStatus {
  fileprivate var isGood: Bool {
    witnesses.allSatisfy { $0.state != "refused" }
      && followed.allSatisfy { $0.state != "forked" && $0.state != "silent" }
  }
}

extension LogStatus.Witness {
  fileprivate var sentence: String {
    switch state {
    case "cosigned": "has cosigned"
    case "unreachable": "cannot be reached"
    case "unknown": "does not follow this log"
    case "refused": "REFUSES: it has seen another history of this log"
    default: "has not been asked yet"
    }
  }
}

extension LogStatus.Followed {
  fileprivate var sentence: String {
    switch state {
    case "forked": "FORKED: it has shown two histories"
    case "silent": "has not been shown for long"
    case "doubtful": "is being looked into"
    default: evidence == nil ? "good" : "good again"
    }
  }
}
