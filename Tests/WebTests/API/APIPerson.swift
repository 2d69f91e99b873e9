import Crypto
import Exchange
import Foundation
import Primitives

/// Somebody whose program uses the API, with an authenticator app.
final class APIPerson {
  static let password = "correct horse battery staple 9"

  let node: APINode
  let login: String
  private(set) var token = ""
  private(set) var renewal = ""
  private(set) var recoveryCodes: [String] = []
  private var appKey: [UInt8] = []

  /// Opens an account by the API, second factor and all.
  init(_ node: APINode, _ login: String, as invited: InvitedAs) async throws {
    self.node = node
    self.login = login
    try await open(try await node.invitation(invited))
  }

  /// The same with a code that somebody got.
  init(_ node: APINode, _ login: String, code: String) async throws {
    self.node = node
    self.login = login
    try await open(code)
  }

  /// The own patient of a node that has one called `juniper`.
  static func juniper(_ node: APINode, _ more: String = "") async throws -> APIPerson {
    try await node.store(
      #"{"resourceType":"Patient","id":"juniper","name":[{"use":"official","family":"Samplewood","given":["Juniper"]}],"birthDate":"1990-05-01"\#(more)}"#
    )
    return try await APIPerson(
      node, "juniper", as: .relation(.selfOfPatient, patient: "juniper", until: nil))
  }

  static func rowan(_ node: APINode) async throws -> APIPerson {
    try await node.store(
      #"{"resourceType":"Patient","id":"rowan","birthDate":"1988-02-03"}"#)
    return try await APIPerson(
      node, "rowan", as: .relation(.selfOfPatient, patient: "rowan", until: nil))
  }

  private func open(_ code: String) async throws {
    let begun = try await node.send(
      "POST", "/api/auth/register",
      #"{"code":"\#(code)","login":"\#(login)","name":"Made Up","password":"\#(Self.password)"}"#)
    guard begun.status == 201, let session = begun["session_token"] else {
      throw PeerChartError(.forbidden, "no account: \(begun.status) \(begun.text)")
    }
    let prompt = try await node.send(
      "POST", "/api/auth/second-factor", #"{"session_token":"\#(session)"}"#)
    guard let uri = prompt["otpauth_uri"], let ticket = prompt["ticket"] else {
      throw PeerChartError(.forbidden, "no prompt: \(prompt.status) \(prompt.text)")
    }
    appKey = Self.secret(in: uri)
    let done = try await node.send(
      "POST", "/api/auth/second-factor/confirm",
      #"{"session_token":"\#(session)","ticket":"\#(ticket)","code":"\#(code6())"}"#)
    try take(done)
    recoveryCodes = done.json["recovery_codes"] as? [String] ?? []
  }

  /// Signs in anew, with a code that was not shown before.
  func signIn(_ code: String? = nil) async throws -> APIAnswer {
    let step = try await node.send(
      "POST", "/api/auth/sign-in",
      #"{"login":"\#(login)","password":"\#(Self.password)"}"#)
    guard let ticket = step["ticket"] else { return step }
    return try await node.send(
      "POST", "/api/auth/sign-in/code",
      #"{"ticket":"\#(ticket)","code":"\#(code ?? code6())"}"#)
  }

  func refresh(actingAs capacity: String? = nil) async throws -> APIAnswer {
    let wanted = capacity.map { #","acting_as":"\#($0)""# } ?? ""
    let answer = try await node.send(
      "POST", "/api/auth/refresh", #"{"refresh_token":"\#(renewal)"\#(wanted)}"#)
    if answer.status == 200 { try take(answer) }
    return answer
  }

  func send(
    _ method: String, _ path: String, _ body: String? = nil, fields: [String: String] = [:]
  ) async throws -> APIAnswer {
    try await node.send(method, path, body, token: token, fields: fields)
  }

  func take(_ answer: APIAnswer) throws {
    guard answer.status == 200, let token = answer["access_token"],
      let renewal = answer["refresh_token"]
    else { throw PeerChartError(.forbidden, "no token: \(answer.status) \(answer.text)") }
    self.token = token
    self.renewal = renewal
  }

  /// Adds a heart rate to a chart.
  func addPulse(_ patient: String, _ value: String = "62") async throws -> APIAnswer {
    try await send("POST", "/api/records", #"{"resource":\#(Self.pulse(patient, value))}"#)
  }

  static func pulse(_ patient: String, _ value: String, id: String? = nil) -> String {
    let id = id.map { #","id":"\#($0)""# } ?? ""
    return
      #"{"resourceType":"Observation"\#(id),"status":"final","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/\#(patient)"},"valueQuantity":{"value":\#(value)}}"#
  }

  /// What the app shows now (RFC 6238), worked out here once more.
  func code6() -> String {
    let step = UInt64(node.clock.now().millisecondsSinceEpoch / 30_000)
    let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
    let mac = Array(
      HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: appKey)))
    let at = Int(mac[19] & 15)
    let number = mac[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    return String(String(number % 1_000_000 + 1_000_000).dropFirst())
  }

  private static func secret(in uri: String) -> [UInt8] {
    let items = URLComponents(string: uri)?.queryItems ?? []
    let text = items.first { $0.name == "secret" }?.value ?? ""
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var (bits, count, bytes): (UInt64, Int, [UInt8]) = (0, 0, [])
    for letter in text.utf8 {
      guard let value = alphabet.firstIndex(of: letter) else { continue }
      bits = bits << 5 | UInt64(value)
      count += 5
      if count >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(count - 8)))
        count -= 8
      }
    }
    return bytes
  }
}
