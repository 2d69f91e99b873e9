import Consent
import Identity
import Primitives

/// Who asked for what goes on without them: a bulk job, a subscription. Enough to find out, each time, what
/// that person may do now.
struct AccountStanding: Codable, Equatable, Sendable {
  var account: AccountID
  /// As `Capacity` writes it.
  var capacity: String
  var authentication: Authentication

  /// Nil for callers without an account.
  init?(_ caller: Caller) {
    guard case .account(let id) = caller.identity, let authentication = caller.authentication else {
      return nil
    }
    account = id
    capacity = Capacity(role: caller.role, patient: caller.patients.first).description
    self.authentication = authentication
  }

  init(account: AccountID, capacity: Capacity, authentication: Authentication) {
    self.account = account
    self.capacity = capacity.description
    self.authentication = authentication
  }

  /// The person as a caller, with the rights of now; nil once the account is disabled or cannot act in that
  /// capacity any more.
  func caller(
    _ exchange: Exchange, purpose: PurposeOfUse?, scopes: ScopeSet? = nil,
    networkAddress: String?, requestID: String, baseURL: String? = nil,
    in snapshot: any StoreSnapshot
  ) throws -> Caller? {
    guard authentication.isMultiFactor, let capacity = Capacity(capacity),
      let record = try exchange.account(account, in: snapshot), !record.isDisabled,
      try exchange.capacities(of: record, at: exchange.clock.now(), in: snapshot)
        .contains(capacity)
    else { return nil }
    let relationship = try capacity.patient.flatMap {
      try exchange.relationship(of: account, to: $0, at: exchange.clock.now(), in: snapshot)
    }
    // Who acts in an emergency is let in by what they said of it, for that purpose and no other.
    let isDelegate = capacity.role == .proxy && relationship?.kind == .emergencyDelegate
    return Caller(
      identity: .account(account), name: record.name, role: capacity.role, scopes: scopes,
      purpose: isDelegate ? .breakTheGlass : purpose ?? capacity.role.usualPurpose,
      patients: isDelegate ? [] : capacity.patient.map { [$0] } ?? [], person: record.party,
      authentication: authentication, networkAddress: networkAddress, requestID: requestID,
      baseURL: baseURL
    ).limited(to: capacity.role == .proxy && !isDelegate ? relationship?.limits : nil)
  }
}
