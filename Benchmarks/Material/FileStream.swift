import Foundation
import SecDocument

/// A file as source or sink, through plain system calls.
struct FileStream: SecSource, SecSink {
  private let descriptor: Int32

  init(reading path: String) throws {
    descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw BenchFailure("a file cannot be opened") }
  }

  init(writing path: String) throws {
    descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw BenchFailure("a file cannot be made") }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
    guard count >= 0 else { throw BenchFailure("a file cannot be read") }
    return count
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.write(descriptor, part.baseAddress, part.count)
      guard count > 0 else { throw BenchFailure("a file cannot be written") }
      rest = rest.dropFirst(count)
    }
  }

  func close() throws {
    guard Foundation.close(descriptor) == 0 else { throw BenchFailure("a file was not closed") }
  }
}
