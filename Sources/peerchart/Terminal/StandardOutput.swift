import FHIR
import Foundation
import Primitives

/// Whoever read our output has stopped reading. No failure of ours and nothing to report.
struct BrokenPipe: Error {}

/// What the command was asked for. Messages about it go to `StandardError`.
enum StandardOutput {
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// From now on a reader that went away is an error of `write` and not the end of the program, so
  /// that the store is closed first.
  static func reportBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Ends as programs end whose reader went away.
  static func endAsBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    exit(1)
  }

  /// - Throws: `BrokenPipe`; `storage` when the output cannot be written.
  static func write(_ bytes: [UInt8]) throws {
    do {
      try bytes.withUnsafeBytes { try FileDescriptor.writeAll($0, to: STDOUT_FILENO) }
    } catch let error as FileFault {
      if error.number == EPIPE { throw BrokenPipe() }
      throw PeerChartError(.storage, "standard output cannot be written: \(error.text)")
    }
  }

  /// One line of text, made safe for a terminal: names and texts come from other nodes.
  static func line(_ text: String = "") throws {
    try write(Array((VisibleText.clean(text) + "\n").utf8))
  }

  /// One line of JSON.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try write(Array(try encoder.encode(value)) + [UInt8(ascii: "\n")])
  }

  static func json(_ tree: JSONTree) throws { try write(tree.serialized() + [UInt8(ascii: "\n")]) }
}

/// What is said beside the answer.
enum StandardError {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// One line. That nobody can read it is no reason to fail.
  static func line(_ text: String) { raw(VisibleText.clean(text) + "\n") }

  static func raw(_ text: String) {
    try? Array(text.utf8).withUnsafeBytes { try FileDescriptor.writeAll($0, to: STDERR_FILENO) }
  }
}
