import CLibPQ
import Foundation
import Primitives

/// A thread that waits for what other instances announce (LISTEN/NOTIFY).
///
/// Announcements are sent with the commit that they are about. None is kept for a listener whose
/// connection is down, so a new connection counts as an announcement itself.
///
/// Unchecked: what `stop` shares with the thread is a pipe.
final class PostgreSQLListener: @unchecked Sendable {
  static let channel = "peerchart_outbox"
  private static let pauseMilliseconds: Int32 = 1000

  private let access: DatabaseAccess
  private let signal: @Sendable () -> Void
  private let wire = Pipe()

  init(_ access: DatabaseAccess, _ signal: @escaping @Sendable () -> Void) {
    self.access = access
    self.signal = signal
    let thread = Thread { [self] in run() }
    thread.name = "peerchart-listener"
    thread.start()
  }

  func stop() { try? wire.fileHandleForWriting.close() }

  private func run() {
    repeat {
      guard let connection = try? PostgreSQLConnection(access) else { continue }
      do {
        try connection.script("LISTEN \(Self.channel)")
        signal()
        try listen(connection)
        return
      } catch {
        continue
      }
    } while !isStopped(within: Self.pauseMilliseconds)
  }

  /// Returns when stopped; throws when the connection is lost.
  private func listen(_ connection: PostgreSQLConnection) throws {
    try connection.withoutPipeline { handle in
      while true {
        var waits = [
          pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
          pollfd(fd: wire.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&waits, nfds_t(waits.count), -1) >= 0 || errno == EINTR else {
          throw PostgreSQLError.lost
        }
        if waits[1].revents != 0 { return }
        guard PQconsumeInput(handle) == 1 else { throw PostgreSQLError.lost }
        var isAnnounced = false
        while let notice = PQnotifies(handle) {
          isAnnounced = true
          PQfreemem(notice)
        }
        if isAnnounced { signal() }
      }
    }
  }

  private func isStopped(within milliseconds: Int32) -> Bool {
    var wait = pollfd(
      fd: wire.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, milliseconds) > 0
  }
}
