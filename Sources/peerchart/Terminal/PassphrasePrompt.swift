import Foundation
import Primitives
import Vault

/// Asks for a passphrase on the terminal without showing it.
enum PassphrasePrompt {
  /// Longer ones come from a file.
  private static let limit = 1024

  /// - Throws: `unauthenticated` where there is no terminal to ask on.
  static func ask(_ question: String) throws -> SecretBytes {
    let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else {
      throw Failure(
        .unauthenticated, "a passphrase is needed and there is no terminal to ask for it",
        hint: "name a file that holds it: --passphrase-file FILE, or PEERCHART_PASSPHRASE_FILE")
    }
    defer { close(terminal) }
    say("\(question): ", to: terminal)
    defer { say("\n", to: terminal) }
    return try withoutEcho(terminal) { try readLine(terminal) }
  }

  /// Asks twice, for a new passphrase.
  ///
  /// - Throws: `invalid` when the two differ or are empty.
  static func askForNew() throws -> SecretBytes {
    let first = try ask("New passphrase")
    guard first.count > 0 else { throw PeerChartError(.invalid, "the passphrase is empty") }
    guard try ask("Once more") == first else {
      throw PeerChartError(.invalid, "the two passphrases differ; nothing was done")
    }
    return first
  }

  /// Runs `body` while the terminal shows nothing and hands over every key at once, Ctrl-C among
  /// them: a signal would leave the terminal silent.
  private static func withoutEcho<Value>(
    _ terminal: Int32, _ body: () throws -> Value
  ) throws -> Value {
    var settings = termios()
    guard tcgetattr(terminal, &settings) == 0 else {
      throw PeerChartError(
        .unauthenticated, "the terminal cannot be kept from showing a passphrase")
    }
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG)
    guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else {
      throw PeerChartError(
        .unauthenticated, "the terminal cannot be kept from showing a passphrase")
    }
    defer { tcsetattr(terminal, TCSAFLUSH, &settings) }
    return try body()
  }

  private static func readLine(_ terminal: Int32) throws -> SecretBytes {
    var line: [UInt8] = []
    line.reserveCapacity(limit)
    while true {
      var byte: UInt8 = 0
      let count = read(terminal, &byte, 1)
      if count < 0, errno == EINTR { continue }
      switch byte {
      case _ where count != 1, 0x03, 0x04: throw CancellationError()
      case 0x0A, 0x0D: return SecretBytes(consuming: &line)
      case 0x08, 0x7F:
        while let last = line.popLast(), last & 0xC0 == 0x80 {}
      case 0x15: line.removeAll(keepingCapacity: true)
      default:
        guard line.count < limit else {
          throw PeerChartError(.tooLarge, "a passphrase is at most \(limit) bytes")
        }
        line.append(byte)
      }
    }
  }

  private static func say(_ text: String, to terminal: Int32) {
    try? Array(text.utf8).withUnsafeBytes { try FileDescriptor.writeAll($0, to: terminal) }
  }
}
