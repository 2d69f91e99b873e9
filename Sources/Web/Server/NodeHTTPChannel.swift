import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1.1 on a connection: the guard that bounds it, plain reads by id on the way, and Hummingbird for
/// everything else.
struct NodeHTTPChannel: HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  let responder: Responder
  let makeGuard: @Sendable () -> ConnectionGuard
  /// Nil where there is no such way: the store is elsewhere, or a proxy says where requests come from.
  let directReads: (loops: DirectReadLoops, answers: DirectReadAnswers)?

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = 80 << 10
      limits.maxHeaderListSize = 80 << 10
      limits.maxHeaderFieldCount = 1000
      let pipeline = channel.pipeline.syncOperations
      let connection = makeGuard()
      let watch = RequestWatch()
      // Before the parser: what is known by its bytes is not parsed.
      if let (loops, answers) = directReads, let reads = loops[channel.eventLoop] {
        try pipeline.addHandler(DirectReadHandler(reads, answers, watch, connection))
      }
      // Requests follow one another in `NIOAsyncChannel`, and its user answers what is malformed.
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false,
        withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
        withDecoderLimitConfiguration: limits)
      try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
      if directReads != nil { try pipeline.addHandler(watch) }
      try pipeline.addHandler(connection)
      // Closes the connection, once it is answered, when the node stops. How long it may do nothing is the
      // guard's matter.
      try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
      return try Value(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
