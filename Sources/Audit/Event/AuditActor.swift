/// Who did it.
public struct AuditActor: Hashable, Sendable {
  /// What sort of actor it is.
  public enum Kind: String, CaseIterable, Sendable {
    /// The person at the command line of the node.
    case `operator`
    /// A program with a bearer token.
    case app
    /// A member of the organization's staff.
    case workforce
    /// Another node.
    case peer
    case patient
    /// A person who acts for a patient.
    case proxy
    /// The node by itself: expiry, rotation, start.
    case node
    /// Somebody who failed to sign in.
    case unknown
  }

  public var kind: Kind
  /// What identifies the actor within its kind: node id, token id, account id.
  public var id: String
  /// The name that people know the actor by.
  public var name: String?
  /// The network address of the request.
  public var address: String?
  /// The program that the actor used (`User-Agent`).
  public var agent: String?

  public init(
    kind: Kind, id: String, name: String? = nil, address: String? = nil, agent: String? = nil
  ) {
    self.kind = kind
    self.id = id
    self.name = name
    self.address = address
    self.agent = agent
  }
}
