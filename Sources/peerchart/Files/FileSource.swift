import Foundation
import Primitives
import SecDocument

/// A file, or standard input for `-`, read piece by piece.
struct FileSource: SecSource {
  private let descriptor: FileDescriptor

  /// - Throws: `not-found`, `storage`; `invalid` for a folder.
  init(path: String) throws {
    let number = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard number >= 0 else {
      let fault = FileFault()
      throw PeerChartError(
        fault.number == ENOENT ? .notFound : .storage,
        "the file cannot be read: \(fault.text)", place: path)
    }
    descriptor = FileDescriptor(owning: number)
    var status = stat()
    if fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw PeerChartError(.invalid, "this is a folder; name the files in it", place: path)
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    do {
      return try FileDescriptor.read(descriptor.number, into: buffer)
    } catch let fault as FileFault {
      throw PeerChartError(.storage, "the file cannot be read: \(fault.text)")
    }
  }

  /// The next piece of the file, at most `size` bytes; empty at the end.
  func chunk(_ size: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// What is left of the file, and of a longer file that many bytes.
  func readStart(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try chunk(count - bytes.count)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// All that is left of the file.
  ///
  /// - Throws: `too-large` beyond `limit` bytes.
  func readAll(limit: Int, startingWith start: [UInt8] = []) throws -> [UInt8] {
    var bytes = start
    while true {
      let more = try chunk(1 << 20)
      if more.isEmpty { return bytes }
      guard more.count <= limit - bytes.count else {
        throw PeerChartError(.tooLarge, "the file is larger than \(limit >> 20) MiB")
      }
      bytes += more
    }
  }
}
