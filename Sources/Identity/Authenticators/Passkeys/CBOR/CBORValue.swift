/// A data item of CBOR (RFC 8949), of the kinds that authenticators write (CTAP 2.1 section 8).
public indirect enum CBORValue: Hashable, Sendable {
  case unsigned(UInt64)
  /// The number `-1 - n`.
  case negative(UInt64)
  case bytes([UInt8])
  case text(String)
  case array([CBORValue])
  case map(CBORMap)
  case bool(Bool)
  case null
  case undefined

  /// The number where it is one that fits.
  var int: Int64? {
    switch self {
    case .unsigned(let number): Int64(exactly: number)
    case .negative(let number): Int64(exactly: number).map { -1 - $0 }
    default: nil
    }
  }

  var bytes: [UInt8]? {
    if case .bytes(let bytes) = self { bytes } else { nil }
  }

  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var array: [CBORValue]? {
    if case .array(let items) = self { items } else { nil }
  }

  var map: CBORMap? {
    if case .map(let map) = self { map } else { nil }
  }
}

/// A map of CBOR in the order of its bytes, each key once.
public struct CBORMap: Hashable, Sendable {
  /// A key, which is a number or a text, and its value.
  public struct Entry: Hashable, Sendable {
    public let key: CBORValue
    public let value: CBORValue

    public init(key: CBORValue, value: CBORValue) {
      self.key = key
      self.value = value
    }
  }

  public let entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  subscript(name: String) -> CBORValue? { entries.first { $0.key == .text(name) }?.value }
  subscript(label: Int64) -> CBORValue? { entries.first { $0.key.int == label }?.value }

  /// Whether these are the names, in any order.
  func hasOnly(_ names: Set<String>) -> Bool {
    entries.count == names.count && entries.allSatisfy { names.contains($0.key.text ?? "") }
  }

  /// Whether these are the labels, in any order.
  func hasOnly(_ labels: Set<Int64>) -> Bool {
    entries.count == labels.count && entries.allSatisfy { $0.key.int.map(labels.contains) ?? false }
  }
}
