import Consent
import Exchange
import FHIR
import Identity
import Primitives

extension TestNode {
  /// Gives another node something of a patient's chart for 30 days.
  @discardableResult
  func grant(
    to other: TestNode, of patient: String = "p", types: RecordTypeSet,
    labels: LabelSet = .ordinary, purposes: PurposeSet = .treatment,
    actions: ActionSet = [.read, .search], seconds: Int64 = 30 * 86_400, maximumUses: Int? = nil,
    isDelegable: Bool = false
  ) async throws -> GrantSummary {
    try await exchange.grant(
      GrantDraft(
        patient: patient, grantee: .node(other.id), types: types, labels: labels,
        purposes: purposes, actions: actions, seconds: seconds, maximumUses: maximumUses,
        isDelegable: isDelegable), as: owner)
  }

  @discardableResult
  func grant(to other: TestNode, types: [RecordType], uses: Int? = nil) async throws -> GrantSummary
  {
    try await grant(to: other, types: RecordTypeSet(types), maximumUses: uses)
  }

  /// Forbids another node something.
  @discardableResult
  func deny(
    _ other: TestNode, of patient: String = "p", types: RecordTypeSet = .all,
    labels: LabelSet = .ordinary, purposes: PurposeSet = .all, actions: ActionSet = .all
  ) async throws -> GrantSummary {
    try await exchange.grant(
      GrantDraft(
        patient: patient, grantee: .node(other.id), types: types, labels: labels,
        purposes: purposes, actions: actions, seconds: 30 * 86_400, isDenial: true), as: owner)
  }

  /// What a read comes to for a peer.
  func read(_ address: String, by other: TestNode, _ purpose: PurposeOfUse? = .treatment)
    async throws -> String
  {
    let parts = address.split(separator: "/").map(String.init)
    let caller = try await peer(other, purpose)
    return await outcome { try await exchange.read(parts[0], id: parts[1], as: caller) }
  }
}

/// A household with one patient's chart and a hospital, paired, on one clock.
func pairOfNodes() async throws -> (home: TestNode, hospital: TestNode) {
  let clock = TestClock()
  let home = try await TestNode(name: "Samplewood family", clock: clock)
  let hospital = try await TestNode(.organization, name: "General Hospital", clock: clock)
  try await pair(home, with: hospital)
  try await home.store(
    Sample.patient("p"), Sample.observation("lab", of: "p"),
    Sample.observation("vital", of: "p", category: "vital-signs", code: "8867-4"),
    Sample.medication("drug", of: "p"), Sample.allergy("allergy", of: "p"),
    Sample.condition("problem", of: "p"))
  return (home, hospital)
}

enum GrantDraftOf {
  static func everything(_ patient: String, to other: TestNode) -> GrantDraft {
    GrantDraft(
      patient: patient, grantee: .node(other.id), types: .all, labels: .all, purposes: .all,
      actions: .all, seconds: 86_400)
  }
}

extension TestNode {
  func grants() async throws -> [GrantSummary] {
    try await exchange.grants(of: nil, as: owner)
  }
}
