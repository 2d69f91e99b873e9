import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import NIOCore
import Primitives

extension PortalRoutes {
  private static let poll = Duration.seconds(5)
  /// A stream ends after this many looks, and the browser begins another: so it cannot outlive a
  /// session by more than that.
  private static let looks = 60

  /// Says what is new as it happens (HTML 9.2, server-sent events). It names nobody: the page does.
  func events(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    var fields = PortalAnswer.secureFields
    fields[.contentType] = "text/event-stream"
    return Response(
      status: .ok, headers: fields,
      body: ResponseBody { writer in
        try await writer.write(ByteBuffer(string: ": listening\n\n"))
        var known = try await pending(visitor)
        for _ in 0..<Self.looks {
          try await Task.sleep(for: Self.poll)
          let pending = try await pending(visitor)
          let line =
            pending.isSubset(of: known) ? ":\n\n" : Self.event("toast.request", request.strings)
          known.formUnion(pending)
          try await writer.write(ByteBuffer(string: line))
        }
        try await writer.finish(nil)
      })
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
