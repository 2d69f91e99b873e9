import CQREncode
package import Primitives

/// A QR code as the outline of its dark modules, for an SVG path.
package struct QRCode: Sendable {
  /// Light modules around the code, which a camera needs to find it (ISO/IEC 18004: four).
  private static let margin = 4

  /// The side of the picture in modules, the margin included.
  package let size: Int
  package let path: String

  /// - Throws: `tooLarge` when the text does not fit into a code.
  package init(_ text: String) throws(PeerChartError) {
    guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else {
      throw Self.tooLong
    }
    defer { QRcode_free(code) }
    self.init(code)
  }

  /// A health card's code: `shc:/` as bytes, and its digits as digits, of which three then fit into ten bits.
  ///
  /// - Throws: `tooLarge` when the text does not fit into a code, `invalid` for another text.
  package init(healthCard text: String) throws(PeerChartError) {
    guard let slash = text.lastIndex(of: "/") else {
      throw PeerChartError(.invalid, "this is no code of a health card")
    }
    let head = Array(text[...slash].utf8)
    let digits = Array(text[text.index(after: slash)...].utf8)
    guard let input = QRinput_new2(0, QR_ECLEVEL_L) else { throw Self.tooLong }
    defer { QRinput_free(input) }
    guard QRinput_append(input, QR_MODE_8, Int32(clamping: head.count), head) == 0,
      QRinput_append(input, QR_MODE_NUM, Int32(clamping: digits.count), digits) == 0,
      let code = QRcode_encodeInput(input)
    else { throw Self.tooLong }
    defer { QRcode_free(code) }
    self.init(code)
  }

  private static let tooLong = PeerChartError(.tooLarge, "this is too long for a QR code")

  private init(_ code: UnsafeMutablePointer<CQREncode.QRcode>) {
    let width = Int(code.pointee.width)
    let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
    var path = ""
    for row in 0..<width {
      for column in 0..<width where modules[row * width + column] & 1 == 1 {
        path += "M\(column + Self.margin) \(row + Self.margin)h1v1h-1z"
      }
    }
    size = width + 2 * Self.margin
    self.path = path
  }
}
