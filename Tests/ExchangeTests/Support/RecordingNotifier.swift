import Exchange
import FHIR
import Primitives
import Synchronization

/// Endpoints that answer as they are told, and what they were sent.
final class RecordingNotifier: NotificationTransport {
  struct Call: Sendable {
    let method: String
    let url: String
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    /// The numbers of its events.
    let numbers: [Int64]
  }

  private let calls = Mutex<[Call]>([])
  private let answer = Mutex<@Sendable (Call) throws -> Int>({ _ in 200 })

  var all: [Call] { calls.withLock { $0 } }
  var numbers: [Int64] { all.flatMap(\.numbers) }

  func answers(_ body: @escaping @Sendable (Call) throws -> Int) {
    answer.withLock { $0 = body }
  }

  func notify(_ notification: OutgoingNotification) async throws -> Int {
    let body = notification.body.exposed
    let call = Call(
      method: notification.method,
      url: notification.endpoint.url(adding: notification.pathSuffix), body: body,
      numbers: Self.numbers(in: body))
    calls.withLock { $0.append(call) }
    // Others get their turn meanwhile, as they do while a real endpoint thinks.
    for _ in 0..<5 { await Task.yield() }
    return try answer.withLock { $0 }(call)
  }

  static func numbers(in bundle: [UInt8]) -> [Int64] {
    guard let document = try? JSONDocument(parsing: bundle),
      let parameters = document.root["entry"]?[0]?["resource"]?["parameter"]
    else { return [] }
    return parameters.elements.filter { $0["name"]?.isString("notification-event") ?? false }
      .compactMap { event in
        event["part"]?.elements.first { $0["name"]?.isString("event-number") ?? false }?[
          "valueString"]?.string.flatMap { Int64($0) }
      }
  }
}
