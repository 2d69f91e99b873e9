import Foundation
import Primitives
import Storage
import TestSupport

extension ObjectServer {
  /// A place in its bucket that nobody else uses.
  func place(_ url: String? = nil) throws -> S3Blobs {
    S3Blobs(
      try S3Address("s3://charts/\(UUID().uuidString)", endpoint: url ?? self.url),
      credentials: S3Signer.Credentials(
        accessKeyID: "test", secretAccessKey: Redacted("test/secret")))
  }
}
