import Consent
import Foundation
import Identity
import Primitives

/// Whose job it is: the one place that ties a job to a caller.
struct BulkOwner: Codable, Sendable {
  enum Kind: String, Codable, Sendable { case nodeOperator, token, account, peer }

  var kind: Kind
  /// The token's id, the account's, or the peer's node id.
  var id: String
  /// The purpose of use named when the job was asked for.
  var purpose: String?
  var networkAddress: String?
  /// The request that asked for it: what the work does stands in the log under the same id.
  var requestID: String

  /// For a person with an account, in which capacity.
  var standing: AccountStanding?

  init(_ caller: Caller) {
    standing = AccountStanding(caller)
    switch caller.identity {
    case .nodeOperator: (kind, id) = (.nodeOperator, "")
    case .token(let token): (kind, id) = (.token, token)
    case .account(let account): (kind, id) = (.account, account.description)
    case .nobody: (kind, id) = (.account, "")
    case .peer(let node): (kind, id) = (.peer, node.description)
    }
    purpose = caller.purpose?.rawValue
    networkAddress = caller.networkAddress
    requestID = caller.requestID
  }

  func isSame(as caller: Caller) -> Bool {
    let other = BulkOwner(caller)
    return kind == other.kind && id == other.id
  }
}

extension Exchange {
  /// The owner of a job as a caller, with the rights that it has now.
  ///
  /// - Throws: `unauthenticated` when the token has ended or the node is paired no more.
  func caller(of owner: BulkOwner, in snapshot: any StoreSnapshot) throws -> Caller {
    let gone = PeerChartError(.unauthenticated, "whoever asked for this is not known any more")
    switch owner.kind {
    case .nodeOperator: return nodeOperator()
    case .token:
      guard
        let record = try items(.token, as: TokenRecord.self, in: snapshot).map(\.value)
          .first(where: { $0.id == owner.id }),
        let known = try RecognizedToken(record),
        let caller = try bearer(
          of: known, purpose: Self.purpose(owner.purpose), networkAddress: owner.networkAddress,
          requestID: owner.requestID, baseURL: nil)
      else { throw gone }
      return caller
    case .account:
      guard
        let caller = try owner.standing?.caller(
          self, purpose: Self.purpose(owner.purpose), networkAddress: owner.networkAddress,
          requestID: owner.requestID, in: snapshot)
      else { throw gone }
      return caller
    case .peer:
      guard let node = NodeID(owner.id), let record = try peer(node, in: snapshot) else {
        throw gone
      }
      return try caller(
        of: record, node, purpose: owner.purpose, networkAddress: owner.networkAddress,
        requestID: owner.requestID)
    }
  }

  /// Whether a caller may still do what it could when its request began.
  ///
  /// - Throws: `unauthenticated`.
  func requireStanding(of caller: Caller, in snapshot: any StoreSnapshot) throws {
    _ = try self.caller(of: BulkOwner(caller), in: snapshot)
  }
}
