/// Makes documents by GraphQL's grammar, most of them right.
struct GraphQLMaker {
  var random: FuzzRandom

  static let samples = [
    "query q($use: code = official, $n: Int = 2) { ...Who name(use: $use, _count: $n) { given @first family } } fragment Who on Patient { id ... on Patient { active } }",
    "{ identifier @flatten { system value } name @flatten @slice(path: \"$index\") { given family @singleton } }",
    "{ a: Patient(id: \"p1\") { birthDate _birthDate { extension { valueDateTime } } ConditionList(_reference: patient, _count: 5) { code { text } } } }",
    "{ ConditionConnection(patient: \"p1\", clinical_status: [active, relapse]) { count edges { resource { id subject { resource(type: Patient, optional: true) { id } } } } first next } }",
    "query ($with: Boolean = true) { ... @include(if: $with) { gender } name(fhirpath: \"\"\"family = 'Chalmers'\"\"\", use: official) { period { start } } } # end",
    "{ x: extension(url: \"http:\\/\\/example.org\\u002Fa \\u{1F600}\") { valueString valueInteger } }",
  ]

  private mutating func pick<Element>(_ list: [Element]) -> Element { random.pick(list) }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func name() -> String {
    pick([
      "a", "b", "id", "name", "_x1", "on", "query", "fragment", "true", "Patient", "null", "__t",
    ])
  }

  mutating func document() -> String {
    var text = ""
    let operations = chance(80) ? 1 : 2
    for number in 0..<operations {
      if operations == 1, chance(40) {
        text += selections(2)
      } else {
        text += pick(["query", "query", "query", "mutation"])
        if chance(70) { text += " op\(chance(90) ? number : 0)" }
        text += variables() + directives() + selections(2)
      }
      text += separator()
    }
    let fragments = chance(50) ? Int.random(in: 1...3, using: &random) : 0
    for number in 0..<fragments {
      text += "fragment F\(chance(95) ? number : 0) on \(pick(["Patient", "Resource"]))"
      text += directives() + selections(1) + separator()
    }
    return text
  }

  private mutating func separator() -> String {
    pick([" ", "\n", "\r\n", ",", "\u{FEFF}", " # {\"\n", "\t"])
  }

  private mutating func variables() -> String {
    guard chance(40) else { return "" }
    var texts: [String] = []
    for number in 0..<Int.random(in: 1...3, using: &random) {
      var text = "$v\(chance(95) ? number : 0): " + type(2)
      if chance(80) { text += " = " + value(1, isConstant: true) }
      if chance(10) { text += " @d" }
      texts.append(text)
    }
    return "(" + texts.joined(separator: separator()) + ")"
  }

  private mutating func type(_ depth: Int) -> String {
    let inner = depth > 0 && chance(20) ? "[" + type(depth - 1) + "]" : "code"
    return inner + (chance(10) ? "!" : "")
  }

  private mutating func selections(_ depth: Int) -> String {
    var text = " {"
    for _ in 0..<Int.random(in: 1...3, using: &random) { text += selection(depth) + separator() }
    return text + "}"
  }

  private mutating func selection(_ depth: Int) -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return "...F\(Int.random(in: 0...2, using: &random))" + directives()
    case 1 where depth > 0:
      return "... " + (chance(70) ? "on Patient" : "") + directives() + selections(depth - 1)
    default:
      var text = chance(30) ? name() + ": " + name() : name()
      if chance(30) { text += arguments() }
      text += directives()
      if depth > 0, chance(50) { text += selections(depth - 1) }
      return text
    }
  }

  private mutating func arguments() -> String {
    let names = ["x", "y", "z"].shuffled(using: &random)
    var texts: [String] = []
    for number in 0..<Int.random(in: 1...3, using: &random) {
      texts.append((chance(95) ? names[number] : "x") + ": " + value(2, isConstant: false))
    }
    return "(" + texts.joined(separator: chance(50) ? ", " : " ") + ")"
  }

  private mutating func directives() -> String {
    chance(15) ? " @" + pick(["skip", "first", "d"]) + (chance(50) ? arguments() : "") : ""
  }

  private mutating func value(_ depth: Int, isConstant: Bool) -> String {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return pick(["0", "-0", "12", "-7", "1234567890123456789012"])
    case 1: return pick(["0.5", "-1.25e10", "1E+2", "0e0"])
    case 2: return pick(["true", "false", "null"])
    case 3: return pick(["official", "on", "_e"])
    case 4 where !isConstant: return "$v\(Int.random(in: 0...3, using: &random))"
    case 5 where depth > 0:
      return "[" + (chance(80) ? value(depth - 1, isConstant: isConstant) : "") + "]"
    case 6 where depth > 0:
      return "{" + (chance(80) ? "m: " + value(depth - 1, isConstant: isConstant) : "") + "}"
    case 7: return "\"\"\"" + pick(["", "a\n  b\n", "\\\"\"\"", " \" # "]) + "\"\"\""
    default:
      return "\""
        + pick(["", "a b", "\\n\\t\\\"", "\\u0041", "\\u{1F600}", "é", "#{", "\\uD83D\\uDE00"])
        + "\""
    }
  }

  /// A document with a few bytes changed.
  mutating func mutated() -> String {
    var bytes = Array((chance(50) ? document() : pick(Self.samples)).utf8)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let length = Int.random(in: 0...min(8, bytes.count - place), using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = random.pick(Array("{}()[]:!$@.\"\\#|&=- 09aeu\n".utf8))
      case 1: bytes.removeSubrange(place..<place + length)
      case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
      case 3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      default:
        let words = [
          "...", "\"\"\"", "\\u", "{ a }", "on", "$v0", "0", ".5", "é", "# x", "@d", "!",
        ]
        bytes.insert(contentsOf: pick(words).utf8, at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
