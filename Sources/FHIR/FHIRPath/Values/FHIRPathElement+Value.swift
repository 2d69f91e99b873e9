extension FHIRPathElement {
  /// The text of a scalar as it stands in the JSON: a string decoded, a number's literal.
  var scalarText: String? {
    guard let node = scalar else { return nil }
    return node.kind == .string
      ? storage.text(of: node) : String(decoding: storage.bytes[node.range], as: UTF8.self)
  }

  /// Whether the value is a string of exactly this text; decodes nothing.
  func isString(_ text: String) -> Bool? {
    guard let node = scalar, node.kind == .string else { return nil }
    return storage.node(node, spells: text)
  }

  /// The System value of a FHIR primitive (FHIR R4 fhirpath.html, "Using FHIR types in expressions");
  /// nil for anything else, and for a primitive without a value.
  var systemValue: FHIRPathItem? {
    guard let node = scalar else { return nil }
    switch node.kind {
    case .bool: return .boolean(storage.bytes[Int(node.start)] == 0x74)
    case .number:
      let literal = storage.bytes[node.range]
      if type != .decimal, let integer = Self.integer(literal) { return .integer(integer) }
      return FHIRPathDecimal(literal: literal).map { .decimal($0) }
    default:
      let text = storage.text(of: node)
      switch type {
      case .date, .dateTime, .instant:
        return FHIRPathTemporal(fhir: text, isDate: type == .date).map { .temporal($0) }
          ?? .string(text)
      case .time:
        return FHIRPathTemporal(time: text).map { .temporal($0) } ?? .string(text)
      default: return .string(text)
      }
    }
  }

  /// Whether this is a primitive, with or without a value.
  var isPrimitive: Bool {
    if type != .unknown { return type.isPrimitive }
    return scalar != nil || (index < 0 && companionIndex >= 0)
  }

  private static func integer(_ literal: ArraySlice<UInt8>) -> Int32? {
    guard literal.count <= 11 else { return nil }
    var value: Int64 = 0
    var digits = literal
    let isNegative = digits.first == 0x2D
    if isNegative { digits.removeFirst() }
    for byte in digits {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    return Int32(exactly: isNegative ? -value : value)
  }
}
