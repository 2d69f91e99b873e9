import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Sees what the parser of HTTP makes of what came in, and what is answered.
final class RequestWatch: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private var head: HTTPRequest?
  /// Heads that were read, requests that have come to their end, and answers that have.
  private(set) var begun = 0
  private(set) var ended = 0
  private var answered = 0

  /// Whether nothing of a request has come in that is not answered.
  var isIdle: Bool { begun == answered && ended == answered }

  /// The head that was read last, once.
  func takeHead() -> HTTPRequest? {
    defer { head = nil }
    return head
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      begun += 1
    case .body: break
    case .end: ended += 1
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { answered += 1 }
    context.write(data, promise: promise)
  }
}
