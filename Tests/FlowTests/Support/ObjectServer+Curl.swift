import Foundation
import TestSupport

extension ObjectServer {
  /// What curl gets there: the bucket's list, or an object.
  func get(_ path: String) async throws -> Data {
    let folder = try TemporaryFolder()
    _ = try await Program.run(
      "/usr/bin/curl",
      [
        "--silent", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "test:test", "--output",
        folder.path + "/answer", url + "/charts" + path,
      ])
    return FileManager.default.contents(atPath: folder.path + "/answer") ?? Data()
  }
}
