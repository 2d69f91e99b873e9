/// Where blobs are kept: a folder, or a bucket of a service that speaks S3.
///
/// Several nodes may share a place; each has a space of its own in it. Calls block until they are done,
/// for as long as a network takes, and are made on the store's own threads. What lies there is
/// ciphertext; nobody relies on the place to keep it whole or secret.
public protocol BlobPlace: Sendable {
  /// Stores bytes under their name. They are durable when this returns.
  ///
  /// - Parameter replacing: store them also where they are already, so that they are young again.
  /// - Returns: whether they were stored; false where they were there and nothing was done.
  func put(
    _ bytes: [UInt8], as reference: BlobReference, in space: String, replacing: Bool
  ) throws -> Bool

  /// The bytes, at most one more than the reference tells; nil where there are none.
  func get(_ reference: BlobReference, in space: String) throws -> [UInt8]?

  /// Removes a blob; nothing happens where there is none.
  func remove(_ hash: [UInt8], in space: String) throws

  /// How old a blob is in seconds; nil where there is none.
  func age(_ hash: [UInt8], in space: String) throws -> Int64?

  /// Some blobs in the order of their hashes, behind the given one; none at the end.
  func list(in space: String, after hash: [UInt8]?) throws -> [StoredBlob]

  /// Removes what is left of puts that were cut off more than an hour ago.
  func removeRemains(in space: String) throws

  /// Lets go of connections. Nothing is called afterwards.
  func close()
}

/// Which bodies go to blobs, and where.
public struct BlobPolicy: Sendable {
  public let place: any BlobPlace
  /// Sealed bodies of more bytes than this lie in blobs.
  public let threshold: Int
  /// Seconds for which a blob that no row names is left alone. A write counts on what it has put for
  /// half of it.
  public let grace: Int64

  /// - Parameters:
  ///   - threshold: see docs/design/blobs.md for the choice.
  ///   - grace: an hour in a node.
  public init(place: any BlobPlace, threshold: Int = 64 << 10, grace: Int64 = 3600) {
    self.place = place
    self.threshold = threshold
    self.grace = grace
  }
}
