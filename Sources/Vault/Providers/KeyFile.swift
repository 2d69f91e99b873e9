import Primitives

/// A small secret file that is replaced as a whole or not at all.
struct KeyFile: Sendable {
  static let limit = 64 << 10

  let path: String
  let files: any KeyFileSystem

  private var temporary: String { path + ".new" }
  private var lock: String { path + ".lock" }

  /// The content. Renaming is atomic, so this needs no lock and works in a read-only folder.
  func read() throws -> SecretBytes { try files.read(path, limit: Self.limit) }

  /// Writes the file where there is none yet.
  ///
  /// - Throws: `conflict` when there is one: a root key is never overwritten by a fresh one.
  func create(_ content: SecretBytes) throws {
    try files.locked(lock) {
      guard try !files.exists(path) else {
        throw PeerChartError(.conflict, "there is a key file already", place: path)
      }
      try write(content, wiping: false)
    }
  }

  /// Replaces the content by what `change` makes of it; nil leaves the file as it is.
  ///
  /// - Parameter wiping: overwrite the old content on the disk: it holds a root to be destroyed.
  func update(wiping: Bool, _ change: (SecretBytes) throws -> SecretBytes?) throws {
    try files.locked(lock) {
      guard let content = try change(read()) else { return }
      try write(content, wiping: wiping)
    }
  }

  /// The crash order:
  /// 1. the new content goes to a file of its own and onto the disk: killed here, the old file
  ///    stands, and the next write replaces the leftover;
  /// 2. one rename and a sync of the folder: killed before the sync, either file may be there, and
  ///    both are complete;
  /// 3. only then is the old content wiped, through a descriptor opened before the rename.
  private func write(_ content: SecretBytes, wiping: Bool) throws {
    try files.write(content, to: temporary)
    try files.replace(path, with: temporary, wiping: wiping)
  }
}
