import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Key files on the machine's own file system.
public struct POSIXKeyFileSystem: KeyFileSystem {
  /// The file system that the process sees.
  public init() {}

  public func read(_ path: String, limit: Int) throws -> SecretBytes {
    let file = try open(path, O_RDONLY)
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw PeerChartError(.invalid, "the key file is not a file", place: path)
    }
    guard status.st_mode & 0o077 == 0 else {
      throw PeerChartError(
        .forbidden, "the key file can be read by others: run chmod 600 on it", place: path)
    }
    guard status.st_size <= limit else {
      throw PeerChartError(.tooLarge, "the key file is larger than \(limit) bytes", place: path)
    }
    // One byte more than allowed, so that a file growing meanwhile is noticed.
    var buffer = [UInt8](repeating: 0, count: limit + 1)
    defer { buffer.wipe() }
    let count = try fill(&buffer, from: file, path)
    guard count <= limit else {
      throw PeerChartError(.tooLarge, "the key file is larger than \(limit) bytes", place: path)
    }
    return buffer.withUnsafeBytes { SecretBytes(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  public func exists(_ path: String) throws -> Bool {
    var status = stat()
    if lstat(path, &status) == 0 { return true }
    guard errno == ENOENT else { throw failure("look for", path) }
    return false
  }

  public func write(_ content: SecretBytes, to path: String) throws {
    let file = try open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
    defer { close(file) }
    // A leftover of a killed process keeps its old mode, so the mode is set and not only asked for.
    guard fchmod(file, 0o600) == 0 else { throw failure("protect", path) }
    try content.withUnsafeBytes { try writeAll($0, to: file, path) }
    guard fsync(file) == 0 else { throw failure("write", path) }
  }

  public func replace(_ target: String, with source: String, wiping: Bool) throws {
    // Renaming would replace the link and leave the old root alive where it points to.
    var status = stat()
    if lstat(target, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
      throw PeerChartError(
        .invalid, "the key file is a symbolic link: name the file itself", place: target)
    }
    let old = wiping ? openQuietly(target, O_WRONLY) : -1
    defer { if old >= 0 { close(old) } }
    guard rename(source, target) == 0 else { throw failure("replace", target) }
    try syncFolder(of: target)
    if old >= 0 { wipe(old) }
  }

  public func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    try syncFolder(of: path)
  }

  public func locked<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    let file = try open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    defer { close(file) }  // which also releases the lock, as does a kill
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else { throw failure("lock", path) }
    }
    return try body()
  }
}

extension POSIXKeyFileSystem {
  private func openQuietly(_ path: String, _ flags: Int32) -> Int32 {
    while true {
      #if canImport(Glibc)
        let file = Glibc.open(path, flags | O_CLOEXEC, 0o600)
      #else
        let file = Darwin.open(path, flags | O_CLOEXEC, 0o600)
      #endif
      if file >= 0 || errno != EINTR { return file }
    }
  }

  private func open(_ path: String, _ flags: Int32) throws -> Int32 {
    let file = openQuietly(path, flags)
    guard file >= 0 else { throw failure("open", path) }
    return file
  }

  private func fill(_ buffer: inout [UInt8], from file: Int32, _ path: String) throws -> Int {
    var count = 0
    while count < buffer.count {
      let got = buffer.withUnsafeMutableBytes { memory in
        #if canImport(Glibc)
          Glibc.read(file, memory.baseAddress.map { $0 + count }, memory.count - count)
        #else
          Darwin.read(file, memory.baseAddress.map { $0 + count }, memory.count - count)
        #endif
      }
      if got == 0 { return count }
      guard got > 0 || errno == EINTR else { throw failure("read", path) }
      count += max(got, 0)
    }
    return count
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Glibc)
        let written = Glibc.write(file, rest.baseAddress, rest.count)
      #else
        let written = Darwin.write(file, rest.baseAddress, rest.count)
      #endif
      guard written >= 0 || errno == EINTR else { throw failure("write", path) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(written, 0)))
    }
  }

  private func syncFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    let file = try open(String(folder), O_RDONLY | O_DIRECTORY)
    defer { close(file) }
    guard fsync(file) == 0 else { throw failure("write", String(folder)) }
  }

  /// Overwrites a file that has lost its name. The replacement is durable by now, so a failure here
  /// changes nothing but how soon the disk forgets; solid-state and copy-on-write disks may keep it.
  private func wipe(_ file: Int32) {
    var status = stat()
    guard fstat(file, &status) == 0, status.st_nlink == 0 else { return }
    let zeros = [UInt8](repeating: 0, count: min(max(Int(status.st_size), 0), KeyFile.limit))
    let written = zeros.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    if written == zeros.count { fsync(file) }
  }

  /// Names what failed in the words of the operating system.
  private func failure(_ verb: String, _ path: String) -> PeerChartError {
    let number = errno
    let reason = "cannot \(verb) the key file: \(String(cString: strerror(number)))"
    return switch number {
    case ENOENT: PeerChartError(.notFound, reason, place: path)
    case EACCES, EPERM, EROFS: PeerChartError(.forbidden, reason, place: path)
    default: PeerChartError(.storage, reason, place: path)
    }
  }
}
