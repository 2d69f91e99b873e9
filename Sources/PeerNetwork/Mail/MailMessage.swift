import Exchange
import Foundation
import Identity
import Primitives

/// A mail as it goes over the wire (RFC 5322, RFC 2045): ASCII, lines that end in CRLF, none of which begins
/// with a dot or is longer than 78 bytes but for addresses. What people chose stands in it as a `MailAddress`
/// or as base64, so nothing can end a header.
struct MailMessage {
  let bytes: [UInt8]

  init(_ mail: OutgoingMail, from sender: MailAddress, link: String) {
    let words = MailWording(mail, link: link)
    let lines = [
      "Date: \(Self.date(mail.time))",
      "From: PeerChart <\(sender)>",
      "To: <\(mail.to.exposed)>",
      "Message-ID: <\(mail.id)@\(sender.domain)>",
      "Subject: \(Self.word(words.subject))",
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "",
    ]
    bytes =
      Array((lines + Self.wrapped(Array(words.text.utf8))).joined(separator: "\r\n").utf8)
      + Array("\r\n".utf8)
  }

  /// RFC 2047 section 2; our subjects fit into one word of 75 bytes.
  private static func word(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    return "=?UTF-8?B?\(Base64.encode(Array(text.utf8)))?="
  }

  /// Base64 in lines of 76 bytes.
  private static func wrapped(_ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count, by: 57).map { start in
      Base64.encode(Array(bytes[start..<min(start + 57, bytes.count)]))
    }
  }

  /// `Sun, 01 Mar 2026 09:30:00 +0000`
  private static func date(_ instant: Instant) -> String {
    let text = instant.description
    let parts = text.prefix(10).split(separator: "-").map(String.init)
    let days = Int(instant.millisecondsSinceEpoch / 86_400_000)
    guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else {
      return text
    }
    let weekday = weekdays[((days + 4) % 7 + 7) % 7]
    let clock = text.dropFirst(11).prefix(8)
    return "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0]) \(clock) +0000"
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
