import Consent
import FHIR
import Primitives
import Testing

/// Roles, legal bases and break-glass, told one at a time.
@Suite struct PolicyCases {
  /// A clinician of the hospital at the hospital's own node.
  let ward = World().with {
    $0.profile = .organization
    $0.who.node = RandomCase.ownNode
    $0.who.isOwnNode = true
  }

  @Test func theWorkforceWorksByTheTable() {
    #expect(ward.rule == .role("clinician-treatment"))
    #expect(ward.with { $0.who.relationship = .none }.codes.contains("no-treatment-relationship"))
    #expect(ward.with { $0.purpose = .marketing }.codes.contains("role-not-permitted"))
    #expect(ward.with { $0.type = .claims }.codes.contains("role-not-permitted"))
    let desk = ward.with {
      $0.who.role = .frontDesk
      $0.purpose = .operations
    }
    #expect(desk.codes == ["role-not-permitted", "no-grant"])
    #expect(desk.with { $0.type = .demographics }.isPermitted)
    let research = ward.with {
      $0.who.role = .researcher
      $0.purpose = .research
    }
    #expect(research.codes == ["no-grant"])
  }

  @Test func someRolesReadNoChart() {
    var permission = World.permission(to: .person(World.doctor))
    permission.types = .all
    for role in [Role.administrator, .securityOfficer, .auditor] {
      for profile in PolicyProfile.allCases {
        let world = ward.with {
          $0.profile = profile
          $0.who.role = role
          $0.grants = [World.grant("g", permission)]
        }
        #expect(world.codes == ["role-reads-no-chart"])
      }
    }
  }

  @Test func aGrantToTheHospitalDoesNotWidenARole() {
    var permission = World.permission()
    permission.types = .all
    permission.purposes = [.treatment, .operations]
    let desk = ward.with {
      $0.who.role = .frontDesk
      $0.purpose = .operations
      $0.type = .progressNotes
      $0.grants = [World.grant("g", permission)]
    }
    #expect(desk.codes == ["role-not-permitted", "grant-needs-role"])
    permission.grantee = .person(World.doctor)
    #expect(desk.with { $0.grants = [World.grant("g", permission)] }.rule == .grant)
  }

  @Test func labelsAndRestrictionsBindTheWorkforce() {
    let labelled = ward.with { $0.labels = .substanceUse }
    #expect(labelled.codes == ["no-grant"])
    var permission = World.permission()
    permission.labels = .substanceUse
    #expect(labelled.with { $0.grants = [World.grant("g", permission)] }.rule == .grant)
    let restricted = ward.with {
      $0.grants = [World.denial(Denial(grantees: [.person(World.doctor)]))]
    }
    #expect(restricted.codes == ["denied-by-patient", "no-grant"])
  }

  @Test func thePatientSeesTheWholeChart() {
    for profile in PolicyProfile.allCases {
      let own = ward.with {
        $0.profile = profile
        $0.who.role = .patient
        $0.who.relationship = .selfOfPatient
        $0.purpose = .patientRequest
        $0.labels = .sensitive
        $0.grants = [World.denial(Denial())]
      }
      #expect(own.isPermitted)
      #expect(own.with { $0.action = .write }.isPermitted == (profile == .household))
      #expect(!own.with { $0.who.relationship = .none }.isPermitted)
    }
  }

  @Test func aProxyIsBoundByLabelsInAHospitalAndByNameEverywhere() {
    let proxy = ward.with {
      $0.who.role = .proxy
      $0.who.relationship = .proxy
      $0.who.person = World.daughter
      $0.purpose = .familyRequest
    }
    #expect(proxy.rule == .role("proxy-access"))
    #expect(!proxy.with { $0.labels = .reproductive }.isPermitted)
    #expect(proxy.with { $0.grants = [World.denial(Denial())] }.isPermitted)
    let byName = [World.denial(Denial(grantees: [.person(World.daughter)]))]
    #expect(!proxy.with { $0.grants = byName }.isPermitted)
    let atHome = proxy.with { $0.profile = .household }
    #expect(atHome.with { $0.labels = .reproductive }.rule == .chartOwner)
    #expect(!atHome.with { $0.grants = byName }.isPermitted)
  }

  @Test func aGrantToTheNodeOpensNothingToAProxy() {
    var permission = World.permission(to: .node(RandomCase.ownNode))
    permission.labels = .all
    permission.purposes = .familyRequest
    let world = ward.with {
      $0.who.role = .proxy
      $0.who.relationship = .proxy
      $0.purpose = .familyRequest
      $0.labels = .hiv
      $0.grants = [World.grant("g", permission)]
    }
    #expect(world.codes == ["grant-needs-role"])
  }

  @Test func theNodeItselfBacksUpAndNeverPassesOn() {
    let backup = ward.with {
      $0.who.role = .system
      $0.purpose = .systemAdministration
      $0.action = .export
      $0.labels = .sensitive
      $0.grants = [World.denial(Denial())]
    }
    #expect(backup.rule == .nodeItself)
    #expect(!backup.with { $0.action = .redisclose }.isPermitted)
    #expect(!backup.with { $0.who.isOwnNode = false }.isPermitted)
  }

  @Test func disclosureNeedsAGrantOrABasisInLaw() {
    let agency = ward.with {
      $0.who.isOwnNode = false
      $0.who.node = RandomCase.otherNode
      $0.who.relationship = .none
      $0.purpose = .publicHealth
    }
    #expect(!agency.isPermitted)
    let named = agency.with { $0.legalBasis = .publicHealth }
    #expect(named.rule == .legalBasis(.publicHealth))
    #expect(LegalBasis.publicHealth.clause == "45 CFR 164.512(b)")
    #expect(named.with { $0.purpose = .marketing }.codes.contains("legal-basis-insufficient"))
    #expect(!named.with { $0.labels = .hiv }.isPermitted)
    #expect(!named.with { $0.action = .write }.isPermitted)
    #expect(!named.with { $0.profile = .household }.isPermitted)
    let denied = named.with { $0.grants = [World.denial(Denial())] }
    #expect(denied.codes.contains("denied-by-patient"))
    let required = denied.with { $0.legalBasis = .requiredByLaw }
    #expect(required.rule == .legalBasis(.requiredByLaw))
    #expect(required.decide().reasons == [Reason(.denialOverridden)])
  }

  // MARK: break-glass

  func session(
    types: RecordTypeSet = .emergency, labels: LabelSet = .ordinary, why: String? = nil,
    record: BreakGlassSession.EmergencyDisclosure? = nil, text: String = "unconscious after a fall",
    seconds: Int64 = BreakGlassSession.defaultSeconds
  ) throws -> BreakGlassSession {
    try BreakGlassSession(
      id: "b", patient: World.patient, node: RandomCase.otherNode, person: World.doctor,
      emergency: .unconscious, text: text,
      scope: .init(types: types, labels: labels, justification: why, emergencyDisclosure: record),
      start: World.now, seconds: seconds)
  }

  @Test func brokenGlassOpensASmallScopeForAShortTime() throws {
    let emergency = try World().with {
      $0.purpose = .breakTheGlass
      $0.session = try session()
    }
    #expect(emergency.rule == .breakGlass("b"))
    #expect(emergency.with { $0.type = .progressNotes }.codes.contains("break-glass-out-of-scope"))
    #expect(emergency.with { $0.labels = .hiv }.codes.contains("break-glass-out-of-scope"))
    #expect(emergency.with { $0.action = .export }.codes.contains("break-glass-out-of-scope"))
    #expect(emergency.with { $0.purpose = .treatment }.codes.contains("break-glass-out-of-scope"))
    #expect(
      emergency.with { $0.who.person = World.daughter }.codes.contains("break-glass-mismatch"))
    #expect(emergency.with { $0.who.role = .biller }.codes.contains("break-glass-mismatch"))
    let last = World.now.adding(seconds: 4 * 3600)
    #expect(emergency.with { $0.time = last.adding(seconds: -1) }.isPermitted)
    #expect(emergency.with { $0.time = last }.codes.contains("break-glass-not-active"))
    #expect(
      emergency.with { $0.time = World.now.adding(seconds: -1) }.codes.contains(
        "break-glass-not-active"))
  }

  @Test func anEmergencyOverridesADenialUnlessThatNamesIt() throws {
    let emergency = try World().with {
      $0.purpose = .emergencyTreatment
      $0.session = try session()
      $0.grants = [World.denial(Denial())]
    }
    #expect(emergency.decide().permit?.overridesDenial == true)
    for purposes in [PurposeSet.breakTheGlass, .emergencyTreatment] {
      let never = emergency.with { $0.grants = [World.denial(Denial(purposes: purposes))] }
      #expect(!never.isPermitted)
      #expect(!never.with { $0.purpose = .breakTheGlass }.isPermitted)
    }
  }

  @Test func aSessionKeepsItsRules() throws {
    func refuses(_ make: () throws -> BreakGlassSession) -> Bool {
      do {
        _ = try make()
        return false
      } catch {
        return (error as? PeerChartError)?.code == .invalid
      }
    }
    #expect(refuses { try session(text: "  ") })
    #expect(refuses { try session(seconds: 24 * 3600 + 1) })
    #expect(refuses { try session(seconds: 0) })
    #expect(refuses { try session(types: .all) })
    #expect(!refuses { try session(types: .all, why: "dialysis history") })
    #expect(refuses { try session(labels: [.ordinary, .hiv]) })
    #expect(!refuses { try session(labels: [.ordinary, .hiv], why: "interactions") })
    #expect(refuses { try session(labels: [.ordinary, .substanceUse], why: "overdose") })
    let record = BreakGlassSession.EmergencyDisclosure(
      recipient: "Dr. Lind", affiliation: "St. Olaf", discloser: "node",
      natureOfEmergency: "overdose")
    #expect(!refuses { try session(labels: [.ordinary, .substanceUse], why: "x", record: record) })
  }

  @Test func aReviewIsByAnotherAndOnce() throws {
    let open = try session()
    #expect(open.reviewDue == World.now.adding(seconds: 72 * 3600))
    #expect(throws: PeerChartError.self) {
      try open.reviewed(as: .accepted, by: World.doctor, at: World.now, note: "mine")
    }
    let judged = try open.reviewed(as: .violation, by: World.daughter, at: World.now, note: "no")
    #expect(throws: PeerChartError.self) {
      try judged.reviewed(as: .accepted, by: World.daughter, at: World.now, note: "again")
    }
    let world = World().with {
      $0.purpose = .breakTheGlass
      $0.session = judged
    }
    #expect(world.codes.contains("break-glass-not-active"))
  }

  @Test func sharedDataOfAHouseholdTellsWhomThePatientSees() {
    func shared(_ who: Requester, _ profile: PolicyProfile, _ grants: [Grant] = []) -> Bool {
      evaluateShared(
        who, action: .read, purpose: .treatment, time: World.now, grants: grants, profile: profile
      ).permit != nil
    }
    let stranger = World().who
    #expect(shared(stranger, .organization))
    #expect(!shared(stranger, .household))
    #expect(shared(stranger, .household, [World.grant()]))
    var revoked = World.grant()
    revoked.status = .revoked
    #expect(!shared(stranger, .household, [revoked]))
  }
}
