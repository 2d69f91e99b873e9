import ArgumentParser
import Foundation
import Node

/// Where large bodies are, if not with the records.
struct BlobArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Keep large bodies (images, documents), sealed like everything, in this folder or bucket. \
      Default: what the data folder says, else its own folder "blobs", or the database if there is one.
      """, valueName: "dir|s3://bucket/prefix"))
  var blobs: String?

  @Option(
    help: ArgumentHelp(
      "The service that has the bucket, if it is not AWS.", valueName: "https://host:port"))
  var s3Endpoint: String?

  @Option(help: ArgumentHelp("The bucket's region. Default: us-east-1.", valueName: "name"))
  var s3Region: String?

  @Option(
    help: ArgumentHelp(
      """
      A file with the access key, as AWS's tools keep it. Default: what the data folder says, else the \
      environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
      """, valueName: "file"))
  var s3Credentials: String?

  func validate() throws {
    guard blobs != nil || (s3Endpoint == nil && s3Region == nil) else {
      throw ValidationError("--s3-endpoint and --s3-region go with --blobs s3://BUCKET/PREFIX")
    }
  }

  var options: BlobOptions {
    BlobOptions(
      place: blobs.map { $0.hasPrefix("s3:") ? $0 : URL(fileURLWithPath: $0).path },
      endpoint: s3Endpoint, region: s3Region, credentialsFile: s3Credentials)
  }
}
