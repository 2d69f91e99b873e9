import Foundation
import GRDBSQLite
import Synchronization

/// Counts how often SQLite has its files of one name made durable: a file system for it (VFS) before the usual one,
/// which counts and passes everything on.
enum SyncCount {
  /// What the names of counted files end with.
  static let ending = "counted.sqlite-wal"
  private static let syncs = Atomic<Int>(0)

  /// So far.
  static var value: Int { syncs.load(ordering: .sequentiallyConsistent) }

  /// From now on, for files that are opened.
  static func begin() { _ = isBegun }

  // Both live as long as the process, and are written to before anybody else sees them.
  private nonisolated(unsafe) static let usual = sqlite3_vfs_find(nil)!
  private nonisolated(unsafe) static var methods: sqlite3_io_methods?
  private nonisolated(unsafe) static let counting = UnsafeMutablePointer<sqlite3_io_methods>
    .allocate(
      capacity: 1)

  private static let isBegun: Bool = {
    let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    vfs.initialize(to: usual.pointee)
    vfs.pointee.pNext = nil
    vfs.pointee.zName = UnsafePointer(strdup("counting"))
    vfs.pointee.xOpen = { _, name, file, flags, outFlags in
      let code = SyncCount.usual.pointee.xOpen(SyncCount.usual, name, file, flags, outFlags)
      guard code == SQLITE_OK, let name, let file,
        String(cString: name).hasSuffix(SyncCount.ending), let own = file.pointee.pMethods
      else { return code }
      if SyncCount.methods == nil {
        SyncCount.methods = own.pointee
        SyncCount.counting.initialize(to: own.pointee)
        SyncCount.counting.pointee.xSync = { file, flags in
          SyncCount.syncs.wrappingAdd(1, ordering: .sequentiallyConsistent)
          return SyncCount.methods?.xSync(file, flags) ?? SQLITE_MISUSE
        }
      }
      file.pointee.pMethods = UnsafePointer(SyncCount.counting)
      return code
    }
    return sqlite3_vfs_register(vfs, 1) == SQLITE_OK
  }()
}
