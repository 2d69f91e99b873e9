import FHIR
import Foundation
import Primitives
import Testing
import Web

/// The checker against a second one, written here from the words of JSON Schema alone.
@Suite("The shapes of the REST API")
struct JSONSchemaTests {
  private func value(_ json: String) throws -> JSONValue {
    try JSONDocument(parsing: Array(json.utf8)).root
  }

  @Test("Lengths are counted in code points, and patterns hold for the whole text")
  func texts() {
    let rule = TextRule("[a-z]+", 2...4)
    for good in ["ab", "abcd"] { #expect(rule.allows(good)) }
    for bad in ["", "a", "abcde", "AB", "ab\n", "\nab", "ab\r", "ab\u{2028}", "ab ", "a\u{301}b"] {
      #expect(!rule.allows(bad), "\(bad.debugDescription)")
    }
    let any = TextRule(nil, 2...2)
    #expect(any.allows("🧬🧬") && any.allows("e\u{301}") && !any.allows("\u{E9}"))
    let day = TextRule(nil, 10...10, format: .date)
    for good in ["2024-02-29", "1900-01-01"] { #expect(day.allows(good)) }
    for bad in ["2023-02-29", "2024-13-01", "2024-1-011", "2024/01/01", "20240101--", "-024-01-01"]
    {
      #expect(!day.allows(bad), "\(bad)")
    }
    let moment = TextRule(nil, 20...40, format: .dateTime)
    for good in ["2024-12-31T23:59:59Z", "2024-12-31t23:59:59.123456789-05:00"] {
      #expect(moment.allows(good))
    }
    for bad in ["2024-12-31 23:59:59Z", "2024-12-31T23:59:59", "2024-12-31T23:59:59Z\n"] {
      #expect(!moment.allows(bad), "\(bad)")
    }
  }

  @Test(
    "Made-up values are taken exactly when a second checker takes them", arguments: [0, 1, 2, 3])
  func secondOpinion(round: Int) throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededRandom(seed: seed &+ UInt64(round))
    var taken = 0
    for _ in 0..<4000 {
      let (schema, opinion) = Self.schema(&random, depth: 3)
      let json = Self.json(&random, depth: 3)
      let value = try value(json)
      let isTaken = (try? schema.check(value)) != nil
      taken += isTaken ? 1 : 0
      #expect(isTaken == opinion(value), "seed \(seed): \(json)")
    }
    #expect(taken > 100, "seed \(seed)")
  }

  private typealias Opinion = (JSONValue) -> Bool

  private static func schema(
    _ random: inout SeededRandom, depth: Int
  ) -> (JSONSchema, Opinion) {
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
    case 0: return (.word(["a", "b"]), { ["a", "b"].contains($0.string ?? "-") })
    case 1: return (.integer(0...2), { ["0", "1", "2"].contains($0.numberLiteral ?? "-") })
    case 2: return (.flag, { $0.bool != nil })
    case 3:
      return (
        .text(TextRule("[ab]*", 1...2)), { ["a", "b", "aa", "ab", "ba", "bb"].contains($0.string) }
      )
    case 4:
      let (one, two) = (JSONSchema.flag, JSONSchema.word(["c"]))
      return (.either([one, two]), { $0.bool != nil || $0.string == "c" })
    case 5:
      let (element, opinion) = schema(&random, depth: depth - 1)
      let isSet = Bool.random(using: &random)
      return (
        .list(.word(["a", "b", "c"]), 1...2, isSet: isSet),
        { value in
          _ = (element, opinion)
          let texts = value.elements.map { $0.string ?? "-" }
          return value.kind == .array && (1...2).contains(texts.count)
            && texts.allSatisfy(["a", "b", "c"].contains)
            && (!isSet || Set(texts).count == texts.count)
        }
      )
    default:
      let (first, one) = schema(&random, depth: depth - 1)
      let (second, two) = schema(&random, depth: depth - 1)
      return (
        .object([
          JSONSchema.Member(name: "a", schema: first, isRequired: true, note: nil),
          JSONSchema.Member(name: "b", schema: second, isRequired: false, note: nil),
        ]),
        { value in
          let names = value.members.map(\.name)
          return value.kind == .object && Set(names).isSubset(of: ["a", "b"])
            && (value["a"].map(one) ?? false) && (value["b"].map(two) ?? true)
        }
      )
    }
  }

  private static func json(_ random: inout SeededRandom, depth: Int) -> String {
    switch Int.random(in: 0...(depth > 0 ? 8 : 4), using: &random) {
    case 0, 1:
      return ["\"a\"", "\"b\"", "\"c\"", "\"ab\"", "\"abc\"", "\"\""].randomElement(using: &random)
        ?? "1"
    case 2: return ["0", "1", "2", "3", "-1", "1.5"].randomElement(using: &random) ?? "1"
    case 3: return Bool.random(using: &random) ? "true" : "false"
    case 4: return "null"
    case 5:
      let count = Int.random(in: 0...3, using: &random)
      return "["
        + (0..<count).map { _ in json(&random, depth: depth - 1) }.joined(separator: ",") + "]"
    default:
      var members: [String] = []
      for name in ["a", "b", "c"]
      where Int.random(in: 0...3, using: &random) < (name == "c" ? 1 : 3) {
        members.append("\"\(name)\":\(json(&random, depth: depth - 1))")
      }
      return "{" + members.joined(separator: ",") + "}"
    }
  }
}
