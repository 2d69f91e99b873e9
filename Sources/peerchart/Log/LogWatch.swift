import Foundation
import PeerNetwork
import Primitives
import TransparencyLog

/// Looks at a log, once or for as long as nobody ends it, says what it finds and keeps what it must.
struct LogWatch {
  /// What it came to.
  enum Outcome {
    case good
    /// The log could not be read or checked.
    case failed
    case split
  }

  /// What is printed with `--json`.
  private struct Line: Encodable {
    var at: String
    var finding: String
    var size: UInt64?
    var root: String?
    /// The witnesses that count, by their names in the policy.
    var witnesses: [String]?
    var evidence: String?
    var isProven: Bool?
    var equivocators: [String]?
    var reason: String?
  }

  let monitor: LogMonitor
  let source: HTTPLogSource
  let folder: MonitorFolder
  let isWhole: Bool
  let printsJSON: Bool

  /// Looks at intervals, until Ctrl-C or until there are two histories. That the log cannot be read or checked
  /// for a while is said, and no reason to stop.
  func follow(every pause: TimeSpan) async throws -> Outcome {
    let watching = Task {
      while true {
        if try await look() == .split { return Outcome.split }
        try await Task.sleep(for: .seconds(pause.seconds))
      }
    }
    Task {
      await TerminationSignal.wait()
      watching.cancel()
    }
    do {
      return try await watching.value
    } catch {
      if watching.isCancelled { return .good }
      throw error
    }
  }

  /// Looks once.
  func look() async throws -> Outcome {
    let now = SystemClock().now()
    let known = try folder.load()
    let progress = Progress("entries")
    let finding: LogMonitor.Finding
    do {
      defer { progress.finish() }
      finding = try await monitor.look(
        at: source, after: known, isWhole: isWhole, now: now, progress: progress.add)
    } catch let error as PeerChartError where error.code == .unreachable {
      return try say(
        Line(at: now.description, finding: "unreachable", reason: error.reason), .failed)
    }
    return try tell(finding, known, at: now)
  }

  private func tell(
    _ finding: LogMonitor.Finding, _ known: MonitoredLog?, at now: Instant
  ) throws -> Outcome {
    var line = Line(at: now.description, finding: "unchanged")
    func describe(_ seen: MonitoredLog?) throws {
      guard let seen else { return }
      line.size = seen.checkpoint.checkpoint.size
      line.root = seen.checkpoint.checkpoint.root.base64
      line.witnesses = try monitor.policy.report(on: seen.checkpoint, now: now).vouchers
        .map(\.witness)
    }
    switch finding {
    case .unchanged:
      try describe(known)
      return try say(line, .good)
    case .begun(let seen), .grown(let seen):
      try folder.save(seen)
      line.finding = known == nil ? "begun" : "grown"
      try describe(seen)
      return try say(line, .good)
    case .split(let view):
      line.finding = "split-view"
      line.evidence = try folder.keep(view, at: now)
      line.isProven = monitor.policy.logs.contains { view.isProven(by: $0.key) }
      line.equivocators = monitor.policy.witnesses.filter {
        !view.equivocators(among: [$0.key]).isEmpty
      }.map(\.name)
      line.size = view.second.checkpoint.size
      return try say(line, .split)
    case .wrongTiles(let checkpoint, let fault):
      line.finding = "wrong-tiles"
      line.evidence = try folder.keep(checkpoint, fault, at: now)
      line.reason = fault.reason
      return try say(line, .failed)
    case .notAccepted(let fault):
      line.finding = "not-accepted"
      line.reason = fault.reason
      return try say(line, .failed)
    }
  }

  private func say(_ line: Line, _ outcome: Outcome) throws -> Outcome {
    if printsJSON {
      try StandardOutput.json(line)
      return outcome
    }
    let size = line.size.map { "\($0) entries" } ?? ""
    let cosigned = line.witnesses.map { "cosigned by \($0.count)" } ?? ""
    let words =
      switch line.finding {
      case "begun": "follows the log from \(size), \(cosigned)"
      case "grown": "grown to \(size), \(cosigned)"
      case "unchanged": "unchanged at \(size)"
      case "split-view":
        "TWO HISTORIES\(line.isProven == true ? ", proven by the log's own signatures" : "")"
      case "wrong-tiles": "the tiles are wrong: \(line.reason ?? "")"
      case "not-accepted": "the checkpoint is not accepted: \(line.reason ?? "")"
      default: "the log cannot be read: \(line.reason ?? "")"
      }
    try StandardOutput.line("\(line.at)  \(words)")
    if let names = line.equivocators, !names.isEmpty {
      try StandardOutput.line("  witnesses that cosigned both: \(names.joined(separator: ", "))")
    }
    if let file = line.evidence { try StandardOutput.line("  the evidence is in \(file)") }
    return outcome
  }
}
