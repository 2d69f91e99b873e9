import Crypto
import Foundation
import Identity
import Primitives

/// What somebody takes away from one step to bring along to the next, sealed: the node keeps nothing until
/// the step is made, so nobody can fill it with steps that never come.
struct Ticket: Codable, Sendable {
  enum Purpose: String, Codable, Sendable {
    /// The password was right; a second factor is to come.
    case secondFactor
    /// A passkey is to be used, or made.
    case passkeyUse, passkeyCreation
    /// An authenticator app is being set up.
    case oneTimeCodes
    /// A browser that has signed in to accounts before.
    case device
  }

  var purpose: Purpose
  /// Milliseconds since 1970.
  var expiresAt: Int64
  var id: Data
  var account: AccountID?
  /// What the purpose needs: a challenge, a secret.
  var content: Data?
  /// The accounts of a device.
  var accounts: [AccountID]?
}

extension Exchange {
  func issue(
    _ purpose: Ticket.Purpose, seconds: Int64, account: AccountID? = nil, content: [UInt8]? = nil,
    accounts: [AccountID]? = nil, id: Data? = nil
  ) throws -> Redacted<String> {
    let ticket = Ticket(
      purpose: purpose, expiresAt: clock.now().adding(seconds: seconds).millisecondsSinceEpoch,
      id: id ?? Data(random.bytes(16)), account: account, content: content.map { Data($0) },
      accounts: accounts)
    let sealed = try keys.seal(
      Array(try JSONEncoder().encode(ticket)), .ticket, key: Array(purpose.rawValue.utf8))
    return Redacted(Base64URL.encode(sealed))
  }

  /// Opens a ticket of one purpose.
  ///
  /// - Throws: `unauthenticated` for what is no ticket of that purpose, or has expired.
  func open(_ text: Redacted<String>, _ purpose: Ticket.Purpose) throws -> Ticket {
    let refusal = PeerChartError(.unauthenticated, "this took too long; begin again")
    guard text.exposed.utf8.count <= 8192, let sealed = Base64URL.decode(text.exposed),
      let plain = try? keys.open(sealed, .ticket, key: Array(purpose.rawValue.utf8)),
      let ticket = try? JSONDecoder().decode(Ticket.self, from: Data(plain)),
      ticket.purpose == purpose, clock.now().millisecondsSinceEpoch < ticket.expiresAt
    else { throw refusal }
    return ticket
  }

  /// Marks a ticket as used, once: of two who bring the same one at the same time, one comes through.
  ///
  /// - Throws: `unauthenticated` where it was used before.
  func spend(
    _ ticket: Ticket, _ passage: inout Passage<some Sendable>, in snapshot: any StoreSnapshot
  ) throws {
    let key = Array(SHA256.hash(data: Array(ticket.id)))
    guard try snapshot.item(.ticket, key: key) == nil else {
      throw PeerChartError(.unauthenticated, "this was used before; begin again")
    }
    var change = try keeping(.ticket, key, SpentTicket(expiresAt: ticket.expiresAt))
    change.before = .exactly(nil)
    let spent = change
    passage.also { try spent.apply($0) }
  }
}

/// A ticket that was used, kept until it would have expired.
struct SpentTicket: Codable {
  var expiresAt: Int64
}
