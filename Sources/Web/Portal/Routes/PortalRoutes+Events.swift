import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import NIOCore
import Primitives
import ServiceLifecycle

extension PortalRoutes {
  private static let poll = Duration.seconds(5)
  /// A stream ends after this many looks, ten minutes, and is not begun again before the next page: an open
  /// page does not keep a session alive that nobody uses.
  private static let looks = 120

  /// Says what is new as it happens (HTML 9.2, server-sent events). It names nobody: the page does.
  func events(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    var fields = PortalAnswer.secureFields
    fields[.contentType] = "text/event-stream"
    let known = try await pending(visitor)
    return Response(
      status: .ok, headers: fields,
      body: ResponseBody { writer in
        let ticks = Ticks(exchange.subscriptionRings(), every: Self.poll)
        defer { ticks.end() }
        try await withGracefulShutdownHandler {
          try await run(visitor, known, ticks, request.strings, &writer)
        } onGracefulShutdown: {
          ticks.end()
        }
        try await writer.finish(nil)
      })
  }

  private func run(
    _ visitor: PortalVisitor, _ known: Set<String>, _ ticks: Ticks, _ strings: PortalStrings,
    _ writer: inout any ResponseBodyWriter
  ) async throws {
    var known = known
    var left = Self.looks
    try await writer.write(ByteBuffer(string: ": listening\n\n"))
    for await _ in ticks.stream where left > 0 {
      left -= 1
      // A session that has ended hears nothing more.
      let sessions = try await exchange.sessions(of: visitor.signedIn)
      guard left > 0, sessions.contains(where: \.isThisOne) else { break }
      let pending = try await pending(visitor)
      let isNews = !pending.isSubset(of: known)
      known.formUnion(pending)
      try await writer.write(
        ByteBuffer(string: isNews ? Self.event("toast.request", strings) : ":\n\n"))
    }
    try await writer.write(ByteBuffer(string: "event: end\ndata: end\n\n"))
  }

  private func pending(_ visitor: PortalVisitor) async throws -> Set<String> {
    guard visitor.isOwner else { return [] }
    return Set(try await incoming(visitor).filter { $0.status == .pending }.map(\.id))
  }

  private static func event(_ word: String, _ strings: PortalStrings) -> String {
    let data: JSONTree = [
      "text": .string(strings[word]), "kind": "waiting", "href": "/requests",
    ]
    return "event: notice\ndata: \(String(decoding: data.serialized(), as: UTF8.self))\n\n"
  }
}
