import CLibXML2
import Primitives

/// Reads XML 1.0 in UTF-8 with libxml2's push parser, without network, document type or entities.
enum XMLReader {
  /// Tells `handler` of everything in `bytes`.
  ///
  /// - Throws: `malformed` for what is no well-formed XML or has a document type, `notSupported` for
  ///   another encoding, `tooLarge` beyond the limits, and what the handler throws; the place is the
  ///   handler's path with line and column.
  static func read(
    _ bytes: [UInt8], limits: XMLLimits, into handler: any XMLHandler
  ) throws(PeerChartError) {
    guard bytes.count <= limits.maximumBytes else {
      throw PeerChartError(
        .tooLarge, "the XML text is longer than is allowed", place: "byte \(limits.maximumBytes)")
    }
    try checkEncoding(bytes)
    let fault = bytes.withUnsafeBufferPointer { buffer in
      XMLSession(buffer, limits: limits, handler: handler).run()
    }
    if let fault { throw fault }
  }

  /// FHIR texts are UTF-8 (R4 2.6.0.1). Anything else is refused here, so that the parser never
  /// changes the encoding and its offsets are those of our bytes.
  private static func checkEncoding(_ bytes: [UInt8]) throws(PeerChartError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0)
    guard let first = text.first, [0x3C, 0x20, 0x09, 0x0A, 0x0D].contains(first) else {
      throw PeerChartError(.malformed, "XML in UTF-8 begins with <", place: "line 1, column 1")
    }
    guard !bytes.contains(0) else {
      throw PeerChartError(.malformed, "a zero byte", place: "line 1, column 1")
    }
    guard text.starts(with: "<?xml".utf8), let end = text.firstIndex(of: 0x3E) else { return }
    let declaration = String(decoding: text[..<end], as: UTF8.self).lowercased()
    guard let range = declaration.firstRange(of: "encoding") else { return }
    let value = declaration[range.upperBound...].filter { !" \t\r\n='\"".contains($0) }
    if !value.hasPrefix("utf-8") && !value.hasPrefix("utf8") {
      throw PeerChartError(
        .notSupported, "FHIR is written in UTF-8, not in another encoding",
        place: "line 1, column 1")
    }
  }
}
