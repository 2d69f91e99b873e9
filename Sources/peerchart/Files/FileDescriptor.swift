import Foundation
import Primitives

/// A system call on a file failed.
struct FileFault: Error {
  let number: Int32
  init() { number = errno }

  /// The system's words for it; they name no file.
  var text: String { String(cString: strerror(number)) }
}

/// An open file, closed with its last owner.
final class FileDescriptor: Sendable {
  let number: Int32

  init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// Reads up to `buffer.count` bytes; 0 means the end.
  static func read(_ number: Int32, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Foundation.read(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileFault() }
    }
  }

  /// Writes all of `bytes`.
  static func writeAll(_ bytes: UnsafeRawBufferPointer, to number: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = write(number, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN {
        // Somebody made the terminal or pipe non-blocking for all who share it.
        var wait = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        throw FileFault()
      }
    }
  }
}
