import Foundation
import Primitives

/// Something the people of a node should know: a request, a break-glass, a document that came.
public struct Notice: Codable, Sendable {
  /// What has happened.
  public enum Kind: String, Codable, Sendable {
    case accessRequested = "access-requested"
    case accessGranted = "access-granted"
    case accessRefused = "access-refused"
    case accessRevoked = "access-revoked"
    case glassBroken = "glass-broken"
    case documentReceived = "document-received"
    case messageRefused = "message-refused"
    /// A paired node's log has two histories.
    case logForked = "log-forked"
    /// A paired node has not shown its log for long.
    case logStalled = "log-stalled"
    /// A witness refuses this node's own log: it has seen another history.
    case logRefused = "log-refused"
  }

  public var id: String
  public var kind: Kind
  /// Milliseconds since 1970.
  public var at: Int64
  public var patient: String?
  public var peer: String?
  /// What it is about: the id of a request, session or document.
  public var reference: String?
  public var text: String?

  var key: [UInt8] { Array(id.utf8) }
}

extension Exchange {
  /// The notices of this node, newest first: to a patient those about the own chart.
  public func notices(as caller: Caller) async throws -> [Notice] {
    try await store.read { [self] snapshot in
      try items(.notice, as: Notice.self, in: snapshot).map(\.value)
        .filter {
          caller.identity == .nodeOperator || $0.patient.map(caller.speaks(for:)) ?? false
        }
        .sorted { $0.at > $1.at }
    }
  }

  func notice(
    _ kind: Notice.Kind, at time: Instant, patient: String? = nil, peer: String? = nil,
    reference: String? = nil, text: String? = nil
  ) throws -> ItemChange {
    let notice = Notice(
      id: newID(), kind: kind, at: time.millisecondsSinceEpoch, patient: patient, peer: peer,
      reference: reference, text: text)
    return try keeping(.notice, notice.key, notice)
  }
}
