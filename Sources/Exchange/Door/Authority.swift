import Consent
import Identity
public import Primitives

extension PeerChartError.Code {
  /// The person may, but has to show a factor again first (as RFC 9470 does for OAuth).
  public static let stepUpRequired = Self("step-up-required")
}

extension Exchange {
  /// Asks the permission table about what is no record.
  ///
  /// - Parameter patient: whose chart it is about; nil for what concerns the whole node.
  /// - Throws: `forbidden`; `step-up-required` for somebody who has to show a factor again first.
  func require(_ permission: NodePermission, of patient: String? = nil, _ caller: Caller) throws {
    let rule = try requireRole(permission, caller)
    guard caller.identity != .nodeOperator, rule.isForOwnCharts else { return }
    guard let patient, caller.speaks(for: patient) else {
      throw PeerChartError(.forbidden, "this is about another patient than you speak for")
    }
  }

  /// Asks whether the caller may do it for anybody at all: before it is known whom it is about.
  ///
  /// - Throws: as above.
  @discardableResult
  func requireRole(_ permission: NodePermission, _ caller: Caller) throws -> PermissionRule {
    guard let rule = PermissionRule.rule(permission) else { throw Self.notPermitted }
    switch caller.identity {
    case .nodeOperator: return rule
    case .peer, .client, .nobody: throw Self.notPermitted
    case .token:
      // A token speaks for a patient or a proxy only, and for the patients that it names.
      guard rule.isForOwnCharts, rule.roles.contains(caller.role) else {
        throw Self.notPermitted
      }
    case .account:
      // What an app may do for a person is in its scopes, which are for records.
      guard caller.app == nil else { throw Self.notPermitted }
      guard rule.roles.contains(caller.role),
        let authentication = caller.authentication, authentication.isMultiFactor
      else { throw Self.notPermitted }
      let age = clock.now().millisecondsSinceEpoch - authentication.at
      guard !rule.needsStepUp || age < sessions.stepUp * 1000 else {
        throw PeerChartError(
          .stepUpRequired, "this asks for your passkey or a code once more; sign in again")
      }
    }
    return rule
  }

  private static var notPermitted: PeerChartError {
    PeerChartError(.forbidden, "your role does not allow this")
  }
}
