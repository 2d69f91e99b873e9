/// The few things a key file asks of the file system. A port, so that a test can stop the machine
/// between any two of them.
public protocol KeyFileSystem: Sendable {
  /// The content of the file at `path`, at most `limit` bytes.
  ///
  /// - Throws: `notFound`, `tooLarge`; `forbidden` when anybody but its owner may read or write it;
  ///   `storage` when reading fails.
  func read(_ path: String, limit: Int) throws -> SecretBytes

  /// Whether there is anything at `path`.
  func exists(_ path: String) throws -> Bool

  /// Creates or replaces the file at `path`, mode 0600, and waits until its content is on the disk.
  func write(_ content: SecretBytes, to path: String) throws

  /// Gives the file at `source` the name `target`, atomically, in place of what had that name, and
  /// waits until the folder is on the disk.
  ///
  /// - Parameter wiping: overwrite the replaced file's content afterwards, as far as the disk obeys.
  func replace(_ target: String, with source: String, wiping: Bool) throws

  /// Removes the file at `path` if it is there, and waits until the folder is on the disk.
  func remove(_ path: String) throws

  /// Runs `body` while no other thread or process is inside a lock of the same `path`.
  func locked<Result>(_ path: String, _ body: () throws -> Result) throws -> Result
}
