import FHIR
import HTTPTypes
import Hummingbird
import NIOCore
import Primitives

/// Collects a request body up to a bound, which holds for what a compressed one expands to as well.
enum BodyReader {
  /// - Throws: `too-large` as soon as the bound is passed, `request-timeout` for a body that trickles
  ///   in, `malformed` for one that ends before its announced length.
  static func read(_ incoming: Incoming, limit: Int) async throws -> [UInt8] {
    let announced = try incoming.field(.contentLength).map {
      DecimalDigits.parse($0.utf8) ?? .max
    }
    let tooLarge = PeerChartError(
      .tooLarge, "the body is larger than \(limit) bytes", place: "body")
    if let announced, announced > Int64(limit) { throw tooLarge }
    let expansion = try expansion(incoming)
    var received: Int64 = 0
    var body: [UInt8] = []
    // The announcement is not trusted with more memory than has come in.
    body.reserveCapacity(min(Int(announced ?? 0), 1 << 20))
    let started = ContinuousClock.now
    for try await part in incoming.request.body {
      received += Int64(part.readableBytes)
      if let expansion {
        body += try part.withUnsafeReadableBytes { bytes in
          try expansion.process(bytes, limit: limit - body.count)
        }
      } else {
        guard part.readableBytes <= limit - body.count else { throw tooLarge }
        part.withUnsafeReadableBytes { body.append(contentsOf: $0) }
      }
      if TransferPace.isTooSlow(
        bytes: Int(clamping: received), after: ContinuousClock.now - started)
      {
        throw PeerChartError(.requestTimeout, "the body comes in too slowly", place: "body")
      }
    }
    if announced.map({ $0 != received }) ?? false || expansion.map({ !$0.hasEnded }) ?? false {
      throw PeerChartError(.malformed, "the body ends early", place: "body")
    }
    return body
  }

  private static func expansion(_ incoming: Incoming) throws -> GzipStream? {
    switch try incoming.field(.contentEncoding)?.lowercased() {
    case nil, "identity": return nil
    case "gzip", "x-gzip": return try GzipStream(.expand)
    default:
      throw PeerChartError(
        .unsupportedMediaType, "a body comes plain or compressed with gzip",
        place: "Content-Encoding")
    }
  }
}

/// How slowly a body may come in before the connection is given to somebody else.
package enum TransferPace {
  /// The first half minute is free; after that 4 KiB a second are expected since the start.
  package static func isTooSlow(bytes: Int, after elapsed: Duration) -> Bool {
    let seconds = elapsed.components.seconds
    return seconds > 30 && Int64(bytes) / 4096 < seconds - 30
  }
}
