import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import TestSupport
import Testing

/// A place for blobs of a test's own, with a look into it, and a hook before each call.
final class TestBlobs: BlobPlace {
  struct Call: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      case put(replacing: Bool)
      case get, remove, age
    }
    let kind: Kind
    let hash: [UInt8]
  }

  private struct State {
    var calls: [Call] = []
    var spaces: Set<String> = []
    var before: (@Sendable (Call, any BlobPlace, String) throws -> Void)?
    var after: (@Sendable (Call, any BlobPlace, String) throws -> Void)?
  }

  let base: any BlobPlace
  private let folder: TestFolder?
  private let threshold: Int
  private let state = Mutex(State())

  /// Nil where bodies stay in the rows.
  init?(_ bodies: StoreEngine.Bodies) throws {
    switch bodies {
    case .inRows: return nil
    case .inFolder:
      let folder = try TestFolder()
      self.folder = folder
      base = FolderBlobs(path: folder.path + "/deep/blobs")
      threshold = 0
    case .inBucket:
      folder = nil
      base = try #require(ObjectServer.shared, "\(ObjectServer.absence)").place()
      threshold = 64
    }
  }

  func policy(grace: Int64 = 3600) -> BlobPolicy {
    BlobPolicy(place: self, threshold: threshold, grace: grace)
  }

  /// The folder, where it is one.
  var path: String? { folder.map { $0.path + "/deep/blobs" } }
  var calls: [Call] { state.withLock { $0.calls } }
  func onCall(_ body: (@Sendable (Call, any BlobPlace, String) throws -> Void)?) {
    state.withLock { $0.before = body }
  }
  func afterCall(_ body: (@Sendable (Call, any BlobPlace, String) throws -> Void)?) {
    state.withLock { $0.after = body }
  }

  /// The one space that was used.
  var space: String { state.withLock { $0.spaces.first ?? "" } }

  /// Everything that lies there.
  func contents() throws -> [StoredBlob] {
    var all: [StoredBlob] = []
    while true {
      let page = try base.list(in: space, after: all.last?.hash)
      if page.isEmpty { return all }
      all += page
    }
  }

  private func call<Value>(
    _ kind: Call.Kind, _ hash: [UInt8], _ space: String, _ body: () throws -> Value
  ) throws -> Value {
    let call = Call(kind: kind, hash: hash)
    let (before, after) = state.withLock { state in
      state.calls.append(call)
      state.spaces.insert(space)
      return (state.before, state.after)
    }
    try before?(call, base, space)
    let value = try body()
    try after?(call, base, space)
    return value
  }

  // MARK: BlobPlace

  func put(
    _ bytes: [UInt8], as reference: BlobReference, in space: String, replacing: Bool
  ) throws -> Bool {
    try call(.put(replacing: replacing), reference.hash, space) {
      try base.put(bytes, as: reference, in: space, replacing: replacing)
    }
  }

  func get(_ reference: BlobReference, in space: String) throws -> [UInt8]? {
    try call(.get, reference.hash, space) { try base.get(reference, in: space) }
  }

  func remove(_ hash: [UInt8], in space: String) throws {
    try call(.remove, hash, space) { try base.remove(hash, in: space) }
  }

  func age(_ hash: [UInt8], in space: String) throws -> Int64? {
    try call(.age, hash, space) { try base.age(hash, in: space) }
  }

  func list(in space: String, after hash: [UInt8]?) throws -> [StoredBlob] {
    state.withLock { _ = $0.spaces.insert(space) }
    return try base.list(in: space, after: hash)
  }

  func removeRemains(in space: String) throws { try base.removeRemains(in: space) }

  func close() {}
}
