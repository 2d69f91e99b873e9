import Consent
import FHIR
import Identity
import Web

/// Who may, worked out from the tables alone: that of routes says what a route asks for, that of permissions
/// and that of roles who has it. Nothing here knows how a request is answered.
enum AccessOracle {
  /// What of a request bears on the answer besides its route.
  struct Question {
    let access: RouteAccess
    let consent: ConsentState
    /// The record types that must be open, all of them.
    let types: [RecordType]
    /// Narrower than the row where a form can ask for one of several things.
    let permission: NodePermission?
    /// What an entry of a batch does.
    let action: ConsentAction
    /// Whether it is about the chart that the consent state names, and not about one's own.
    let isAboutChart: Bool
    /// Whether the thing belongs to who asks.
    let isOwn: Bool

    /// The same about another row.
    func with(_ row: RouteAccess) -> Question {
      Question(
        access: row, consent: consent, types: types, permission: permission, action: action,
        isAboutChart: isAboutChart, isOwn: isOwn)
    }
  }

  static func mayPass(_ subject: AccessSubject, _ question: Question) -> Bool {
    switch question.access {
    case .anybody: true
    case .proof: false
    case .session: subject.kind == .session && subject.strength != .none
    case .member: subject.isMember
    case .freshFactor: subject.isMember && subject.strength == .freshFactor
    // The scene is an organization.
    case .household: false
    case .permission(let permissions):
      subject.isMember
        && mayUse(question.permission.map { [$0] } ?? permissions, subject, question)
    case .chart(let action): subject.isMember && mayOpen(subject, action, question)
    case .ownChart(let action):
      subject.isMember && (subject.role == .patient || subject.role == .proxy)
        && (question.isAboutChart
          ? mayOpen(subject, action, question)
          : question.types.allSatisfy {
            mayOpen(subject, subject.toOwnChart, action, $0, .none)
          })
    case .signedInProgram(let row):
      subject.kind == .signedInProgram && mayPass(subject.atABrowser, question.with(row))
    case .program: subject.isProgram
    case .records(let action):
      subject.isProgram && (question.isOwn || mayOpen(subject, action, question))
    case .entries: subject.isProgram && mayOpen(subject, question.action, question)
    case .app: subject.kind == .app
    case .owner: question.isOwn
    case .peer: subject.kind == .peer
    case .emergency:
      subject.kind == .peer || subject.kind == .token && subject.role?.mayBreakGlass == true
    }
  }

  /// Of several permissions those that the role has, each with all that its row asks for.
  private static func mayUse(
    _ permissions: Set<NodePermission>, _ subject: AccessSubject, _ question: Question
  ) -> Bool {
    let rules = PermissionRule.table.filter { rule in
      permissions.contains(rule.permission) && subject.role.map(rule.roles.contains) == true
    }
    return !rules.isEmpty
      && rules.allSatisfy { rule in
        (!rule.needsStepUp || subject.strength == .freshFactor)
          && (!rule.isForOwnCharts || !question.isAboutChart || subject.relation != .none)
      }
  }

  private static func mayOpen(
    _ subject: AccessSubject, _ action: ConsentAction, _ question: Question
  ) -> Bool {
    // To what is in no patient's chart nobody stands in a relation, and no consent is about it.
    let relation = question.isAboutChart ? subject.relation : .none
    let consent = question.isAboutChart ? question.consent : .none
    return question.types.allSatisfy { mayOpen(subject, relation, action, $0, consent) }
  }

  private static func mayOpen(
    _ subject: AccessSubject, _ relation: AccessSubject.Relation, _ action: ConsentAction,
    _ type: RecordType, _ consent: ConsentState
  ) -> Bool {
    // All grants of the scene are for reading and searching.
    let isGranted =
      switch consent {
      case .granted: action == .read || action == .search
      case .narrowed: (action == .read || action == .search) && type == .medications
      case .none, .revoked, .expired: false
      }
    if subject.kind == .peer { return isGranted }
    guard let role = subject.role else { return false }
    // The node's own integrations, on the node's own charts.
    if role == .system { return true }
    return RoleRule.table.contains { rule in
      rule.role == role && rule.types.types.contains(type) && rule.actions.contains(action)
        && rule.purposes.contains(role.usualPurpose)
        && relation.satisfies(rule.relationship) && (!rule.needsGrant || isGranted)
    }
  }
}
