import Exchange
import Primitives

/// The counter that says up to which moment everything is settled.
enum SettledCounter {
  static let key = Array("settled".utf8)

  /// - Throws: `conflict` for a version whose time is settled.
  static func check(_ version: NewVersion, _ settled: Int64?) throws {
    if let settled, version.storedAt <= settled {
      throw PeerChartError(.conflict, "nothing more can be stored for this time")
    }
  }
}
