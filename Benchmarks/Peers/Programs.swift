import Foundation

/// Where the programs of this build lie.
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
}
