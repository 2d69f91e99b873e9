import Foundation

/// Random values to ask for, mostly near what a resource has, so that queries meet it and just miss it.
package struct SearchQuestions: Sendable {
  let oracle: SearchOracle

  package init(oracle: SearchOracle) { self.oracle = oracle }

  /// `name[:modifier]` and a value for a parameter of a resource.
  package func criterion(
    _ name: String, like record: OracleRecord, _ random: inout OracleRandom
  ) -> (name: String, value: String)? {
    guard let parameter = oracle.parameter(name, of: record.type) else { return nil }
    if random.chance(6) { return (name + ":missing", random.pick(["true", "false"])) }
    let items = record.items(parameter.expression)
    let count = random.chance(85) ? 1 : 2
    var modifier = ""
    var values: [String] = []
    for _ in 0..<count {
      let item = items.isEmpty ? nil : random.pick(items)
      if parameter.kind == "composite" {
        values.append(composite(parameter, record.json, item, &random))
      } else {
        let (found, value) = simple(parameter.kind, item, values.isEmpty ? nil : modifier, &random)
        modifier = found
        values.append(value)
      }
    }
    return (name + modifier, values.joined(separator: ","))
  }

  /// A criterion that the resource fulfils, if one can be found.
  package func hit(
    _ name: String, like record: OracleRecord, _ random: inout OracleRandom
  ) -> (name: String, value: String)? {
    for _ in 0..<40 {
      guard let pair = criterion(name, like: record, &random) else { return nil }
      let isPlain = !pair.name.hasSuffix(":missing") && !pair.name.hasSuffix(":not")
      if isPlain, oracle.matches(record, pair.name, pair.value) { return pair }
    }
    return nil
  }

  private func composite(
    _ parameter: SearchOracle.Parameter, _ resource: OracleJSON, _ item: OracleItem?,
    _ random: inout OracleRandom
  ) -> String {
    parameter.components.map { component in
      let values = item.map { OraclePath(resource: resource).items(component.expression, from: $0) }
      let value = values.flatMap { $0.isEmpty ? nil : random.pick($0) }
      return simple(component.kind, value, "", &random).value.replacing("$", with: "\\$")
    }.joined(separator: "$")
  }

  /// - Parameter fixed: the modifier, where it is settled.
  private func simple(
    _ kind: String, _ item: OracleItem?, _ fixed: String?, _ random: inout OracleRandom
  ) -> (modifier: String, value: String) {
    switch kind {
    case "token": return token(item, fixed, &random)
    case "reference": return reference(item, fixed, &random)
    case "date":
      let own = item.map { $0.type == "String" ? [] : dates($0.value) } ?? []
      guard random.chance(75), !own.isEmpty else { return ("", SearchSamples.dates(1, &random)) }
      let text = random.pick(own)
      let cut = random.pick([4, 7, 10, 19, 99])
      let short = cut < text.count && text.count >= 10 ? String(text.prefix(cut)) : text
      return ("", random.pick(Self.prefixes) + short)
    case "number": return ("", number(item?.value.number, &random))
    case "quantity":
      let number = number(
        item?.value["value"]?.number ?? item?.value["low"]?["value"]?.number, &random)
      let value = item?.value["low"] ?? item?.value
      let code = value?["code"]?.text ?? value?["currency"]?.text ?? value?["unit"]?.text ?? "mg"
      let system = value?["system"]?.text ?? "urn:iso:std:iso:4217"
      return ("", number + random.pick(["", "||" + escaped(code), "|\(system)|" + escaped(code)]))
    case "uri":
      let text = item?.value.text ?? "http://none.org/x"
      let modifier = fixed ?? random.pick(["", "", ":below", ":above"])
      let parts = text.components(separatedBy: "/")
      switch modifier {
      case ":below":
        return (modifier, escaped(parts.prefix(max(1, parts.count - 1)).joined(separator: "/")))
      case ":above": return (modifier, escaped(text + random.pick(["", "/more", "more"])))
      default: return ("", escaped(random.chance(70) ? text : text.components(separatedBy: "|")[0]))
      }
    case "special":
      let place = item.flatMap { OracleValue.position($0.value) } ?? (10, 20)
      let off = Double.random(in: -1...1, using: &random)
      let latitude = max(-90, min(90, (place.latitude + off).rounded()))
      return ("", "\(latitude)|\(place.longitude)|\(Int.random(in: 1...200, using: &random))|km")
    default: return string(item, fixed, &random)
    }
  }

  private static let prefixes = ["", "", "eq", "ne", "ge", "le", "gt", "lt", "sa", "eb", "ap"]

  private func token(
    _ item: OracleItem?, _ fixed: String?, _ random: inout OracleRandom
  ) -> (String, String) {
    let tokens = item.map(OracleValue.tokens) ?? []
    let token = tokens.isEmpty || random.chance(10) ? (nil, "none", false) : random.pick(tokens)
    let code = random.chance(30) ? token.1.uppercased() : token.1
    var forms = [escaped(code), escaped(code), "|" + escaped(code)]
    if let system = token.0, !system.isEmpty {
      forms += [escaped(system) + "|" + escaped(code), escaped(system) + "|" + escaped(code)]
      if !token.2 { forms.append(escaped(system) + "|") }
    }
    if fixed == ":of-type" { return (":of-type", "a|b|c") }
    let modifier = fixed ?? random.pick(["", "", "", "", ":not", ":text"])
    if modifier == ":text" {
      let words =
        [item?.value["text"]?.text, item?.value["coding"]?.each.first?["display"]?.text]
        .compactMap { $0 } + ["blood"]
      return (modifier, escaped(readable(random.pick(words))))
    }
    if let type = item?.value["type"]?["coding"]?.each.first, fixed == nil, random.chance(40),
      let system = type["system"]?.text, let typeCode = type["code"]?.text,
      item?.value["value"] != nil
    {
      return (":of-type", "\(escaped(system))|\(escaped(typeCode))|\(escaped(code))")
    }
    return (modifier, random.pick(forms))
  }

  private func reference(
    _ item: OracleItem?, _ fixed: String?, _ random: inout OracleRandom
  ) -> (String, String) {
    if let identifier = item?.value["identifier"]?["value"]?.text, random.chance(40),
      fixed ?? ":identifier" == ":identifier"
    {
      let system = item?.value["identifier"]?["system"]?.text
      return (
        ":identifier",
        random.pick([escaped(identifier), escaped(system ?? "") + "|" + escaped(identifier)])
      )
    }
    if fixed == ":identifier" { return (":identifier", "none") }
    let texts = item?.references ?? []
    let text = texts.isEmpty ? "Patient/none" : random.pick(texts)
    let parts = text.components(separatedBy: "/")
    if parts.count == 2, !text.contains(":"), random.chance(30) { return ("", parts[1]) }
    let plain = text.components(separatedBy: "/_history/")[0]
    return ("", random.chance(70) ? escaped(text) : escaped(plain.components(separatedBy: "|")[0]))
  }

  private func string(
    _ item: OracleItem?, _ fixed: String?, _ random: inout OracleRandom
  ) -> (String, String) {
    let words = item.map { OracleValue.words($0.value) } ?? []
    // Foundation folds other scripts otherwise; the program's own are in the examples.
    let text = words.isEmpty ? "none" : random.pick(words)
    let modifier = fixed ?? random.pick(["", "", "", ":exact", ":contains"])
    switch modifier {
    case ":exact": return (modifier, escaped(String(text.unicodeScalars.prefix(256))))
    case ":contains":
      let cut = text.dropFirst(Int.random(in: 0...3, using: &random)).prefix(5)
      return (modifier, escaped(readable(String(cut))))
    default:
      let words = text.split(separator: " ")
      let start = words.isEmpty ? text[...] : random.pick(words)
      let cut = start.prefix(Int.random(in: 1...9, using: &random))
      return ("", escaped(readable(String(cut))))
    }
  }

  private func number(_ own: Decimal?, _ random: inout OracleRandom) -> String {
    let value = own ?? Decimal(Int.random(in: -3...300, using: &random))
    let shift = Decimal(random.pick([0, 0, 0, 1, -1, 10]))
    var text = "\(value + shift * (random.chance(50) ? 1 : Decimal(string: "0.01") ?? 0))"
    if random.chance(30), !text.contains("e"), let dot = text.firstIndex(of: ".") {
      text = String(text[..<dot])
    } else if random.chance(20), !text.contains(".") {
      text += ".0"
    }
    if text == "-" || text.isEmpty || text == "-0" { text = "0" }
    return random.pick(Self.prefixes) + text
  }

  private func dates(_ value: OracleJSON) -> [String] {
    if let text = value.text { return OracleValue.span(text) == nil ? [] : [text] }
    let some = [value["start"], value["end"]].compactMap { $0?.text }
    return (some + (value["event"]?.each.compactMap(\.text) ?? [])).filter {
      OracleValue.span($0) != nil
    }
  }

  /// What has a letter or digit to compare; else the program refuses it.
  private func readable(_ text: String) -> String {
    text.contains { $0.isLetter || $0.isNumber } ? text : "none"
  }

  private func escaped(_ text: String) -> String {
    ["\\", ",", "|", "$"].reduce(text) { $0.replacingOccurrences(of: $1, with: "\\" + $1) }
  }
}
