import Consent
import Crypto
import Exchange
import FHIR
import Foundation
import Identity
import Node
import Primitives

/// People with charts, requests and sessions, made in this process for a node that is served afterwards.
struct SignedInPeople {
  private static let password = "correct barn lantern 47 otters"

  /// What each person's browser sends with every request.
  let cookies: [String]

  /// - Parameters:
  ///   - requests: how many of another node wait in each inbox.
  init(_ count: Int, requests: Int, at home: PeerChartNode, asked hospital: PeerChartNode)
    async throws
  {
    let line = DirectLine(from: hospital, to: home)
    let invitation = try await home.exchange.invite(
      addresses: [try Self.address], lifetime: 600, as: home.exchange.nodeOperator())
    _ = try await hospital.exchange.accept(
      invitation, addresses: [try Self.address], using: line,
      as: hospital.exchange.nodeOperator())
    var cookies: [String] = []
    for number in 0..<count {
      let patient = "bench-\(number)"
      let chart = #"{"resourceType":"Patient","id":"\#(patient)","name":[{"family":"Bench"}]}"#
      _ = try await home.exchange.importJSON(
        Array(chart.utf8), unresolved: .refuse, as: home.exchange.nodeOperator(), progress: { _ in }
      )
      for _ in 0..<requests {
        _ = try await hospital.exchange.requestAccess(
          AccessRequestDraft(
            patient: PatientHint(id: patient), types: RecordTypeSet([.allergies, .medications]),
            purpose: .treatment, seconds: 86_400, reason: "A visit on Thursday."),
          from: home.exchange.nodeID, as: hospital.exchange.nodeOperator())
      }
      cookies.append(try await Self.signIn(patient, "person\(number)", home))
    }
    _ = try await hospital.exchange.deliverDue(using: line)
    self.cookies = cookies
  }

  private static var address: NodeAddress {
    get throws {
      guard let address = NodeAddress("127.0.0.1:4430") else {
        throw BenchFailure("an address cannot be read")
      }
      return address
    }
  }

  private static func signIn(
    _ patient: String, _ login: String, _ node: PeerChartNode
  ) async throws -> String {
    let exchange = node.exchange
    let origin = SignInOrigin(networkAddress: "127.0.0.1", requestID: "bench")
    let code = try await exchange.inviteAccount(
      as: .relation(.selfOfPatient, patient: patient, until: nil), lifetime: 3600,
      by: exchange.nodeOperator())
    let first = try await exchange.register(
      AccountRegistration(
        code: code.text.exposed, login: login, name: "Bench", password: Redacted(password)),
      from: origin)
    let signedIn = try await exchange.authenticate(
      session: first.token, purpose: nil, networkAddress: nil, requestID: "bench")
    let prompt = try exchange.promptForOneTimeCodes(signedIn)
    let (session, _) = try await exchange.setOneTimeCodes(
      ticket: prompt.ticket, code: Redacted(try oneTimeCode(prompt.uri.exposed)), signedIn,
      from: origin)
    return "__Host-peerchart=\(session.token.text.exposed)"
  }

  /// What an authenticator app shows (RFC 6238).
  private static func oneTimeCode(_ uri: String) throws -> String {
    let items = URLComponents(string: uri)?.queryItems ?? []
    guard let secret = items.first(where: { $0.name == "secret" })?.value else {
      throw BenchFailure("there is no secret for an app")
    }
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var (bits, count) = (UInt64(0), 0)
    var key: [UInt8] = []
    for letter in secret.utf8 {
      guard let value = alphabet.firstIndex(of: letter) else { continue }
      bits = bits << 5 | UInt64(value)
      count += 5
      if count >= 8 {
        count -= 8
        key.append(UInt8(truncatingIfNeeded: bits >> UInt64(count)))
      }
    }
    let step = UInt64(SystemClock().now().millisecondsSinceEpoch / 30_000)
    let mac = Array(
      HMAC<Insecure.SHA1>.authenticationCode(
        for: withUnsafeBytes(of: step.bigEndian) { Array($0) }, using: SymmetricKey(data: key)))
    let place = Int(mac[19] & 15)
    let number = mac[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    return String(String(number % 1_000_000 + 1_000_000).dropFirst())
  }
}

/// Two nodes of this process, without a network between them.
private struct DirectLine: PeerTransport {
  let from: PeerChartNode
  let to: PeerChartNode

  func deliver(_ message: [UInt8], to peer: PeerEndpoint) async throws -> PeerReply {
    guard
      let certificate = try from.exchange.tlsIdentity(hosts: []).certificateChain.first
    else { throw BenchFailure("a node has no certificate") }
    let caller = try await to.exchange.authenticate(
      peerCertificate: certificate, purpose: nil, networkAddress: nil, requestID: "bench")
    return PeerReply(
      status: 200, contentType: nil,
      body: try await to.exchange.receive(message: message, from: caller))
  }

  func pair(
    _ request: [UInt8], at address: String, fingerprintOf node: NodeID
  ) async throws -> PeerReply {
    PeerReply(
      status: 200, contentType: nil,
      body: try await to.exchange.pair(request, networkAddress: nil))
  }

  func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply {
    throw PeerChartError(.notSupported, "this line carries messages only")
  }

  func get(
    _ pathAndQuery: String, purpose: String, person: String?, from peer: PeerEndpoint
  ) async throws -> PeerReply {
    throw PeerChartError(.notSupported, "this line carries messages only")
  }

  func post(
    _ path: String, body: [UInt8], purpose: String, to peer: PeerEndpoint
  ) async throws -> PeerReply {
    throw PeerChartError(.notSupported, "this line carries messages only")
  }
}
