import Foundation

/// Where the programs of this build lie, and those of others.
enum Programs {
  static var bench: String {
    get throws {
      guard let path = Bundle.main.executablePath else {
        throw BenchFailure("this program does not know where it lies")
      }
      return path
    }
  }

  /// `peerchart`, built beside this program.
  static var peerchart: String {
    get throws {
      let path = (try bench as NSString).deletingLastPathComponent + "/peerchart"
      guard FileManager.default.isExecutableFile(atPath: path) else {
        throw BenchFailure("peerchart is not built; run `make bench`")
      }
      return path
    }
  }

  /// A server of somebody else. Debian keeps them out of the path.
  static func path(of name: String) throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let candidates = (folders + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/\(name)" }
    guard let path = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw BenchFailure("\(name) is not installed; run `make bench`")
    }
    return path
  }
}
