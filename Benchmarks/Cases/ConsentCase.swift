import Consent
import FHIR
import Foundation
import Primitives

/// What one decision costs, with twenty grants of the patient on the table.
struct ConsentCase {
  static let target = 5.0
  static let grantCount = 20

  let span: Double

  func run() throws -> [Figure] {
    let grants = try Self.grants()
    let request = try Self.request()
    guard case .permit = decide(request, grants) else {
      throw BenchFailure("the decision to be measured is not a permit")
    }
    var refused = request
    refused.recordType = .claims
    guard case .deny = decide(refused, grants) else {
      throw BenchFailure("the refusal to be measured is a permit")
    }
    let prepared = PreparedAccess(
      request.context, grants: grants, profile: .organization, uses: { _ in 0 })

    let permit = Samples.collect(batch: 100, span: span) { blackHole(decide(request, grants)) }
    let deny = Samples.collect(batch: 100, span: span) { blackHole(decide(refused, grants)) }
    let again = Samples.collect(batch: 1000, span: span) {
      blackHole(prepared.decide(recordType: request.recordType))
    }
    return [
      figure("consent decision, permit", permit, target: true),
      figure("consent decision, refusal with reasons", deny, target: true),
      figure("consent decision, next record of a chart", again, target: true),
    ]
  }

  private func decide(_ request: AccessRequest, _ grants: [Grant]) -> Decision {
    evaluate(request, grants: grants, profile: .organization) { _ in 0 }
  }

  private func figure(_ name: String, _ samples: Samples, target: Bool) -> Figure {
    Figure(
      name: name, value: samples.quantile() * 1e6, unit: "µs",
      target: Figure.atMost(Self.target),
      note: name.hasSuffix("permit") ? "median; \(Self.grantCount) grants, the last one fits" : nil)
  }

  /// Grants to twenty nodes; only the last is to the one that asks.
  private static func grants() throws -> [Grant] {
    try (0..<grantCount).map { number in
      let permission = Permission(
        grantee: .node(try node(UInt8(number))), types: [.emergency, RecordTypeSet(.labResults)],
        labels: [.ordinary, .mentalHealth], purposes: [.treatment, .emergencyTreatment],
        actions: [.read, .search],
        period: TimeWindow(
          start: time.adding(seconds: -86_400), end: time.adding(seconds: 86_400 * 365)))
      let except =
        number % 4 == 0 ? [Denial(types: RecordTypeSet(.progressNotes), labels: .genetic)] : []
      return Grant(
        id: GrantID("grant-\(number)"), patient: "patient-1", issued: time,
        grantorKey: String(repeating: "0f", count: 32),
        content: .permission(permission, except: except),
        maximumUses: number % 3 == 0 ? 10 : nil)
    }
  }

  private static func request() throws -> AccessRequest {
    AccessRequest(
      AccessContext(
        requester: Requester(
          node: try node(UInt8(grantCount - 1)), isOwnNode: false, role: .clinician),
        patient: "patient-1", action: .read, purpose: .treatment, time: time),
      recordType: .labResults)
  }

  private static let time = Instant(millisecondsSinceEpoch: 1_780_000_000_000)

  private static func node(_ number: UInt8) throws -> NodeID {
    guard let node = NodeID(bytes: [UInt8](repeating: number, count: NodeID.byteCount)) else {
      throw BenchFailure("a node id has another length")
    }
    return node
  }
}

/// Takes a value so that the optimiser cannot leave out what made it.
@inline(never)
func blackHole<Value>(_: Value) {}
