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
  private let counts: ConnectionCounts
  private var counted: String??
  private var patience: Scheduled<Void>?
  private var linger: Scheduled<Void>?
  private var stall: Scheduled<Void>?

  /// - Parameters:
  ///   - bodyBytes: the largest request body that is asked for.
  ///   - stallTime: how long a client may leave an answer unread before it loses the connection.
  ///   - counts: how many connections each address has.
  init(bodyBytes: Int, stallTime: TimeAmount, counts: ConnectionCounts) {
    policy = ConnectionPolicy(bodyBytes: bodyBytes)
    self.stallTime = stallTime
    self.counts = counts
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { begin(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  /// Before the connection is active, nobody knows where it comes from.
  private func begin(_ context: ChannelHandlerContext) {
    guard counted == nil else { return }
    let address = context.channel.remoteAddress?.ipAddress
    guard counts.begin(address) else { return context.close(promise: nil) }
    counted = .some(address)
    awaitHead(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      patience?.cancel()
      let action = policy.receivedHead(
        target: head.path,
        expectsInvitation: head.headerFields[.expect]?.lowercased() == "100-continue",
        contentLength: head.headerFields[.contentLength], fields: head.headerFields.count,
        fieldBytes: head.headerFields.reduce(0) {
          $0 + $1.name.rawName.utf8.count + $1.value.utf8.count
        })
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
      case .keepOpen:
        context.write(data, promise: promise)
        awaitHead(context)
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

  /// Of the next request everything down to the empty line comes in within this time, however slowly its
  /// bytes drip: as long as a connection may do nothing at all.
  private func awaitHead(_ context: ChannelHandlerContext) {
    patience?.cancel()
    patience = closing(context, after: stallTime)
  }

  private func end() {
    patience?.cancel()
    linger?.cancel()
    stall?.cancel()
    if case .some(let address) = counted { counts.end(address) }
    counted = nil
  }
}
