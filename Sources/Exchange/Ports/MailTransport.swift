public import Identity
public import Primitives

/// One mail about to be sent. Whoever sends it makes the words out of its kind.
public struct OutgoingMail: Sendable {
  /// What it is called, so that a mail that is sent twice can be told to be one.
  public let id: String
  public let to: Redacted<MailAddress>
  public let kind: MailKind
  /// BCP 47, of the reader; nil where none was chosen.
  public let language: String?
  /// Of the kind that carries one.
  public let code: Redacted<String>?
  public let time: Instant

  public init(
    id: String, to: Redacted<MailAddress>, kind: MailKind, language: String?,
    code: Redacted<String>?, time: Instant
  ) {
    self.id = id
    self.to = to
    self.kind = kind
    self.language = language
    self.code = code
    self.time = time
  }
}

/// The way to people's mail boxes.
public protocol MailTransport: Sendable {
  /// Hands the mail over to a server that has taken it for delivery.
  ///
  /// - Throws: `unreachable` for what may pass; `forbidden` where the server will not take this mail, or
  ///   not from us.
  func send(_ mail: OutgoingMail) async throws
}
