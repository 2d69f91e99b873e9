import Crypto
import Identity
import Primitives
import Testing

@Suite("Invitations")
struct InvitationTests {
  private let expires = TestNode.now.adding(seconds: 3600)

  private func node(_ byte: UInt8) throws -> NodeID {
    try #require(NodeID(bytes: [UInt8](repeating: byte, count: 32)))
  }

  private func invitation(_ addresses: [String] = ["192.0.2.7:8443"]) throws -> Invitation {
    try Invitation(
      node: node(7), addresses: addresses.map { try #require(NodeAddress($0)) }, expires: expires,
      random: SystemRandom())
  }

  @Test("are read as they were written, as link and as QR text")
  func roundTrip() throws {
    let every = ["node.example:8443", "192.0.2.7:1", "[2001:db8::1]:65535", "localhost:80"]
    for addresses in [[every[0]], [every[1]], [every[2]], every] {
      let invitation = try invitation(addresses)
      for text in [invitation.text, invitation.textForQRCode] {
        let read = try Invitation(parsing: text)
        #expect(read == invitation)
        #expect(read.addresses.map(\.description) == addresses)
        #expect(read.secret.exposed.count == 16)
        #expect(read.text == invitation.text)
      }
      #expect(invitation.expires.millisecondsSinceEpoch == 1_772_003_600_000)
      #expect(invitation.text.count <= 300)
    }
    #expect(try invitation().text.count == 114)
    #expect(try invitation().secret != invitation().secret)
  }

  /// Computed from the page by another program.
  @Test("the vector of docs/format/invitation.md")
  func vector() throws {
    let invitation = try Invitation(
      parsing: "peerchart:AEAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB6YDBMJRWIZLG"
        + "M5UGS2TLNRWW433JT2QRAAQBBRXG6ZDFFZSXQYLNOBWGKIH3ATAAAAQHED5SBPURCI")
    #expect(invitation.node.bytes == Array(0..<32))
    #expect(invitation.secret.exposed == Array(0x60..<0x70))
    #expect(invitation.expires.description == "2026-02-25T07:13:20.000Z")
    #expect(invitation.addresses.map(\.description) == ["node.example:8443", "192.0.2.7:8443"])
  }

  @Test("no changed, missing or additional character is accepted")
  func strict() throws {
    for text in [try invitation().text, try invitation(["a.example:1", "[::1]:2"]).textForQRCode] {
      let bytes = Array(text.utf8)
      for place in bytes.indices {
        for other in UInt8(0x20)..<0x7F where other != bytes[place] {
          var changed = bytes
          changed[place] = other
          let string = String(decoding: changed, as: UTF8.self)
          #expect(errorCode { _ = try Invitation(parsing: string) } != nil, "character \(place)")
        }
        let cut = String(decoding: bytes[..<place], as: UTF8.self)
        #expect(errorCode { _ = try Invitation(parsing: cut) } != nil)
      }
      for extra in ["A", " ", "=", "\n", "AA", "AAAAAAAA"] {
        #expect(errorCode { _ = try Invitation(parsing: text + extra) } != nil)
        #expect(errorCode { _ = try Invitation(parsing: extra + text) } != nil)
      }
      #expect(errorCode { _ = try Invitation(parsing: text.lowercased()) } != nil)
    }
    let endless = "peerchart:" + String(repeating: "A", count: 1 << 20)
    #expect(errorCode { _ = try Invitation(parsing: endless) } == .tooLarge)
  }

  @Test("payloads that make no sense are refused though the checksum fits")
  func payloads() throws {
    let head = [UInt8(1)] + [UInt8](repeating: 7, count: 48) + [0x69, 0, 0, 0]
    let address: [UInt8] = [4, 192, 0, 2, 7, 0x20, 0xFB]
    func code(_ payload: [UInt8]) -> PeerChartError.Code? {
      errorCode { _ = try Invitation(parsing: linked(payload)) }
    }
    #expect(code(head + [1] + address) == nil)
    #expect(code(head + [4] + address + address + address + address) == nil)
    #expect(code([2] + head.dropFirst() + [1] + address) == .unsupportedVersion)
    #expect(code(head + [0]) == .malformed)
    #expect(code(head + [5] + address + address + address + address + address) == .malformed)
    #expect(code(head + [1] + address + [0]) == .malformed)
    #expect(code(head + [2] + address) == .malformed)
    #expect(code(head.dropLast(4) + [0, 0, 0, 0, 1] + address) == .malformed)
    #expect(code(head + [1, 4, 192, 0, 2, 7, 0, 0]) == .malformed)
    #expect(code(head + [1, 5, 192, 0, 2, 7, 0, 1]) == .malformed)
    #expect(code(head + [1, 1, 0, 0, 1]) == .malformed)
    #expect(code(head + [1, 1, 3] + Array("A.b".utf8) + [0, 1]) == .malformed)
    #expect(code(head + [1, 1, 3] + Array("a.b".utf8) + [0, 1]) == nil)
    #expect(code(head + [1, 1, 3] + Array("1.2".utf8) + [0, 1]) == .malformed)
    #expect(code(head + [1, 1, 2, 0xC3, 0xBC, 0, 1]) == .malformed)
    #expect(code([]) == .malformed)
  }

  @Test("need an address and an end that can be written")
  func making() throws {
    let address = try #require(NodeAddress("a:1"))
    func code(_ addresses: [NodeAddress], _ expires: Int64) -> PeerChartError.Code? {
      errorCode {
        _ = try Invitation(
          node: node(1), addresses: addresses,
          expires: Instant(millisecondsSinceEpoch: expires), random: SystemRandom())
      }
    }
    #expect(code([address], 1_772_000_000_000) == nil)
    #expect(code([], 1_772_000_000_000) == .invalid)
    #expect(code(Array(repeating: address, count: 5), 1_772_000_000_000) == .invalid)
    for end in [Int64.min, -1, 0, 999, 4_294_967_296_000, .max] {
      #expect(code([address], end) == .invalid)
    }
    let invitation = try invitation()
    #expect(!invitation.isExpired(at: invitation.expires.adding(seconds: -1)))
    #expect(invitation.isExpired(at: invitation.expires))
  }

  @Test("the secret is never printed")
  func silence() throws {
    let invitation = try invitation()
    var dumped = ""
    dump(invitation, to: &dumped)
    let secret = invitation.secret.exposed.map(String.init).joined(separator: ", ")
    #expect("\(invitation)" == "invitation from \(invitation.node.fingerprint)")
    #expect(!dumped.contains(secret))
    #expect(!String(reflecting: invitation).contains(secret))
  }

  @Test("damage of any kind never traps")
  func fuzz() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    let good = try invitation(["node.example:8443", "[2001:db8::1]:1"])
    let text = Array(good.text.utf8)
    for _ in 0..<20_000 {
      let changed = String(decoding: damage(text, using: &generator), as: UTF8.self)
      if changed != good.text {
        #expect(errorCode { _ = try Invitation(parsing: changed) } != nil, "seed \(seed)")
      }
      // Past the checksum, whatever is accepted is written again to the same bytes.
      let payload = damage(payload(of: good), using: &generator)
      if let read = try? Invitation(parsing: linked(payload)) {
        #expect(read.text == linked(payload), "seed \(seed)")
      }
      _ = HostName(changed)
      _ = NodeAddress(changed)
    }
  }
}

/// The link of a payload with a checksum that fits, written from the page and not by the product.
private func linked(_ payload: [UInt8]) -> String {
  let digest = SHA256.hash(data: Array("peerchart-invitation-v1\n".utf8) + payload)
  let bits = (payload + Array(digest.prefix(4))).flatMap { byte in
    (0..<8).map { Int(byte >> (7 - $0) & 1) }
  }
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
  return "peerchart:"
    + String(
      stride(from: 0, to: bits.count, by: 5).map { start in
        alphabet[(0..<5).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }]
      })
}

/// The payload that `invitation` has, without its checksum.
private func payload(of invitation: Invitation) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
  let bits = invitation.text.utf8.dropFirst(10).flatMap { character in
    let value = alphabet.firstIndex(of: character) ?? 0
    return (0..<5).map { UInt8(value >> (4 - $0) & 1) }
  }
  let bytes = stride(from: 0, to: bits.count - 7, by: 8).map { start in
    bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | $1 }
  }
  return bytes.dropLast(4)
}
