import CQREncode
import Primitives

/// A QR code drawn with half blocks, two modules to a character.
enum TerminalQRCode {
  /// Light modules around the code, which a camera needs to find it (ISO/IEC 18004: four).
  private static let margin = 4

  /// Black on white whatever the terminal's colours are.
  ///
  /// - Throws: `tooLarge` when the text does not fit into a code.
  static func draw(_ text: String) throws -> String {
    guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1) else {
      throw PeerChartError(.tooLarge, "this is too long for a QR code")
    }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
    func isDark(_ row: Int, _ column: Int) -> Bool {
      (0..<width).contains(row) && (0..<width).contains(column)
        && modules[row * width + column] & 1 == 1
    }
    let span = -margin..<width + margin
    return stride(from: span.lowerBound, to: span.upperBound, by: 2).map { row in
      let cells = span.map { column in
        switch (isDark(row, column), isDark(row + 1, column)) {
        case (false, false): " "
        case (true, false): "▀"
        case (false, true): "▄"
        case (true, true): "█"
        }
      }
      return "\u{1B}[30;107m\(cells.joined())\u{1B}[0m\n"
    }.joined()
  }
}
