import Primitives

/// Writes JSON in the one form of RFC 8785: no blanks, the fewest escapes, no numbers but integers.
///
/// The order of members is the caller's: by name, byte for byte. Names are ASCII, so that this is
/// the order of UTF-16 units that RFC 8785 asks for.
struct AuditJSONWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  mutating func object(_ content: (inout AuditJSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    content(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func array<Element>(
    _ elements: [Element], _ write: (inout AuditJSONWriter, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    for element in elements {
      separate()
      write(&self, element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func member(_ name: StaticString, _ write: (inout AuditJSONWriter) -> Void) {
    begin(name)
    write(&self)
  }

  /// Writes the member unless there is no text.
  mutating func member(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    begin(name)
    string(text)
  }

  /// Writes the member unless the list is empty.
  mutating func member(_ name: StaticString, _ texts: [String]) {
    guard !texts.isEmpty else { return }
    begin(name)
    array(texts) { $0.string($1) }
  }

  /// A member's name, which is one of ours and needs no escapes.
  private mutating func begin(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  /// Writes the member, an object with its own members in order, unless it is empty.
  mutating func member<Value>(
    _ name: StaticString, _ values: [String: Value],
    _ write: (inout AuditJSONWriter, Value) -> Void
  ) {
    guard !values.isEmpty else { return }
    let sorted =
      values.count == 1
      ? Array(values)
      : values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    begin(name)
    bytes.append(UInt8(ascii: "{"))
    for (name, value) in sorted {
      separate()
      string(name)
      bytes.append(UInt8(ascii: ":"))
      write(&self, value)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func integer(_ value: Int) { bytes += String(value).utf8 }

  mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { string($0) }
  }

  private mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    // Nearly every text stands as it is; then it goes in at once.
    let needsEscapes = text.contains {
      $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
    }
    if !needsEscapes {
      bytes.append(contentsOf: text)
      bytes.append(UInt8(ascii: "\""))
      return
    }
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x20...: bytes.append(byte)
      case 0x08: bytes += "\\b".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0x0D: bytes += "\\r".utf8
      default: bytes += "\\u00\(Hex.encode([byte]))".utf8
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A comma, except behind an opening bracket.
  private mutating func separate() {
    if let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") {
      bytes.append(UInt8(ascii: ","))
    }
  }
}
