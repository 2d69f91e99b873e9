import FHIR
import Primitives
import Testing
import Web

@Suite("Words of the pages")
struct PortalStringsTests {
  static let table = Result { try StringTable() }

  /// What a text leaves to be filled in.
  private static func places(_ text: String) -> Set<String> {
    let pieces = text.split(separator: "{", omittingEmptySubsequences: false).dropFirst()
    return Set(pieces.map { String($0.prefix { $0 != "}" }) })
  }

  @Test("Every language has every word, with the same places to fill in")
  func complete() throws {
    let table = try Self.table.get()
    #expect(table.entries.count > 300)
    for (key, texts) in table.entries {
      #expect(texts.count == Language.allCases.count, "\(key)")
      #expect(texts.values.allSatisfy { !$0.isEmpty }, "\(key)")
      // A form for one thing may say "one" instead of the number.
      let places = Set(texts.values.map { Self.places($0).subtracting(["count"]) })
      #expect(places.count == 1, "\(key)")
      if key.hasSuffix(".many") {
        #expect(texts.values.allSatisfy { Self.places($0).contains("count") }, "\(key)")
      }
    }
  }

  @Test("Every word that a template asks for is there")
  func asked() throws {
    let table = try Self.table.get()
    var count = 0
    for (name, text) in PortalFiles.templates {
      for piece in text.split(separator: "{{t.").dropFirst() {
        let key = piece.prefix { $0 != "}" }
        #expect(table.entries[String(key)] != nil, "\(name): \(key)")
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test("Every record type and label has words")
  func vocabulary() throws {
    let table = try Self.table.get()
    for type in RecordType.allCases {
      #expect(table.entries["type.\(type.rawValue)"] != nil)
      #expect(table.entries["counted.\(type.rawValue).one"] != nil)
    }
    for label in SensitivityLabel.allCases {
      #expect(table.entries["label.\(label.rawValue)"] != nil)
    }
  }

  @Test(
    "A browser gets the language that it likes best",
    arguments: [
      (nil, Language.english), ("es", .spanish), ("es-MX,es;q=0.9,en;q=0.8", .spanish),
      ("en;q=0.4, es;q=0.5", .spanish), ("de, fr;q=0.5", .english), ("es;q=0, en;q=0.1", .english),
      ("*", .english), (";;;,,q=1", .english), ("ES-ar", .spanish),
    ] as [(String?, Language)])
  func negotiation(header: String?, language: Language) {
    #expect(Language(acceptLanguage: header) == language)
  }

  @Test("What is filled in is not looked at again")
  func filling() throws {
    let table = try StringTable(parsing: "a.b\nen: {x} and {y}\nes: {x} y {y}\n")
    let strings = table[.english]
    #expect(strings("a.b", ["x": "{y}", "y": "2"]) == "{y} and 2")
    #expect(strings("a.b", [:]) == " and ")
    #expect(strings["no.such"] == "no.such")
    #expect(strings.list(["a", "b", "c"]).hasPrefix("a, b "))
  }

  @Test(
    "A table that is none is refused with the line",
    arguments: [
      ("a.b\nfr: x\n", "line 2"), ("a\nen: x\nen: y\n", "line 3"), ("a\n\na\n", "line 3"),
    ])
  func faults(text: String, place: String) {
    #expect {
      _ = try StringTable(parsing: text)
    } throws: { error in
      (error as? PeerChartError)?.place == place
    }
  }
}
