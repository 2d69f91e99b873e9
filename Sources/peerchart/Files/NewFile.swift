import Foundation
import Primitives
import SecDocument
import Synchronization

/// A file that nobody sees before it is whole: written without a name where the system can do that,
/// else under a temporary one, and given its own by `commit`. Readable by its owner only.
///
/// Whatever interrupts the program, `kill -9` too, leaves the name as it was.
final class NewFile: SecSink {
  private let descriptor: FileDescriptor
  private let path: String
  private let replacing: Bool
  /// Nil while the file has no name at all.
  private let temporaryPath: String?
  private let isCommitted = Atomic(false)

  /// - Parameter replacing: whether a file that is there already may be replaced.
  /// - Throws: `conflict` where a file is there that may not be replaced, or something that is no
  ///   file; `storage` when the place is not writable.
  init(_ path: String, replacing: Bool = true) throws {
    self.path = try Self.target(path, replacing)
    self.replacing = replacing
    let folder = Self.folder(of: self.path)
    if let number = Self.openNameless(in: folder) {
      descriptor = FileDescriptor(owning: number)
      temporaryPath = nil
    } else {
      let temporary = Self.temporaryName(beside: self.path)
      let number = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard number >= 0 else { throw Self.failure(FileFault(), self.path) }
      descriptor = FileDescriptor(owning: number)
      temporaryPath = temporary
    }
  }

  deinit {
    if !isCommitted.load(ordering: .relaxed), let temporaryPath { unlink(temporaryPath) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    do {
      try FileDescriptor.writeAll(bytes, to: descriptor.number)
    } catch let fault as FileFault {
      throw Self.failure(fault, path)
    }
  }

  func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Makes the content durable and gives the file its name.
  func commit() throws {
    guard fsync(descriptor.number) == 0 else { throw Self.failure(FileFault(), path) }
    let named = temporaryPath ?? Self.temporaryName(beside: path)
    if temporaryPath == nil {
      let itself = "/proc/self/fd/\(descriptor.number)"
      guard linkat(AT_FDCWD, itself, AT_FDCWD, named, AT_SYMLINK_FOLLOW) == 0 else {
        throw Self.failure(FileFault(), path)
      }
    }
    do {
      try Self.move(named, to: path, replacing: replacing)
    } catch {
      unlink(named)
      throw error
    }
    isCommitted.store(true, ordering: .relaxed)
    let folder = open(Self.folder(of: path), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func move(_ old: String, to new: String, replacing: Bool) throws {
    if replacing {
      guard rename(old, new) == 0 else { throw failure(FileFault(), new) }
    } else {
      // `link` refuses where there is something already, whoever put it there meanwhile.
      guard link(old, new) == 0 else { throw failure(FileFault(), new) }
      unlink(old)
    }
  }

  /// A link is followed: what it points at is replaced, not the link.
  private static func target(_ path: String, _ replacing: Bool) throws -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return path }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw PeerChartError(.conflict, "this is not a file that can be written", place: path)
    }
    guard replacing else {
      throw PeerChartError(.conflict, "there is a file of that name already", place: path)
    }
    guard let real = realpath(path, nil) else { throw failure(FileFault(), path) }
    defer { free(real) }
    return String(cString: real)
  }

  private static func openNameless(in folder: String) -> Int32? {
    #if os(Linux)
      // O_TMPFILE, which is too intricate a macro to be imported.
      let flag = 0o20_000_000 | O_DIRECTORY
      guard access("/proc/self/fd", X_OK) == 0 else { return nil }
      let number = open(folder, O_WRONLY | flag | O_CLOEXEC, 0o600)
      return number >= 0 ? number : nil
    #else
      return nil
    #endif
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func temporaryName(beside path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? "file"
    return "\(folder(of: path))/.\(name.prefix(100)).\(Hex.encode(SystemRandom().bytes(6)))"
  }

  private static func failure(_ fault: FileFault, _ path: String) -> PeerChartError {
    if fault.number == EEXIST {
      return PeerChartError(.conflict, "there is a file of that name already", place: path)
    }
    return PeerChartError(.storage, "the file cannot be written: \(fault.text)", place: path)
  }
}
