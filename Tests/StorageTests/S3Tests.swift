import Foundation
import Primitives
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("S3")
struct S3Tests {
  private static let empty = BlobReference(of: []).name

  /// The examples of AWS's documentation, "Signature Calculations for the Authorization Header".
  @Test(arguments: [
    (
      "GET", "/test.txt", [(String, String)](), [("range", "bytes=0-9")], empty,
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ),
    (
      "PUT", "/test%24file.text", [],
      [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
      BlobReference(of: Array("Welcome to Amazon S3.".utf8)).name,
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    ),
    (
      "GET", "/", [("lifecycle", "")], [], empty,
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    ),
    (
      "GET", "/", [("prefix", "J"), ("max-keys", "2")], [], empty,
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    ),
  ])
  func signature(
    _ method: String, _ path: String, _ query: [(String, String)], _ fields: [(String, String)],
    _ bodyHash: String, _ expected: String
  ) throws {
    let signer = S3Signer(
      S3Signer.Credentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: Redacted("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")),
      region: "us-east-1")
    let request = S3Signer.Request(
      method: method, path: path, query: query.map { (name: $0.0, value: $0.1) },
      fields: fields.map { (name: $0.0, value: $0.1) } + [
        ("host", "examplebucket.s3.amazonaws.com")
      ],
      bodyHash: bodyHash)
    let time = try #require(Instant("2013-05-24T00:00:00Z"))
    let added = signer.fields(for: request, at: time)
    let authorization = try #require(added.first { $0.name == "authorization" }?.value)
    #expect(authorization.hasSuffix("Signature=" + expected))
    #expect(
      authorization.hasPrefix(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "))
    #expect(added.first { $0.name == "x-amz-date" }?.value == "20130524T000000Z")
  }

  @Test func addresses() throws {
    let plain = try S3Address("s3://charts")
    #expect(plain.text == "s3://charts" && plain.endpoint == nil && plain.region == "us-east-1")
    let prefixed = try S3Address(
      "s3://char.ts-1//ward//2/", endpoint: "https://storage.example.org:9000/", region: "eu-west-3"
    )
    #expect(prefixed.text == "s3://char.ts-1/ward/2" && prefixed.region == "eu-west-3")
    #expect(prefixed.endpoint == "https://storage.example.org:9000")
    #expect(try S3Address("s3://charts", endpoint: "http://127.0.0.1:9000").endpoint != nil)
    for (text, endpoint, region) in [
      ("charts", nil, nil), ("s3://", nil, nil), ("s3://ab", nil, nil), ("s3://Charts", nil, nil),
      ("s3://a..b", nil, nil), ("s3://-abc", nil, nil), ("s3://charts/../x", nil, nil),
      ("s3://charts/a b", nil, nil), ("s3://charts/%41", nil, nil), ("s3://charts?x=1", nil, nil),
      ("s3://charts", "http://storage.example.org", nil), ("s3://charts", "ftp://127.0.0.1", nil),
      ("s3://charts", "https://user@example.org", nil), ("s3://charts", "https://a/b", nil),
      ("s3://charts", "https://", nil), ("s3://charts", nil, "eu west"), ("s3://charts", nil, ""),
    ] as [(String, String?, String?)] {
      #expect(throws: PeerChartError.self, "\(text) \(endpoint ?? "") \(region ?? "")") {
        try S3Address(text, endpoint: endpoint, region: region)
      }
    }
  }

  @Test func aServiceThatIsNotThere() throws {
    let service = Service { _ in nil }
    let place = try place(service.url)
    service.stop()
    let error = #expect(throws: PeerChartError.self) { try place.list(in: "s", after: nil) }
    #expect(error?.code == .storage)
    place.close()
  }

  @Test(
    .enabled(if: ObjectServer.shared != nil, "\(ObjectServer.absence)"))
  func aBucketThatIsNotThere() throws {
    let server = try #require(ObjectServer.shared)
    let place = S3Blobs(
      try S3Address("s3://elsewhere", endpoint: server.url), credentials: Self.credentials)
    for call in [
      { _ = try place.list(in: "s", after: nil) },
      { _ = try place.get(BlobReference(of: [1]), in: "s") },
      { _ = try place.put([1], as: BlobReference(of: [1]), in: "s", replacing: false) },
    ] {
      let error = #expect(throws: PeerChartError.self) { try call() }
      #expect(error?.code == .storage && error?.reason.contains("no such bucket") == true)
    }
    place.close()
  }

  /// Twice busy, then well: one call. Refused: no second try.
  @Test func whatPassesIsTriedAgain() throws {
    let body = Array("sealed".utf8)
    let reference = BlobReference(of: body)
    let busy = Service { $0 < 2 ? ("503 Slow Down", []) : ("200 OK", body) }
    #expect(try place(busy.url).get(reference, in: "s") == body)
    #expect(busy.count == 3)
    let failing = Service { _ in ("500 Internal Server Error", []) }
    #expect(throws: PeerChartError.self) { try place(failing.url).get(reference, in: "s") }
    #expect(failing.count == 4)
    let code = "<Error><Code>SignatureDoesNotMatch</Code></Error>"
    let strict = Service { _ in ("403 Forbidden", Array(code.utf8)) }
    let error = #expect(throws: PeerChartError.self) {
      try place(strict.url).get(reference, in: "s")
    }
    #expect(strict.count == 1 && error?.reason.contains("access key") == true)
    let cut = Service { $0 < 1 ? nil : ("200 OK", body) }
    #expect(try place(cut.url).get(reference, in: "s") == body)
    let endless = Service { _ in ("200 OK", [UInt8](repeating: 1, count: 1 << 20)) }
    #expect(throws: PeerChartError.self) { try place(endless.url).get(reference, in: "s") }
    for service in [busy, failing, strict, cut, endless] { service.stop() }
  }

  /// What answers is no list.
  @Test func listsThatAreNone() throws {
    for text in ["", "<html>", "<ListBucketResult>", "<ListBucketResult></ListBucketResult>"] {
      let service = Service { _ in ("200 OK", Array(text.utf8)) }
      let place = try place(service.url)
      if text.hasSuffix("</ListBucketResult>") {
        #expect(try place.list(in: "s", after: nil).isEmpty)
      } else {
        #expect(throws: PeerChartError.self) { try place.list(in: "s", after: nil) }
      }
      service.stop()
    }
  }

  private static let credentials = S3Signer.Credentials(
    accessKeyID: "test", secretAccessKey: Redacted("test"))

  private func place(_ url: String) throws -> S3Blobs {
    S3Blobs(try S3Address("s3://charts/x", endpoint: url), credentials: Self.credentials)
  }

  /// Answers every request as it is told; nil cuts the connection.
  private final class Service: Sendable {
    let url: String
    private let listener = Socket()
    private let counter = Mutex(0)
    var count: Int { counter.withLock { $0 } }

    init(_ answer: @escaping @Sendable (_ number: Int) -> (status: String, body: [UInt8])?) {
      let port = (try? listener.listen()) ?? 0
      url = "http://127.0.0.1:\(port)"
      Thread.detachNewThread { [weak self, listener] in
        while let client = listener.accept() {
          var head: [UInt8] = []
          while !head.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)), let more = client.receive() {
            head += more
          }
          let number = self?.counter.withLock { count in
            count += 1
            return count - 1
          }
          if let (status, body) = answer(number ?? 0) {
            let text =
              "HTTP/1.1 \(status)\r\nDate: Fri, 24 May 2013 00:00:00 GMT\r\n"
              + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
            _ = client.send(Array(text.utf8) + body)
          }
          client.cut()
        }
      }
    }

    func stop() { listener.cut() }
  }
}
