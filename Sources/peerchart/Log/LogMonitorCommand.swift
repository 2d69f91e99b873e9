import ArgumentParser
import Exchange
import Foundation
import Logging
import PeerNetwork
import Primitives
import TransparencyLog

struct LogMonitorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Follow any log of the C2SP kind, and keep the evidence if it shows two histories.",
    discussion: """
      Reads every leaf hash that is new, and takes a checkpoint only if it continues what was seen. \
      What was seen is in the folder, so that the monitor can be ended and go on later. Needs no node.

      The exit status is 0 when nothing is wrong, 1 when the log cannot be read or checked, and 2 when there \
      are two histories; then the folder holds the evidence.

      Examples:
        peerchart log monitor https://log.example/2026 --key log.example/2026+1a2b3c4d+AVbc…
        peerchart log monitor https://127.0.0.1:8443/log --ca home/tls/ca.pem \\
          --policy home.policy --once
      """)

  @Argument(help: "The log's address: `checkpoint` and `tile/…` are below it.") var url: String
  @Option(help: ArgumentHelp("The log's verifier key, NAME+ID+KEY.", valueName: "key"))
  var key: String?
  @Option(
    help: ArgumentHelp(
      "A policy (C2SP tlog-policy): the log's key, and which cosignatures it takes.",
      valueName: "file"))
  var policy: String?
  @Option(
    help: ArgumentHelp("Where to keep what was seen. Default: ./log-monitor.", valueName: "dir"))
  var folder = "log-monitor"
  @Option(
    help: ArgumentHelp("How often to look. Default: 1m.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var every = TimeSpan(seconds: 60)
  @Flag(help: "Look once.") var once = false
  @Flag(help: "Begin with the log's first entry, not with its newest checkpoint.") var whole = false
  @Option(
    help: ArgumentHelp(
      "CA certificates (PEM) that are trusted beside the system's.", valueName: "file"))
  var ca: String?
  @Flag(help: "Print one line of JSON for each look.") var json = false

  func validate() throws {
    guard (key == nil) != (policy == nil) else {
      throw ValidationError("name the log's key by --key, or a policy that names it by --policy")
    }
  }

  private func witnessPolicy() throws -> WitnessPolicy {
    guard let policy else {
      let key = try Ed25519NoteVerifier(verifierKey: self.key ?? "")
      return try WitnessPolicy(logs: [.init(key: key)], witnesses: [], need: 0)
    }
    return try WitnessPolicy(
      parsing: FileSource(path: policy).readAll(limit: WitnessPolicy.maximumLength))
  }

  func run() async throws {
    let monitor = try LogMonitor(policy: witnessPolicy())
    guard let log = monitor.policy.logs.first else { return }
    let place = try MonitorFolder(folder, log: log.key)
    let logs = try HTTPLogs(
      authorities: ca, logger: Logger(label: "peerchart") { _ in SwiftLogNoOpLogHandler() })
    let watch = LogWatch(
      monitor: monitor, source: HTTPLogSource(logs, at: url), folder: place, isWhole: whole,
      printsJSON: json)
    let outcome: LogWatch.Outcome
    do {
      outcome = once ? try await watch.look() : try await watch.follow(every: every)
    } catch {
      await logs.shutdown()
      throw error
    }
    await logs.shutdown()
    switch outcome {
    case .good: break
    case .failed: throw ExitCode.failure
    case .split: throw ExitCode(2)
    }
  }
}
