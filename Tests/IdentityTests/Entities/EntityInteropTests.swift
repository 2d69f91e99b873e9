import Foundation
import Identity
import Primitives
import Testing

/// Tests/Interop/check_entities.py reads statements by `jwcrypto` and judges by the format's page.
@Suite(
  "Statements about entities, read by others",
  .enabled(
    if: JOSEChecker.isAvailable,
    "needs a Python with joserfc, jwcrypto and authlib; PEERCHART_PYTHON names the interpreter"))
struct EntityInteropTests {
  private static let script = JOSEChecker.script.deletingLastPathComponent()
    .appending(path: "check_entities.py")
  private static let page = JOSEChecker.script.deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs/format/accreditation.md")

  private static func day(_ number: Int64) -> Instant {
    EntityBoard.now.adding(seconds: number * 86_400)
  }

  @Test("the example of the page is what we sign, and what others read")
  func example() async throws {
    let board = try EntityBoard(seed: Array(0..<32))
    let statements = [
      try EntityBoard.statement(
        1, .issued(EntityBoard.credential(of: "Exampleville General"))),
      try EntityBoard.statement(2, .suspended(.privilegeWithdrawn), at: Self.day(10)),
      try EntityBoard.statement(3, .reinstated, at: Self.day(20)),
      try EntityBoard.statement(
        4, .revoked(.keyCompromise), effective: Self.day(25), at: Self.day(30)),
    ]
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let written = text.split(separator: "\n").filter { $0.hasPrefix("eyJ") }.map(String.init)
    #expect(try statements.map { try $0.signed(by: board.key, named: "State board") } == written)
    #expect(text.contains(board.accreditor.id))
    let output = try await JOSEChecker.run(
      ["vector", Self.page.path()], input: "", script: Self.script)
    #expect(String(decoding: output, as: UTF8.self) == "ok\n")
  }

  private struct Question: Encodable {
    let key: [String: String]
    let now: Int64
    let node: String
    let statements: [String]
    let times: [Int64]
  }

  private struct Judgement: Decodable {
    let states: [String]
    let refused: [Int]
  }

  @Test("others come to the same judgement of random histories")
  func judgements() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let (board, stranger) = (EntityBoard(), EntityBoard())
    let jwk = try #require(
      (JSONSerialization.jsonObject(with: Data(board.accreditor.json)) as? [String: Any])?["key"]
        as? [String: String])
    for _ in 0..<12 {
      var texts: [(text: String, statement: EntityStatement?)] = []
      var number: Int64 = 0
      for _ in 0..<Int.random(in: 3...14, using: &random) {
        number += 1
        let time = Self.day(number * 3)
        let (word, from) = try Self.word(&random, at: time)
        let node: UInt8 = Int.random(in: 0...9, using: &random) == 0 ? 9 : 7
        let statement = try EntityBoard.statement(
          number, word, about: node, effective: from, at: time)
        // One in ten is of somebody else, and one in ten of a node that was not asked about.
        let isForged = Int.random(in: 0...9, using: &random) == 0
        texts.append(
          (
            try (isForged ? stranger : board).sign(statement),
            isForged || node == 9 ? nil : statement
          ))
      }
      texts.shuffle(using: &random)
      let times = (Int64(0)...50).map { Self.day($0) }
      let question = Question(
        key: jwk, now: Self.day(100).millisecondsSinceEpoch / 1000,
        node: try EntityBoard.node(7).description, statements: texts.map(\.text),
        times: times.map { $0.millisecondsSinceEpoch / 1000 })
      let output = try await JOSEChecker.run(
        ["judge"], input: String(decoding: JSONEncoder().encode(question), as: UTF8.self),
        script: Self.script)
      let judged = try JSONDecoder().decode(Judgement.self, from: output)
      let read = try texts.indices.filter { index in
        let text = texts[index].text
        let statement = try? board.verify(text, at: Self.day(100))
        return try statement?.node != EntityBoard.node(7)
      }
      #expect(judged.refused == read, "seed \(seed)")
      let history = EntityHistory(of: try EntityBoard.node(7), texts.compactMap(\.statement))
      #expect(
        judged.states == times.map { history.standing(at: $0).state.rawValue }, "seed \(seed)")
    }
  }

  private static func word(
    _ random: inout SeededGenerator, at time: Instant
  ) throws -> (EntityStatement.Word, from: Instant?) {
    let back = time.adding(seconds: -86_400 * Int64.random(in: 0...2, using: &random))
    switch Int.random(in: 0...9, using: &random) {
    case 0...4:
      let lifetime = 86_400 * Int64.random(in: 1...20, using: &random)
      return (.issued(try EntityBoard.credential(until: time.adding(seconds: lifetime))), nil)
    case 5...6: return (.suspended(.unspecified), back)
    case 7...8: return (.reinstated, nil)
    default:
      return Bool.random(using: &random)
        ? (.revoked(.keyCompromise), back) : (.rotated(to: try EntityBoard.node(8)), back)
    }
  }
}
