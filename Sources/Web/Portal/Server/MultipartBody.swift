import FHIR
package import Primitives

/// The parts of a form with files, as browsers send it (RFC 7578): each has one name, and nothing stands before
/// the first part or behind the last.
package struct MultipartBody: Sendable {
  package struct Part: Sendable {
    package let name: String
    /// Whether it is a file, of whatever name: what it is called there is nobody's business here.
    package let isFile: Bool
    package let bytes: ArraySlice<UInt8>
  }

  private static let mostParts = 16
  private static let longestHead = 2048

  package private(set) var parts: [Part] = []

  /// - Throws: `unsupported-media-type` for another type, `malformed` for a body that does not keep to it,
  ///   `too-large` for more than 16 parts.
  package init(parsing body: [UInt8], contentType: String) throws(PeerChartError) {
    let delimiter = Array("--".utf8) + Array(try Self.boundary(contentType).utf8)
    guard body.starts(with: delimiter) else { throw Self.malformed }
    var rest = body[delimiter.count...]
    let between = [0x0D, 0x0A] + delimiter
    while !rest.starts(with: Array("--".utf8)) {
      guard parts.count < Self.mostParts else {
        throw PeerChartError(.tooLarge, "a form has at most \(Self.mostParts) parts")
      }
      guard rest.starts(with: [0x0D, 0x0A]) else { throw Self.malformed }
      rest = rest.dropFirst(2)
      let head = try Self.head(&rest)
      guard let end = Self.position(of: between, in: rest) else { throw Self.malformed }
      let (name, isFile) = try Self.disposition(head)
      parts.append(Part(name: name, isFile: isFile, bytes: rest[..<end]))
      rest = rest[(end + between.count)...]
    }
    let tail = rest.dropFirst(2)
    guard tail.isEmpty || tail.elementsEqual([0x0D, 0x0A]) else { throw Self.malformed }
  }

  /// The only part of a name; nil where there is none or more than one.
  package subscript(name: String) -> Part? {
    let found = parts.filter { $0.name == name }
    return found.count == 1 ? found.first : nil
  }

  private static var malformed: PeerChartError {
    PeerChartError(.malformed, "the body is no form with files", place: "body")
  }

  private static func boundary(_ contentType: String) throws(PeerChartError) -> String {
    let pieces = contentType.split(separator: ";").map { String($0).trimmingSpaces() }
    guard pieces.first?.lowercased() == "multipart/form-data" else {
      throw PeerChartError(.unsupportedMediaType, "a file comes as multipart/form-data")
    }
    let named = pieces.dropFirst().filter { $0.lowercased().hasPrefix("boundary=") }
    guard named.count == 1, var value = named.first.map({ $0.dropFirst("boundary=".count) }) else {
      throw malformed
    }
    if value.utf8.count > 1, value.hasPrefix("\""), value.hasSuffix("\"") {
      value = value.dropFirst().dropLast()
    }
    let others = Set("'()+_,-./:=?".utf8)
    let isGood = value.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || others.contains(byte)
    }
    guard (1...70).contains(value.utf8.count), isGood else { throw malformed }
    return String(value)
  }

  /// The lines of a part's head, and the empty line behind them.
  private static func head(_ rest: inout ArraySlice<UInt8>) throws(PeerChartError) -> [String] {
    let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    guard let at = position(of: end, in: rest.prefix(longestHead)),
      let text = String(validating: rest[..<at], as: UTF8.self)
    else { throw malformed }
    rest = rest[(at + end.count)...]
    return text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static func disposition(
    _ head: [String]
  ) throws(PeerChartError) -> (name: String, isFile: Bool) {
    let fields = head.filter { $0.lowercased().hasPrefix("content-disposition:") }
    guard fields.count == 1, let field = fields.first?.dropFirst("content-disposition:".count)
    else { throw malformed }
    // Browsers write quotes within a name as %22, so each quote begins or ends a value.
    let pieces = field.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
    guard pieces.first?.trimmingSpaces().lowercased().hasPrefix("form-data") == true else {
      throw malformed
    }
    var names: [String] = []
    var isFile = false
    for (key, value) in zip(pieces, pieces.dropFirst()) {
      switch key.trimmingSpaces().lowercased() {
      case "form-data; name=", "; name=": names.append(value)
      case "form-data; filename=", "; filename=": isFile = true
      default: continue
      }
    }
    guard names.count == 1, let name = names.first, !name.isEmpty else { throw malformed }
    return (name, isFile)
  }

  private static func position(of wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = wanted.first else { return bytes.startIndex }
    var rest = bytes
    while let at = rest.firstIndex(of: first) {
      if rest[at...].starts(with: wanted) { return at }
      rest = rest[(at + 1)...]
    }
    return nil
  }
}
