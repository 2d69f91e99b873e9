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
  private var waiting: [PlainRead] = []
  /// Whose they are, in the same order.
  private var connections: [DirectReadHandler] = []
  private var isScheduled = false
  /// Rounds that wait for the disk. What comes in meanwhile makes one round, as it would wait all the same; where
  /// many come in, that one is worked out meanwhile.
  private var underWay = 0
  private static let many = 16

  init(exchange: Exchange, eventLoop: any EventLoop) {
    self.exchange = exchange
    self.eventLoop = eventLoop
  }

  /// Takes a read; its connection hears of it when the entry of the log is durable.
  func add(_ read: PlainRead, for connection: DirectReadHandler) {
    waiting.append(read)
    connections.append(connection)
    schedule()
  }

  /// What is run behind the events of this round finds all the reads that came with them.
  private func schedule() {
    guard !isScheduled, !waiting.isEmpty,
      underWay == 0 || underWay == 1 && waiting.count >= Self.many
    else { return }
    isScheduled = true
    eventLoop.execute { self.release() }
  }

  private func release() {
    isScheduled = false
    let round = Array(waiting.prefix(Self.most))
    let whose = Array(connections.prefix(Self.most))
    waiting.removeFirst(round.count)
    connections.removeFirst(round.count)
    let bound = NIOLoopBound((self, whose), eventLoop: eventLoop)
    let isTaken = exchange.release(round) { [eventLoop] released in
      eventLoop.execute {
        let (reads, connections) = bound.value
        reads.underWay -= 1
        for (place, connection) in connections.enumerated() { connection.finish(released[place]) }
        reads.schedule()
      }
    }
    guard !isTaken else {
      underWay += 1
      return
    }
    for connection in whose { connection.finish(nil) }
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
