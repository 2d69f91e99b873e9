import Exchange

/// Who looks at the pages: the one thing that they know of accounts and sessions.
struct PortalVisitor: Sendable {
  /// What a visitor may do here. It decides what is offered; whether it is done decides `Exchange`.
  enum Ability: Sendable { case decideSharing, askForAccess, breakGlass, manageStaff }

  /// The rights under which use cases run, for the chart that is shown.
  let caller: Caller
  let name: String
  /// The account's choice; nil to follow the browser.
  let language: Language?
  /// What every form of this session carries.
  let csrf: String
  let charts: [PageFrame.Chart]
  /// The id of the chart that is shown; nil where there is none.
  let chart: String?
  let abilities: Set<Ability>
  /// After how many seconds without a request the session ends.
  let idleSeconds: Int

  /// The name of the chart, unless it is the visitor's own.
  var otherChart: String? {
    charts.first { $0.id == chart && $0.relation != "self" }?.name
  }
}

/// Knows visitors by the session that their cookie names.
protocol PortalDoor: Sendable {
  /// - Parameter session: the value of the cookie; nil without one.
  /// - Returns: nil for nobody: no cookie, an unknown session, one that has ended.
  func visitor(session: String?, incoming: Incoming) async throws -> PortalVisitor?
}

/// A door that opens to nobody: for a node without accounts.
struct ClosedDoor: PortalDoor {
  func visitor(session: String?, incoming: Incoming) async throws -> PortalVisitor? { nil }
}
