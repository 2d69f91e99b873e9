import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Node
import PeerNetwork
import Primitives

/// The main job, start to end, on two real nodes: the nine steps of a shared chart, and what must be
/// refused.
final class Demonstration {
  let household: ServedNode
  let hospital: ServedNode
  var report = DemoReport()
  var patient = ""
  private let isQuiet: Bool

  init(household: ServedNode, hospital: ServedNode, isQuiet: Bool) {
    self.household = household
    self.hospital = hospital
    self.isQuiet = isQuiet
  }

  /// Runs one step, times it and prints it. A step that fails does not stop the rest.
  func step(_ name: String, _ body: () async throws -> String) async {
    let start = ContinuousClock.now
    var note: String
    var ok = true
    do { note = try await body() } catch let failure as DemoFailure {
      (note, ok) = (failure.reason, false)
    } catch {
      (note, ok) = ("\(error)", false)
    }
    let duration = ContinuousClock.now - start
    let ms =
      Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
    report.steps.append(DemoReport.Step(name: name, ok: ok, ms: (ms * 10).rounded() / 10))
    guard !isQuiet else { return }
    let time = String(format: "%8.1f ms", ms)
    try? StandardOutput.line(
      "\(ok ? "ok  " : "FAIL")  \(time)  \(name)\(note.isEmpty ? "" : ": \(note)")")
  }

  func require(_ condition: Bool, _ reason: String) throws {
    guard condition else { throw DemoFailure(reason: reason) }
  }

  /// Waits for what the other node is about to do, which tries again at growing intervals where a machine is slow.
  func eventually<Value>(_ what: String, _ look: () async throws -> Value?) async throws -> Value {
    let end = ContinuousClock.now + .seconds(120)
    repeat {
      if let value = try await look() { return value }
      try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < end
    throw DemoFailure(reason: "waited in vain: \(what)")
  }

  /// The hospital asks the household's node over HTTPS, both certificates pinned.
  func ask(_ query: String, purpose: PurposeOfUse = .treatment) async throws -> PeerReply {
    try await hospital.transport.get(
      query, purpose: purpose.rawValue, person: nil,
      from: hospital.exchange.endpoint(of: household.exchange.nodeID))
  }

  /// As above, when records are expected: how many came, by type.
  func read(_ query: String, purpose: PurposeOfUse = .treatment) async throws -> [String: Int] {
    try await records(in: ask(query, purpose: purpose))
  }

  func records(in reply: PeerReply) throws -> [String: Int] {
    try require(reply.status == 200, "expected records, got status \(reply.status)")
    let bundle = try ResourceBundle(parsing: reply.body)
    var types: [String: Int] = [:]
    for entry in bundle.entries {
      if let resource = try entry.resource { types[resource.type, default: 0] += 1 }
    }
    report.disclosed += types.values.reduce(0, +)
    return types
  }

  /// As above, when a refusal is expected.
  func refuse(_ query: String, purpose: PurposeOfUse = .treatment) async throws {
    let reply = try await ask(query, purpose: purpose)
    try require(reply.status == 403, "expected a refusal, got status \(reply.status)")
    report.refused += 1
  }
}
