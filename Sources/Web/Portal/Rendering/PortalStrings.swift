package import Primitives

/// All words of the pages in one language.
package struct PortalStrings: Sendable {
  package let language: Language
  private let texts: [String: String]
  /// The same by the parts of their keys, for templates: `{{t.nav.home}}`.
  let tree: [String: any Sendable]

  init(_ language: Language, _ texts: [String: String]) {
    self.language = language
    self.texts = texts
    tree = Self.tree(
      texts.map { (key: $0.key.split(separator: ".").map(String.init)[...], $0.value) })
  }

  package func has(_ key: String) -> Bool { texts[key] != nil }

  /// The words under a key; the key itself where there are none, so that nothing is left out.
  package subscript(key: String) -> String { texts[key] ?? key }

  /// The words under a key with the places in braces filled in, each once.
  package func callAsFunction(_ key: String, _ fills: [String: String]) -> String {
    var filled = ""
    var rest = self[key][...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      filled += rest[..<open]
      filled += fills[String(rest[rest.index(after: open)..<close])] ?? ""
      rest = rest[rest.index(after: close)...]
    }
    return filled + rest
  }

  /// The words for a code of some vocabulary; the code made readable where the table lacks it.
  package func code(_ vocabulary: String, _ code: String) -> String {
    texts["\(vocabulary).\(code)"] ?? code.replacing("-", with: " ")
  }

  /// `KEY.one` or `KEY.many`, with `{count}` filled in.
  package func count(_ key: String, _ count: Int) -> String {
    self("\(key).\(count == 1 ? "one" : "many")", ["count": String(count)])
  }

  /// `a`, `a and b`, `a, b and c`.
  ///
  /// - Parameter word: the key of the word before the last.
  package func list(_ items: [String], joinedBy word: String = "word.and") -> String {
    guard items.count > 1, let last = items.last else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(self[word]) " + last
  }

  private static func tree(
    _ entries: [(key: ArraySlice<String>, text: String)]
  ) -> [String: any Sendable] {
    var leaves: [String: any Sendable] = [:]
    let branches = Dictionary(grouping: entries) { $0.key.first ?? "" }
    for (name, entries) in branches {
      if let leaf = entries.first(where: { $0.key.count == 1 }) {
        leaves[name] = leaf.text
      } else {
        leaves[name] = tree(entries.map { ($0.key.dropFirst(), $0.text) })
      }
    }
    return leaves
  }
}

/// The table of words, of which each entry has every language.
package struct StringTable: Sendable {
  /// By key, then by language.
  package let entries: [String: [Language: String]]
  private let languages: [Language: PortalStrings]

  /// Reads the table: blocks of a key and a line `CODE: TEXT` for each language, with empty lines
  /// between them; a line that begins with `#` is a remark.
  ///
  /// - Throws: `malformed` with the line, for anything else and for a key that stands there twice.
  package init(parsing text: String) throws(PeerChartError) {
    var entries: [String: [Language: String]] = [:]
    var key: String?
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let fault = PeerChartError(
        .malformed, "this line of the table of words cannot be read", place: "line \(number + 1)")
      if line.isEmpty {
        key = nil
      } else if line.hasPrefix("#") {
        continue
      } else if let known = key {
        guard let colon = line.firstIndex(of: ":"),
          let language = Language(rawValue: String(line[..<colon])),
          entries[known]?[language] == nil
        else { throw fault }
        entries[known]?[language] = String(line[colon...].dropFirst(2))
      } else {
        guard entries[String(line)] == nil else { throw fault }
        key = String(line)
        entries[String(line)] = [:]
      }
    }
    self.entries = entries
    languages = Dictionary(
      uniqueKeysWithValues: Language.allCases.map { language in
        (language, PortalStrings(language, entries.compactMapValues { $0[language] }))
      })
  }

  /// The table that the program carries.
  package init() throws(PeerChartError) { try self.init(parsing: PortalFiles.strings) }

  package subscript(language: Language) -> PortalStrings {
    languages[language] ?? PortalStrings(language, [:])
  }
}
