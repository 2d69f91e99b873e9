import Consent
import Exchange
import FHIR
import Identity
import Primitives
import SearchOracle

/// Grants that come, end and are revoked, and callers of every sort.
final class RandomAccess {
  /// A caller, and who reads records for it: the same caller with no scopes in the way.
  struct Situation {
    let name: String
    let reader: Caller
    let searcher: Caller
    let isOpen: (String) -> Bool
  }

  private let scene: SearchScene
  private let other: TestNode
  private var grants: [String] = []
  /// A household has no staff: what is open there is open to its people and by grants.
  private var isHousehold: Bool { node.exchange.kind == .household }
  private var node: TestNode { scene.node }

  /// Pairs the node with another one.
  init(_ scene: SearchScene) async throws {
    self.scene = scene
    other = try await TestNode(.organization, name: "Elsewhere", clock: scene.node.clock)
    try await pair(other, with: scene.node)
  }

  /// Adds some grants and restrictions, revokes others, and lets time pass.
  func change(_ random: inout OracleRandom) async throws {
    node.clock.advance(seconds: 60)
    // At first about one for each patient.
    let wanted = scene.patients.count - grants.count
    for _ in 0..<max(random.pick([2, 3, 4]), wanted) {
      let grantee = random.chance(isHousehold ? 85 : 60) ? other : node
      let isDenial = random.chance(25)
      let summary = try await node.exchange.grant(
        GrantDraft(
          patient: random.pick(scene.patients), grantee: .node(grantee.id),
          types: types(&random, half: isDenial), labels: labels(&random),
          purposes: random.chance(50) ? .all : purposes(&random), actions: [.read, .search],
          seconds: random.chance(30) ? 150 : 86_400, isDenial: isDenial), as: node.owner)
      grants.append(summary.id)
    }
    if grants.count > scene.patients.count {
      for _ in 0..<3 {
        let id = grants.remove(at: Int.random(in: grants.indices, using: &random))
        try await node.exchange.revoke(id, as: node.owner)
      }
    }
  }

  func situation(_ random: inout OracleRandom) async throws -> Situation {
    if random.chance(isHousehold ? 70 : 45) {
      let purpose = random.pick([PurposeOfUse.treatment, .payment, .research, .operations])
      let peer = try await node.peer(other, purpose)
      return Situation(
        name: "peer \(purpose.rawValue)", reader: peer, searcher: peer, isOpen: { _ in true })
    }
    let (role, purpose) = random.pick(
      isHousehold && random.chance(75)
        ? [(Role.patient, .patientRequest), (.system, .treatment)]
        : [
          (Role.clinician, PurposeOfUse.treatment), (.clinician, .treatment), (.nurse, .treatment),
          (.pharmacist, .treatment), (.patient, .patientRequest), (.proxy, .familyRequest),
          (.frontDesk, .operations), (.biller, .payment), (.researcher, .research),
          (.privacyOfficer, .operations), (.system, .treatment), (.system, .operations),
        ])
    let treats = scene.patients.filter { _ in random.chance(50) }
    let opened = Set((0..<6).map { _ in random.pick(scene.everything.types) } + ["Patient"])
    let isLimited = random.chance(35)
    let scope = isLimited ? opened.sorted().map { "system/\($0).rs" }.joined(separator: " ") : nil
    return Situation(
      name: "\(role.rawValue) \(purpose.rawValue) \(scope ?? "")",
      reader: try await node.bearer(role, purpose: purpose, treats: treats),
      searcher: try await node.bearer(
        role, purpose: purpose, treats: treats, scope: scope ?? "system/*.rs"),
      isOpen: { !isLimited || opened.contains($0) })
  }

  private func types(_ random: inout OracleRandom, half: Bool) -> RecordTypeSet {
    if !half, random.chance(40) { return .all }
    return RecordTypeSet(
      RecordType.allCases.filter { _ in random.chance(half ? 25 : 60) }
        + [random.pick(RecordType.allCases)])
  }

  private func labels(_ random: inout OracleRandom) -> LabelSet {
    random.pick([.ordinary, .all, [.ordinary, .hiv], .sensitive, [.ordinary, .substanceUse]])
  }

  private func purposes(_ random: inout OracleRandom) -> PurposeSet {
    random.pick([.treatment, .payment, .research, .operations, [.treatment, .operations]])
  }
}
