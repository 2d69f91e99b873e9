/// Writes the XHTML of a generated narrative (R4 2.4.0.1): headings, paragraphs and tables of text.
struct NarrativeWriter {
  /// A cell or paragraph longer than this, in Unicode scalars, is cut.
  private static let longest = 400

  private var body = ""

  mutating func heading(_ text: String) { body += "<h2>\(Self.escaped(text))</h2>" }

  mutating func paragraph(_ text: String) { body += "<p>\(Self.escaped(text))</p>" }

  mutating func list(_ items: [String]) {
    guard !items.isEmpty else { return }
    body += "<ul>" + items.map { "<li>\(Self.escaped($0))</li>" }.joined() + "</ul>"
  }

  mutating func table(_ columns: [String], rows: [[String]]) {
    body += "<table><thead><tr>"
    for column in columns { body += "<th>\(Self.escaped(column))</th>" }
    body += "</tr></thead><tbody>"
    for row in rows {
      body += "<tr>"
      for cell in row { body += "<td>\(Self.escaped(cell))</td>" }
      body += "</tr>"
    }
    body += "</tbody></table>"
  }

  /// The element `text` of a resource or section.
  var narrative: JSONTree {
    [
      "status": "generated",
      "div": .string(
        #"<div xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">"# + body + "</div>"),
    ]
  }

  /// Text as it stands between tags. What XML 1.0 cannot hold becomes U+FFFD.
  private static func escaped(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < longest else {
        output.append("…")
        break
      }
      count += 1
      switch scalar {
      case "&": output.append(contentsOf: "&amp;".unicodeScalars)
      case "<": output.append(contentsOf: "&lt;".unicodeScalars)
      case ">": output.append(contentsOf: "&gt;".unicodeScalars)
      case "\t", "\n", "\r": output.append(" ")
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": output.append("\u{FFFD}")
      default: output.append(scalar)
      }
    }
    return String(output)
  }
}
