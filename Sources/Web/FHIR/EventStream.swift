import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import NIOCore
import Primitives
import ServiceLifecycle

/// The events of a subscription as they happen, in the form that browsers take (HTML 9.2, server-sent
/// events): the id of each is the event's number, its data a notification Bundle.
struct EventStream: Sendable {
  private static let mediaType = "text/event-stream"
  /// Proxies close a connection on which nothing comes.
  private static let silence = Duration.seconds(15)
  /// Another instance's events, and the end of the caller's rights, are looked for this often.
  private static let poll = Duration.seconds(1)

  let exchange: Exchange
  let subscription: String
  let caller: Caller

  /// Whether a request asks for a stream rather than a resource.
  static func isWanted(_ incoming: Incoming) -> Bool {
    guard case .operation(let call) = incoming.route, call.name == .subscriptionEvents,
      incoming.request.method == .get, let accept = incoming.request.headers[.accept]
    else { return false }
    return accept.split(separator: ",").contains { part in
      part.split(separator: ";").first?.trimmingSpaces().lowercased() == mediaType
    }
  }

  /// - Parameter number: of the last event that was seen; nil for those from now on.
  func response(after number: Int64?) async throws -> Response {
    let first = try await exchange.subscriptionNews(
      subscription, after: number, isOpening: true, as: caller)
    // With 204 a browser stops asking.
    if first.hasEnded, first.notifications.isEmpty { return Answer.empty(.noContent) }
    return Response(
      status: .ok, headers: [.contentType: Self.mediaType],
      body: ResponseBody { writer in
        let ticks = Ticks(exchange.subscriptionRings(), every: Self.poll)
        defer { ticks.end() }
        try await withGracefulShutdownHandler {
          try await run(first, ticks, &writer)
        } onGracefulShutdown: {
          ticks.end()
        }
        try await writer.finish(nil)
      })
  }

  private func run(
    _ first: SubscriptionNews, _ ticks: Ticks, _ writer: inout any ResponseBodyWriter
  ) async throws {
    var news = first
    var spoken = ContinuousClock.now
    try await writer.write(ByteBuffer(string: ": listening\n\n"))
    var waiting = ticks.stream.makeAsyncIterator()
    while true {
      for (number, bundle) in news.notifications {
        try await writer.write(Self.event(number, bundle))
        spoken = .now
      }
      if news.hasEnded, news.notifications.isEmpty { return }
      if news.notifications.isEmpty {
        guard await waiting.next() != nil else { return }
        if ContinuousClock.now - spoken > Self.silence {
          try await writer.write(ByteBuffer(string: ":\n\n"))
          spoken = .now
        }
      }
      do {
        news = try await exchange.subscriptionNews(subscription, after: news.last, as: caller)
      } catch {
        // The answer has begun, so its end is all that can be said. Who asks again is told why.
        return
      }
    }
  }

  /// A line of data for each line of the Bundle: resources are as they came, with their line ends.
  static func event(_ number: Int64, _ bundle: [UInt8]) -> ByteBuffer {
    var buffer = ByteBuffer(string: "id: \(number)\nevent: notification\n")
    var rest = bundle[...]
    while true {
      let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
      buffer.writeString("data: ")
      buffer.writeBytes(rest[..<end])
      buffer.writeString("\n")
      guard end < rest.endIndex else { break }
      rest = rest[(end + 1)...]
    }
    buffer.writeString("\n")
    return buffer
  }
}

/// Says when to look: at every ring, and at intervals.
struct Ticks: Sendable {
  let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let tasks: [Task<Void, Never>]

  init(_ rings: AsyncStream<Void>, every interval: Duration) {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    self.continuation = continuation
    tasks = [
      Task { for await _ in rings { continuation.yield() } },
      Task {
        while (try? await Task.sleep(for: interval)) != nil { continuation.yield() }
      },
    ]
  }

  func end() {
    continuation.finish()
    for task in tasks { task.cancel() }
  }
}

extension HTTPField.Name {
  /// The id of the last event that a listener has seen.
  static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .via
}
