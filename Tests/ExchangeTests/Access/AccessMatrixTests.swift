import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Testing
import Web

/// Every route × whoever may come × how they stand to the patient × what the patient has allowed × how they
/// showed who they are, sent to the node's own door and compared with the tables.
@Suite struct AccessMatrixTests {
  private static func probes() -> [AccessProbe] {
    let programs = [
      AccessProbe.openDoors, AccessProbe.oauth, AccessProbe.peers, AccessProbe.reads,
      AccessProbe.operations, AccessProbe.graphs,
      AccessProbe.exports, AccessProbe.unbound, AccessProbe.owned, AccessProbe.restAPI,
    ]
    let pages = [
      AccessProbe.gate, AccessProbe.own, AccessProbe.account, AccessProbe.chart, AccessProbe.staff,
    ]
    // Whoever signs out is gone, so that comes last.
    return (programs + pages + [AccessProbe.writes, AccessProbe.signingOut]).flatMap { $0 }
  }

  @Test func everyRouteOpensToWhomTheTablesSayAndToNobodyElse() async throws {
    let scene = try await AccessScene()
    var matrix = Matrix(scene: scene)
    for probe in Self.probes() { try await matrix.run(probe) }
    print(
      "access matrix: \(matrix.cells) cells, \(matrix.passed) passed the door, "
        + "\(scene.subjects.count) subjects, \(Self.probes().count) requests")
    #expect(matrix.differences.isEmpty, "\(matrix.summary)")
    for kind in RouteKind.all {
      let missing = (matrix.offered[kind] ?? ["any"]).subtracting(matrix.seen[kind] ?? [])
      #expect(missing.isEmpty, "nobody asks \(kind) by \(missing.sorted())")
    }
    #expect(matrix.cells >= 5000)
    // A matrix in which hardly anything opens would compare nothing.
    #expect(matrix.passed > matrix.cells / 20)
    #expect(try await scene.node.exchange.verifyAudit { _ in }.verified)
  }
}

/// The cells that were compared so far.
private struct Matrix {
  let scene: AccessScene
  private(set) var cells = 0
  private(set) var passed = 0
  private(set) var differences: [String] = []
  /// The methods that were asked of each kind of route, and those that it has.
  private(set) var seen: [RouteKind: Set<String>] = [:]
  private(set) var offered: [RouteKind: Set<String>] = [:]

  init(scene: AccessScene) { self.scene = scene }

  /// The first differences, and how many there are of each kind.
  var summary: String {
    "\(differences.count) differences:\n" + differences.prefix(60).joined(separator: "\n")
  }

  mutating func run(_ probe: AccessProbe) async throws {
    var kinds: Set<String> = []
    let sample = try await probe.request(scene, ConsentState.none.chart)
    let route = try Route(path: sample.path.prefix { $0 != "?" })
    seen[RouteKind(route), default: []].insert(probe.method)
    offered[RouteKind(route), default: []].formUnion(route.methods)
    let isForPrograms =
      switch route.access(probe.method) {
      case .records, .entries: true
      default: false
      }
    for (number, subject) in scene.subjects.enumerated() {
      var states = ConsentState.allCases
      // A session opens no route for programs, whatever the chart: one stands for all.
      if probe.isDear || !probe.isAboutChart || isForPrograms && !subject.isProgram {
        let kind = "\(subject.kind) \(subject.strength)"
        guard !probe.isDear || probe.isAboutChart || kinds.insert(kind).inserted else { continue }
        states = [states[(number + cells) % states.count]]
      }
      for state in states { try await compare(probe, subject, state) }
    }
  }

  private mutating func compare(
    _ probe: AccessProbe, _ subject: AccessSubject, _ state: ConsentState
  ) async throws {
    var request = try await probe.request(scene, state.chart)
    let credential = subject.credential(state.chart)
    try await probe.prepare?(scene, credential, &request)
    // Nobody uses up what an address has.
    let address = "10.\(cells >> 16 & 255).\(cells >> 8 & 255).\(cells & 255)"
    let answer = try await scene.door.answer(
      request.direct(probe.method, credential, subject, address: address))
    let route = try Route(path: request.path.prefix { $0 != "?" })
    let isOwner: Bool
    if case .bearer(let token) = credential {
      isOwner = probe.isOwned && token == scene.ownerToken
    } else {
      isOwner = false
    }
    let expected = AccessOracle.mayPass(
      subject,
      AccessOracle.Question(
        access: route.access(probe.method), consent: state,
        types: try probe.records.map(AccessCharts.type), permission: probe.permission,
        action: probe.action,
        isAboutChart: probe.isAboutChart, isOwn: isOwner))
    let hasPassed = probe.hasPassed(answer, state.chart)
    cells += 1
    if hasPassed { passed += 1 }
    if hasPassed != expected || !hasPassed && !probe.isRefused(answer) {
      let path = request.path.prefix { $0 != "?" }
      let told = String(decoding: answer.body.prefix(160), as: UTF8.self)
      differences.append(
        "\(probe.method) \(path) \(probe.records) \(subject.name) \(state): expected "
          + "\(expected ? "open" : "shut"), got \(answer.status) \(answer.fields["location"] ?? "")"
          + (differences.count < 60 ? " \(told)" : ""))
    }
    try await probe.after?(scene, answer, credential, subject)
  }
}

/// The routes as kinds, so that one which no request leads to is found. The switches are exhaustive: a route
/// that is new does not compile before it is named here.
private enum RouteKind: Hashable {
  case plain(String)
  case operation(OperationName, OperationName.Level)

  init(_ route: Route) {
    switch route {
    case .ready, .live, .identity, .server, .oauth, .pairing, .messages, .breakGlass,
      .logCheckpoint, .logTile, .addCheckpoint, .documentStatus, .entity, .capabilities,
      .smartConfiguration,
      .system, .type,
      .typeSearch, .compartment, .instance,
      .history, .registration, .communityMetadata, .api, .bulkJob, .bulkFile, .changes, .version,
      .cardKeys, .cardList, .healthLink, .portal:
      self = .plain(route.pattern)
    case .operation(let call):
      self = .operation(
        call.name, call.type == nil ? .system : call.id == nil ? .type : .instance)
    }
  }

  static var all: [RouteKind] {
    let paths =
      [
        "/health", "/health/live", "/.well-known/peerchart", "/peer/pair", "/peer/messages",
        "/peer/break-glass", "/log/checkpoint", "/log/tile/0/000", "/log/add-checkpoint",
        "/log/status/k",
        "/fhir/metadata", "/fhir/.well-known/smart-configuration", "/fhir",
        "/fhir/Patient", "/fhir/_search", "/fhir/Patient/_search", "/fhir/Patient/p/Observation",
        "/fhir/Patient/p/Observation/_search", "/fhir/Patient/p", "/fhir/Patient/p/_history",
        "/fhir/_bulk/j", "/fhir/_bulk/j/f", "/fhir/_history", "/fhir/Patient/_history",
        "/fhir/Patient/p/_history/1", "/.well-known/udap", "/oauth/register/c", "/api",
        "/api/openapi.json", "/.well-known/jwks.json", "/.well-known/crl/k.json", "/shl/t",
        "/shl/t/f", "/entities/" + String(repeating: "ab", count: 32),
      ] + APIOperation.allCases.map { $0.description.path.replacing("{id}", with: "x") }
      + ServerDocument.allCases.map { "/.well-known/\($0.rawValue)" }
      + ServerMetadata.Endpoint.allCases.map(\.rawValue)
    let plain = paths.compactMap { path in (try? Route(path: path)).map { RouteKind($0) } }
    return plain + pages.map { RouteKind(.portal($0)) }
      + OperationName.allCases.flatMap { name in
        name.levels.map { RouteKind.operation(name, $0) }
      }
  }

  /// One of each page.
  private static var pages: [PortalRoute] {
    var pages: [PortalRoute] = []
    var next: PortalRoute? = .home
    while let page = next {
      pages.append(page)
      next = after(page)
    }
    return pages
  }

  /// The pages in a row: a page that is new has to be put somewhere.
  private static func after(_ page: PortalRoute) -> PortalRoute? {
    switch page {
    case .home: .signIn
    case .signIn: .secondFactor
    case .secondFactor: .passkeySignIn
    case .passkeySignIn: .register
    case .register: .signOut
    case .signOut: .requests
    case .requests: .request("r")
    case .request: .sharing
    case .sharing: .newGrant
    case .newGrant: .revokeGrant("g")
    case .revokeGrant: .healthCards
    case .healthCards: .healthCard("c")
    case .healthCard: .healthLinks
    case .healthLinks: .healthLink("l")
    case .healthLink: .log
    case .log: .logProof(1)
    case .logProof: .record
    case .record: .recordType("problems")
    case .recordType: .recordSearch
    case .recordSearch: .recordItem("Observation", id: "o")
    case .recordItem: .family
    case .family: .security
    case .security: .session("s")
    case .session: .oneTimeCodes
    case .oneTimeCodes: .passkeys
    case .passkeys: .passkey("k")
    case .passkey: .patients
    case .patients: .newRequest
    case .newRequest: .emergencies
    case .emergencies: .emergency("e")
    case .emergency: .staff
    case .staff: .entities
    case .entities: .witnesses
    case .witnesses: .authorize
    case .authorize: .apps
    case .apps: .app("a")
    case .app: .language
    case .language: .events
    case .events: .asset("x")
    case .asset: .cardSignIn
    case .cardSignIn: .cards
    case .cards: .card("c")
    case .card: .password
    case .password: .recoveryCodes
    case .recoveryCodes: .removeOneTimeCodes
    case .removeOneTimeCodes: .account
    case .account: .closeAccount
    case .closeAccount: .newHelper
    case .newHelper: .delegate("p")
    case .delegate: .welcome
    case .welcome: .newRecord
    case .newRecord: .upload
    case .upload: .verify
    case .verify: .openApp("a")
    case .openApp: .care("p")
    case .care: .training
    case .training: .shared("r")
    case .shared: .sharedType("r", type: "problems")
    case .sharedType: .sharedSearch("r")
    case .sharedSearch: .sharedItem("r", type: "Observation", id: "o")
    case .sharedItem: nil
    }
  }
}
