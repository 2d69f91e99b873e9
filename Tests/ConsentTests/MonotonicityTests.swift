import Consent
import FHIR
import Primitives
import Testing

/// What must hold whatever the grants: saying no, or saying less, never opens anything.
@Suite struct MonotonicityTests {
  static let rounds = 20_000

  @Test func addingADenialNeverAddsAPermit() {
    var random = SeededGenerator(naming: "consent denial")
    var closed = 0
    for _ in 0..<Self.rounds {
      var sample = RandomCase(&random)
      let before = sample.decide().permit != nil
      sample.grants.insert(
        Grant(
          id: GrantID("extra"), patient: sample.request.context.patient, issued: World.now,
          grantorKey: "", content: .denial(RandomCase.denial(&random, sample.request))),
        at: Int.random(in: 0...sample.grants.count, using: &random))
      let after = sample.decide().permit != nil
      #expect(before || !after, "\(sample)")
      if before && !after { closed += 1 }
    }
    #expect(closed > 500)
  }

  @Test func narrowingAGrantNeverAddsAPermit() {
    var random = SeededGenerator(naming: "consent narrowing")
    var closed = 0
    for _ in 0..<Self.rounds {
      var sample = RandomCase(&random)
      let before = sample.decide().permit != nil
      guard !sample.grants.isEmpty else { continue }
      let index = Int.random(in: 0..<sample.grants.count, using: &random)
      sample.grants[index] = narrowed(sample.grants[index], &random, sample.request)
      let after = sample.decide().permit != nil
      #expect(before || !after, "\(sample)")
      if before && !after { closed += 1 }
    }
    #expect(closed > 500)
  }

  /// The grant with one dimension made smaller. A grant is kept in force where it denies, because
  /// what ends a grant ends its denials.
  private func narrowed(
    _ grant: Grant, _ random: inout SeededGenerator, _ request: AccessRequest
  ) -> Grant {
    guard var permission = grant.permission else { return grant }
    var maximumUses = grant.maximumUses
    var isDelegable = grant.isDelegable
    switch Int.random(in: 0..<8, using: &random) {
    case 0: permission.types.remove(RecordTypeSet(random.pick([request.recordType, .claims])))
    case 1: permission.labels.subtract(random.pick([request.labels, .ordinary, .hiv]))
    case 2: permission.purposes.remove(PurposeSet(request.context.purpose))
    case 3: permission.actions.remove(ActionSet(request.context.action))
    case 4:
      permission.records = permission.records.intersection(
        TimeWindow(start: RandomCase.instant(-3), end: RandomCase.instant(3)))
    case 5: maximumUses = 1
    case 6: isDelegable = false
    default:
      guard grant.denials.isEmpty else { return grant }
      permission.period = permission.period.intersection(
        TimeWindow(start: RandomCase.instant(1), end: nil))
    }
    return Grant(
      id: grant.id, patient: grant.patient, issued: grant.issued, grantorKey: grant.grantorKey,
      delegation: grant.delegation, content: .permission(permission, except: grant.denials),
      maximumUses: maximumUses, isDelegable: isDelegable, status: grant.status)
  }

  @Test func outsideItsTimeNoGrantPermits() {
    var random = SeededGenerator(naming: "consent time")
    var late = 0
    for _ in 0..<Self.rounds {
      var sample = RandomCase(&random)
      sample.request.context.time = RandomCase.instant(100_000)
      sample.grants = sample.grants.map { grant in
        guard var permission = grant.permission else { return grant }
        permission.period = TimeWindow(
          start: permission.period.start, end: permission.period.end ?? RandomCase.instant(50))
        return Grant(
          id: grant.id, patient: grant.patient, issued: grant.issued, grantorKey: "",
          delegation: grant.delegation, content: .permission(permission, except: []),
          maximumUses: grant.maximumUses, isDelegable: grant.isDelegable, status: grant.status)
      }
      let decision = sample.decide()
      #expect(decision.permit?.basis.rule != .grant)
      #expect(decision.permit?.basis.grants.isEmpty ?? true)
      if decision.reasons.contains(where: { $0.code == .expired }) { late += 1 }
    }
    #expect(late > 500)
  }

  @Test func otherPatientsGrantsOpenNothing() {
    var random = SeededGenerator(naming: "consent patients")
    for _ in 0..<Self.rounds {
      var sample = RandomCase(&random)
      sample.request.context.patient = "somebody-else"
      #expect(sample.decide().permit?.basis.grants.isEmpty ?? true)
    }
  }
}
