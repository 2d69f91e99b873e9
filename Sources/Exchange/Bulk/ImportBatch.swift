import Audit
import Consent
import FHIR
import Identity
import Primitives

/// Some lines of an imported file, planned to be stored together under the rights of whoever asked for
/// it. Each stands or falls by itself.
struct ImportBatch {
  private let reading: Reading
  private let plan: Plan
  private var faults: [PeerChartError] = []
  /// Lines that the caller may not write, and why.
  private var denied = 0
  private var reasons: [Reason] = []

  /// What is to be stored, and what is wrong with the rest.
  private struct Plan {
    let writer: RecordWriter
    var effects: [StoredResource.Effect] = []
    var faults: [PeerChartError] = []

    /// - Throws: `WriteRefusal` for the first that the caller may not write.
    init(_ entries: [IntakeEntry], _ reading: Reading) throws {
      writer = RecordWriter(reading)
      let intake = try Intake(entries, unresolved: .keep, newID: reading.exchange.newID)
      var found: [PeerChartError] = []
      effects = try intake.plan(intake.entries.indices, writer, keepUnchanged: true) {
        // The place says where in the resource; which one it is, the line.
        let (line, place) = (entries[$0].pointer, $1.place ?? "")
        found.append(
          PeerChartError(
            $1.code, $1.reason, place: place.hasPrefix(line) ? place : "\(line), \(place)"))
      }.values.map(\.effect)
      faults = found
    }
  }

  init(_ entries: [Result<IntakeEntry, PeerChartError>], _ reading: Reading) throws {
    self.reading = reading
    var good: [IntakeEntry] = []
    for entry in entries {
      do {
        let entry = try entry.get()
        do { try reading.caller.requireScope(of: entry) } catch let error as PeerChartError {
          throw PeerChartError(error.code, error.reason, place: entry.pointer)
        }
        good.append(entry)
      } catch let fault as PeerChartError {
        faults.append(fault)
      }
    }
    do {
      plan = try Plan(good, reading)
    } catch is WriteRefusal {
      // Which lines are not for the caller is found out one by one; the others are stored all the same.
      var open: [IntakeEntry] = []
      for entry in good {
        do {
          _ = try Plan([entry], reading)
          open.append(entry)
        } catch let refusal as WriteRefusal {
          denied += 1
          let why = refusal.reasons
          reasons += why
          let error = Exchange.denied(Decision.deny(why).reasonsForCaller)
          faults.append(PeerChartError(error.code, error.reason, place: entry.pointer))
        }
      }
      plan = try Plan(open, reading)
    }
  }

  /// The passage that stores the lines, with the entries about them.
  func passage<Value: Sendable>(
    _ value: Value, detail: [String: String]
  ) throws -> Passage<Value> {
    var passage = try plan.writer.passage(value, detail: detail)
    if denied > 0 {
      var draft = EventDraft(kind: .decisionDeny, action: .write)
      draft.counts = ["records": denied]
      draft.reasons = reasons.map(\.code.rawValue)
      draft.detail = detail
      passage.entries.append(try reading.exchange.entry(draft, reading))
      passage.guards = reading.guards
    }
    return passage
  }

  /// Adds what has become of the lines to what is said of their file.
  func report(to file: inout ImportPlan.File, listing: Int) {
    for effect in plan.effects {
      switch effect {
      case .created: file.created += 1
      case .updated, .deleted: file.updated += 1
      case .unchanged: file.unchanged += 1
      }
    }
    for fault in faults + plan.faults { file.add(fault, listing: listing) }
  }
}

extension WriteRefusal {
  fileprivate var reasons: [Reason] {
    switch cause {
    case .absent: []
    case .record(_, let reasons), .request(_, let reasons): reasons
    }
  }
}
