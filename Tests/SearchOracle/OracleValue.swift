import Foundation

/// Values compared from the standard's text.
package enum OracleValue {
  static func targetType(_ value: OracleJSON) -> String? {
    let parts = (value["reference"]?.text ?? "").components(separatedBy: "/")
    let plain = parts.firstIndex(of: "_history").map { Array(parts[..<$0]) } ?? parts
    return plain.count >= 2 ? plain[plain.count - 2] : value["type"]?.text
  }

  static func exists(_ item: OracleItem, _ kind: String) -> Bool {
    switch kind {
    case "token": !tokens(item).isEmpty
    case "date": item.date != nil
    case "reference": !item.references.isEmpty || identifier(item.value) != nil
    case "number", "quantity": range(item, kind) != nil
    case "uri": item.value.text?.isEmpty == false
    case "special": position(item.value) != nil
    default: !words(item.value).isEmpty
    }
  }

  static func matches(
    _ item: OracleItem, _ kind: String, _ modifier: String, _ wanted: String, exactCase: Bool
  ) -> Bool {
    switch kind {
    case "token":
      switch modifier {
      case "text": texts(item).contains { text($0, "", SearchOracle.unescaped(wanted)) }
      case "of-type": ofType(item.value, wanted)
      default: token(tokens(item), wanted, exactCase)
      }
    case "date": item.date.map { date($0, wanted) } ?? false
    case "reference":
      modifier == "identifier"
        ? token(identifier(item.value).map { [$0] } ?? [], wanted, false)
        : item.references.contains {
          reference($0, wanted, modifier, isURL: item.value.text != nil)
        }
    case "number": range(item, kind).map { number($0, wanted) } ?? false
    case "quantity": quantity(item, wanted)
    case "uri": uri(item.value.text ?? "", modifier, SearchOracle.unescaped(wanted))
    case "special": near(item.value, wanted)
    default: words(item, modifier, SearchOracle.unescaped(wanted))
    }
  }

  private static func words(_ item: OracleItem, _ modifier: String, _ wanted: String) -> Bool {
    if modifier == "exact" { return words(item.value).contains(wanted) }
    let wanted = folded(wanted)
    return item.foldedWords.contains { word in
      modifier == "contains" ? word.contains(wanted) : (" " + word).contains(" " + wanted)
    }
  }

  // MARK: tokens

  typealias Token = (system: String?, code: String, implied: Bool)

  static func tokens(_ item: OracleItem) -> [Token] {
    switch item.value {
    case .bool(let value): return [(nil, value ? "true" : "false", true)]
    case .string(let code): return item.type == "DateTime" ? [] : [(nil, code, true)]
    case .object:
      if ["Quantity", "Range", "Reference"].contains(item.type) { return [] }
      if let codings = item.value["coding"] {
        return codings.each.flatMap { tokens(OracleItem(value: $0)) }
      }
      guard let code = item.value["code"]?.text ?? item.value["value"]?.text, !code.isEmpty else {
        return []
      }
      return [(item.value["system"]?.text, code, false)]
    default: return []
    }
  }

  private static func token(_ tokens: [Token], _ wanted: String, _ exactCase: Bool) -> Bool {
    let parts = SearchOracle.split(wanted, "|")
    let code = SearchOracle.unescaped(
      parts.dropFirst(parts.count > 1 ? 1 : 0).joined(separator: "|"))
    let fold = { (text: String) in exactCase ? text : foldedCode(text) }
    return tokens.contains { token in
      let sameCode = fold(token.code) == fold(code)
      if parts.count == 1 || token.implied { return sameCode }
      return (code.isEmpty || sameCode)
        && (token.system ?? "") == SearchOracle.unescaped(parts[0])
    }
  }

  /// Codes are ASCII; beyond it, case counts.
  static func foldedCode(_ text: String) -> String {
    String(text.flatMap { $0.isASCII ? $0.lowercased().map { $0 } : [$0] })
  }

  private static func texts(_ item: OracleItem) -> [String] {
    let value = item.value
    let own = [value["text"]?.text, value["display"]?.text, value["type"]?["text"]?.text]
    let codings = value["coding"]?.each.map { $0["display"]?.text } ?? []
    // A Reference has a display, an Identifier an assigner: neither is a token's text.
    return (own + codings).compactMap { $0 }
  }

  private static func ofType(_ value: OracleJSON, _ wanted: String) -> Bool {
    let parts = SearchOracle.split(wanted, "|").map(SearchOracle.unescaped)
    guard let own = value["value"]?.text, own.lowercased() == parts[2].lowercased() else {
      return false
    }
    return value["type"]?["coding"]?.each.contains {
      $0["system"]?.text == parts[0] && $0["code"]?.text?.lowercased() == parts[1].lowercased()
    } ?? false
  }

  // MARK: references and URIs

  private static func identifier(_ value: OracleJSON) -> Token? {
    guard let code = value["identifier"]?["value"]?.text else { return nil }
    return (value["identifier"]?["system"]?.text, code, false)
  }

  static func references(of item: OracleItem) -> [String] {
    switch item.value {
    case .string(let url): return url.hasPrefix("#") || url.isEmpty ? [] : [url]
    case .object:
      if let type = item.value["resourceType"]?.text {
        return item.value["id"]?.text.map { [type + "/" + $0] } ?? []
      }
      guard let text = item.value["reference"]?.text, !text.hasPrefix("#"), !text.isEmpty else {
        return []
      }
      return [text]
    default: return []
    }
  }

  /// - Parameter isURL: whether it is the URL of a definition, with a version behind a bar.
  private static func reference(
    _ text: String, _ wanted: String, _ type: String, isURL: Bool
  ) -> Bool {
    let plain = text.components(separatedBy: "/_history/")[0]
    let parts = SearchOracle.split(wanted, "|").map(SearchOracle.unescaped)
    if parts[0].contains("/") || parts[0].contains(":") {
      let whole = parts.joined(separator: "|")
      return plain == whole || text == whole
        || isURL && plain.components(separatedBy: "|")[0] == whole
    }
    if isURL { return false }
    let pieces = plain.components(separatedBy: "/")
    return pieces.count == 2 && pieces[1] == wanted && (type.isEmpty || pieces[0] == type)
  }

  private static func uri(_ value: String, _ modifier: String, _ wanted: String) -> Bool {
    let plain = value.components(separatedBy: "|")[0]
    func isBelow(_ uri: String, _ parent: String) -> Bool {
      guard uri.hasPrefix(parent) else { return false }
      let rest = uri.dropFirst(parent.count)
      return rest.isEmpty || "/:#?|".contains(parent.last ?? "x")
        || "/:#?|".contains(rest.first ?? "x")
        || parent.hasPrefix("urn:oid:") && rest.first == "."
    }
    switch modifier {
    case "below": return isBelow(value, wanted)
    case "above": return isBelow(wanted, plain)
    default: return value == wanted || plain == wanted
    }
  }

  // MARK: places

  static func position(_ value: OracleJSON) -> (latitude: Double, longitude: Double)? {
    guard let latitude = value["latitude"]?.number, let longitude = value["longitude"]?.number
    else {
      return nil
    }
    return (
      NSDecimalNumber(decimal: latitude).doubleValue,
      NSDecimalNumber(decimal: longitude).doubleValue
    )
  }

  /// By the spherical law of cosines.
  private static func near(_ value: OracleJSON, _ wanted: String) -> Bool {
    guard let place = position(value) else { return false }
    let parts = wanted.components(separatedBy: "|")
    let (a, b) = (Double(parts[0]) ?? 0, Double(parts[1]) ?? 0)
    let limit = (Double(parts.count > 2 ? parts[2] : "") ?? 50) * (parts.last == "m" ? 0.001 : 1)
    let angle = { (degrees: Double) in degrees * .pi / 180 }
    let cosine =
      sin(angle(a)) * sin(angle(place.latitude))
      + cos(angle(a)) * cos(angle(place.latitude)) * cos(angle(b - place.longitude))
    return acos(max(-1, min(1, cosine))) * 6371.0088 <= limit
  }

  // MARK: text

  static func words(_ value: OracleJSON) -> [String] {
    if let text = value.text { return folded(text).isEmpty ? [] : [text] }
    func all(_ names: String...) -> [String] {
      names.flatMap { value[$0]?.each.compactMap(\.text) ?? [] }
    }
    let given = all("given")
    let whole = given.isEmpty ? [] : [(given + all("family")).joined(separator: " ")]
    return
      (all(
        "text", "family", "prefix", "suffix", "line", "city", "district", "state", "country",
        "postalCode") + given + whole).filter { !folded($0).isEmpty }
  }

  static func folded(_ text: String) -> String {
    text.replacingOccurrences(of: "'", with: "").replacingOccurrences(of: "’", with: "")
      .folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
      .components(separatedBy: CharacterSet.alphanumerics.inverted)
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func text(_ word: String, _ modifier: String, _ wanted: String) -> Bool {
    switch modifier {
    case "exact": word == wanted
    case "contains": folded(word).contains(folded(wanted))
    default: (" " + folded(word)).contains(" " + folded(wanted))
    }
  }
}
