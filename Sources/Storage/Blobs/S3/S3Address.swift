import Foundation
import Primitives

/// Where a bucket is: `s3://BUCKET/PREFIX`, at AWS or at another service that speaks S3.
public struct S3Address: Sendable, Equatable {
  /// `s3://BUCKET/PREFIX`
  public let text: String
  public let region: String
  /// Without the bucket; nil for AWS.
  public let endpoint: String?

  let host: String
  let origin: String
  /// The path that keys are added to; it ends with `/`.
  let keyPath: String
  /// The path of the bucket itself.
  let bucketPath: String
  /// What keys begin with, beside the path.
  let keyPrefix: String

  /// - Parameters:
  ///   - text: `s3://BUCKET` or `s3://BUCKET/PREFIX`.
  ///   - endpoint: `https://HOST:PORT`; plain `http` for this machine only.
  /// - Throws: `invalid`.
  public init(_ text: String, endpoint: String? = nil, region: String? = nil) throws {
    guard text.hasPrefix("s3://") else {
      throw PeerChartError(.invalid, "a bucket is named s3://BUCKET/PREFIX")
    }
    let parts = text.dropFirst("s3://".count).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let bucket = String(parts.first ?? "")
    guard (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy(Self.isBucketByte),
      bucket.first != ".", bucket.first != "-", bucket.last != ".", bucket.last != "-",
      !bucket.contains("..")
    else {
      throw PeerChartError(
        .invalid, "a bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens")
    }
    let prefix = (parts.count > 1 ? parts[1] : "").split(separator: "/").map(String.init)
    guard prefix.joined().utf8.allSatisfy(Self.isPrefixByte),
      prefix.allSatisfy({ $0 != "." && $0 != ".." }), text.utf8.count <= 512
    else {
      throw PeerChartError(
        .invalid, "a prefix in a bucket is of letters, digits, dots, hyphens, underscores and /")
    }
    let region = region ?? "us-east-1"
    guard (1...64).contains(region.utf8.count), region.utf8.allSatisfy(Self.isBucketByte) else {
      throw PeerChartError(.invalid, "that is not a region")
    }
    keyPrefix = prefix.map { $0 + "/" }.joined()
    self.text = "s3://" + ([bucket] + prefix).joined(separator: "/")
    self.region = region
    if let endpoint {
      (host, origin) = try Self.place(endpoint)
      self.endpoint = origin
      bucketPath = "/" + bucket
    } else {
      self.endpoint = nil
      // A certificate for *.s3.REGION.amazonaws.com does not cover a name with a dot in it.
      let isDotted = bucket.contains(".")
      host = (isDotted ? "" : bucket + ".") + "s3.\(region).amazonaws.com"
      origin = "https://" + host
      bucketPath = isDotted ? "/" + bucket : ""
    }
    keyPath = bucketPath + "/" + keyPrefix
  }

  private static func place(_ endpoint: String) throws -> (host: String, origin: String) {
    let wrong = PeerChartError(
      .invalid, "an S3 endpoint is written https://HOST:PORT, without a path")
    guard let url = URLComponents(string: endpoint), let name = url.host, !name.isEmpty,
      ["", "/"].contains(url.path), url.query == nil, url.fragment == nil, url.user == nil,
      endpoint.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw wrong }
    let port = url.port.map { ":\($0)" } ?? ""
    switch url.scheme {
    case "https": break
    case "http":
      guard ["127.0.0.1", "localhost", "[::1]", "::1"].contains(name) else {
        throw PeerChartError(
          .invalid, "an S3 endpoint without TLS may be on this machine only (127.0.0.1)")
      }
    default: throw wrong
    }
    let host = (name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name) + port
    return (host, "\(url.scheme ?? "https")://\(host)")
  }

  private static func isBucketByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 46
  }

  private static func isPrefixByte(_ byte: UInt8) -> Bool {
    isBucketByte(byte) || (65...90).contains(byte) || byte == 95
  }
}
