import ArgumentParser

struct LogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "See who witnesses this node's log, anchor it outside, follow anybody's.",
    discussion: """
      Every node serves its log as hashes below /log (C2SP tlog-tiles), and paired nodes cosign each \
      other's: a node that showed two histories would be found out. `log policy` prints what others need \
      to check this node's log.

      Examples:
        peerchart --data home log status
        peerchart --data home log policy > home.policy
        peerchart log monitor https://home.example:8443/log --policy home.policy --folder watched
      """,
    subcommands: [
      LogStatusCommand.self, LogPolicyCommand.self, LogWitnessCommand.self, LogEvidenceCommand.self,
      LogAcceptCommand.self, LogMonitorCommand.self, LogAnchorCommand.self,
    ])
}
