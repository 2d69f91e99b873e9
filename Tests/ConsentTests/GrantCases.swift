import Consent
import FHIR
import Primitives
import Testing

/// Each dimension of a grant, told one at a time.
@Suite struct GrantCases {
  let granted = World().with { $0.grants = [World.grant()] }

  @Test func aHouseholdOpensToNobodyWithoutAGrant() {
    #expect(World().codes == ["no-grant"])
    for role in Role.allCases {
      for relationship in Relationship.allCases {
        let stranger = World().with {
          $0.who.role = role
          $0.who.relationship = relationship
        }
        #expect(!stranger.isPermitted, "\(role) \(relationship)")
      }
    }
    #expect(granted.rule == .grant)
    #expect(granted.decide().permit?.basis.grants == [GrantID("g")])
  }

  @Test func everyDimensionMustFit() {
    #expect(granted.with { $0.type = .claims }.codes == ["type-not-granted"])
    #expect(granted.with { $0.purpose = .research }.codes == ["purpose-mismatch"])
    #expect(granted.with { $0.purpose = .emergencyTreatment }.codes == ["purpose-mismatch"])
    #expect(granted.with { $0.action = .export }.codes == ["action-not-granted"])
    #expect(granted.with { $0.labels = .hiv }.codes == ["label-not-granted"])
    #expect(granted.with { $0.who.organization = nil }.codes == ["no-grant"])
    #expect(granted.with { $0.grants[0].status = .revoked }.codes == ["revoked"])
  }

  @Test func thePeriodIncludesItsStartAndExcludesItsEnd() {
    func at(_ milliseconds: Int64) -> World {
      granted.with { $0.time.millisecondsSinceEpoch += milliseconds }
    }
    #expect(at(-1).codes == ["not-yet-valid"])
    #expect(at(0).isPermitted)
    #expect(at(3_599_999).isPermitted)
    #expect(at(3_600_000).codes == ["expired"])
  }

  @Test func usesRunOut() {
    let limited = granted.with { $0.grants = [World.grant(maximumUses: 2)] }
    #expect(limited.isPermitted)
    #expect(limited.with { $0.uses = [GrantID("g"): 1] }.isPermitted)
    #expect(limited.with { $0.uses = [GrantID("g"): 2] }.codes == ["uses-exhausted"])
  }

  @Test func aGrantWithoutBoundIsSpentBeforeALimitedOne() {
    let two = World().with { $0.grants = [World.grant("a", maximumUses: 2), World.grant("b")] }
    #expect(two.decide().permit?.basis.grants == [GrantID("b")])
  }

  @Test func allTypesAreNotAllLabels() {
    var permission = World.permission()
    permission.types = .all
    let wide = World().with { $0.grants = [World.grant("g", permission)] }
    #expect(wide.with { $0.type = .progressNotes }.isPermitted)
    for label in SensitivityLabel.allCases {
      #expect(wide.with { $0.labels = LabelSet(label) }.codes == ["label-not-granted"])
    }
    permission.labels = [.ordinary, .hiv]
    let named = World().with { $0.grants = [World.grant("g", permission)] }
    #expect(named.with { $0.labels = .hiv }.isPermitted)
    #expect(named.with { $0.labels = [.hiv, .mentalHealth] }.codes == ["label-not-granted"])
    permission.labels = .hiv
    let only = World().with { $0.grants = [World.grant("g", permission)] }
    #expect(only.codes == ["label-not-granted"])
  }

  @Test func twoGrantsAreNotAddedUp() {
    var other = World.permission()
    other.labels = .hiv
    other.types = RecordTypeSet(.claims)
    let two = granted.with { $0.grants.append(World.grant("h", other)) }
    #expect(!two.with { $0.labels = .hiv }.isPermitted)
  }

  @Test func recordDatesAreBounded() {
    var permission = World.permission()
    permission.records = TimeWindow(start: RandomCase.instant(-500), end: RandomCase.instant(-400))
    let window = World().with { $0.grants = [World.grant("g", permission)] }
    #expect(window.isPermitted)
    #expect(window.with { $0.date = RandomCase.instant(-400) }.codes == ["date-not-granted"])
    #expect(window.with { $0.date = RandomCase.instant(-501) }.codes == ["date-not-granted"])
    #expect(window.with { $0.date = nil }.codes == ["date-not-granted"])
  }

  @Test func aDenialWinsWithinAndAcrossGrants() {
    let within = World().with {
      $0.grants = [World.grant(except: [Denial(types: RecordTypeSet(.medications))])]
    }
    #expect(within.codes == ["denied-by-patient"])
    #expect(within.with { $0.type = .problems }.isPermitted)
    let across = within.with { $0.grants.append(World.grant("second")) }
    #expect(across.codes == ["denied-by-patient"])
    let pure = granted.with { $0.grants.append(World.denial(Denial(purposes: .treatment))) }
    #expect(pure.codes == ["denied-by-patient"])
    let another = granted.with {
      $0.grants.append(World.denial(Denial(grantees: [.person(World.daughter)])))
    }
    #expect(another.isPermitted)
    let lifted = pure.with { $0.grants[1].status = .revoked }
    #expect(lifted.isPermitted)
  }

  @Test func aDeniedPurposeDeniesItsNarrowerOnes() {
    var permission = World.permission()
    permission.purposes = [.treatment, .careManagement]
    let world = World().with {
      $0.grants = [World.grant("g", permission), World.denial(Denial(purposes: .treatment))]
      $0.purpose = .careManagement
    }
    #expect(world.codes == ["denied-by-patient"])
  }

  @Test func delegationGivesWhatAllMembersGive() {
    let toDoctor = Grant.Delegation(parent: GrantID("g"), delegator: .organization(World.hospital))
    var wide = World.permission(to: .person(World.doctor))
    wide.types = .all
    let child = World.grant("child", wide, delegation: toDoctor)
    let base = World().with {
      $0.who.organization = nil
      $0.grants = [World.grant(isDelegable: true), child]
    }
    #expect(base.decide().permit?.basis.grants == [GrantID("child"), GrantID("g")])
    #expect(base.with { $0.type = .claims }.codes == ["type-not-granted"])
    #expect(base.with { $0.grants[0] = World.grant() }.codes == ["delegation-invalid"])
    #expect(base.with { $0.grants.removeFirst() }.codes == ["delegation-invalid"])
    #expect(base.with { $0.grants[0].status = .revoked }.codes == ["revoked"])
    #expect(
      base.with { $0.grants[0] = World.grant("g", World.permission(to: .person(World.daughter))) }
        .codes
        == ["delegation-invalid"])
    let spent = base.with {
      $0.grants[0] = World.grant(maximumUses: 1, isDelegable: true)
      $0.uses = [GrantID("g"): 1]
    }
    #expect(spent.codes == ["uses-exhausted"])
    let delegatorDenied = base.with {
      $0.grants.append(World.denial(Denial(grantees: [.organization(World.hospital)])))
    }
    #expect(delegatorDenied.codes == ["denied-by-patient"])
  }

  @Test func chainsAreBoundedAndCyclesRefused() {
    func chain(of count: Int) -> [Grant] {
      (0..<count).map { index in
        let toAll = World.permission(to: .person(World.doctor))
        let delegation =
          index == 0
          ? nil
          : Grant.Delegation(parent: GrantID("g\(index - 1)"), delegator: .person(World.doctor))
        return World.grant("g\(index)", toAll, delegation: delegation, isDelegable: true)
      }
    }
    func last(of count: Int) -> [GrantID]? {
      let grants = chain(of: count)
      // Only the last one is not spent, so that nothing shorter is chosen.
      return World().with { $0.grants = Array(grants.reversed()) }.decide().permit?.basis.grants
    }
    #expect(last(of: 8)?.count == 8)
    #expect(last(of: 9)?.first == GrantID("g7"))
    let cycle = Grant.Delegation(parent: GrantID("g"), delegator: .person(World.doctor))
    let own = World.grant(
      "g", World.permission(to: .person(World.doctor)), delegation: cycle, isDelegable: true)
    #expect(World().with { $0.grants = [own] }.codes == ["delegation-invalid"])
  }

  @Test func aDelegateCannotDenyOthers() {
    let delegation = Grant.Delegation(
      parent: GrantID("g"), delegator: .organization(World.hospital))
    let hostile = World.grant(
      "child", World.permission(to: .person(World.daughter)),
      except: [Denial(grantees: [.organization(World.hospital)])], delegation: delegation)
    let world = granted.with { $0.grants = [World.grant(isDelegable: true), hostile] }
    #expect(world.isPermitted)
  }

  @Test func aPermitFitsOneKindOfRecordOnly() throws {
    let permit = try #require(granted.decide().permit)
    #expect(
      permit.covers(patient: "p1", recordType: .medications, labels: .ordinary, action: .read))
    #expect(permit.covers(patient: "p1", recordType: .medications, labels: [], action: .read))
    #expect(
      !permit.covers(patient: "p2", recordType: .medications, labels: .ordinary, action: .read))
    #expect(
      !permit.covers(patient: nil, recordType: .medications, labels: .ordinary, action: .read))
    #expect(!permit.covers(patient: "p1", recordType: .problems, labels: .ordinary, action: .read))
    #expect(!permit.covers(patient: "p1", recordType: .medications, labels: .hiv, action: .read))
    #expect(
      !permit.covers(patient: "p1", recordType: .medications, labels: .ordinary, action: .search))
  }

  @Test func aRefusalTellsTheCallerNothingOfTheRecord() {
    let labelled = granted.with { $0.labels = .hiv }.decide()
    #expect(labelled.reasons == [Reason(.labelNotGranted, grant: GrantID("g"))])
    #expect(labelled.reasonsForCaller == [.noGrant])
    let denied = granted.with { $0.grants.append(World.denial(Denial())) }.decide()
    #expect(denied.reasonsForCaller == [.noGrant])
    let late = granted.with { $0.time = World.now.adding(seconds: 7200) }.decide()
    #expect(late.reasonsForCaller == [.expired])
  }

  @Test func aGrantIsNarrowedToWhatWasAskedFor() {
    var offered = World.permission()
    offered.types = .all
    offered.labels = .all
    offered.purposes = .all
    offered.actions = .all
    let asked = RequestedAccess(
      types: RecordTypeSet([.allergies]), purpose: .treatment, actions: .read,
      period: TimeWindow(start: World.now, end: World.now.adding(seconds: 60)))
    let narrow = offered.narrowed(to: asked)
    #expect(narrow == asked.permission(for: offered.grantee))
    offered.types = RecordTypeSet(.claims)
    #expect(offered.narrowed(to: asked) == nil)
  }
}
