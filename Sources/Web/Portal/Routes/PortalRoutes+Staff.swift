import Consent
import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  private static let mostFound = 20
  /// How long an invitation is good: a week.
  private static let invitationSeconds: Int64 = 7 * 86_400

  func staff(_ request: PortalRequest) async throws -> Response {
    switch request.route {
    case .patients: return try await patients(request)
    case .newRequest: return try await newRequest(request)
    default: return try await accounts(request)
    }
  }

  // MARK: Patients

  private func patients(_ request: PortalRequest) async throws -> Response {
    try request.require(.requestAccess)
    let caller = try request.signedIn().caller
    let peers = try await exchange.peers()
    let asked = try await exchange.accessRequests(as: caller)
      .filter { $0.direction == "outgoing" }
    let name = request.value("name")
    let birthDate = request.value("birth")
    var model = PatientsPage(
      query: name, birthDate: birthDate,
      found: name.isEmpty ? nil : try await find(name, birthDate, caller),
      requests: asked.map { Self.card($0, peers) })
    model.caresFor = try !request.signedIn().permissions
      .isDisjoint(with: [.assignCare, .invitePatients])
    return try await page(model, request)
  }

  private func find(
    _ name: String, _ birthDate: String, _ caller: Caller
  ) async throws -> [PatientsPage.Found] {
    guard name.utf8.count <= 200, birthDate.utf8.count <= 10 else {
      throw PeerChartError(.invalid, "these are too many words", place: "name")
    }
    let dates = birthDate.isEmpty ? [] : [("birthdate", birthDate)]
    let found = try await exchange.search(
      "Patient",
      query: [("name", SearchWords.escaped(name)), ("_count", String(Self.mostFound))] + dates,
      strict: true, as: caller)
    return found.resources.compactMap { released in
      guard let reading = try? RecordReading(released) else { return nil }
      return PatientsPage.Found(
        id: released.id, name: reading.title ?? released.id, birthDate: reading.birthDate)
    }
  }

  private func newRequest(_ request: PortalRequest) async throws -> Response {
    try request.require(.requestAccess)
    let visitor = try request.signedIn()
    let peers = try await exchange.peers()
    var draft = RequestForm()
    if request.isPost {
      draft = Self.requestForm(try await PortalForm(request), peers)
      if draft.errors.isEmpty, let node = NodeID(draft.node), let asked = Self.requestDraft(draft) {
        _ = try await exchange.requestAccess(asked, from: node, as: visitor.caller)
        return PortalAnswer.seeOther("/patients?done=asked")
      }
    }
    return try await page(
      NewRequestPage(
        nodes: peers.map { ($0.node, $0.name) }, types: RecordType.allCases.map(\.rawValue),
        labels: SensitivityLabel.allCases.map(\.rawValue), purposes: Self.purposes.map(\.rawValue),
        draft: draft), request,
      notes: draft.errors.isEmpty ? [] : [PageFrame.Note(.alarm, "error.form")],
      status: draft.errors.isEmpty ? .ok : .unprocessableContent)
  }

  private static func requestForm(_ form: PortalForm, _ peers: [PeerSummary]) -> RequestForm {
    var draft = RequestForm()
    draft.node = form["node"]
    draft.name = form["name"]
    draft.birth = form["birth"]
    draft.patient = form["patient"]
    draft.types = form.all("types")
    draft.labels = form.all("labels")
    draft.purpose = form["purpose"]
    draft.hours = form["hours"]
    draft.reason = form["reason"]
    if draft.name.isEmpty, draft.patient.isEmpty { draft.errors["name"] = "ask.error_patient" }
    if draft.types.isEmpty { draft.errors["types"] = "sharing.error_types" }
    if draft.reason.isEmpty { draft.errors["reason"] = "ask.error_reason" }
    if !peers.contains(where: { $0.node == draft.node }) {
      draft.errors["node"] = "sharing.error_to"
    }
    return draft
  }

  private static func requestDraft(_ draft: RequestForm) -> AccessRequestDraft? {
    guard let hours = Int64(draft.hours), FormChoice.spans.contains(Int(hours)),
      let purpose = PurposeOfUse(rawValue: draft.purpose)
    else { return nil }
    func given(_ text: String) -> String? { text.isEmpty ? nil : text }
    let labels = draft.labels.compactMap(SensitivityLabel.init(rawValue:))
    return AccessRequestDraft(
      patient: PatientHint(
        id: given(draft.patient), name: given(draft.name), birthDate: given(draft.birth)),
      types: RecordTypeSet(draft.types.compactMap(RecordType.init(rawValue:))),
      labels: labels.reduce(into: .ordinary) { $0.formUnion(LabelSet($1)) }, purpose: purpose,
      seconds: hours * 3600, reason: draft.reason)
  }

  // MARK: Accounts

  private func accounts(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    let managing = visitor.permissions.contains(.manageAccounts)
    let inviting = visitor.permissions.contains(.invitePatients)
    guard managing || inviting else {
      throw PeerChartError(.forbidden, "this page is not for this role")
    }
    var invitation: String?
    var errors: [String: String] = [:]
    if request.isPost {
      let form = try await PortalForm(request)
      switch form["do"] {
      case "enable", "disable":
        guard let account = AccountID(form["account"]) else {
          throw PeerChartError(.notFound, "there is no account of that id")
        }
        try await exchange.setDisabled(
          form["do"] == "disable", account: account, as: visitor.caller)
        return PortalAnswer.seeOther("/staff?done=changed")
      case "roles":
        guard let account = AccountID(form["account"]) else {
          throw PeerChartError(.notFound, "there is no account of that id")
        }
        try await exchange.setRoles(
          Set(form.all("roles").compactMap(Role.init(rawValue:))).intersection(Self.roles),
          of: account, as: visitor.caller)
        return PortalAnswer.seeOther("/staff?done=changed")
      case "invite-staff":
        let roles = Set(form.all("roles").compactMap(Role.init(rawValue:)))
        if roles.isEmpty {
          errors["roles"] = "staff.error_roles"
        } else {
          invitation = try await invite(.staff(roles), visitor)
        }
      case "invite-patient":
        do {
          invitation = try await invite(Self.relation(form), visitor)
        } catch let error as PeerChartError where error.code == .notFound {
          errors["patient"] = "staff.error_patient"
        }
      default: throw PeerChartError(.invalid, "this form asks for nothing", place: "do")
      }
    }
    var model = StaffPage(
      members: managing ? try await members(visitor) : nil,
      roles: managing ? Self.roles.map(\.rawValue) : [],
      relations: inviting ? Self.relations.map(\.rawValue) : [], invitation: invitation)
    model.errors = errors
    return try await page(model, request, status: errors.isEmpty ? .ok : .unprocessableContent)
  }

  private static let roles = Role.allCases.filter {
    $0 != .patient && $0 != .proxy && $0 != .system
  }
  static let relations: [RelationshipKind] = [
    .selfOfPatient, .parent, .guardian, .caregiver, .emergencyDelegate,
  ]

  private static func relation(_ form: PortalForm) throws -> InvitedAs {
    guard let kind = RelationshipKind(rawValue: form["relation"]), Self.relations.contains(kind)
    else { throw PeerChartError(.invalid, "nobody is invited as that", place: "relation") }
    return .relation(kind, patient: form["patient"], until: nil)
  }

  func invite(_ invited: InvitedAs, _ visitor: PortalVisitor) async throws -> String {
    try await exchange.inviteAccount(
      as: invited, lifetime: Self.invitationSeconds, by: visitor.caller
    ).text.exposed
  }

  private func members(_ visitor: PortalVisitor) async throws -> [StaffPage.Member] {
    try await exchange.accounts(as: visitor.caller).map {
      StaffPage.Member(
        id: $0.id, name: $0.name, login: $0.login, roles: $0.roles, isDisabled: $0.isDisabled,
        trained: $0.trained)
    }
  }
}
