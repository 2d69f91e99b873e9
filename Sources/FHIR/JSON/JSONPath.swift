/// The words of a place in an error. Places are logged and sent to callers, so a name from the input
/// is shown only when it has the form of a FHIR element name, a type only when R4 knows it.
enum JSONPath {
  static let resourceType = Array("resourceType".utf8)

  static func label(forName name: [UInt8]) -> String {
    let first = name.first ?? 0
    guard name.count <= 64, first == 0x5F || (0x61...0x7A).contains(first),
      name.allSatisfy({ byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      })
    else { return "?" }
    return String(decoding: name, as: UTF8.self)
  }

  static func label(forType type: [UInt8]) -> String {
    let name = String(decoding: type, as: UTF8.self)
    return ResourceType.isKnown(name) ? name : "$"
  }
}
