import Primitives

/// What trying one passphrase costs: the parameters of Argon2id (RFC 9106, version 0x13).
public struct PassphraseCost: Hashable, Sendable {
  /// Memory in KiB, 8 MiB to 1 GiB.
  public let memoryKiB: UInt32
  /// Passes over the memory, 1 to 10.
  public let passes: UInt32
  /// Lanes, 1 to 8.
  public let lanes: UInt8

  /// 64 MiB, 3 passes, 4 lanes: the second recommended option of RFC 9106 section 4.
  public static let standard = PassphraseCost(unchecked: 65_536, passes: 3, lanes: 4)

  /// Throws `sec-passphrase-cost` outside the bounds, which writers and readers share.
  public init(memoryKiB: UInt32, passes: UInt32, lanes: UInt8) throws {
    guard (8192...1_048_576).contains(memoryKiB), (1...10).contains(passes), (1...8).contains(lanes)
    else {
      throw PeerChartError(.secPassphraseCost, "the passphrase parameters are out of bounds")
    }
    self.init(unchecked: memoryKiB, passes: passes, lanes: lanes)
  }

  private init(unchecked memoryKiB: UInt32, passes: UInt32, lanes: UInt8) {
    self.memoryKiB = memoryKiB
    self.passes = passes
    self.lanes = lanes
  }
}
