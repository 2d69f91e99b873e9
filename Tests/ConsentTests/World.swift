import Consent
import FHIR
import Primitives

/// A small world for cases told one at a time: a household or a hospital, its people, one record.
struct World {
  static let now = RandomCase.instant(0)
  static let patient = "p1"
  static let hospital = PartyIdentifier(
    system: "http://hl7.org/fhir/sid/us-npi", value: "1992999999")
  static let doctor = PartyIdentifier(system: "http://hl7.org/fhir/sid/us-npi", value: "1003000126")
  static let daughter = PartyIdentifier(system: "urn:oid:1.2.3", value: "daughter")

  var profile = PolicyProfile.household
  var grants: [Grant] = []
  var uses: [GrantID: Int] = [:]
  var who = Requester(
    node: RandomCase.otherNode, isOwnNode: false, organization: hospital, person: doctor,
    role: .clinician, relationship: .treating)
  var action = ConsentAction.read
  var purpose = PurposeOfUse.treatment
  var type = RecordType.medications
  var labels = LabelSet.ordinary
  var date: Instant? = RandomCase.instant(-500)
  var time = now
  var legalBasis: LegalBasis?
  var session: BreakGlassSession?

  var context: AccessContext {
    AccessContext(
      requester: who, patient: Self.patient, action: action, purpose: purpose, time: time,
      legalBasis: legalBasis, breakGlass: session)
  }

  func decide() -> Decision {
    evaluate(
      AccessRequest(context, recordType: type, labels: labels, date: date), grants: grants,
      profile: profile
    ) { uses[$0, default: 0] }
  }

  /// The refusal's codes, or the rule that permitted.
  var codes: Set<String> { Set(decide().reasons.map(\.code.rawValue)) }
  var isPermitted: Bool { decide().permit != nil }
  var rule: Permit.Basis.Rule? { decide().permit?.basis.rule }

  /// Medications and problems for treatment, to read and search, for an hour.
  static func permission(to grantee: Grantee = .organization(hospital)) -> Permission {
    Permission(
      grantee: grantee, types: RecordTypeSet([.medications, .problems]),
      purposes: .treatment, actions: [.read, .search],
      period: TimeWindow(start: now, end: now.adding(seconds: 3600)))
  }

  static func grant(
    _ id: String = "g", _ permission: Permission = permission(), except denials: [Denial] = [],
    delegation: Grant.Delegation? = nil, maximumUses: Int? = nil, isDelegable: Bool = false,
    key: String = ""
  ) -> Grant {
    Grant(
      id: GrantID(id), patient: patient, issued: now, grantorKey: key, delegation: delegation,
      content: .permission(permission, except: denials), maximumUses: maximumUses,
      isDelegable: isDelegable)
  }

  static func denial(_ denial: Denial, id: String = "no") -> Grant {
    Grant(
      id: GrantID(id), patient: patient, issued: now, grantorKey: "", content: .denial(denial))
  }

  /// The same with changes: `with { $0.purpose = .payment }`.
  func with(_ change: (inout World) throws -> Void) rethrows -> World {
    var copy = self
    try change(&copy)
    return copy
  }
}
