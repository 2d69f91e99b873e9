import Primitives

/// A resource while it is being patched: its bytes after each operation, which are always JSON and
/// always the same resource.
struct PatchedResource {
  private let type: String
  private let id: String?
  private let limits: PatchLimits
  private var workLeft: Int
  private(set) var root: JSONValue

  init(_ resource: Resource, limits: PatchLimits) throws(PeerChartError) {
    type = resource.type
    id = resource.id
    self.limits = limits
    workLeft = max(0, limits.maximumWork)
    // Alone, so that the ranges of its values are those of its own bytes.
    root = try JSONDocument(parsing: resource.bytes).root
  }

  /// Charges for an operation, which reads the whole resource.
  mutating func charge() throws(PeerChartError) {
    guard root.storage.bytes.count <= workLeft else {
      throw PeerChartError(.tooLarge, "the operations take more work than is allowed")
    }
    workLeft -= root.storage.bytes.count
  }

  /// Makes the edits of one operation.
  ///
  /// - Throws: `tooLarge` where the resource grows too long or too deep, `invalid` where it would
  ///   become another one.
  mutating func apply(_ edits: ByteEdits) throws(PeerChartError) {
    guard !edits.isEmpty else { return }
    let bytes = edits.applied(to: root.storage.bytes, within: root.storage.bytes.indices)
    guard bytes.count <= limits.maximumBytes else { throw tooLong() }
    let changed: JSONValue
    do throws(PeerChartError) {
      changed = try JSONDocument(parsing: bytes).root
    } catch {
      throw PeerChartError(error.code, "the result is no resource: \(error.reason)")
    }
    guard changed["resourceType"]?.isString(type) ?? false else {
      throw PeerChartError(.invalid, "a patch cannot change the type of a resource")
    }
    guard (changed["id"]?.string).map({ $0 == id }) ?? (id == nil && changed["id"] == nil) else {
      throw PeerChartError(.invalid, "a patch cannot change the id of a resource")
    }
    root = changed
  }

  private func tooLong() -> PeerChartError {
    PeerChartError(.tooLarge, "the resource becomes longer than is allowed")
  }

  /// The bytes of the resource as they are now.
  ///
  /// - Throws: `invalid` where they are no resource, such as with a `meta` that is no object.
  func finished() throws(PeerChartError) -> [UInt8] { try Resource(root).bytes }
}
