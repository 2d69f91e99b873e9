import Crypto
import Foundation
import Identity
import Primitives
import Testing

@Suite("Statements about entities")
struct EntityStatementTests {
  private static let now = EntityBoard.now

  private static func words() throws -> [EntityStatement.Word] {
    [
      .issued(try EntityBoard.credential()), .suspended(.privilegeWithdrawn), .reinstated,
      .revoked(.keyCompromise), .rotated(to: try EntityBoard.node(8)),
    ]
  }

  @Test func eachKindComesBackAsItWasSigned() throws {
    let board = EntityBoard()
    for (number, word) in try Self.words().enumerated() {
      let statement = try EntityBoard.statement(Int64(number) + 1, word)
      let text = try board.sign(statement)
      let (read, accreditor) = try EntityStatement.verify(
        text, by: [EntityBoard().accreditor, board.accreditor],
        at: Self.now.adding(seconds: 5 * EntityBoard.year))
      #expect(read == statement && accreditor == board.accreditor)
      #expect(try EntityStatement.unverified(text) == statement)
      #expect(try EntityStatement.statedAccreditor(text) == board.accreditor.id)
      #expect(text.utf8.count < EntityStatement.longest)
    }
    let past = Self.now.adding(seconds: -86_400)
    for word in [EntityStatement.Word.suspended(.unspecified), .revoked(.keyCompromise)] {
      let statement = try EntityBoard.statement(2, word, effective: past)
      let read = try board.verify(board.sign(statement))
      #expect(read.effective == past && read.issued == Self.now)
    }
  }

  @Test func nobodyElsesWordCounts() throws {
    let (board, other) = (EntityBoard(), EntityBoard())
    let statement = try EntityBoard.statement(1, .issued(EntityBoard.credential()))
    let text = try board.sign(statement)
    #expect(errorCode { _ = try other.verify(text) } == .unauthenticated)
    // Another's key under the right name.
    let parts = try other.sign(statement).split(separator: ".")
    let header = text.split(separator: ".")[0]
    #expect(
      errorCode { _ = try board.verify("\(header).\(parts[1]).\(parts[2])") } == .unauthenticated)
    // A text that the same key signed for something else.
    #expect(
      errorCode {
        _ = try board.verify(
          board.sign(claims: #"{"iss":"Board"}"#, type: "peerchart-accreditation+jwt"))
      } == .notSupported)
  }

  @Test func aStatementOfTheFutureIsRefused() throws {
    let board = EntityBoard()
    for seconds in [Int64(61), 3600, 10 * EntityBoard.year] {
      let time = Self.now.adding(seconds: seconds)
      let text = try board.sign(try EntityBoard.statement(1, .reinstated, at: time))
      #expect(errorCode { _ = try board.verify(text) } == .unauthenticated, "\(seconds)")
      #expect(try board.verify(text, at: time).issued == time)
    }
    // A clock may be off by a minute.
    let near = try EntityBoard.statement(1, .reinstated, at: Self.now.adding(seconds: 59))
    #expect(try board.verify(board.sign(near)) == near)
  }

  @Test func whatAStatementCannotSayIsNotSigned() throws {
    let later = Self.now.adding(seconds: 60)
    let before = Self.now.adding(seconds: -60)
    let issued = EntityStatement.Word.issued(try EntityBoard.credential())
    #expect(errorCode { _ = try EntityBoard.statement(0, .reinstated) } == .invalid)
    #expect(
      errorCode { _ = try EntityBoard.statement(EntityStatement.highest + 1, .reinstated) }
        == .invalid)
    for word in try Self.words() {
      #expect(
        errorCode { _ = try EntityBoard.statement(1, word, effective: later) } == .invalid,
        "\(word)")
    }
    for word in [issued, .reinstated] {
      #expect(errorCode { _ = try EntityBoard.statement(1, word, effective: before) } == .invalid)
    }
    #expect(
      errorCode { _ = try EntityBoard.statement(1, .rotated(to: EntityBoard.node(7))) }
        == .invalid)
    for lifetime in [0, -1, 4 * EntityBoard.year] {
      let credential = try EntityBoard.credential(until: Self.now.adding(seconds: lifetime))
      #expect(errorCode { _ = try EntityBoard.statement(1, .issued(credential)) } == .invalid)
    }
    for name in ["", String(repeating: "x", count: 201)] {
      #expect(errorCode { _ = try EntityBoard.credential(of: name) } == .invalid)
    }
  }

  @Test func everyChangedCharacterIsNoticed() throws {
    let board = EntityBoard()
    let text = Array(
      try board.sign(try EntityBoard.statement(1, .issued(EntityBoard.credential()))).utf8)
    for place in text.indices {
      var changed = text
      changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(throws: PeerChartError.self, "character \(place)") {
        try board.verify(String(decoding: changed, as: UTF8.self))
      }
    }
    for text in ["", "..", "a.b.c", String(repeating: "A", count: 5000)] {
      #expect(throws: PeerChartError.self) { try EntityStatement.unverified(text) }
    }
  }

  /// Signed by the right key, and not what the format says.
  @Test func claimsAreReadStrictly() throws {
    let board = EntityBoard()
    let node = try EntityBoard.node(7).description
    let other = try EntityBoard.node(8).description
    let good = #""iss":"Board","sub":"\#(node)","iat":1772355600"#
    let issued = #""status":"issued","org":"General","npi":"1234567893","exp":1772442000"#
    func code(_ claims: String) -> PeerChartError.Code? {
      errorCode { _ = try board.verify(board.sign(claims: "{\(claims)}")) }
    }
    #expect(code(#"\#(good),"seq":1,\#(issued)"#) == nil)
    // What later versions add is passed over, and an unknown reason is a reason.
    #expect(code(#"\#(good),"seq":1,\#(issued),"new":{"a":[1]}"#) == nil)
    #expect(code(#"\#(good),"seq":2,"status":"revoked","reason":"of-later-versions""#) == nil)
    for (claims, expected) in [
      (#"\#(good),\#(issued)"#, PeerChartError.Code.malformed),
      (#"\#(good),"seq":0,\#(issued)"#, .malformed),
      (#"\#(good),"seq":-1,\#(issued)"#, .malformed),
      (#"\#(good),"seq":1.5,\#(issued)"#, .malformed),
      (#"\#(good),"seq":"1",\#(issued)"#, .malformed),
      (#"\#(good),"seq":9007199254740992,\#(issued)"#, .malformed),
      (#"\#(good),"seq":1,"seq":2,\#(issued)"#, .malformed),
      (#"\#(good),"seq":2,"status":"revoked""#, .malformed),
      (#"\#(good),"seq":2,"status":"rotated""#, .malformed),
      (#"\#(good),"seq":2,"status":"rotated","successor":"\#(node)""#, .malformed),
      (#"\#(good),"seq":2,"status":"promoted""#, .notSupported),
      (#"\#(good),"seq":2,"status":"revoked","reason":"x","from":1772355601"#, .malformed),
      (#"\#(good),"seq":2,"status":"reinstated","from":1772355599"#, .malformed),
      (#"\#(good),"seq":2,"status":"suspended","reason":"x","from":-5"#, .malformed),
      (#""iss":"Board","sub":"x","iat":1772355600,"seq":1,\#(issued)"#, .malformed),
      (#""iss":"Board","sub":"\#(node)","seq":1,\#(issued)"#, .malformed),
      (
        #"\#(good),"seq":1,"status":"issued","org":"General","npi":"1234567890","exp":1772442000"#,
        .malformed
      ),
      (
        #"\#(good),"seq":1,"status":"issued","org":"General","npi":"1234567893","exp":1972442000"#,
        .malformed
      ),
    ] { #expect(code(claims) == expected, "\(claims)") }
    let rotated = try board.verify(
      board.sign(claims: #"{\#(good),"seq":2,"status":"rotated","successor":"\#(other)"}"#))
    #expect(try rotated.word == .rotated(to: EntityBoard.node(8)))
  }

  @Test(
    "An accreditor's file is read strictly",
    arguments: [
      "", "{}", "[]", #"{"name":"x"}"#, #"{"name":"","key":{}}"#,
      #"{"name":"x","key":{"kty":"OKP","crv":"Ed25519","x":"AA"}}"#,
      #"{"name":"x","key":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#,
    ])
  func files(text: String) {
    #expect(throws: PeerChartError.self) { try Accreditor(parsing: Array(text.utf8)) }
  }

  @Test func anAccreditorsPlaceIsThatOfItsKey() throws {
    let (node, other) = (try TestNode(seed: 1), try TestNode(seed: 2))
    let address = try #require(NodeAddress("board.example:8443"))
    let accreditor = try Accreditor(node.statement, addresses: [address])
    let read = try Accreditor(parsing: accreditor.json)
    #expect(read == accreditor && read.place?.addresses == [address])
    #expect(read.place?.identity == node.statement.bytes)
    let plain = Accreditor(name: "Board", key: node.keys.signing.publicKey)
    #expect(plain.id == accreditor.id && plain.place == nil)
    #expect(try Accreditor(parsing: plain.json) == plain)
    #expect(errorCode { _ = try Accreditor(node.statement, addresses: []) } == .invalid)
    // Another node's identity beside this key, or an address that is none.
    let text = String(decoding: accreditor.json, as: UTF8.self)
    let foreign = text.replacing(
      Base64URL.encode(node.statement.bytes), with: Base64URL.encode(other.statement.bytes))
    #expect(errorCode { _ = try Accreditor(parsing: Array(foreign.utf8)) } == .integrity)
    for wrong in [
      text.replacing("board.example:8443", with: "board.example/x"),
      text.replacing(#"["board.example:8443"]"#, with: "[]"),
      text.replacing(#","addresses":["board.example:8443"]"#, with: ""),
    ] {
      #expect(wrong != text)
      #expect(errorCode { _ = try Accreditor(parsing: Array(wrong.utf8)) } == .malformed)
    }
  }
}
