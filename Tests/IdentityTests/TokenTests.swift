import Crypto
import Identity
import Primitives
import Testing

@Suite("Bearer tokens and scopes")
struct TokenTests {
  @Test("a token is shown once, stored as a hash, and found again")
  func token() throws {
    let token = BearerToken(random: SystemRandom())
    let text = token.text.exposed
    #expect(text.count == 47)
    #expect(text.hasPrefix("pct_"))
    let read = try #require(BearerToken(text))
    #expect(read.digest == token.digest)
    #expect(read.matches(digest: token.digest))
    #expect(token.digest == Array(SHA256.hash(data: Array(text.utf8))))
    #expect(!BearerToken(random: SystemRandom()).matches(digest: token.digest))
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains(text))
    #expect("\(token)" == "<bearer token>")
  }

  @Test("every changed character is another token or none")
  func strict() {
    let text = BearerToken(random: SystemRandom()).text.exposed
    let token = BearerToken(text)
    for place in text.utf8.indices {
      for other in UInt8(0)..<128 {
        var bytes = Array(text.utf8)
        let index = text.utf8.distance(from: text.utf8.startIndex, to: place)
        if bytes[index] == other { continue }
        bytes[index] = other
        let changed = BearerToken(String(decoding: bytes, as: UTF8.self))
        #expect(changed == nil || changed?.digest != token?.digest)
      }
    }
    for bad in ["", "pct_", text + "A", String(text.dropLast()), text.uppercased(), " " + text] {
      #expect(BearerToken(bad) == nil)
    }
  }

  @Test("scopes of SMART version 2")
  func scopes() throws {
    for text in ["system/*.cruds", "patient/Observation.rs", "user/Patient.r", "system/Bundle.cud"]
    {
      #expect(try Scope(text).description == text)
    }
    let scope = try Scope("patient/Observation.rs")
    #expect(scope.allows("Observation", .read))
    #expect(scope.allows("Observation", .search))
    for action in [Scope.Action.create, .update, .delete] {
      #expect(!scope.allows("Observation", action))
    }
    #expect(!scope.allows("Condition", .read))
    #expect(!scope.allows("observation", .read))
    #expect(!scope.allows("*", .read))
    for action in Scope.Action.allCases {
      #expect(try Scope("system/*.cruds").allows("Anything", action))
    }
  }

  @Test(
    "anything else is refused with a reason",
    arguments: [
      ("", "not-supported"), ("openid", "not-supported"), ("launch/patient", "malformed"),
      ("patient/Observation.Read", "malformed"), ("patient/Observation.readwrite", "malformed"),
      ("patient/*.rs?category=laboratory", "not-supported"),
      ("patient/Observation.sr", "malformed"), ("patient/Observation.rr", "malformed"),
      ("patient/Observation.", "malformed"), ("patient/Observation", "malformed"),
      ("patient/.rs", "malformed"), ("patient/**.rs", "malformed"),
      ("patient/observation.rs", "malformed"), ("Patient/Observation.rs", "malformed"),
      ("/Observation.rs", "malformed"), ("patient/Obs ervation.rs", "malformed"),
      ("patient/Observation.rs.rs", "malformed"), ("patient/a/b.rs", "malformed"),
      ("patient/Observation.R", "malformed"), ("patient/Ö.r", "malformed"),
      ("patient/\(String(repeating: "A", count: 65)).r", "malformed"),
      ("patient/\(String(repeating: "A", count: 600)).r", "too-large"),
    ])
  func refused(text: String, code: String) {
    #expect(errorCode { _ = try Scope(text) }?.rawValue == code)
  }

  @Test("a set allows what one of its scopes allows, on the same behalf")
  func sets() throws {
    let set = try ScopeSet(parsing: "patient/Observation.r system/Observation.s patient/Patient.rs")
    #expect(set.allows("Observation", .read))
    #expect(set.allows("Observation", .search))
    #expect(set.allows("Observation", .search, context: .system))
    #expect(!set.allows("Observation", .search, context: .patient))
    #expect(!set.allows("Observation", .read, context: .user))
    #expect(!set.allows("Condition", .read))
    #expect(set.description == "patient/Observation.r system/Observation.s patient/Patient.rs")
    #expect(try ScopeSet(parsing: "user/*.r user/*.r").scopes.count == 1)
    for bad in ["", " ", "user/*.r ", "user/*.r  user/*.s", "user/*.r\tuser/*.s"] {
      #expect(errorCode { _ = try ScopeSet(parsing: bad) } != nil)
    }
    let error = #expect(throws: PeerChartError.self) {
      _ = try ScopeSet(parsing: "user/*.r user/x.s")
    }
    #expect(error?.place == "scope 2")
    let many = (0..<65).map { _ in "user/*.r" }.joined(separator: " ")
    #expect(errorCode { _ = try ScopeSet(parsing: many) } == .tooLarge)
  }
}
