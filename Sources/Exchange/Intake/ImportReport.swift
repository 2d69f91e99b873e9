public import Primitives

/// What became of one imported file.
public struct ImportReport: Sendable {
  public internal(set) var created = 0
  public internal(set) var updated = 0
  /// Resources that were there already, to the byte.
  public internal(set) var unchanged = 0
  /// What was refused and why, each with its place in the file; the first `listedFaults` of them.
  public internal(set) var faults: [PeerChartError] = []
  public internal(set) var faultCount = 0
  /// From the address in the file (`urn:uuid:…` or `Type/id`) to the address here, where they differ.
  public internal(set) var assigned: [String: String] = [:]
  /// The patients whose charts were written to.
  public internal(set) var patients: Set<String> = []

  static let listedFaults = 100

  public var stored: Int { created + updated }
  public init() {}

  mutating func add(_ fault: PeerChartError) {
    faultCount += 1
    if faults.count < Self.listedFaults { faults.append(fault) }
  }

  mutating func add(_ stored: StoredResource) {
    switch stored.effect {
    case .created: created += 1
    case .updated, .deleted: updated += 1
    case .unchanged: unchanged += 1
    }
    if stored.resource.type == "Patient" { patients.insert(stored.resource.id) }
  }
}
