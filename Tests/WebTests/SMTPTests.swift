import Exchange
import Foundation
import Identity
import NIOCore
import NIOPosix
import PeerNetwork
import Primitives
import Synchronization
import Testing

@Suite("Mail servers that mean no good, over real sockets")
struct SMTPTests {
  /// A server that answers each line that comes with the next of its words, and remembers the lines.
  private final class Server: Sendable {
    private final class Handler: ChannelInboundHandler, Sendable {
      typealias InboundIn = ByteBuffer
      typealias OutboundOut = ByteBuffer
      let heard = Mutex<[UInt8]>([])
      let words: Mutex<[[UInt8]]>

      /// Whether it hangs up some time after each word.
      let isImpatient: Bool

      init(_ words: [[UInt8]], isImpatient: Bool) {
        self.words = Mutex(words)
        self.isImpatient = isImpatient
      }

      func channelActive(context: ChannelHandlerContext) { answer(context) }

      func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        heard.withLock { $0 += bytes.readBytes(length: bytes.readableBytes) ?? [] }
        answer(context)
      }

      private func answer(_ context: ChannelHandlerContext) {
        let next = words.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let next else { return }
        // No word at all: the server hangs up.
        guard !next.isEmpty else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: next)), promise: nil)
        guard isImpatient else { return }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .milliseconds(100)) { channel.close(promise: nil) }
      }
    }

    private let handler: Handler
    private let channel: any Channel

    init(_ words: [[UInt8]], isImpatient: Bool) async throws {
      let handler = Handler(words, isImpatient: isImpatient)
      self.handler = handler
      channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { $0.pipeline.addHandler(handler) }
        .bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var heard: String { String(decoding: handler.heard.withLock { $0 }, as: UTF8.self) }
    func stop() async throws { try await channel.close() }
  }

  private func attempt(
    _ words: [[UInt8]], scheme: String = "smtp", seconds: Int64 = 20,
    isImpatient: Bool = false
  ) async throws -> (code: String, heard: String) {
    let server = try await Server(words, isImpatient: isImpatient)
    let node = MailAddress("charts@node.example")
    var configuration = SMTPSender.Configuration(
      server: try MailServer("\(scheme)://127.0.0.1:\(server.port)"), from: try #require(node),
      password: Redacted("a made-up secret"))
    configuration.totalSeconds = seconds
    let sender = try SMTPSender(configuration, link: "https://node.example")
    var code = "ok"
    do {
      try await sender.send(
        OutgoingMail(
          id: "1", to: Redacted(try #require(MailAddress("rowan@mail.example"))),
          kind: .glassBroken, language: nil, code: nil,
          time: Instant(millisecondsSinceEpoch: 1_772_530_200_000)))
    } catch let error as PeerChartError { code = error.code.rawValue }
    let heard = server.heard
    try await server.stop()
    return (code, heard)
  }

  private static func lines(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(
    "Garbage, endless lines, endless answers, other codes and silence are a server that is away")
  func hostile() async throws {
    let greeting = Self.lines("220 mail.example\r\n")
    let endless = Array(repeating: UInt8(ascii: "2"), count: 300_000)
    let many = Self.lines(String(repeating: "250-SIZE\r\n", count: 5000))
    let scripts: [(String, [[UInt8]])] = [
      ("hangs up", [[]]), ("hangs up later", [greeting, []]), ("an endless line", [endless]),
      ("an endless answer", [greeting, many]), ("no digits", [Self.lines("hello there\r\n")]),
      ("no code", [Self.lines("\r\n")]), ("two codes", [Self.lines("220-a\r\n250 b\r\n")]),
      ("zeros", [[UInt8](repeating: 0, count: 4096) + [10]]), ("busy", [Self.lines("421 no\r\n")]),
      ("TLS out of the blue", [[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]]),
      ("a bad mark", [Self.lines("220_a\r\n")]), ("a high code", [Self.lines("999 a\r\n")]),
    ]
    for (name, words) in scripts {
      let (code, heard) = try await attempt(words, seconds: 3)
      #expect(code == "unreachable", "\(name)")
      #expect(!heard.contains("rowan") && !heard.contains("AUTH"), "\(name)")
    }
    #expect(try await attempt([], seconds: 1).code == "unreachable", "silence")
    #expect(try await attempt([greeting], scheme: "smtps", seconds: 3).code == "unreachable")
  }

  @Test("Nothing is said in clear: not without STARTTLS, not where it is refused or forged")
  func clear() async throws {
    let greeting = Self.lines("220 mail.example\r\n")
    let can = Self.lines("250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
    let scripts: [(String, [[UInt8]])] = [
      ("cannot", [greeting, Self.lines("250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n")]),
      ("will not", [greeting, can, Self.lines("454 not now\r\n")]),
      // What somebody in the middle adds would be taken for the server's words under TLS.
      ("adds words", [greeting, can, Self.lines("220 go\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")]),
      ("talks on in clear", [greeting, can, Self.lines("220 go\r\n"), Self.lines("250 ok\r\n")]),
      ("answers ahead", [Self.lines("220 a\r\n250 b\r\n")]),
    ]
    for (name, words) in scripts {
      let (code, heard) = try await attempt(words, seconds: 3)
      #expect(code == "unreachable", "\(name)")
      for secret in ["AUTH", "rowan", "made-up", "charts@", "MAIL FROM"] {
        #expect(!heard.contains(secret), "\(name): \(secret)")
      }
    }
  }

  @Test("Random answers never trap and never get mail")
  func random() async throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed \(seed)")
    var random = SeededRandom(seed: seed)
    let pieces = [
      "220 ", "250-", "250 ", "\r\n", "\n", "STARTTLS", "AUTH ", "354", "5", "\u{0}", "é",
    ]
    for _ in 0..<40 {
      let words = (0..<Int.random(in: 1...5, using: &random)).map { _ -> [UInt8] in
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          bytes +=
            Bool.random(using: &random)
            ? Array((pieces.randomElement(using: &random) ?? "").utf8) : random.bytes(upTo: 40)
        }
        return bytes
      }
      let (code, heard) = try await attempt(words, isImpatient: true)
      #expect(code == "unreachable", "seed \(seed)")
      #expect(!heard.contains("rowan") && !heard.contains("AUTH"), "seed \(seed)")
    }
  }

  @Test(
    "A server's address says how TLS begins, and no password",
    arguments: [
      ("smtps://mail.example", 465), ("smtps://mail.example:2465", 2465),
      ("smtp://mail.example", 587), ("smtp://user@mail.example:25", 25), ("smtps://[::1]:465", 465),
    ] as [(String, Int)])
  func addresses(text: String, port: Int) throws {
    let server = try MailServer(text)
    #expect(server.port == port)
    #expect((server.security == .implicit) == text.hasPrefix("smtps:"))
  }

  @Test(
    "What is no mail server's address is refused",
    arguments: [
      "", "mail.example", "smtp:", "smtp://", "https://mail.example", "smtps://u:p@mail.example",
      "smtps://mail.example/x", "smtps://mail.example?x", "smtps://mail.example:0",
      "smtps://mail.example:99999", "smtps://mail example",
    ])
  func noAddresses(text: String) {
    #expect(throws: PeerChartError.self) { () throws in _ = try MailServer(text) }
  }
}
