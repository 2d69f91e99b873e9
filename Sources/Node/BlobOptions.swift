import Exchange
import Foundation
import Primitives
import Storage

/// Where a node keeps large bodies.
public struct BlobOptions: Sendable {
  /// The path of a folder from `/` on, or `s3://BUCKET/PREFIX`. Nil for what the data folder says; if it says nothing, that is
  /// its own folder `blobs`, or the database where the records are in one.
  public var place: String?
  /// `https://HOST:PORT` of a service other than AWS.
  public var endpoint: String?
  public var region: String?
  /// A file with the access key, as AWS's own tools keep it. Without it the environment is looked at:
  /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
  public var credentialsFile: String?

  public init(
    place: String? = nil, endpoint: String? = nil, region: String? = nil,
    credentialsFile: String? = nil
  ) {
    self.place = place
    self.endpoint = endpoint
    self.region = region
    self.credentialsFile = credentialsFile
  }

  init(_ kept: FolderConfiguration.Blobs) {
    self.init(
      place: kept.place, endpoint: kept.endpoint, region: kept.region,
      credentialsFile: kept.credentialsFile)
  }

  private var isBucket: Bool { place?.hasPrefix("s3:") ?? false }

  /// Completed by what the data folder says. Of another place than the folder's it knows nothing.
  func completed(by kept: FolderConfiguration.Blobs?) throws -> BlobOptions {
    guard let kept else { return self }
    let same = BlobOptions(kept)
    guard try place == nil || self.kept()?.place == kept.place else { return self }
    var options = same
    options.endpoint = endpoint ?? same.endpoint
    options.region = region ?? same.region
    options.credentialsFile = credentialsFile ?? same.credentialsFile
    return options
  }

  /// The place itself; nil where bodies stay in the database.
  ///
  /// - Throws: `invalid` for an address that is none, `not-found` without an access key.
  func resolved(
    _ folder: DataFolder, inDatabase: Bool, clock: any WallClock, random: any RandomSource
  ) throws -> BlobPolicy? {
    guard isBucket else {
      guard endpoint == nil, region == nil, credentialsFile == nil else {
        throw PeerChartError(.invalid, "an S3 endpoint, region or key is for --blobs s3://…")
      }
      guard let place = place ?? (inDatabase ? nil : DataFolder.blobs) else { return nil }
      // A place that the folder keeps may be within it, wherever it is moved.
      let path = place.hasPrefix("/") ? place : folder.path + "/" + place
      return BlobPolicy(place: FolderBlobs(path: path, clock: clock, random: random))
    }
    return BlobPolicy(
      place: S3Blobs(
        try address(), credentials: try credentials(),
        authorities: ProcessInfo.processInfo.environment["AWS_CA_BUNDLE"].flatMap {
          $0.isEmpty ? nil : $0
        }, clock: clock))
  }

  private func address() throws -> S3Address {
    try S3Address(place ?? "", endpoint: endpoint, region: region)
  }

  /// As the data folder keeps it: nothing secret, and independent of where a command is started.
  func kept() throws -> FolderConfiguration.Blobs? {
    guard let place else { return nil }
    func absolute(_ path: String) -> String {
      URL(fileURLWithPath: path).standardizedFileURL.path
    }
    guard isBucket else {
      return FolderConfiguration.Blobs(place: place.hasPrefix("/") ? absolute(place) : place)
    }
    let address = try address()
    return FolderConfiguration.Blobs(
      place: address.text, endpoint: address.endpoint, region: address.region,
      credentialsFile: credentialsFile.map(absolute))
  }

  private func credentials() throws -> S3Signer.Credentials {
    let values =
      try credentialsFile.map(Self.readCredentials) ?? ProcessInfo.processInfo.environment
    guard let id = values["AWS_ACCESS_KEY_ID"], let secret = values["AWS_SECRET_ACCESS_KEY"],
      !id.isEmpty, !secret.isEmpty, id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw PeerChartError(
        .notFound,
        "there is no access key for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
          + "name a file with --s3-credentials")
    }
    return S3Signer.Credentials(
      accessKeyID: id, secretAccessKey: Redacted(secret),
      sessionToken: values["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : Redacted($0) })
  }

  /// The default section of a file in the form of `~/.aws/credentials`.
  private static func readCredentials(_ path: String) throws -> [String: String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw PeerChartError(.notFound, "the file with the access key cannot be read", place: path)
    }
    var values: [String: String] = [:]
    var isDefault = true
    for line in String(decoding: data.prefix(64 << 10), as: UTF8.self).split(separator: "\n") {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("[") {
        isDefault = text == "[default]"
      } else if isDefault, let equals = text.firstIndex(of: "="), !text.hasPrefix("#") {
        let name = text[..<equals].trimmingCharacters(in: .whitespaces).uppercased()
        values[name] = text[text.index(after: equals)...].trimmingCharacters(in: .whitespaces)
      }
    }
    return values
  }
}
