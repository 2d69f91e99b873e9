import Consent
import Identity

/// What the patient of a chart has said to others: to the paired node for treatment, and to this house for
/// research.
enum ConsentState: String, CaseIterable {
  case none, granted, revoked, expired, narrowed

  /// The chart in which it is so.
  var chart: String { "p-\(rawValue)" }
}

/// Somebody at the node's door, in all that bears on what they may do.
struct AccessSubject {
  enum Kind: String { case nobody, session, token, app, service, peer, signedInProgram }

  enum Relation: String {
    case none, oneself, parent, caregiver, treating

    /// Whether the table of roles asks for just this.
    func satisfies(_ wanted: Relationship?) -> Bool {
      switch wanted {
      case nil: true
      case .selfOfPatient: self == .oneself
      case .proxy: self == .parent || self == .caregiver
      case .treating: self == .treating
      default: false
      }
    }
  }

  /// What the session was begun with; programs have none.
  enum Strength: String { case none, oneFactor, twoFactors, freshFactor }

  enum Credential {
    case nothing
    case cookie(SessionToken)
    case bearer(String)
    case certificate([UInt8])
  }

  private(set) var kind: Kind
  var role: Role?
  var relation = Relation.none
  var strength = Strength.none
  /// What they show when they are after a chart: whoever acts for several patients does so with one
  /// session each.
  var credentials: [String: Credential] = [:]
  /// What they show where no chart has one of its own.
  var usual = Credential.nothing

  func credential(_ chart: String) -> Credential { credentials[chart] ?? usual }

  var isMember: Bool {
    kind == .session && (strength == .twoFactors || strength == .freshFactor)
  }
  var isProgram: Bool {
    switch kind {
    case .token, .app, .service, .peer: true
    // Its token is for the REST API and for nothing else.
    case .nobody, .session, .signedInProgram: false
    }
  }

  /// How a patient or proxy stands to whom they always may act for: some have a chart that no cell is about.
  var toOwnChart: Relation {
    guard relation == .none else { return relation }
    return role == .patient ? .oneself : .parent
  }

  /// The same person with a session: whoever gets a token of the REST API has just signed in.
  var atABrowser: AccessSubject {
    var copy = self
    (copy.kind, copy.strength) = (.session, .freshFactor)
    return copy
  }

  var name: String {
    [kind.rawValue, role?.rawValue, relation.rawValue, strength.rawValue].compactMap(\.self)
      .joined(separator: "/")
  }
}
