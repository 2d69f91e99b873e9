import Audit
import Consent
import Identity
import Primitives
import Synchronization

/// The policy as it was read a moment ago. Another process may change it: it is read again after two seconds,
/// and at once where this process changed it.
final class RestrictionMemory: Sendable {
  private static let milliseconds: Int64 = 2000
  private let known = Mutex<(policy: RestrictionPolicy, readAt: Int64)?>(nil)

  func policy(at time: Int64) -> RestrictionPolicy? {
    known.withLock { known in
      guard let known, (known.readAt..<known.readAt + Self.milliseconds).contains(time) else {
        return nil
      }
      return known.policy
    }
  }

  func keep(_ policy: RestrictionPolicy?, at time: Int64) {
    known.withLock { $0 = policy.map { ($0, time) } }
  }
}

extension Exchange {
  /// From where and when roles, clients and tokens may be used.
  public func restrictions(as caller: Caller) async throws -> [AccessRestriction] {
    try require(.manageClients, caller)
    return try await store.read { [self] in try storedRestrictions(in: $0) }.rules
  }

  /// Restricts something, in the place of what was said of it before.
  ///
  /// - Throws: `too-large` for more than 256 restrictions.
  public func restrict(_ rule: AccessRestriction, as caller: Caller) async throws {
    try await changeRestrictions(caller, about: rule.subject) { rules in
      rules.removeAll { $0.subject == rule.subject }
      guard rules.count < RestrictionPolicy.most else {
        throw PeerChartError(.tooLarge, "a node has at most 256 restrictions")
      }
      rules.append(rule)
    }
  }

  /// Takes a restriction away.
  ///
  /// - Throws: `not-found`.
  public func unrestrict(_ subject: String, as caller: Caller) async throws {
    try await changeRestrictions(caller, about: subject) { rules in
      guard let index = rules.firstIndex(where: { $0.subject == subject }) else {
        throw PeerChartError(
          .notFound, "nothing is restricted there; `restrict list` shows what is")
      }
      rules.remove(at: index)
    }
  }

  private func changeRestrictions(
    _ caller: Caller, about subject: String,
    _ change: @escaping @Sendable (inout [AccessRestriction]) throws -> Void
  ) async throws {
    try require(.manageClients, caller)
    try await pass { [self] snapshot in
      var policy = try storedRestrictions(in: snapshot)
      try change(&policy.rules)
      policy.rules.sort { $0.subject < $1.subject }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["restriction": subject]
      var passage = Passage(outcome: .success(()))
      passage.change(
        try keeping(.restriction, RestrictionPolicy.key, policy, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
    restrictionMemory.keep(nil, at: 0)
  }

  private func storedRestrictions(in snapshot: any StoreSnapshot) throws -> RestrictionPolicy {
    try item(.restriction, RestrictionPolicy.key, in: snapshot) ?? RestrictionPolicy()
  }

  /// The policy, at most two seconds old: it is asked for with every request.
  func currentRestrictions() async throws -> RestrictionPolicy {
    let now = clock.now().millisecondsSinceEpoch
    if let known = restrictionMemory.policy(at: now) { return known }
    let policy = try await store.read { [self] in try storedRestrictions(in: $0) }
    restrictionMemory.keep(policy, at: now)
    return policy
  }

  /// Holds somebody who was recognised against the restrictions of this place and hour. A refusal is in the
  /// log before it is given.
  ///
  /// - Throws: `forbidden`.
  func requirePlaceAndTime(_ caller: Caller) async throws {
    let policy = try await currentRestrictions()
    guard let breach = policy.breach(caller.subjects, from: caller.networkAddress, at: clock.now())
    else { return }
    try await logBreach(breach, caller)
    throw PeerChartError(.forbidden, "this may not be used from here, or not at this hour")
  }

  /// Whether a policy has nothing against a caller, here and now.
  func isInPlaceAndTime(_ caller: Caller, _ policy: RestrictionPolicy) -> Bool {
    policy.breach(caller.subjects, from: caller.networkAddress, at: clock.now()) == nil
  }

  func logBreach(_ breach: AccessRestriction.Breach, _ caller: Caller) async throws {
    var draft = EventDraft(kind: .decisionDeny)
    draft.reasons = [breach.rawValue]
    let entry = try entry(draft, caller, at: clock.now())
    try await pass { _ in
      var passage = Passage(outcome: .success(()))
      passage.entries = [entry]
      return passage
    }
  }
}

extension Caller {
  /// What of this caller may be restricted. Paired nodes are bound by consent, and by their key.
  fileprivate var subjects: [AccessRestriction.Subject] {
    let through = app.map { [AccessRestriction.Subject.client($0.client)] } ?? []
    switch identity {
    case .nodeOperator, .nobody, .peer: return []
    case .token(let id): return [.role(role), .token(id)]
    case .account: return [.role(role)] + through
    case .client(let id): return [.role(role), .client(id)]
    }
  }
}
