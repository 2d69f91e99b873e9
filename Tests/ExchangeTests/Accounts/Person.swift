import Consent
import Crypto
import Exchange
import Foundation
import Identity
import Primitives

/// Somebody at a browser, with an authenticator app.
final class Person {
  static let password = "correct horse battery staple 9"

  let node: TestNode
  let login: String
  private(set) var session: NewSession
  /// The key of the authenticator app, once there is one.
  private(set) var appKey: [UInt8] = []
  private(set) var recoveryCodes: [String] = []
  var address = "192.0.2.7"

  /// Opens an account with a code, and sets up the app.
  init(
    _ node: TestNode, _ login: String, as invited: InvitedAs, secondFactor: Bool = true
  ) async throws {
    self.node = node
    self.login = login
    let code = try await node.exchange.inviteAccount(as: invited, lifetime: 3600, by: node.owner)
    session = try await node.exchange.register(
      AccountRegistration(
        code: code.text.exposed.lowercased(), login: login, name: "Made Up",
        password: Redacted(Self.password)),
      from: Self.origin(nil, "192.0.2.7"))
    if secondFactor { try await setUpApp() }
  }

  static func origin(_ device: Redacted<String>?, _ address: String) -> SignInOrigin {
    SignInOrigin(
      networkAddress: address, device: "Test browser", deviceTicket: device, requestID: "test")
  }

  var origin: SignInOrigin { Self.origin(session.deviceTicket, address) }

  /// Whoever the session says this is.
  func signedIn(_ token: SessionToken? = nil) async throws -> SignedIn {
    try await node.exchange.authenticate(
      session: token ?? session.token, purpose: nil, networkAddress: address, requestID: "test")
  }

  /// Goes on with a session that has taken the place of the last.
  func go(on session: NewSession) { self.session = session }

  func caller() async throws -> Caller {
    guard let caller = try await signedIn().caller else {
      throw PeerChartError(.forbidden, "nobody yet")
    }
    return caller
  }

  func setUpApp() async throws {
    let signedIn = try await signedIn()
    let prompt = try node.exchange.promptForOneTimeCodes(signedIn)
    appKey = try Self.secret(in: prompt.uri.exposed)
    let (session, codes) = try await node.exchange.setOneTimeCodes(
      ticket: prompt.ticket, code: Redacted(code()), signedIn, from: origin)
    self.session = session
    recoveryCodes = codes.map(\.exposed)
  }

  /// What the app shows now (RFC 6238), worked out here once more.
  func code(stepsLater steps: Int64 = 0) -> String {
    let step = UInt64(node.clock.now().millisecondsSinceEpoch / 30_000 + steps)
    let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
    let mac = Array(
      HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: appKey)))
    let at = Int(mac[19] & 15)
    let number = mac[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    return String(String(number % 1_000_000 + 1_000_000).dropFirst())
  }

  /// Signs in with password and code, from a browser that is known or not.
  func signIn(
    password: String = Person.password, code: String? = nil, known: Bool = true
  ) async throws -> NewSession {
    let origin = Self.origin(known ? session.deviceTicket : nil, address)
    let step = try await node.exchange.signIn(
      login: login, password: Redacted(password), from: origin)
    guard case .secondFactor(let ticket, _, _) = step else {
      throw PeerChartError(.invalid, "no second factor was asked for")
    }
    let session = try await node.exchange.signIn(
      ticket: ticket, code: Redacted(code ?? self.code()), from: origin)
    self.session = session
    return session
  }

  private static func secret(in uri: String) throws -> [UInt8] {
    let items = URLComponents(string: uri)?.queryItems ?? []
    guard let text = items.first(where: { $0.name == "secret" })?.value else {
      throw PeerChartError(.invalid, "the address names no secret")
    }
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var bits: UInt64 = 0
    var count = 0
    var bytes: [UInt8] = []
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

extension InvitedAs {
  static func patient(_ id: String) -> InvitedAs {
    .relation(.selfOfPatient, patient: id, until: nil)
  }
}
