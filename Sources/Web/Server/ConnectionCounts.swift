package import Exchange
import Synchronization

/// How many connections each address has open, of all listeners together: one address cannot take all that
/// there are. Of IPv6 a network of /64 counts as one.
package final class ConnectionCounts: Sendable {
  private let limit: Int
  private let exempt: [NetworkRange]
  private let open = Mutex<[[UInt8]: Int]>([:])

  /// - Parameter exempt: proxies of the operator's, behind which there are many.
  package init(limit: Int, exempt: [NetworkRange]) {
    self.limit = limit
    self.exempt = exempt
  }

  /// Counts a connection; false where there are too many, and then it is not counted.
  package func begin(_ address: String?) -> Bool {
    guard let address = counted(address) else { return true }
    return open.withLock { open in
      let count = open[address, default: 0]
      guard count < limit else { return false }
      open[address] = count + 1
      return true
    }
  }

  /// Says that one which was counted has ended.
  package func end(_ address: String?) {
    guard let address = counted(address) else { return }
    open.withLock { open in
      guard let count = open[address] else { return }
      open[address] = count > 1 ? count - 1 : nil
    }
  }

  private func counted(_ text: String?) -> [UInt8]? {
    guard let address = text.flatMap({ IPAddress($0) }),
      !exempt.contains(where: { $0.contains(address) })
    else { return nil }
    return address.network
  }
}
