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
      throw PeerChartError(.tooLarge, "this is too long for a QR code")
    }
    defer { QRcode_free(code) }
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
