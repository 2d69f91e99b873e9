import Foundation

/// The order that `_sort` asks for (R4 3.1.1.5.1): of several values the smallest, descending the
/// greatest; what has none comes last; what is equal stays as it was.
struct OracleOrder {
  private enum Value {
    case text([UInt8])
    case number(Decimal)
    case moment(Double)
  }

  private let keys: [(name: String, isDescending: Bool)]
  private let oracle: SearchOracle

  init(_ sort: String, _ oracle: SearchOracle) {
    keys = sort.components(separatedBy: ",").map {
      $0.hasPrefix("-") ? (String($0.dropFirst()), true) : ($0, false)
    }
    self.oracle = oracle
  }

  func sorted(_ records: [OracleRecord]) -> [OracleRecord] {
    let values = records.map { record in keys.map { value(of: record, $0.name, $0.isDescending) } }
    return records.indices.sorted { a, b in
      for (number, key) in keys.enumerated() {
        switch (values[a][number], values[b][number]) {
        case (nil, nil): continue
        case (nil, _): return false
        case (_, nil): return true
        case (let first?, let second?):
          if Self.precedes(first, second) { return !key.isDescending }
          if Self.precedes(second, first) { return key.isDescending }
        }
      }
      return a < b
    }.map { records[$0] }
  }

  private func value(of record: OracleRecord, _ name: String, _ isDescending: Bool) -> Value? {
    guard let parameter = oracle.parameter(name, of: record.type) else { return nil }
    let values = record.items(parameter.expression).flatMap { item -> [Value] in
      switch parameter.kind {
      case "date":
        return item.date.map { [.moment(isDescending ? $0.to : $0.from)] } ?? []
      case "number", "quantity":
        guard let range = OracleValue.range(item, parameter.kind) else { return [] }
        let end = isDescending ? range.high ?? range.low : range.low ?? range.high
        return end.map { [.number($0)] } ?? []
      case "token":
        let isID = name == "_id" || name == "response-id"
        return OracleValue.tokens(item).map {
          Self.text(isID ? $0.code : OracleValue.foldedCode($0.code))
        }
      case "reference":
        return item.references.map { reference in
          let plain = reference.components(separatedBy: "/_history/")[0]
          let isCanonical = item.value.text != nil
          return Self.text(isCanonical ? plain.components(separatedBy: "|")[0] : plain)
        }
      case "uri": return item.value.text.map { $0.isEmpty ? [] : [Self.text($0)] } ?? []
      default: return OracleValue.words(item.value).map { Self.text(OracleValue.folded($0)) }
      }
    }
    return isDescending ? values.max(by: Self.precedes) : values.min(by: Self.precedes)
  }

  /// Texts are sorted by their first 100 characters.
  private static func text(_ text: String) -> Value {
    .text(Array(String(String.UnicodeScalarView(text.unicodeScalars.prefix(100))).utf8))
  }

  private static func precedes(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.text(let a), .text(let b)): a.lexicographicallyPrecedes(b)
    case (.number(let a), .number(let b)): a < b
    case (.moment(let a), .moment(let b)): a < b
    default: false
    }
  }
}
