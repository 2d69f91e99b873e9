import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Primitives

/// Requests to a service that speaks S3, made by threads that wait for the answer.
///
/// What fails in passing (no connection, 5xx, "slow down") is tried again, with growing waits.
final class S3Connection: Sendable {
  struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    /// `<Code>` of an error.
    var code: String? { S3Listing.first("Code", in: body) }
  }

  private static let attempts = 4
  /// After so long there is no further attempt: whoever waits may hold a transaction open, which the
  /// database ends after half a minute.
  private static let patience = Duration.seconds(12)
  /// Until TLS is agreed on.
  private static let connectSeconds: Int64 = 5
  /// Of silence in the middle of an answer.
  private static let silenceSeconds: Int64 = 10
  /// For one attempt, and a MiB more for each further second.
  private static let answerSeconds = 10

  private let address: S3Address
  private let signer: S3Signer
  private let clock: any WallClock
  private let client: HTTPClient

  /// - Parameter authorities: a PEM file with the CAs to trust instead of the system's.
  init(
    _ address: S3Address, _ credentials: S3Signer.Credentials, authorities: String?,
    clock: any WallClock
  ) {
    self.address = address
    self.clock = clock
    signer = S3Signer(credentials, region: address.region)
    var tls = TLSConfiguration.makeClientConfiguration()
    if let authorities { tls.trustRoots = .file(authorities) }
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(Self.connectSeconds), read: .seconds(Self.silenceSeconds)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.idleTimeout = .seconds(15)
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  func close() { try? client.syncShutdown() }

  /// Makes a request and waits for its answer. Never on an event loop.
  ///
  /// - Parameters:
  ///   - key: below the address's prefix; nil for the bucket itself.
  ///   - limit: how many bytes of an answer are taken.
  /// - Throws: `storage` where no answer comes or the service does not let us in.
  func send(
    _ method: HTTPMethod, key: String?, query: [(name: String, value: String)] = [],
    fields: [(name: String, value: String)] = [], body: [UInt8] = [], bodyHash: String? = nil,
    limit: Int = 64 << 10
  ) throws -> Answer {
    let path = key.map { address.keyPath + $0 } ?? (address.bucketPath + "/")
    let request = S3Signer.Request(
      method: method.rawValue, path: path, query: query,
      fields: fields + [("host", address.host)],
      bodyHash: bodyHash ?? Hex.encode(BlobReference(of: body).hash))
    var failure = PeerChartError(.storage, "the blob service does not answer")
    let start = ContinuousClock.now
    for attempt in 0..<Self.attempts where ContinuousClock.now - start < Self.patience {
      if attempt > 0 { Thread.sleep(forTimeInterval: 0.1 * Double(1 << (2 * attempt - 2))) }
      switch exchange(request, method, body, limit) {
      case .success(let answer) where Self.isPassing(answer):
        failure = PeerChartError(.storage, "the blob service is busy or failing; try again")
      case .success(let answer):
        if answer.status == 401 || answer.status == 403 { throw Self.refusal(answer) }
        if (300...399).contains(answer.status), answer.status != 304 {
          throw PeerChartError(.storage, "the bucket is in another region or at another endpoint")
        }
        return answer
      case .failure(let error):
        failure = error
      }
    }
    throw failure
  }

  private func exchange(
    _ request: S3Signer.Request, _ method: HTTPMethod, _ body: [UInt8], _ limit: Int
  ) -> Result<Answer, PeerChartError> {
    do {
      let query = request.encodedQuery
      var headers = HTTPHeaders()
      for field in request.fields + signer.fields(for: request, at: clock.now()) {
        headers.add(name: field.name, value: field.value)
      }
      let sent = try HTTPClient.Request(
        url: address.origin + request.path + (query.isEmpty ? "" : "?" + query), method: method,
        headers: headers, body: method == .PUT ? .bytes(body) : nil)
      let seconds = Self.answerSeconds + max(body.count, limit) >> 20
      let answer = try client.execute(
        request: sent,
        delegate: ResponseAccumulator(request: sent, maxBodySize: max(limit, 64 << 10)),
        deadline: .now() + .seconds(Int64(seconds))
      ).wait()
      let bytes = answer.body.map { Array($0.readableBytesView) } ?? []
      return .success(
        Answer(status: Int(answer.status.code), headers: answer.headers, body: bytes))
    } catch is ResponseAccumulator.ResponseTooBigError {
      return .failure(
        PeerChartError(.integrity, "the blob service gives more bytes than were stored"))
    } catch {
      return .failure(Self.failure(error))
    }
  }

  /// Whether it is worth trying again.
  private static func isPassing(_ answer: Answer) -> Bool {
    [408, 429].contains(answer.status) || answer.status >= 500
      || (answer.status == 400 && answer.code == "RequestTimeout")
      || (answer.status == 409 && answer.code == "ConditionalRequestConflict")
  }

  private static func failure(_ error: any Error) -> PeerChartError {
    if let error = error as? NIOSSLError, case .handshakeFailed = error {
      return PeerChartError(
        .storage, "the blob service cannot prove who it is; name its CA in AWS_CA_BUNDLE",
        cause: error)
    }
    return PeerChartError(
      .storage, "the blob service cannot be reached; nothing was acknowledged", cause: error)
  }

  private static func refusal(_ answer: Answer) -> PeerChartError {
    let reason =
      switch answer.code {
      case "RequestTimeTooSkewed": "this machine's clock is wrong, says the blob service"
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken":
        "the blob service does not take the access key, or the region is another"
      default: "the blob service does not allow it; see the bucket's policy"
      }
    return PeerChartError(.storage, reason)
  }
}
