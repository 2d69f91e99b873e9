import HummingbirdCore
import Logging
import NIOCore

/// A child channel that tells the requests on it which connection they came in on.
struct NodeChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let isTLS: Bool

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async {
    let connection = Connection(channel: value.channel, isTLS: isTLS)
    await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
      await Connection.$current.withValue(connection) {
        await base.handle(value: value, logger: logger)
      }
    }
  }
}
