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
  /// When more of a request, or the next one, must have come in; nil while one is answered.
  private var deadline: NIODeadline?
  /// Looks at the deadline. One for many requests: to plan and to cancel one for each costs more than the
  /// rest of this guard.
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
    awaitMore(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      awaitMore(context)
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
      awaitMore(context)
      guard policy.receivedBody(count: buffer.readableBytes) else {
        return context.close(promise: nil)
      }
      context.fireChannelRead(data)
    case .end:
      linger?.cancel()
      guard policy.receivedEnd() else { return context.close(promise: nil) }
      // A request may be answered before it has come to its end.
      if policy.isIdle { awaitMore(context) } else { deadline = nil }
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
        if policy.isIdle { awaitMore(context) }
      case .close:
        context.writeAndFlush(data, promise: promise)
        context.close(promise: nil)
      case .linger:
        context.write(data, promise: promise)
        linger = closing(context, after: Self.lingerTime)
      }
    }
  }

  /// Whoever is told that nothing more comes has as long to go.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .output { awaitMore(context) }
    context.close(mode: mode, promise: promise)
  }

  /// A request that came in whole is worked out behind this guard, which waits for nothing meanwhile.
  func isAnswering() { deadline = nil }

  /// Takes note of the answer to it.
  func hasAnswered(_ context: ChannelHandlerContext) {
    _ = policy.receivedEnd()
    policy.sentHead(closing: false)
    guard policy.sentEnd() == .keepOpen, policy.isIdle, context.channel.isActive else { return }
    awaitMore(context)
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

  /// More of a request, or the next one, comes in within this time: as long as a connection may do nothing at
  /// all. Bytes that drip without making up a head or a piece of a body do not count.
  private func awaitMore(_ context: ChannelHandlerContext) {
    deadline = .now() + stallTime
    if patience == nil { keepPatience(context, until: .now() + stallTime) }
  }

  private func keepPatience(_ context: ChannelHandlerContext, until time: NIODeadline) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    patience = context.eventLoop.scheduleTask(deadline: time) {
      let (guarding, context) = bound.value
      guarding.patience = nil
      guard let deadline = guarding.deadline else { return }
      if deadline <= .now() { return context.close(promise: nil) }
      guarding.keepPatience(context, until: deadline)
    }
  }

  private func end() {
    patience?.cancel()
    patience = nil
    deadline = nil
    linger?.cancel()
    stall?.cancel()
    if case .some(let address) = counted { counts.end(address) }
    counted = nil
  }
}
