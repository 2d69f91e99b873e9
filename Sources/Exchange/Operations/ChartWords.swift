import FHIR
import Foundation

/// What somebody looks for in a chart, by the words and codes that records hold.
struct ChartWords {
  /// How many values of one record are looked at: a record may be as large as a body may be.
  private static let mostValues = 4000
  private static let deepest = 24
  /// The elements that people read, and codes. Narrative is left out: it says the same once more.
  private static let read: Set<String> = [
    "text", "display", "title", "description", "code", "conclusion", "valueString", "family",
    "given", "name", "comment", "valueCode",
  ]

  private let words: [String]

  /// Nil where nothing is looked for.
  init?(_ text: String) {
    words = Self.parts(text)
    if words.isEmpty { return nil }
  }

  func match(_ resource: Resource) -> Bool {
    var missing = words
    var left = Self.mostValues
    Self.look(resource.root, depth: 0, &left) { text in
      let parts = Self.parts(text)
      missing.removeAll { word in parts.contains { $0.hasPrefix(word) } }
      return !missing.isEmpty
    }
    return missing.isEmpty
  }

  /// Goes through the texts until `body` wants no more.
  ///
  /// - Returns: whether to go on.
  @discardableResult
  private static func look(
    _ value: JSONValue, depth: Int, _ left: inout Int, _ body: (String) -> Bool
  ) -> Bool {
    guard depth < deepest else { return true }
    switch value.kind {
    case .object:
      for (name, value) in value.members {
        left -= 1
        guard left > 0 else { return false }
        if value.kind == .string {
          if read.contains(name), let text = value.string, !body(text) { return false }
        } else if value.kind == .array, read.contains(name) {
          for element in value.elements.prefix(64) {
            if let text = element.string {
              if !body(text) { return false }
            } else if !look(element, depth: depth + 1, &left, body) {
              return false
            }
          }
        } else if !look(value, depth: depth + 1, &left, body) {
          return false
        }
      }
    case .array:
      for element in value.elements where element.kind == .object {
        left -= 1
        guard left > 0, look(element, depth: depth + 1, &left, body) else { return false }
      }
    default: break
    }
    return true
  }

  /// Without case and accents: whoever looks for `alergia` means `Alérgia` too. A code keeps its hyphens.
  private static func parts(_ text: String) -> [String] {
    text.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars
      .filter { $0.properties.generalCategory != .nonspacingMark }
      .split { scalar in
        !(scalar.properties.isAlphabetic || scalar.properties.numericType != nil
          || scalar == "-" || scalar == ".")
      }
      .map { String(String.UnicodeScalarView($0)).trimmingCharacters(in: .punctuationCharacters) }
      .filter { !$0.isEmpty }
  }
}
