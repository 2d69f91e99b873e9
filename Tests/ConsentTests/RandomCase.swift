import Consent
import FHIR
import Primitives

/// One random request with the grants of a small world, aimed so that each grant is about one fault
/// away from fitting: pure chance would refuse nearly everything for many reasons at once.
struct RandomCase {
  var request: AccessRequest
  var grants: [Grant]
  var profile: PolicyProfile
  var uses: [GrantID: Int]

  static let ownNode = NodeID(bytes: Array(repeating: 1, count: 32)) ?? fallback
  static let otherNode = NodeID(bytes: Array(repeating: 2, count: 32)) ?? fallback
  static let fallback: NodeID = { preconditionFailure("32 bytes make a node id") }()
  static let organizations = ["o1", "o2"].map { PartyIdentifier(system: "urn:x:org", value: $0) }
  static let persons = ["a", "b", "c"].map { PartyIdentifier(system: "urn:x:person", value: $0) }

  static func instant(_ minute: Int) -> Instant {
    Instant(millisecondsSinceEpoch: 1_800_000_000_000 + Int64(minute) * 60_000)
  }

  init(_ random: inout SeededGenerator) {
    profile = random.pick(PolicyProfile.allCases)
    request = RandomCase.request(&random, profile)
    grants = []
    uses = [:]
    for index in 0..<random.pick([0, 1, 1, 2, 2, 3, 4, 6]) {
      grants.append(RandomCase.grant("g\(index)", &random, request, earlier: grants))
      if random.chance(70) { uses[GrantID("g\(index)")] = Int.random(in: 0...3, using: &random) }
    }
    if random.chance(3), let first = grants.first { grants.append(first) }
    grants.shuffle(using: &random)
  }

  // MARK: request

  static func request(
    _ random: inout SeededGenerator, _ profile: PolicyProfile
  ) -> AccessRequest {
    let isOwn = random.chance(50)
    let role =
      random.chance(45)
      ? random.pick([Role.clinician, .nurse, .pharmacist]) : random.pick(Role.allCases)
    var tie = random.pick(Relationship.allCases)
    if random.chance(70) {
      tie =
        switch role {
        case .patient: .selfOfPatient
        case .proxy: .proxy
        case .clinician, .nurse, .pharmacist: .treating
        default: .none
        }
    }
    let who = Requester(
      node: isOwn ? ownNode : otherNode, isOwnNode: isOwn,
      organization: random.chance(80) ? random.pick(organizations) : nil,
      person: random.chance(85) ? random.pick(persons) : nil, role: role, relationship: tie)
    let type =
      random.chance(60)
      ? random.pick([RecordType.medications, .allergies, .problems, .insurance])
      : random.pick(RecordType.allCases)
    var context = AccessContext(
      requester: who, patient: random.chance(95) ? "p1" : "p2",
      action: random.chance(60) ? .read : random.pick(ConsentAction.allCases),
      purpose: purpose(&random, role), time: instant(0))
    if random.chance(25) {
      let basis = random.pick(LegalBasis.allCases)
      context.legalBasis = basis
      if random.chance(60) { context.purpose = random.pick(basis.purposes.purposes) }
    }
    if random.chance(40) { context.breakGlass = session(&random, context, type) }
    return AccessRequest(
      context, recordType: type, labels: labels(&random, 25),
      date: random.chance(80) ? instant(Int.random(in: -20...20, using: &random)) : nil)
  }

  static func purpose(_ random: inout SeededGenerator, _ role: Role) -> PurposeOfUse {
    if random.chance(25) { return random.pick(PurposeOfUse.allCases) }
    return switch role {
    case .patient, .proxy: .patientRequest
    case .clinician, .nurse, .pharmacist:
      random.pick([.treatment, .emergencyTreatment, .breakTheGlass])
    case .biller: .payment
    case .researcher: .research
    case .privacyOfficer: random.pick([.operations, .legal, .publicHealth])
    default: random.pick([.operations, .treatment])
    }
  }

  static func labels(_ random: inout SeededGenerator, _ percent: Int) -> LabelSet {
    guard random.chance(percent) else { return random.chance(90) ? .ordinary : [] }
    return LabelSet(
      ofRecord: (0..<random.pick([1, 1, 2])).map { _ in random.pick(SensitivityLabel.allCases) })
  }

  static func session(
    _ random: inout SeededGenerator, _ context: AccessContext, _ type: RecordType
  ) -> BreakGlassSession? {
    let who = context.requester
    var types = RecordTypeSet.emergency
    if random.chance(30) { types.insert(RecordTypeSet(type)) }
    var scopeLabels = LabelSet.ordinary
    if random.chance(40) { scopeLabels.formUnion(.sensitive) }
    let scope = BreakGlassSession.Scope(
      types: types, labels: scopeLabels, justification: "needed",
      emergencyDisclosure: .init(
        recipient: "r", affiliation: "a", discloser: "d", natureOfEmergency: "n"))
    let start = random.chance(85) ? random.pick([-60, -1, 0]) : random.pick([-241, -240, 1])
    let session = try? BreakGlassSession(
      id: "s", patient: random.chance(93) ? context.patient : "p9",
      node: random.chance(95) ? who.node : fallbackNode(who), person: who.person ?? persons[0],
      emergency: random.pick(BreakGlassSession.Emergency.allCases), text: "found on the street",
      scope: scope, start: instant(start))
    guard random.chance(10) else { return session }
    return try? session?.reviewed(
      as: random.pick(BreakGlassReview.Judgement.allCases),
      by: PartyIdentifier(system: "urn:x:person", value: "reviewer"), at: instant(2), note: "seen")
  }

  static func fallbackNode(_ who: Requester) -> NodeID { who.isOwnNode ? otherNode : ownNode }

  // MARK: grants

  static func grant(
    _ id: String, _ random: inout SeededGenerator, _ request: AccessRequest, earlier: [Grant]
  ) -> Grant {
    let parents = earlier.filter { $0.permission != nil }
    var delegation: Grant.Delegation?
    if random.chance(45), let parent = parents.randomElement(using: &random),
      let permission = parent.permission
    {
      delegation = Grant.Delegation(
        parent: random.chance(95) ? parent.id : GrantID("nowhere"),
        delegator: random.chance(92) ? permission.grantee : grantee(&random, request, 0))
    }
    let content: Grant.Content =
      random.chance(18)
      ? .denial(denial(&random, request))
      : .permission(
        permission(&random, request),
        except: (0..<random.pick([0, 0, 0, 0, 1, 2])).map { _ in denial(&random, request) })
    return Grant(
      id: GrantID(random.chance(98) ? id : "g0"),
      patient: random.chance(96) ? request.context.patient : "p3",
      issued: instant(-1000), grantorKey: "", delegation: delegation, content: content,
      maximumUses: random.chance(25) ? Int.random(in: 1...4, using: &random) : nil,
      isDelegable: random.chance(75), status: random.chance(94) ? .active : .revoked)
  }

  static func grantee(
    _ random: inout SeededGenerator, _ request: AccessRequest, _ fitting: Int
  ) -> Grantee {
    let who = request.context.requester
    if random.chance(fitting) {
      var own: [Grantee] = [.node(who.node)]
      if let organization = who.organization { own.append(.organization(organization)) }
      if let person = who.person { own.append(.person(person)) }
      return random.pick(own)
    }
    return random.pick(
      [.node(ownNode), .node(otherNode)] + organizations.map { .organization($0) }
        + persons.map { .person($0) })
  }

  static func window(_ random: inout SeededGenerator, _ fitting: Int) -> TimeWindow {
    if random.chance(fitting) {
      return TimeWindow(
        start: random.chance(70) ? instant(Int.random(in: -30...0, using: &random)) : nil,
        end: random.chance(70) ? instant(Int.random(in: 1...30, using: &random)) : nil)
    }
    return random.chance(50)
      ? TimeWindow(start: instant(Int.random(in: 1...9, using: &random)), end: instant(30))
      : TimeWindow(start: nil, end: instant(Int.random(in: -9...0, using: &random)))
  }

  static func records(_ random: inout SeededGenerator, _ request: AccessRequest) -> TimeWindow {
    guard random.chance(35) else { return .always }
    let edge = request.date ?? instant(0)
    let start = edge.adding(seconds: 60 * Int64.random(in: -8...2, using: &random))
    return TimeWindow(
      start: random.chance(70) ? start : nil,
      end: random.chance(70)
        ? start.adding(seconds: 60 * Int64.random(in: 0...9, using: &random)) : nil)
  }

  static func permission(_ random: inout SeededGenerator, _ request: AccessRequest) -> Permission {
    var types = RecordTypeSet((0..<4).map { _ in random.pick(RecordType.allCases) })
    if random.chance(30) { types = .all }
    if random.chance(88) { types.insert(RecordTypeSet(request.recordType)) }
    var labels = labels(&random, 30)
    if random.chance(85) { labels.insert(.ordinary) }
    if random.chance(60) { labels.formUnion(request.labels) }
    var purposes = PurposeSet([random.pick(PurposeOfUse.allCases)])
    if random.chance(90) { purposes.insert(PurposeSet(request.context.purpose)) }
    var actions = ActionSet(random.pick(ConsentAction.allCases))
    if random.chance(90) { actions.insert(ActionSet(request.context.action)) }
    return Permission(
      grantee: grantee(&random, request, 70), types: types, labels: labels, purposes: purposes,
      actions: actions, period: window(&random, 88), records: records(&random, request))
  }

  static func denial(_ random: inout SeededGenerator, _ request: AccessRequest) -> Denial {
    var denial = Denial(
      grantees: (0..<random.pick([0, 0, 1, 2])).map { _ in grantee(&random, request, 40) })
    if random.chance(60) {
      denial.types = RecordTypeSet([random.pick(RecordType.allCases)])
      if random.chance(50) { denial.types?.insert(RecordTypeSet(request.recordType)) }
    }
    if random.chance(40) {
      denial.labels = random.chance(50) ? labels(&random, 90) : request.labels
    }
    if random.chance(50) {
      denial.purposes = PurposeSet([
        random.pick(PurposeOfUse.allCases),
        random.pick([.treatment, .emergencyTreatment, .operations]),
      ])
    }
    if random.chance(30) {
      denial.actions = ActionSet([random.pick(ConsentAction.allCases), .read])
    }
    if random.chance(30) { denial.period = window(&random, 70) }
    denial.records = random.chance(60) ? .always : records(&random, request)
    return denial
  }

  func decide() -> Decision {
    evaluate(request, grants: grants, profile: profile) { uses[$0, default: 0] }
  }

  func prepared() -> PreparedAccess {
    PreparedAccess(request.context, grants: grants, profile: profile) { uses[$0, default: 0] }
  }

  var oracle: Oracle {
    Oracle(request: request, grants: grants, household: profile == .household, uses: uses)
  }
}
