import Consent
import Exchange
import FHIR
import HTTPTypes
import Identity
import Primitives

/// Who looks at the pages: the one thing that they know of accounts and sessions.
struct PortalVisitor: Sendable {
  let signedIn: SignedIn
  /// What the visitor may do here, by the table of permissions. It decides what is offered; whether it is
  /// done decides `Exchange`.
  let permissions: Set<NodePermission>
  /// The capacities in which the visitor can act, as the switcher shows them.
  let charts: [PageFrame.Chart]
  /// Whether the chart was opened in an emergency.
  let isEmergency: Bool
  /// The id of the chart that is shown; nil where there is none.
  let chart: String?
  /// After how many seconds without a request the session ends.
  let idleSeconds: Int

  var name: String { signedIn.name.exposed }
  var language: Language? { signedIn.language.flatMap(Language.init) }
  /// What every form of this session carries.
  var csrf: String { signedIn.token.formToken.exposed }

  /// The rights under which use cases run.
  ///
  /// - Throws: `forbidden` for somebody who has shown one factor only, or can act as nobody.
  var caller: Caller {
    get throws(PeerChartError) {
      guard let caller = signedIn.caller else {
        throw PeerChartError(.forbidden, "this asks for a second factor, and for a role")
      }
      return caller
    }
  }

  /// Whether the visitor is of the staff, would see records of others, and has not been trained. In an
  /// emergency nobody is held up.
  var needsTraining: Bool {
    guard let role = signedIn.capacity?.role, role != .patient, role != .proxy else { return false }
    return role.mayReadCharts && !signedIn.isTrained && !isEmergency
  }

  /// Whether the visitor decides about the chart that is shown.
  var isOwner: Bool { permissions.contains(.decideSharing) && chart != nil }

  /// The name of the chart, unless it is the visitor's own.
  var otherChart: String? {
    guard signedIn.capacity?.role == .proxy else { return nil }
    return charts.first { $0.id == signedIn.capacity?.description }?.name
  }
}

/// Knows visitors by the session that their cookie names: the one place where that is done.
struct PortalDoor: Sendable {
  private let exchange: Exchange
  private let names = ChartNames()

  init(exchange: Exchange) { self.exchange = exchange }

  /// - Returns: nil for nobody: no cookie, an unknown session, one that has ended.
  func visitor(of incoming: Incoming, _ strings: (Language?) -> PortalStrings) async throws
    -> PortalVisitor?
  {
    let cookies = try incoming.field(.cookie)
    guard
      let token = PortalCookies.value(PortalCookies.session, in: cookies)
        .flatMap({ SessionToken($0) })
    else { return nil }
    // Emergency access is for that purpose and no other; without it this names a purpose in vain.
    let isEmergency = PortalCookies.value(PortalCookies.emergency, in: cookies) == "1"
    let signedIn: SignedIn
    do {
      signedIn = try await exchange.authenticate(
        session: token, purpose: isEmergency ? PurposeOfUse.breakTheGlass.rawValue : nil,
        networkAddress: incoming.connection.remoteAddress,
        requestID: incoming.requestID)
    } catch let error as PeerChartError where error.code == .unauthenticated {
      return nil
    }
    let role = signedIn.caller?.role
    // Who was named for a part of a chart, or for emergencies, looks and decides nothing.
    let speaks =
      signedIn.capacity?.patient.flatMap { signedIn.caller?.speaks(for: $0) } ?? false
    let permissions = PermissionRule.table.filter {
      (role.map($0.roles.contains) ?? false) && (speaks || !$0.isForOwnCharts)
    }
    // The staff turn to charts one by one; who is or acts for a patient is at that chart.
    let chosen = PortalCookies.value(PortalCookies.chart, in: cookies)
      .flatMap { Resource.isValidID($0) ? $0 : nil }
    let isFamily = role == .patient || role == .proxy
    let mayRead = signedIn.caller?.role.mayReadCharts ?? false
    try await names.learn(
      signedIn, exchange,
      from: SignInOrigin(
        networkAddress: incoming.connection.remoteAddress, requestID: incoming.requestID))
    return PortalVisitor(
      signedIn: signedIn, permissions: Set(permissions.map(\.permission)),
      charts: charts(signedIn, strings(signedIn.language.flatMap(Language.init))),
      isEmergency: isEmergency && permissions.contains { $0.permission == .breakGlass }
        || role == .proxy && signedIn.caller?.purpose == .breakTheGlass,
      chart: isFamily ? signedIn.capacity?.patient : mayRead ? chosen : nil,
      idleSeconds: Int(clamping: exchange.sessions.idle))
  }

  private func charts(_ signedIn: SignedIn, _ strings: PortalStrings) -> [PageFrame.Chart] {
    signedIn.capacities.map { capacity in
      let role = capacity.role.rawValue
      let name =
        switch capacity.role {
        case .patient: signedIn.name.exposed
        case .proxy:
          capacity.patient.flatMap { names.name($0, to: signedIn.account) }
            ?? proxy(capacity, signedIn)?.namedBy?.exposed
            ?? strings("family.unnamed", ["id": String((capacity.patient ?? "").prefix(8))])
        default: Wording.capitalized(strings.code("role", role))
        }
      return PageFrame.Chart(
        id: capacity.description, name: name,
        relation: capacity.role == .patient
          ? "self" : capacity.role == .proxy ? relation(capacity, signedIn) : "staff")
    }
  }

  private func proxy(_ capacity: Capacity, _ signedIn: SignedIn) -> ProxySummary? {
    signedIn.proxies.first { $0.patient == capacity.patient }
  }

  private func relation(_ capacity: Capacity, _ signedIn: SignedIn) -> String {
    switch proxy(capacity, signedIn)?.relationship {
    case .emergencyDelegate: "delegate"
    case let kind?: kind.rawValue
    case nil: "proxy"
    }
  }
}
