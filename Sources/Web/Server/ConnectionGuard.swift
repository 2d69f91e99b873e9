import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Applies `ConnectionPolicy` to a connection, and closes it when the client stops reading.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How long the rest of a refused request is waited for.
  private static let lingerTime = TimeAmount.seconds(5)

  private var policy: ConnectionPolicy
  private let stallTime: TimeAmount
  private var linger: Scheduled<Void>?
  private var stall: Scheduled<Void>?

  /// - Parameters:
  ///   - bodyBytes: the largest request body that is asked for.
  ///   - stallTime: how long a client may leave an answer unread before it loses the connection.
  init(bodyBytes: Int, stallTime: TimeAmount) {
    policy = ConnectionPolicy(bodyBytes: bodyBytes)
    self.stallTime = stallTime
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancelTimers() }

  func channelInactive(context: ChannelHandlerContext) {
    cancelTimers()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      let action = policy.receivedHead(
        target: head.path,
        expectsInvitation: head.headerFields[.expect]?.lowercased() == "100-continue",
        contentLength: head.headerFields[.contentLength])
      switch action {
      case .forward: context.fireChannelRead(data)
      case .inviteBody:
        context.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        context.fireChannelRead(data)
      case .refuse(let status): refuse(context, status: status)
      }
    case .body(let buffer):
      guard policy.receivedBody(count: buffer.readableBytes) else {
        return context.close(promise: nil)
      }
      context.fireChannelRead(data)
    case .end:
      linger?.cancel()
      guard policy.receivedEnd() else { return context.close(promise: nil) }
      context.fireChannelRead(data)
    }
  }

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      policy.sentHead(closing: head.headerFields[.connection] == "close")
      context.write(data, promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      switch policy.sentEnd() {
      case .keepOpen: context.write(data, promise: promise)
      case .close:
        context.writeAndFlush(data, promise: promise)
        context.close(promise: nil)
      case .linger:
        context.write(data, promise: promise)
        linger = closing(context, after: Self.lingerTime)
      }
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stall?.cancel()
    stall = context.channel.isWritable ? nil : closing(context, after: stallTime)
    context.fireChannelWritabilityChanged()
  }

  private func refuse(_ context: ChannelHandlerContext, status: Int) {
    let head = HTTPResponse(
      status: .init(code: status), headerFields: [.connection: "close", .contentLength: "0"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.close(promise: nil)
  }

  private func closing(
    _ context: ChannelHandlerContext, after delay: TimeAmount
  ) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
  }

  private func cancelTimers() {
    linger?.cancel()
    stall?.cancel()
  }
}
