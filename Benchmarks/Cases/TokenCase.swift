import Crypto
import Exchange
import Foundation
import Identity
import Node
import Primitives

/// Access tokens through the server: how many a second are issued to a service that signs for each (SMART
/// backend services), and how many requests a second are answered that show one, beside the same requests
/// with a token that needs no signature checked.
struct TokenCase {
  private static let connections = 64
  /// More than are issued in a second: an assertion is good once, so each request needs its own.
  private static let assertionsEachSecond = 8000

  let served: ServedNode
  let span: Double

  func run() async throws -> [Figure] {
    let key = P256.Signing.PrivateKey()
    let client = try await register(key.publicKey)
    let server = try served.start()
    try served.read(from: server)
    let generator = LoadGenerator(folder: served.folder)
    let count = Int((span + 2) * Double(Self.assertionsEachSecond))
    let forms = try (0..<count).map { _ in try form(client, key, at: server.address) }
    let access = try token(server.address, try form(client, key, at: server.address))
    let issued = try generator.run(
      server.address, posting: forms, to: "/oauth/token", connections: Self.connections, span: span)
    let paths = served.records.map(\.path)
    let shown = try generator.run(
      server.address, paths: paths, token: access, connections: Self.connections, span: span)
    let opaque = try generator.run(
      server.address, paths: paths, token: served.token, connections: Self.connections, span: span)
    try server.stop()
    return [
      figure("access tokens issued over TLS", issued, "tokens/s", nil),
      figure(
        "access tokens checked, a read with each", shown, "reads/s",
        Figure.Peer(name: "operator's token", value: opaque.rate)),
    ]
  }

  private func figure(
    _ name: String, _ outcome: LoadGenerator.Outcome, _ unit: String, _ peer: Figure.Peer?
  ) -> Figure {
    let median = FigureTable.text(outcome.median * 1e3)
    let slow = FigureTable.text(outcome.slowestHundredth * 1e3)
    return Figure(
      name: name, value: outcome.rate, unit: unit, peer: peer,
      note: "\(Self.connections) at once; p50 \(median) ms, p99 \(slow) ms; in the log durably")
  }

  /// A service that may read everything, registered while the node is not served.
  private func register(_ key: P256.Signing.PublicKey) async throws -> String {
    let node = try await PeerChartNode.open(DataFolder(served.dataFolder)) {
      throw BenchFailure("the node of the measurements has no passphrase")
    }
    let point = Array(key.rawRepresentation)
    let (x, y) = (Base64URL.encode(point.prefix(32)), Base64URL.encode(point.suffix(32)))
    let metadata =
      #"{"client_name":"bench","grant_types":["client_credentials"],"jwks":{"keys":[{"kty":"EC","crv":"P-256","use":"sig","x":"\#(x)","y":"\#(y)"}]}}"#
    let answer = try await node.exchange.registerClient(
      Array(metadata.utf8),
      at: ServerMetadata(issuer: "https://bench.example", fhirBase: "https://bench.example/fhir"),
      networkAddress: nil, requestID: "bench")
    let id = try Self.member("client_id", of: Data(answer.body.exposed))
    try await node.exchange.approveClient(
      id, scope: SMARTScopes(granted: "system/*.rs"), as: node.exchange.nodeOperator())
    await node.close()
    return id
  }

  /// What a service sends for one token (RFC 7523).
  private func form(
    _ client: String, _ key: P256.Signing.PrivateKey, at address: String
  ) throws -> String {
    let now = Int(Date().timeIntervalSince1970)
    let claims =
      #"{"iss":"\#(client)","sub":"\#(client)","aud":"\#(address)/oauth/token","iat":\#(now),"exp":\#(now + 240),"jti":"\#(UUID().uuidString)"}"#
    let message =
      Base64URL.encode(Array(#"{"typ":"JWT","alg":"ES256"}"#.utf8)) + "."
      + Base64URL.encode(Array(claims.utf8))
    let signature = try key.signature(for: Data(message.utf8)).rawRepresentation
    return "grant_type=client_credentials&scope=system%2F*.rs&client_assertion_type="
      + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
      + message + "." + Base64URL.encode(Array(signature))
  }

  private func token(_ address: String, _ form: String) throws -> String {
    let answer = try ChildProcess.output(
      of: "curl", ["--silent", "--insecure", "--data", form, address + "/oauth/token"],
      in: served.folder)
    return try Self.member("access_token", of: Data(answer.utf8))
  }

  private static func member(_ name: String, of json: Data) throws -> String {
    let object = try JSONSerialization.jsonObject(with: json) as? [String: Any]
    guard let text = object?[name] as? String else {
      throw BenchFailure("an answer has no \(name)")
    }
    return text
  }
}
