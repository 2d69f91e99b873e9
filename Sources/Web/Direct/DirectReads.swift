import Exchange
import NIOCore

/// The plain reads that came in on the connections of one event loop in one round, to be released together:
/// one snapshot and one commit for all of them, and no task for any.
///
/// Used on the thread of its event loop only, which is what makes it safe to send.
final class DirectReads: @unchecked Sendable {
  /// More than these wait for the next round, so that a connection is not held up for long.
  private static let most = 64

  private let exchange: Exchange
  private let eventLoop: any EventLoop
  private var waiting: [(read: PlainRead, connection: DirectReadHandler)] = []
  private var isScheduled = false
  /// Whether a round waits for the disk. What comes in meanwhile makes one round, as it would wait all the same.
  private var isUnderWay = false

  init(exchange: Exchange, eventLoop: any EventLoop) {
    self.exchange = exchange
    self.eventLoop = eventLoop
  }

  /// Takes a read; its connection hears of it when the entry of the log is durable.
  func add(_ read: PlainRead, for connection: DirectReadHandler) {
    waiting.append((read, connection))
    schedule()
  }

  /// What is run behind the events of this round finds all the reads that came with them.
  private func schedule() {
    guard !isScheduled, !isUnderWay, !waiting.isEmpty else { return }
    isScheduled = true
    eventLoop.execute { self.release() }
  }

  private func release() {
    isScheduled = false
    let round = Array(waiting.prefix(Self.most))
    waiting.removeFirst(round.count)
    let connections = NIOLoopBound((self, round.map(\.connection)), eventLoop: eventLoop)
    isUnderWay = exchange.release(round.map(\.read)) { [eventLoop] released in
      eventLoop.execute {
        let (reads, connections) = connections.value
        reads.isUnderWay = false
        for (connection, resource) in zip(connections, released) { connection.finish(resource) }
        reads.schedule()
      }
    }
    guard !isUnderWay else { return }
    for (_, connection) in round { connection.finish(nil) }
    schedule()
  }
}

/// The reads of all event loops of a group.
struct DirectReadLoops: Sendable {
  private let reads: [ObjectIdentifier: DirectReads]

  init(exchange: Exchange, group: any EventLoopGroup) {
    reads = Dictionary(
      group.makeIterator().map { loop in
        (ObjectIdentifier(loop), DirectReads(exchange: exchange, eventLoop: loop))
      }
    ) { first, _ in first }
  }

  subscript(loop: any EventLoop) -> DirectReads? { reads[ObjectIdentifier(loop)] }
}
