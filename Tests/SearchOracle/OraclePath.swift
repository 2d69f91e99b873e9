import Foundation
import Synchronization

/// The part of FHIRPath that search parameters use, evaluated word by word over plain JSON.
struct OraclePath {
  let resource: OracleJSON

  /// The data types that the name of a choice element can end in, without `Id`, in which others do.
  private static let types: Set<String> = [
    "Base64Binary", "Boolean", "Canonical", "Code", "Date", "DateTime", "Decimal", "Instant",
    "Integer", "Markdown", "Oid", "PositiveInt", "String", "Time", "UnsignedInt", "Uri", "Url",
    "Uuid", "Address", "Age", "Annotation", "Attachment", "CodeableConcept", "Coding",
    "ContactPoint", "Count", "Distance", "Duration", "HumanName", "Identifier", "Money", "Period",
    "Quantity", "Range", "Ratio", "Reference", "SampledData", "Signature", "Timing",
  ]

  func items(_ expression: String) -> [OracleItem] {
    items(expression, from: OracleItem(value: resource))
  }

  func items(_ expression: String, from item: OracleItem) -> [OracleItem] {
    let parts = split(expression, "|")
    if parts.count > 1 { return parts.flatMap { items($0, from: item) } }
    var text = expression.trimmingCharacters(in: .whitespaces)
    if text.hasSuffix("!= false"), let end = text.range(of: ".exists()") {
      let found = items(String(text[..<end.lowerBound]), from: item)
      guard text.hasPrefix(resource["resourceType"]?.text ?? "?") else { return [] }
      return [OracleItem(value: .bool(!found.isEmpty && !found.contains { $0.value.isFalse }))]
    }
    let cast = split(text, " as ")
    if cast.count == 2 { return items(cast[0], from: item).filter { isType($0, cast[1]) } }
    if text.hasPrefix("("), text.hasSuffix(")"), closes(text) {
      text = String(text.dropFirst().dropLast())
      return items(text, from: item)
    }
    var found = [item]
    for (number, step) in split(text, ".").enumerated() {
      found = number == 0 ? first(step, item) : found.flatMap { take(step, $0) }
    }
    return found
  }

  private func first(_ step: String, _ item: OracleItem) -> [OracleItem] {
    if step.hasPrefix("(") { return items(step, from: item) }
    if step == "%resource" { return [OracleItem(value: resource)] }
    if step.first?.isUppercase == true {
      let own = resource["resourceType"]?.text
      return step == own || step == "Resource" || step == "DomainResource"
        ? [OracleItem(value: resource)] : []
    }
    return take(step, item)
  }

  private func take(_ step: String, _ item: OracleItem) -> [OracleItem] {
    if step.hasPrefix("as("), step.hasSuffix(")") {
      return isType(item, String(step.dropFirst(3).dropLast())) ? [item] : []
    }
    if step.hasPrefix("where(resolve() is ") {
      return OracleValue.targetType(item.value) == String(step.dropFirst(19).dropLast())
        ? [item] : []
    }
    if step.hasPrefix("where(") {
      let parts = String(step.dropFirst(6).dropLast()).components(separatedBy: "=")
      let wanted = parts[1].trimmingCharacters(in: CharacterSet(charactersIn: " '"))
      return item.value[parts[0].trimmingCharacters(in: .whitespaces)]?.text == wanted ? [item] : []
    }
    if step.hasSuffix("[0]") { return Array(take(String(step.dropLast(3)), item).prefix(1)) }
    guard case .object(let members) = item.value else { return [] }
    if let value = members[step] {
      // `extension.valueDateTime` names the choice itself.
      let type = Self.types.first { step.hasSuffix($0) && step.hasPrefix("value") } ?? ""
      return value.each.map { OracleItem(value: $0, type: type) }
    }
    return members.sorted { $0.key < $1.key }.flatMap { name, value -> [OracleItem] in
      let type = String(name.dropFirst(step.count))
      guard name.hasPrefix(step), Self.types.contains(type) else { return [] }
      return value.each.map { OracleItem(value: $0, type: type) }
    }
  }

  private func isType(_ item: OracleItem, _ name: String) -> Bool {
    item.type.lowercased()
      == name.trimmingCharacters(in: CharacterSet(charactersIn: " )")).lowercased()
  }

  /// Whether the first bracket is closed by the last character.
  private func closes(_ text: String) -> Bool {
    var depth = 0
    for (number, character) in text.enumerated() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { return number == text.count - 1 }
    }
    return false
  }

  /// The parts of texts that were split before: the same expressions are read for every resource.
  private static let known = Mutex<[String: [String]]>([:])

  /// Splits where no bracket and no quote is open.
  private func split(_ text: String, _ separator: String) -> [String] {
    let key = separator + text
    if let parts = Self.known.withLock({ $0[key] }) { return parts }
    let parts = parts(of: text, separator)
    Self.known.withLock { $0[key] = parts }
    return parts
  }

  private func parts(of text: String, _ separator: String) -> [String] {
    var parts: [String] = []
    var depth = 0
    var isQuoted = false
    var current = ""
    var rest = Substring(text)
    while let character = rest.first {
      if character == "'" { isQuoted.toggle() }
      if !isQuoted {
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
        if depth == 0, rest.hasPrefix(separator) {
          parts.append(current)
          current = ""
          rest = rest.dropFirst(separator.count)
          continue
        }
      }
      current.append(character)
      rest.removeFirst()
    }
    return parts + [current]
  }
}
