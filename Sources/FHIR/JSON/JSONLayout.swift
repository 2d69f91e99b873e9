/// JSON text laid out for people: a member and an element on each line, two spaces a level.
public enum JSONLayout {
  /// Lays out the text of one JSON value. Literals stay byte for byte; only white space changes.
  public static func indented(_ json: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(json.count + json.count / 2)
    var depth = 0
    var isInString = false
    var isEscaped = false
    func newLine() {
      output.append(0x0A)
      output.append(contentsOf: repeatElement(0x20, count: 2 * depth))
    }
    for byte in json {
      if isInString {
        output.append(byte)
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: continue
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth = max(0, depth - 1)
        if output.last != UInt8(ascii: "{"), output.last != UInt8(ascii: "[") { newLine() }
        output.append(byte)
        continue
      default: break
      }
      if let last = output.last, last == UInt8(ascii: "{") || last == UInt8(ascii: "[") {
        newLine()
      }
      output.append(byte)
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ","): newLine()
      case UInt8(ascii: ":"): output.append(0x20)
      default: continue
      }
    }
    output.append(0x0A)
    return output
  }
}
