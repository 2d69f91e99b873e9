import Exchange
import Primitives
import Web

/// One of each page, with a text in every place where a person or a record speaks.
enum SamplePages {
  static let now = Instant(millisecondsSinceEpoch: 1_772_530_200_000)
  private static let types = ["allergies", "medications", "lab-results"]
  private static let labels = ["hiv", "mental-health"]

  static func frame(_ hostile: String) -> PageFrame {
    var frame = PageFrame(csrf: "token", here: "/requests", account: "Rowan" + hostile)
    frame.links = [
      PageFrame.Link("/", "home", icon: "home"),
      PageFrame.Link("/requests", "requests", icon: "inbox", waiting: 2),
    ]
    frame.charts = [
      PageFrame.Chart(id: "p1", name: "Rowan" + hostile, relation: "self"),
      PageFrame.Chart(id: "p2" + hostile, name: "Wren" + hostile, relation: "parent" + hostile),
    ]
    frame.chart = "p1"
    frame.notes = [PageFrame.Note(.good, "done.revoked")]
    return frame
  }

  static func card(_ hostile: String, _ status: RequestCard.Status) -> RequestCard {
    RequestCard(
      id: "r1" + hostile, who: "St. Elsewhere Hospital" + hostile, verification: .paired,
      fingerprint: "6K4R-QZ2M" + hostile, status: status, types: types + [hostile + "x"],
      labels: labels, actions: ["read", "search" + hostile], purpose: "TREAT" + hostile,
      hours: 720, reason: "A visit on Thursday." + hostile, patientName: "Rowan" + hostile,
      patientBirthDate: "1985-04-12" + hostile, at: now.description, note: "No." + hostile)
  }

  static func request(_ hostile: String) -> RequestPage {
    RequestPage(request: card(hostile, .pending), mayAnswer: true)
  }

  static func grant(_ hostile: String, until: String?, isDenial: Bool = false) -> GrantCard {
    GrantCard(
      id: "g1" + hostile, who: "Corner Pharmacy" + hostile,
      verification: .accredited(
        organization: "Corner" + hostile, npi: "1234567893" + hostile, by: "Board" + hostile),
      isDenial: isDenial, isRevoked: false,
      types: types + [hostile + "x"], labels: labels, purposes: ["TREAT", "X" + hostile],
      actions: ["read" + hostile], until: until, maximumUses: 3, uses: 1)
  }

  static func emergency(_ hostile: String) -> LogEntryView {
    LogEntryView(
      number: 412, time: now, deed: "break-glass", actorKind: "peer",
      actorName: "St. Elsewhere Hospital" + hostile, role: hostile.isEmpty ? nil : hostile,
      counts: ["allergies": 2, "medications": 5], purpose: "BTG",
      emergency: ("unconscious", "Found at the roadside" + hostile),
      address: "192.0.2.1" + hostile, request: "r" + hostile,
      records: ["Observation/1\(hostile.replacing("/", with: ""))/_history/1"])
  }

  /// With a text the role of an entry is one line more, so the harmless one has it as well.
  private static func entry(_ hostile: String) -> LogEntryView {
    var entry = emergency(hostile)
    entry.role = "nurse" + hostile
    entry.person = "Dr. Ada" + hostile
    entry.actorKind = "workforce" + hostile
    return entry
  }

  private static func row(_ hostile: String) -> RecordRow {
    RecordRow(
      type: "Observation", id: "o1", kind: "lab-results", title: "Hemoglobin" + hostile,
      detail: "6.10 %" + hostile, date: "2026-02-20" + hostile)
  }

  private static func healthCards(_ hostile: String) -> [HealthCardSummary] {
    [nil, now].map { revoked in
      HealthCardSummary(
        id: "c" + hostile, patient: "p", records: ["Immunization/1", "Immunization/2"],
        issued: now, expires: nil, revoked: revoked)
    }
  }

  private static func healthLinks(_ hostile: String) -> [HealthLinkSummary] {
    [HealthLinkSummary.State.active, .expired, .revoked, .exhausted].map { state in
      HealthLinkSummary(
        id: "l" + hostile, patient: "p", label: state == .expired ? nil : "Visit" + hostile,
        flags: "LP", created: now, expires: state == .active ? nil : now, state: state,
        openings: state == .active ? 1 : 3)
    }
  }

  private static func linkForm(_ hostile: String) -> HealthLinkForm {
    var form = HealthLinkForm()
    (form.label, form.passcode) = ("Visit" + hostile, "1" + hostile)
    form.errors = ["label": "hlinks.error_label", "passcode": "hlinks.error_passcode"]
    return form
  }

  private static func shared(_ hostile: String) -> ChartView {
    .shared(
      "r1",
      ChartView.Shared(
        patient: "Rowan" + hostile, node: "Household" + hostile, purpose: "TREAT" + hostile,
        until: now))
  }

  /// What the staff asked another node for, granted.
  private static func asked(_ hostile: String) -> RequestCard {
    var card = card(hostile, .granted)
    card.isOutgoing = true
    return card
  }

  /// One of each state, with and without a reason.
  static func verification(_ hostile: String) -> Verification {
    var found = Verification(.document)
    found.issuer = "0f3a" + hostile
    found.issuerName = "General" + hostile
    found.subject = "Patient/p" + hostile
    found.documentType = "18842-5 Discharge summary" + hostile
    found.since = now.description + hostile
    for (number, name) in Verification.Check.Name.allCases.enumerated() {
      let state = Verification.Check.State.allCases[number % 3]
      found.add(
        Verification.Check(
          name, state, "Something" + hostile, required: true,
          code: number % 2 == 0 ? "not-paired" : "other" + hostile))
    }
    return found
  }

  static func all(hostile: String = "") -> [any PageModel] {
    owners(hostile) + records(hostile) + accounts(hostile) + staff(hostile)
  }

  private static func owners(_ hostile: String) -> [any PageModel] {
    let cards = [card(hostile, .pending), card(hostile, .granted)]
    let grants = [
      grant(hostile, until: nil), grant(hostile, until: "2020-01-01T00:00:00Z"),
      grant(hostile, until: nil, isDenial: true),
    ]
    var form = GrantForm()
    form.errors = ["to": "sharing.error_to", "types": "sharing.error_types"]
    var filter = LogPage.Filter()
    filter.who = "x" + hostile
    return [
      HomePage(
        chartName: "Wren" + hostile, visitorName: "Rowan" + hostile, requests: cards,
        grants: grants, events: [entry(hostile)], emergencies: ["Hospital" + hostile], now: now),
      RequestsPage(requests: cards), RequestsPage(requests: []), request(hostile),
      SharingPage(grants: grants, now: now), SharingPage(grants: [], now: now),
      NewGrantPage(
        nodes: [("n1" + hostile, "Hospital" + hostile)], types: types, labels: labels,
        purposes: ["TREAT"], draft: form),
      NewGrantPage(nodes: [], types: types, labels: labels, purposes: [], draft: GrantForm()),
      HealthCardsPage(
        records: [row(hostile)], cards: healthCards(hostile), problem: "hcards.error_records"),
      HealthCardsPage(records: [], cards: []), HealthLinksPage(links: healthLinks(hostile)),
      HealthLinksPage(links: [], draft: linkForm(hostile)),
      LogPage(entries: [entry(hostile)], filter: filter, older: "/log?before=1" + hostile),
      LogPage(entries: [], filter: LogPage.Filter(), older: nil),
    ]
  }

  private static func records(_ hostile: String) -> [any PageModel] {
    [
      RecordPage(
        counts: [("allergies", 2), ("x" + hostile, 0)], rows: [row(hostile)], isPartial: true,
        more: "/record?cursor=x" + hostile),
      RecordPage(counts: [], rows: [], isPartial: false, more: nil),
      RecordPage(
        view: shared(hostile), counts: [("allergies", 2)], rows: [row(hostile)], isPartial: false,
        more: nil),
      RecordListPage(
        cause: .search("x" + hostile, from: "2026" + hostile, to: hostile), rows: [], count: 0,
        more: nil),
      RecordListPage(
        view: shared(hostile), cause: .search("x" + hostile), rows: [row(hostile)], count: 1,
        more: nil),
      RecordListPage(cause: .type("allergies"), rows: [row(hostile)], more: "/x" + hostile),
      SharedClosedPage(.ended, again: "/shared/r1" + hostile),
      SharedClosedPage(.offline, again: "/shared/r1" + hostile),
      RecordItemPage(
        row: row(hostile), value: "6.10 %" + hostile,
        facts: [(word: "status", value: "final" + hostile)], labels: ["hiv"],
        source: "Laboratory" + hostile, stored: now, version: 2,
        versions: [
          RecordItemPage.Version(number: 2, at: now, isDeleted: true),
          RecordItemPage.Version(number: 1, at: now, isDeleted: false),
        ], json: "{}" + hostile),
    ]
  }

  private static func accounts(_ hostile: String) -> [any PageModel] {
    [
      FamilyPage(
        people: frame(hostile).charts.map {
          FamilyPage.Person(
            $0, until: "2034-05-06" + hostile, isOfAge: true, types: ["allergies" + hostile])
        }, shown: "p1",
        emergencies: [
          FamilyPage.Emergency(
            patient: "p3" + hostile, namedBy: "Wren" + hostile, until: "2034-05-06" + hostile)
        ],
        helpers: [
          FamilyPage.Helper(
            account: "a" + hostile, name: "Ash" + hostile, relation: "caregiver" + hostile,
            until: "2034-05-06" + hostile, types: ["allergies" + hostile])
        ], codeError: "register.wrong_code"),
      NewHelperPage(types: types, invitation: "CODE" + hostile),
      DelegatePage(
        patient: "p3" + hostile, namedBy: "Wren" + hostile, types: types + [hostile + "x"],
        reasons: ["unconscious" + hostile], draft: delegateDraft(hostile)),
      accountPage(hostile), CloseAccountPage(error: "account.error_confirm"),
      PasswordPage(errors: ["current": "password.wrong"]), RenewCodesPage(),
      PasskeyNamePage(id: "k" + hostile, name: "Phone" + hostile, error: "error.field"),
      WelcomePage(
        name: "Rowan" + hostile,
        steps: [
          WelcomePage.Step("factors", "/security", isDone: true),
          WelcomePage.Step("record", "/record/new", isDone: false),
        ]),
      NewRecordPage(
        what: "Peanuts" + hostile, since: "2020-01-01" + hostile, note: "Hives." + hostile,
        errors: ["what": "error.field"]),
      UploadPage(error: "upload.error_malformed"),
      VerifyPage(longest: 16 << 20, error: "verify.error_none"),
      VerifyPage(found: verification(hostile), longest: 16 << 20),
      UploadPage(
        outcome: UploadPage.Outcome(
          added: 12, known: 1, leftOut: 2, refused: 1,
          faults: [(place: "Bundle.entry[3]" + hostile, reason: "not a date" + hostile)])),
      SecurityPage(
        methods: [
          SecurityPage.Method(.passkey, id: "k" + hostile, name: "Phone" + hostile),
          SecurityPage.Method(.totp),
          SecurityPage.Method(.card, id: "c" + hostile, name: "Card" + hostile),
        ],
        sessions: [
          SecurityPage.Session(
            id: "s1" + hostile, device: "Firefox" + hostile, address: "192.0.2.1" + hostile,
            last: now.description, isCurrent: false)
        ], offersPasskeys: true, hasSecondFactor: false),
      OpenAppPage(app: app(hostile), chart: "p" + hostile),
      AppsPage(apps: [], offered: [app(hostile)]),
      RecoveryCodesPage(codes: ["AAAA-BBBB" + hostile]),
      NewPasskeyPage(form: PasskeyForm(options: "{}" + hostile, ticket: "t" + hostile)),
      SignInPage(name: "rowan" + hostile, next: "/" + hostile, error: "sign_in.wrong"),
      passkeySignIn(hostile),
      SecondFactorPage(next: "/" + hostile, error: "second.wrong"),
      RegisterPage(
        code: "c" + hostile, name: "n" + hostile, displayName: "d" + hostile,
        errors: ["code": "error.field"]),
      MessagePage(status: 403), MessagePage(status: 500, request: "r" + hostile),
    ]
  }

  private static func app(_ hostile: String) -> LaunchableApp {
    LaunchableApp(
      id: "a" + hostile, name: "Growth charts" + hostile,
      address: "https://app.example/launch" + hostile, host: "app.example" + hostile)
  }

  private static func delegateDraft(_ hostile: String) -> EmergenciesPage.Draft {
    var draft = EmergenciesPage.Draft()
    draft.text = "Found." + hostile
    draft.errors = ["text": "emergency.error_text"]
    return draft
  }

  private static func accountPage(_ hostile: String) -> AccountPage {
    AccountPage(
      name: "Rowan" + hostile, login: "rowan" + hostile, language: .english,
      mail: AccountPage.Mail(
        address: "rowan@example.org" + hostile, unproven: "new@example.org" + hostile,
        isWanted: true), typed: "x" + hostile,
      errors: ["email": "account.error_email", "code": "account.error_code"])
  }

  private static func passkeySignIn(_ hostile: String) -> SignInPage {
    var page = SignInPage()
    page.offersCards = true
    page.passkey = PasskeyForm(options: "{\"a\":1}" + hostile, ticket: "t" + hostile)
    return page
  }

  private static func care(_ hostile: String, assigns: Bool) -> CarePage {
    let person = CarePage.Person(
      id: "a" + hostile, name: "Dr." + hostile, roles: ["nurse" + hostile],
      until: now.description)
    var page = CarePage(patient: "p" + hostile, relations: assigns ? [] : ["self", "parent"])
    page.name = "Juniper" + hostile
    if assigns {
      page.treating = [person]
      page.staff = [person]
      page.error = "care.conflict"
    } else {
      page.invitation = "CODE" + hostile
    }
    return page
  }

  private static func staff(_ hostile: String) -> [any PageModel] {
    let session = EmergenciesPage.Session(
      id: "b1" + hostile, who: "Dr. Example" + hostile, reason: "unconscious" + hostile,
      text: "Found." + hostile, types: ["allergies" + hostile], labels: ["hiv" + hostile],
      justification: "More." + hostile, from: now.description, until: now.description,
      review: "pending")
    var emergency = EmergenciesPage.Draft()
    emergency.patient = "p" + hostile
    emergency.text = "t" + hostile
    var ask = RequestForm()
    ask.name = "n" + hostile
    ask.reason = "r" + hostile
    return [
      EmergenciesPage(sessions: [session], mayReview: true),
      EmergenciesPage(
        sessions: [], mayReview: false, reasons: ["unconscious"], draft: emergency),
      PatientsPage(
        query: "x" + hostile, birthDate: "2001-01-01" + hostile,
        found: [
          PatientsPage.Found(
            id: "p" + hostile, name: "Juniper" + hostile, birthDate: "1990" + hostile)
        ], requests: [card(hostile, .pending), asked(hostile)]),
      RequestPage(request: asked(hostile), mayAnswer: false, opensChart: true),
      PatientsPage(query: "", birthDate: "", found: [], requests: []),
      NewRequestPage(
        nodes: [("n1" + hostile, "Household" + hostile)], types: types, labels: labels,
        purposes: ["TREAT"], draft: ask),
      care(hostile, assigns: true), care(hostile, assigns: false),
      TrainingPage(next: "/" + hostile, error: "training.error"),
      entities(hostile), witnesses(hostile),
      StaffPage(
        members: [
          StaffPage.Member(
            id: "a" + hostile, name: "Dr." + hostile, login: "dr" + hostile, roles: ["nurse"],
            isDisabled: false, trained: now.description)
        ], roles: ["nurse"], relations: ["self"], invitation: "CODE" + hostile),
    ]
  }
}
