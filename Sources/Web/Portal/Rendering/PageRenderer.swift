import Mustache
package import Primitives

/// Turns models into HTML by the templates that the program carries, which it compiles once.
package struct PageRenderer: Sendable {
  private let library: MustacheLibrary

  /// - Throws: `invalid` for a template that is none; the tests see to it that there is no such.
  package init() throws(PeerChartError) {
    var library = MustacheLibrary()
    for (name, text) in PortalFiles.templates {
      do {
        try library.register(text, named: name)
      } catch {
        throw PeerChartError(
          .invalid, "a page's template cannot be read", place: name, cause: error)
      }
    }
    self.library = library
  }

  /// - Throws: `not-found` for a template that does not exist.
  package func html(
    _ template: String, _ content: PageObject, strings: PortalStrings
  ) throws(PeerChartError) -> String {
    var values = content.mapValues(Self.value)
    values["t"] = strings.tree
    guard let html = library.render(values, withTemplate: template) else {
      throw PeerChartError(.notFound, "there is no such page")
    }
    return html
  }

  private static func value(_ value: PageValue) -> Any {
    switch value {
    case .text(let text): SeparableText.safe(text)
    case .flag(let flag): flag
    case .list(let values): values.map(Self.value)
    case .object(let object): object.mapValues(Self.value)
    }
  }
}

/// The template engine escapes by characters as people see them. A mark that joins a `<` or a quote to
/// one such character would carry it past; HTML readers go by code points.
package enum SeparableText {
  /// The text with a word joiner (U+2060, which shows as nothing) between a character of HTML's own and
  /// any mark that joins it. Nearly every text comes back as it is.
  package static func safe(_ text: String) -> String {
    guard text.utf8.contains(where: isMarkup), text.utf8.contains(where: { $0 >= 0x80 }) else {
      return text
    }
    guard text.contains(where: isJoined) else { return text }
    var safe = ""
    for character in text {
      guard isJoined(character) else {
        safe.append(character)
        continue
      }
      for scalar in character.unicodeScalars {
        if isMarkup(scalar) { safe.unicodeScalars.append(separator) }
        safe.unicodeScalars.append(scalar)
        if isMarkup(scalar) { safe.unicodeScalars.append(separator) }
      }
    }
    return safe
  }

  private static let separator: Unicode.Scalar = "\u{2060}"

  private static func isJoined(_ character: Character) -> Bool {
    let scalars = character.unicodeScalars
    return scalars.count > 1 && scalars.contains(where: isMarkup)
  }

  private static func isMarkup(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && isMarkup(UInt8(truncatingIfNeeded: scalar.value))
  }

  private static func isMarkup(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      true
    default: false
    }
  }
}
