import Foundation
import Primitives

/// A file of a journal, or the folder it is in, opened. All errors are `storage`.
final class JournalFile: Sendable {
  let path: String
  private let descriptor: Int32

  /// - Parameter creating: whether it is made, mode 0600, where it is not there; else `nil` says that.
  init?(path: String, creating: Bool) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0), 0o600)
    guard descriptor >= 0 else {
      if !creating, errno == ENOENT { return nil }
      throw Self.failure(errno)
    }
  }

  init(folder: String) throws {
    path = folder
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(errno) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8], at offset: Int) throws {
    try bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = pwrite(
          descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written,
          off_t(offset + written))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Self.failure(errno) }
        written += count
      }
    }
  }

  /// Fills a stretch behind what was written with zeros.
  func lengthen(from start: Int, to end: Int) throws {
    try write([UInt8](repeating: 0, count: end - start), at: start)
  }

  /// Returns when the disk has what was written.
  func sync() throws {
    guard fdatasync(descriptor) == 0 else { throw Self.failure(errno) }
  }

  func contents() throws -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(errno) }
    var failed: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: max(1, Int(status.st_size))) { buffer, count in
      while count < status.st_size {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + count }, Int(status.st_size) - count,
          off_t(count))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failed = errno }
        guard got > 0 else { break }
        count += got
      }
    }
    if let failed { throw Self.failure(failed) }
    return bytes
  }

  /// Removes its name. Whoever has it open keeps it.
  func remove() throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure(errno) }
  }

  /// Makes durable which files there are beside it.
  func syncFolder() throws {
    let folder = try JournalFile(
      folder: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    guard fsync(folder.descriptor) == 0 else { throw Self.failure(errno) }
  }

  // MARK: Locks

  enum Lock { case shared, exclusive }

  /// Takes a lock on the file, against whoever else has it open (`flock`), if it is free.
  func tryLock(_ lock: Lock) -> Bool {
    flock(descriptor, (lock == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0
  }

  /// Waits for the exclusive one, if there are locks in this place.
  func waitForLock() {
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  func unlock() { flock(descriptor, LOCK_UN) }

  private static func failure(_ code: Int32) -> PeerChartError {
    switch code {
    case ENOSPC, EDQUOT:
      PeerChartError(.storage, "the disk is full; free some space and try again")
    case EROFS, EACCES:
      PeerChartError(.storage, "the data folder cannot be written")
    default:
      PeerChartError(.storage, "the journal of the log failed (system error \(code))")
    }
  }
}
