import Identity
import NIOCore
import Primitives

/// What is said to a mail server to hand over one mail (RFC 5321, RFC 3207, RFC 4954). Nothing secret and no
/// address is said before TLS has begun and the server's certificate was verified.
struct SMTPConversation {
  /// Whom to sign in as.
  struct Login: Sendable {
    let user: Redacted<String>
    let password: Redacted<String>
  }

  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var replies = SMTPReplies()
  /// By the keywords of what the server has said that it can do.
  private var abilities: [String: [String]] = [:]

  init(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.inbound = inbound.makeAsyncIterator()
    self.outbound = outbound
  }

  /// The server's first words, and what it can do.
  mutating func greet(as name: String) async throws {
    try accept(await reply(), 220)
    try await hello(name)
  }

  /// Asks for TLS, and after it once more what the server can do: what was said before counts for nothing.
  ///
  /// - Parameter secure: puts TLS into the connection.
  /// - Throws: `forbidden` to a server that cannot, or that has sent more than its answer in clear, which
  ///   somebody in the middle would like to be taken for the server's words under TLS.
  mutating func upgrade(as name: String, _ secure: () async throws -> Void) async throws {
    guard abilities["STARTTLS"] != nil else { throw Self.unsafe }
    try accept(await ask("STARTTLS"), 220)
    guard replies.isEmpty else { throw Self.unsafe }
    abilities = [:]
    try await secure()
    try await hello(name)
  }

  mutating func signIn(_ login: Login) async throws {
    let mechanisms = abilities["AUTH"] ?? []
    if mechanisms.contains("PLAIN") {
      let words = "\u{0}\(login.user.exposed)\u{0}\(login.password.exposed)"
      try accept(await ask("AUTH PLAIN \(Base64.encode(Array(words.utf8)))"), 235)
    } else if mechanisms.contains("LOGIN") {
      try accept(await ask("AUTH LOGIN"), 334)
      try accept(await ask(Base64.encode(Array(login.user.exposed.utf8))), 334)
      try accept(await ask(Base64.encode(Array(login.password.exposed.utf8))), 235)
    } else {
      throw PeerChartError(.unreachable, "the mail server knows no way to sign in that we know")
    }
  }

  /// - Throws: `forbidden` where the server will not take this mail now or later.
  mutating func hand(over message: [UInt8], from: MailAddress, to: MailAddress) async throws {
    try accept(await ask("MAIL FROM:<\(from)>"), 250)
    let answer = try await ask("RCPT TO:<\(to)>")
    if answer.isPermanentRefusal { throw Self.refused }
    guard [250, 251, 252].contains(answer.code) else { throw Self.unexpected }
    try accept(await ask("DATA"), 354)
    // No line of the message begins with a dot.
    try await send(message + Array(".\r\n".utf8))
    let taken = try await reply()
    if taken.isPermanentRefusal { throw Self.refused }
    try accept(taken, 250)
  }

  /// The mail was taken; whether the server says goodbye does not matter.
  mutating func leave() async { _ = try? await ask("QUIT") }

  private mutating func hello(_ name: String) async throws {
    let answer = try await ask("EHLO \(name)")
    try accept(answer, 250)
    for line in answer.lines.dropFirst() {
      let words = line.uppercased().split(separator: " ").map(String.init)
      if let keyword = words.first { abilities[keyword, default: []] += words.dropFirst() }
    }
  }

  private mutating func ask(_ command: String) async throws -> SMTPReply {
    guard replies.isEmpty else { throw SMTPReplies.malformed }
    try await send(Array("\(command)\r\n".utf8))
    return try await reply()
  }

  private func send(_ bytes: [UInt8]) async throws {
    try await outbound.write(ByteBuffer(bytes: bytes))
  }

  private mutating func reply() async throws -> SMTPReply {
    while true {
      if let reply = try replies.next() { return reply }
      guard let bytes = try await inbound.next() else {
        throw PeerChartError(.unreachable, "the mail server has hung up")
      }
      try replies.take(bytes)
    }
  }

  private func accept(_ reply: SMTPReply, _ code: Int) throws {
    guard reply.code == code else { throw Self.unexpected }
  }

  private static var unexpected: PeerChartError {
    PeerChartError(.unreachable, "the mail server does not go on")
  }

  private static var refused: PeerChartError {
    PeerChartError(.forbidden, "the mail server does not take this mail")
  }

  private static var unsafe: PeerChartError {
    PeerChartError(
      .unreachable, "the mail server does not begin TLS; nothing is said to it in clear")
  }
}
