import FHIR

/// What an HTTP/1.1 connection may do, as a value without sockets: which request heads are taken,
/// and when a connection ends whose request goes on after it was answered.
package struct ConnectionPolicy: Sendable {
  /// Bytes of a request target; a longer one is refused (RFC 9110 section 15.5.15).
  package static let targetBytes = 16 << 10
  /// Header fields of a request, and bytes of all their names and values (RFC 6585 section 5).
  package static let fields = 100
  package static let fieldBytes = 32 << 10
  /// How much of a refused body is still taken, so that the client gets to read the answer.
  package static let lingerBytes = 1 << 20

  package enum HeadAction: Equatable {
    case forward
    /// The client waits for permission to send its body (RFC 9110 section 10.1.1).
    case inviteBody
    case refuse(status: Int)
  }

  package enum EndAction: Equatable {
    case keepOpen
    case close
    /// The rest of the request is still to come; close when it takes too long.
    case linger
  }

  private let bodyBytes: Int
  // Requests may be pipelined, so the ends are counted: an answer that is complete while its request
  // is not leaves the connection lingering.
  private var requestsReceived = 0
  private var answersSent = 0
  private var lingered = 0
  private var closesAfterAnswer = false

  /// Whether nothing that has come in whole is unanswered.
  package var isIdle: Bool { requestsReceived <= answersSent }

  private var isLingering: Bool { requestsReceived < answersSent }

  /// - Parameter bodyBytes: the largest body that is asked for.
  package init(bodyBytes: Int) { self.bodyBytes = bodyBytes }

  package mutating func receivedHead(
    target: String?, expectsInvitation: Bool, contentLength: String?, fields: Int = 0,
    fieldBytes: Int = 0
  ) -> HeadAction {
    // Only the origin form: an absolute one is for proxies, and nothing here serves `*`.
    guard let target, target.utf8.first == UInt8(ascii: "/") else { return .refuse(status: 400) }
    guard target.utf8.count <= Self.targetBytes else { return .refuse(status: 414) }
    guard fields <= Self.fields, fieldBytes <= Self.fieldBytes else { return .refuse(status: 431) }
    guard expectsInvitation else { return .forward }
    let length = contentLength.map { DecimalDigits.parse($0.utf8) ?? .max } ?? 0
    return length <= Int64(bodyBytes) ? .inviteBody : .forward
  }

  /// Returns whether the connection goes on.
  package mutating func receivedBody(count: Int) -> Bool {
    guard isLingering else { return true }
    lingered += count
    return lingered <= Self.lingerBytes
  }

  /// Returns whether the connection goes on.
  package mutating func receivedEnd() -> Bool {
    let wasLingering = isLingering
    requestsReceived += 1
    return !(wasLingering && closesAfterAnswer)
  }

  package mutating func sentHead(closing: Bool) { closesAfterAnswer = closing }

  package mutating func sentEnd() -> EndAction {
    answersSent += 1
    if isLingering {
      lingered = 0
      return .linger
    }
    return closesAfterAnswer ? .close : .keepOpen
  }
}
