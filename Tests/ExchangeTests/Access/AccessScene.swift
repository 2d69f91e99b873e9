import Consent
import Crypto
import Exchange
import FHIR
import Foundation
import Identity
import Logging
import Primitives
import Web

/// A hospital with five charts, one for each state of consent, and everybody who may come to its door.
final class AccessScene {
  let node: TestNode
  let door: DirectDoor
  private(set) var subjects: [AccessSubject] = []
  /// A bulk job of `owner`, done, with the name of its file.
  private(set) var job = ""
  private(set) var file = ""
  /// A job of `owner` that may be taken away.
  var spareJob: String?
  /// The bearer to whom the jobs and the subscription belong, and as a caller.
  private(set) var ownerToken = ""
  private(set) var owner: Caller
  private(set) var subscription = ""
  /// An entry of each chart's log, and a grant of each that was taken back.
  private(set) var entries: [String: Int64] = [:]
  private(set) var revoked: [String: String] = [:]
  private(set) var app: App
  /// The name of one of the pages' files.
  private(set) var asset = ""

  /// A chart that no cell is about, for patients and proxies of somebody else.
  static let elsewhere = "p-elsewhere"
  static let staff = Role.allCases.filter { ![.patient, .proxy, .system].contains($0) }

  init() async throws {
    let clock = TestClock()
    node = try await TestNode(.organization, name: "General Hospital", clock: clock)
    let peer = try await TestNode(.organization, name: "Clinic", clock: clock)
    try await pair(peer, with: node)
    for chart in ConsentState.allCases.map(\.chart) + [Self.elsewhere] {
      try await node.store(AccessCharts.bundle(chart))
    }
    var configuration = NodeServerConfiguration(listen: [])
    configuration.publicAddress = App.server.issuer
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    door = try DirectDoor(
      exchange: node.exchange, configuration: configuration, logger: logger)
    // How often somebody may ask is no question here.
    var rates = RequestRates()
    (rates.account, rates.client, rates.address) = (nil, nil, nil)
    node.exchange.limit(rates)
    owner = node.owner
    app = try await App(node)
    try await consents(peer)
    try await people()
    try await programs(peer)
    try await belongings()
  }

  // MARK: Consents

  private func consents(_ peer: TestNode) async throws {
    func grant(
      _ chart: String, _ grantee: TestNode, _ purposes: PurposeSet,
      _ types: RecordTypeSet = .all, seconds: Int64 = 86_400
    ) async throws -> String {
      let grant = try await node.exchange.grant(
        GrantDraft(
          patient: chart, grantee: .node(grantee.id), types: types, purposes: purposes,
          actions: [.read, .search], seconds: seconds), as: node.owner)
      return String(grant.consent.drop { $0 != "/" }.dropFirst())
    }
    for (grantee, purposes) in [(peer, PurposeSet.treatment), (node, .research)] {
      _ = try await grant(ConsentState.granted.chart, grantee, purposes)
      _ = try await grant(ConsentState.expired.chart, grantee, purposes, seconds: 60)
      _ = try await grant(
        ConsentState.narrowed.chart, grantee, purposes, RecordTypeSet([.medications]))
      let ended = try await grant(ConsentState.revoked.chart, grantee, purposes)
      try await node.exchange.revoke(ended, as: node.owner)
    }
    for chart in ConsentState.allCases.map(\.chart) {
      // One that never opened anything to anybody of these.
      let id = try await grant(chart, peer, .publicHealth)
      try await node.exchange.revoke(id, as: node.owner)
      revoked[chart] = id
    }
  }

  // MARK: People

  private func people() async throws {
    var members: [(role: Role, relation: AccessSubject.Relation, person: Person)] = []
    func add(
      _ role: Role, _ relation: AccessSubject.Relation, _ invited: InvitedAs, factors: Int = 2
    ) async throws -> Person {
      let number = members.count + subjects.count
      let person = try await Person(
        node, "person\(number)", as: invited, secondFactor: factors == 2)
      person.address = "198.51.100.\(number)"
      if factors == 2 {
        if role != .patient && role != .proxy {
          try await node.exchange.acknowledgeTraining(person.signedIn(), from: person.origin)
        }
        members.append((role, relation, person))
      } else {
        subjects.append(
          AccessSubject(
            kind: .session, role: role, relation: relation, strength: .oneFactor,
            usual: .cookie(person.session.token)))
      }
      return person
    }
    func invite(_ kind: RelationshipKind, _ chart: String) -> InvitedAs {
      .relation(kind, patient: chart, until: nil)
    }
    // With one factor it does not matter whose chart: nothing opens.
    for (role, relation, kind) in [
      (Role.patient, AccessSubject.Relation.oneself, RelationshipKind.selfOfPatient),
      (.patient, .none, .selfOfPatient), (.proxy, .parent, .parent),
      (.proxy, .caregiver, .caregiver), (.proxy, .none, .parent),
    ] {
      _ = try await add(
        role, relation,
        invite(kind, relation == .none ? Self.elsewhere : ConsentState.granted.chart), factors: 1)
    }
    for role in Self.staff { _ = try await add(role, .none, .staff([role]), factors: 1) }
    _ = try await add(.patient, .none, invite(.selfOfPatient, Self.elsewhere))
    _ = try await add(.proxy, .none, invite(.parent, Self.elsewhere))
    let desk = try await node.bearerAccount(.frontDesk)
    for role in Self.staff {
      _ = try await add(role, .none, .staff([role]))
      let treating = try await add(role, .treating, .staff([role]))
      let id = try await treating.signedIn().account
      for consent in ConsentState.allCases {
        try await node.exchange.assign(id, toTreat: consent.chart, seconds: 86_400, as: desk)
      }
    }
    // Whoever has several charts has one session for each.
    var family: [(AccessSubject.Relation, [String: Person])] = []
    for (relation, kind) in [
      (AccessSubject.Relation.oneself, RelationshipKind.selfOfPatient), (.parent, .parent),
      (.caregiver, .caregiver),
    ] {
      var persons: [String: Person] = [:]
      for consent in ConsentState.allCases {
        let person = try await Person(
          node, "\(kind.rawValue)-\(consent.rawValue)", as: invite(kind, consent.chart))
        persons[consent.chart] = person
      }
      family.append((relation, persons))
    }
    try await sessions(members, family)
  }

  /// Sessions that have ended, whose factors were shown a while ago, and just now; and the apps.
  private func sessions(
    _ members: [(role: Role, relation: AccessSubject.Relation, person: Person)],
    _ family: [(AccessSubject.Relation, [String: Person])]
  ) async throws {
    let stale = members.map { $0.person.session.token }
    let staleFamily = family.map { $0.1.mapValues(\.session.token) }
    node.clock.advance(seconds: 400)
    for (number, (role, relation, person)) in members.enumerated() {
      let (ended, fresh) = try await fresh(person, Capacity(role: role, patient: nil))
      add(role, relation, stale[number], ended, fresh, try await token(person, nil))
      subjects.append(
        AccessSubject(
          kind: .signedInProgram, role: role, relation: relation,
          usual: .bearer(try await programToken(person))))
    }
    for (number, (relation, persons)) in family.enumerated() {
      let role: Role = relation == .oneself ? .patient : .proxy
      var (ended, fresh): ([String: SessionToken], [String: SessionToken]) = ([:], [:])
      var (apps, programs): ([String: String], [String: String]) = ([:], [:])
      for (chart, person) in persons {
        (ended[chart], fresh[chart]) = try await self.fresh(
          person, Capacity(role: role, patient: chart))
        apps[chart] = try await token(person, nil)
        programs[chart] = try await programToken(person)
      }
      func subject(_ strength: AccessSubject.Strength, _ tokens: [String: SessionToken]) {
        subjects.append(
          AccessSubject(
            kind: .session, role: role, relation: relation, strength: strength,
            credentials: tokens.mapValues { .cookie($0) }))
      }
      subject(.none, ended)
      subject(.twoFactors, staleFamily[number])
      subject(.freshFactor, fresh)
      subjects.append(
        AccessSubject(
          kind: .app, role: role, relation: relation, credentials: apps.mapValues { .bearer($0) }))
      subjects.append(
        AccessSubject(
          kind: .signedInProgram, role: role, relation: relation,
          credentials: programs.mapValues { .bearer($0) }))
    }
  }

  private func add(
    _ role: Role, _ relation: AccessSubject.Relation, _ stale: SessionToken,
    _ ended: SessionToken, _ fresh: SessionToken, _ app: String
  ) {
    for (strength, token) in [
      (AccessSubject.Strength.none, ended), (.twoFactors, stale), (.freshFactor, fresh),
    ] {
      subjects.append(
        AccessSubject(
          kind: .session, role: role, relation: relation, strength: strength,
          usual: .cookie(token)))
    }
    subjects.append(
      AccessSubject(kind: .app, role: role, relation: relation, usual: .bearer(app)))
  }

  /// Signs in, and goes on in the capacity: the first token has ended by then.
  private func fresh(_ person: Person, _ capacity: Capacity) async throws -> (
    ended: SessionToken, fresh: SessionToken
  ) {
    let first = try await person.signIn()
    let signedIn = try await person.signedIn()
    guard let actual = signedIn.capacities.first, actual.role == capacity.role else {
      throw PeerChartError(.invalid, "the account acts as somebody else")
    }
    let session = try await node.exchange.act(as: actual, signedIn, from: person.origin)
    person.go(on: session)
    return (first.token, session.token)
  }

  /// A program at which the person has just signed in. The browser's session goes on.
  private func programToken(_ person: Person) async throws -> String {
    let atBrowser = person.session
    // A code is good once: this is the one after that of the browser.
    let session = try await person.signIn(code: person.code(stepsLater: 1))
    person.go(on: atBrowser)
    return try await node.exchange.access(
      with: session.token, as: nil, at: App.server, from: person.origin
    ).token.exposed
  }

  /// An app that the person lets do everything.
  private func token(_ person: Person, _ scope: String?) async throws -> String {
    let code = try await app.code(person, scope ?? "openid user/*.cruds")
    return try App.text("access_token", in: await app.redeem(code))
  }

  // MARK: Programs

  private func programs(_ peer: TestNode) async throws {
    subjects.append(AccessSubject(kind: .nobody))
    subjects.append(
      AccessSubject(
        kind: .peer, role: .clinician, usual: .certificate(try peer.certificate())))
    subjects.append(
      AccessSubject(kind: .service, role: .system, usual: .bearer(try await service())))
    let charts = ConsentState.allCases.map(\.chart)
    for role in Role.allCases {
      let related: [AccessSubject.Relation] =
        switch role {
        case .patient: [.none, .oneself]
        case .proxy: [.none, .parent]
        default: [.none, .treating]
        }
      for relation in related {
        let token = try await node.exchange.issueToken(
          TokenRequest(
            scope: ScopeSet(parsing: "system/*.cruds"), role: role, name: "Somebody",
            purpose: role.usualPurpose, treats: relation == .none ? [] : charts, lifetime: 86_400),
          as: node.owner)
        subjects.append(
          AccessSubject(kind: .token, role: role, relation: relation, usual: .bearer(token)))
        if role == .system, relation == .none { ownerToken = token }
      }
    }
    owner = try await node.exchange.authenticate(
      bearer: ownerToken, purpose: nil, networkAddress: nil, requestID: "test")
  }

  /// A service that has shown its key (RFC 7523).
  private func service() async throws -> String {
    let key = P256.Signing.PrivateKey()
    let point = Array(key.publicKey.rawRepresentation)
    let jwk =
      #"{"kty":"EC","crv":"P-256","kid":"k","alg":"ES256","use":"sig","x":"\#(Base64URL.encode(Array(point[..<32])))","y":"\#(Base64URL.encode(Array(point[32...])))"}"#
    let service = try await App(
      node,
      #"{"client_name":"Nightly","grant_types":["client_credentials"],"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[\#(jwk)]}}"#
    )
    try await node.exchange.approveClient(
      service.id, scope: SMARTScopes(granted: "system/*.cruds"), as: node.owner)
    let seconds = node.clock.now().millisecondsSinceEpoch / 1000
    let signed = [
      #"{"alg":"ES256","typ":"JWT","kid":"k"}"#,
      #"{"iss":"\#(service.id)","sub":"\#(service.id)","aud":"\#(App.server.address(.token))","iat":\#(seconds),"exp":\#(seconds + 120),"jti":"once"}"#,
    ].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
    let signature = try key.signature(for: Array(signed.utf8))
    let assertion = signed + "." + Base64URL.encode(Array(signature.rawRepresentation))
    return try App.text(
      "access_token",
      in: await service.exchange([
        "grant_type": "client_credentials", "scope": "system/*.cruds",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
      ]))
  }

  // MARK: What belongs to somebody

  private func belongings() async throws {
    job = try await beginJob()
    _ = try await node.exchange.workOnBulkJobs(as: "worker")
    guard case .done(let manifest) = try await node.exchange.bulkStatus(job, as: owner),
      let name = manifest.output.first?.name
    else { throw PeerChartError(.notFound, "the export has no file") }
    file = name
    subscription = try await node.exchange.create(
      "Subscription", AccessCharts.subscription, as: owner
    ).resource.id
    for consent in ConsentState.allCases {
      entries[consent.chart] = try await node.exchange.auditEvents(
        of: consent.chart, before: nil, limit: 1, as: node.owner
      ).first?.sequence
    }
    let page = try await door.answer(DirectRequest("GET", "/sign-in"))
    let html = String(decoding: page.body, as: UTF8.self)
    asset = String(html.split(separator: "/assets/")[1].prefix { $0 != "\"" })
  }

  func beginJob() async throws -> String {
    try await node.exchange.beginExport(
      BulkExportRequest(
        .system, OperationParameters(pairs: [(name: "_type", value: "Coverage")]), isPost: false,
        isLenient: false), url: "https://node.example/fhir/$export", as: owner)
  }
}

extension TestNode {
  /// Somebody of the staff with an account, as a caller.
  func bearerAccount(_ role: Role) async throws -> Caller {
    try await Person(self, "staff-\(role.rawValue)", as: .staff([role])).caller()
  }
}
