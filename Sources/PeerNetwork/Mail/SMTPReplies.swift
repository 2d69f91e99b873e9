import NIOCore
import Primitives

/// A server's answer: a code, and the text of its lines.
struct SMTPReply {
  let code: Int
  let lines: [String]

  /// `2yz`, `3yz`, `4yz`, `5yz`.
  var isPermanentRefusal: Bool { code / 100 == 5 }
}

/// Reads answers (RFC 5321 section 4.2) out of what comes in, of bounded size: a server that sends lines without
/// end is one that does not work.
struct SMTPReplies {
  /// The standard's 512 bytes, and what servers really send.
  static let longestLine = 2048
  static let mostLines = 100

  private var buffer: [UInt8] = []
  private var position = 0

  /// Whether something has come that no answer has used up.
  var isEmpty: Bool { position >= buffer.count }

  mutating func take(_ bytes: ByteBuffer) throws(PeerChartError) {
    if position > 0 {
      buffer.removeFirst(min(position, buffer.count))
      position = 0
    }
    guard buffer.count + bytes.readableBytes <= Self.longestLine * Self.mostLines else {
      throw Self.malformed
    }
    buffer.append(contentsOf: bytes.readableBytesView)
  }

  /// The next line without its end, which may be LF alone; nil if it has not all come.
  ///
  /// - Throws: `malformed` for one that is too long.
  private mutating func line() throws(PeerChartError) -> [UInt8]? {
    guard let end = buffer[position...].firstIndex(of: 0x0A) else {
      guard buffer.count - position <= Self.longestLine else { throw Self.malformed }
      return nil
    }
    var line = buffer[position..<end]
    position = end + 1
    guard line.count <= Self.longestLine else { throw Self.malformed }
    if line.last == 0x0D { line.removeLast() }
    return Array(line)
  }

  /// The next answer; nil if it has not all come.
  mutating func next() throws(PeerChartError) -> SMTPReply? {
    let start = position
    var lines: [String] = []
    var code: Int?
    while let line = try line() {
      guard line.count >= 3, lines.count < Self.mostLines,
        line[..<3].allSatisfy({ (0x30...0x39).contains($0) }), (0x32...0x35).contains(line[0]),
        let number = Int(String(decoding: line[..<3], as: UTF8.self)), code ?? number == number
      else { throw Self.malformed }
      code = number
      let mark = line.count > 3 ? line[3] : 0x20
      lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
      switch mark {
      case 0x20: return SMTPReply(code: number, lines: lines)
      case 0x2D: continue
      default: throw Self.malformed
      }
    }
    position = start
    return nil
  }

  static var malformed: PeerChartError {
    PeerChartError(.unreachable, "the mail server answers what is no answer")
  }
}
