import Foundation
public import Primitives
import Synchronization

/// Blobs in a folder: `SPACE/ab/cdef…`, each a file of mode 0600 that is never written to.
///
/// Crash order: the file is written beside its place and synced → it gets its name → the folder is
/// synced → only now the caller hears of it. A reader sees the whole file or none.
public final class FolderBlobs: BlobPlace {
  private let path: String
  private let clock: any WallClock
  private let random: any RandomSource
  /// Folders that are durable themselves, because this process has synced the one they are in.
  private let durable = Mutex<Set<String>>([])

  /// - Parameter path: is made with the first blob.
  public init(
    path: String, clock: any WallClock = SystemClock(), random: any RandomSource = SystemRandom()
  ) {
    self.path = path
    self.clock = clock
    self.random = random
  }

  private func folder(_ space: String) -> String { path + "/" + space }
  private func remains(_ space: String) -> String { folder(space) + "/put" }
  private func file(_ hash: [UInt8], _ space: String) -> (folder: String, file: String) {
    let name = Hex.encode(hash)
    let folder = folder(space) + "/" + name.prefix(2)
    return (folder, folder + "/" + name.dropFirst(2))
  }

  // MARK: Putting

  public func put(
    _ bytes: [UInt8], as reference: BlobReference, in space: String, replacing: Bool
  ) throws -> Bool {
    let (folder, file) = file(reference.hash, space)
    if !replacing, access(file, F_OK) == 0 { return false }
    try makeDurable(folder)
    try makeDurable(remains(space))
    let fresh = remains(space) + "/" + Hex.encode(random.bytes(16))
    defer { unlink(fresh) }
    try write(bytes, to: fresh)
    if replacing {
      guard rename(fresh, file) == 0 else { throw Self.failure(errno) }
    } else if link(fresh, file) != 0 {
      guard errno == EEXIST else { throw Self.failure(errno) }
      return false
    }
    try sync(folder: folder)
    return true
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(errno) }
    defer { Foundation.close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(errno) }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw Self.failure(errno) }
  }

  /// Makes a folder and all above it as far as they lack, and sees to it that they stay.
  private func makeDurable(_ folder: String) throws {
    guard !durable.withLock({ $0.contains(folder) }), folder.contains("/") else { return }
    let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
    if mkdir(folder, 0o700) != 0 && errno == ENOENT {
      try makeDurable(parent)
      if mkdir(folder, 0o700) != 0 && errno != EEXIST { throw Self.failure(errno) }
    } else if access(folder, F_OK) != 0 {
      throw Self.failure(errno)
    }
    try sync(folder: parent.isEmpty ? "/" : parent)
    durable.withLock { _ = $0.insert(folder) }
  }

  private func sync(folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(errno) }
    defer { Foundation.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Self.failure(errno) }
  }

  // MARK: Getting

  public func get(_ reference: BlobReference, in space: String) throws -> [UInt8]? {
    let descriptor = open(file(reference.hash, space).file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Self.failure(errno)
    }
    defer { Foundation.close(descriptor) }
    // One byte more than there should be shows that there are too many.
    let room = reference.length + 1
    var failed: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      while count < room {
        let got = read(descriptor, buffer.baseAddress.map { $0 + count }, room - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failed = errno }
        guard got > 0 else { break }
        count += got
      }
    }
    if let failed { throw Self.failure(failed) }
    return bytes
  }

  public func remove(_ hash: [UInt8], in space: String) throws {
    guard unlink(file(hash, space).file) == 0 || errno == ENOENT else { throw Self.failure(errno) }
  }

  public func age(_ hash: [UInt8], in space: String) throws -> Int64? {
    try status(file(hash, space).file)?.age
  }

  private func status(_ file: String) throws -> (length: Int, age: Int64)? {
    var status = stat()
    guard stat(file, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw Self.failure(errno)
    }
    #if canImport(Glibc)
      let modified = Int64(status.st_mtim.tv_sec)
    #else
      let modified = Int64(status.st_mtimespec.tv_sec)
    #endif
    return (Int(status.st_size), clock.now().millisecondsSinceEpoch / 1000 - modified)
  }

  // MARK: Listing

  public func list(in space: String, after hash: [UInt8]?) throws -> [StoredBlob] {
    let folder = folder(space)
    let last = hash.map(Hex.encode) ?? ""
    for part in try names(in: folder, length: 2) where part >= last.prefix(2) {
      let found = try names(in: folder + "/" + part, length: 62).compactMap { name in
        // One that is gone by now is not there.
        guard part + name > last, let hash = Hex.decode(part + name),
          let status = try status(folder + "/" + part + "/" + name)
        else { return nil as StoredBlob? }
        return StoredBlob(hash: hash, length: status.length, age: status.age)
      }
      if !found.isEmpty { return found }
    }
    return []
  }

  /// Names of lower-case hexadecimal digits, in order.
  private func names(in folder: String, length: Int) throws -> [String] {
    guard access(folder, F_OK) == 0 else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { name in
          name.utf8.count == length
            && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        .sorted()
    } catch {
      throw PeerChartError(.storage, "the folder of the blobs cannot be read", cause: error)
    }
  }

  public func removeRemains(in space: String) throws {
    for name in try names(in: remains(space), length: 32) {
      let file = remains(space) + "/" + name
      if let status = try status(file), status.age >= 3600 { unlink(file) }
    }
  }

  public func close() {}

  private static func failure(_ code: Int32) -> PeerChartError {
    switch code {
    case ENOSPC, EDQUOT:
      PeerChartError(.storage, "the disk of the blobs is full; free some space and try again")
    case EROFS, EACCES, EPERM:
      PeerChartError(.storage, "the folder of the blobs cannot be read or written")
    default: PeerChartError(.storage, "the disk of the blobs reported an error (\(code))")
    }
  }
}
