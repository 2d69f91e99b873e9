import Foundation
import NIOHTTP1
public import Primitives

/// Blobs in a bucket: `PREFIX/SPACE/ab/cdef…`.
///
/// An object is durable when its PUT is acknowledged. The service is told the hash of what it gets and
/// refuses anything else. Ages are by the service's clock: it says what time it is with every answer.
public final class S3Blobs: BlobPlace {
  private let connection: S3Connection
  private let address: S3Address

  /// - Parameter authorities: a PEM file with the CAs to trust instead of the system's.
  public init(
    _ address: S3Address, credentials: S3Signer.Credentials, authorities: String? = nil,
    clock: any WallClock = SystemClock()
  ) {
    self.address = address
    connection = S3Connection(address, credentials, authorities: authorities, clock: clock)
  }

  private static func key(_ hash: [UInt8], _ space: String) -> String {
    let name = Hex.encode(hash)
    return "\(space)/\(name.prefix(2))/\(name.dropFirst(2))"
  }

  public func put(
    _ bytes: [UInt8], as reference: BlobReference, in space: String, replacing: Bool
  ) throws -> Bool {
    let key = Self.key(reference.hash, space)
    if !replacing {
      // Not every service minds the condition below.
      guard try age(reference.hash, in: space) == nil else { return false }
    }
    let answer = try connection.send(
      .PUT, key: key,
      fields: [("content-type", "application/octet-stream")]
        + (replacing ? [] : [("if-none-match", "*")]),
      body: bytes, bodyHash: reference.name)
    switch answer.status {
    case 200...299: return true
    case 412 where !replacing: return false
    default: throw Self.failure(answer)
    }
  }

  public func get(_ reference: BlobReference, in space: String) throws -> [UInt8]? {
    let answer = try connection.send(
      .GET, key: Self.key(reference.hash, space), limit: reference.length + 1)
    switch answer.status {
    case 200: return answer.body
    case 404 where answer.code != "NoSuchBucket": return nil
    default: throw Self.failure(answer)
    }
  }

  public func remove(_ hash: [UInt8], in space: String) throws {
    let answer = try connection.send(.DELETE, key: Self.key(hash, space))
    guard (200...299).contains(answer.status) || answer.status == 404 else {
      throw Self.failure(answer)
    }
  }

  public func age(_ hash: [UInt8], in space: String) throws -> Int64? {
    let answer = try connection.send(.HEAD, key: Self.key(hash, space))
    if answer.status == 404 { return nil }
    guard answer.status == 200,
      let modified = answer.headers.first(name: "last-modified").flatMap(Self.date),
      let now = Self.now(answer)
    else { throw Self.failure(answer) }
    return now - modified
  }

  public func list(in space: String, after hash: [UInt8]?) throws -> [StoredBlob] {
    var last = hash.map { address.keyPrefix + Self.key($0, space) }
    while true {
      var query = [
        (name: "list-type", value: "2"), (name: "max-keys", value: "1000"),
        (name: "prefix", value: "\(address.keyPrefix)\(space)/"),
      ]
      if let last { query.append(("start-after", last)) }
      let answer = try connection.send(.GET, key: nil, query: query, limit: 8 << 20)
      guard answer.status == 200, let now = Self.now(answer) else { throw Self.failure(answer) }
      let listing = try S3Listing(answer.body)
      let blobs = listing.entries.compactMap { entry -> StoredBlob? in
        let name = entry.key.dropFirst(address.keyPrefix.count + space.count + 1)
          .filter { $0 != "/" }
        guard let hash = Hex.decode(name), hash.count == 32,
          address.keyPrefix + Self.key(hash, space) == entry.key
        else { return nil }
        return StoredBlob(
          hash: hash, length: entry.length,
          age: now - entry.modified.millisecondsSinceEpoch / 1000)
      }
      // A page may hold nothing of ours and not be the last.
      guard blobs.isEmpty, let end = listing.lastKey, end != last else { return blobs }
      last = end
    }
  }

  /// A PUT is all or nothing.
  public func removeRemains(in space: String) throws {}

  public func close() { connection.close() }

  private static func failure(_ answer: S3Connection.Answer) -> PeerChartError {
    switch (answer.status, answer.code) {
    case (404, "NoSuchBucket"): PeerChartError(.storage, "there is no such bucket")
    default: PeerChartError(.storage, "the blob service answered \(answer.status)")
    }
  }

  /// What time it is there, in seconds since 1970.
  private static func now(_ answer: S3Connection.Answer) -> Int64? {
    answer.headers.first(name: "date").flatMap(date)
  }

  /// `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110 section 5.6.7) in seconds since 1970.
  private static func date(_ text: String) -> Int64? {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", parts[1].utf8.count == 2,
      let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    return Instant("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z").map {
      $0.millisecondsSinceEpoch / 1000
    }
  }
}
