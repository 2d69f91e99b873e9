import Foundation
import Primitives

/// A page of ListObjectsV2, as far as it is about blobs.
///
/// Names of blobs are hexadecimal digits and times have one form, so nothing in what is looked for is
/// ever escaped; whatever looks otherwise is not one of ours and is passed over.
struct S3Listing {
  struct Entry {
    let key: String
    let length: Int
    let modified: Instant
  }

  let entries: [Entry]
  /// The last key of the page, ours or not.
  let lastKey: String?

  init(_ body: [UInt8]) throws {
    let text = String(decoding: body, as: UTF8.self)
    guard text.contains("<ListBucketResult"), text.contains("</ListBucketResult>") else {
      throw PeerChartError(.storage, "the blob service's list cannot be read")
    }
    var entries: [Entry] = []
    var lastKey: String?
    for part in text.components(separatedBy: "<Contents>").dropFirst() {
      guard let key = Self.first("Key", in: part) else { continue }
      lastKey = key
      guard let length = Self.first("Size", in: part).flatMap({ Int($0) }),
        let modified = Self.first("LastModified", in: part).flatMap({ Instant($0) })
      else { continue }
      entries.append(Entry(key: key, length: length, modified: modified))
    }
    self.entries = entries
    self.lastKey = lastKey
  }

  /// The text of the first element of that name.
  static func first(_ name: String, in body: [UInt8]) -> String? {
    first(name, in: String(decoding: body.prefix(64 << 10), as: UTF8.self))
  }

  private static func first(_ name: String, in text: some StringProtocol) -> String? {
    guard let start = text.range(of: "<\(name)>"),
      let end = text[start.upperBound...].range(of: "</\(name)>")
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }
}
