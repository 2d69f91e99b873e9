import Exchange
import HTTPTypes
import NIOCore

/// Answers plain reads by id on the thread of their connection, without a task and without Hummingbird, and
/// passes everything else on to the parser of HTTP. A read that turns out not to be plain is passed on as if
/// nothing had happened.
///
/// The first such read of a connection goes the usual way. From then on a request is known by its bytes: it is
/// that one, for another record (`PlainHead`). Answers leave in the order of their requests: a read is taken only
/// when nothing that was passed on is unanswered, and what comes in behind it is held back until it is answered.
final class DirectReadHandler: ChannelInboundHandler, ChannelOutboundHandler,
  RemovableChannelHandler
{
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let reads: DirectReads
  private let answers: DirectReadAnswers
  private let watch: RequestWatch
  /// Counts requests and answers, and has to know of these.
  private let connection: ConnectionGuard
  private var context: ChannelHandlerContext?
  private var address: String?
  private var known: PlainHead?
  /// Whether the parser has come to the end of a request with the last of the bytes that it was given.
  private var isBetweenRequests = true
  /// A read that is being worked out, and what has come in behind it.
  private var pending: (bytes: ByteBuffer, read: PlainRead, start: ContinuousClock.Instant)?
  private var held: [Held] = []
  private var wantsMore = false
  private var hasPassedOn = false
  /// Whether the last answer of this connection has been given.
  private var isEnding = false

  private enum Held {
    case bytes(ByteBuffer)
    case event(Any)
    case error(any Error)
  }

  init(
    _ reads: DirectReads, _ answers: DirectReadAnswers, _ watch: RequestWatch,
    _ connection: ConnectionGuard
  ) {
    self.reads = reads
    self.answers = answers
    self.watch = watch
    self.connection = connection
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard pending == nil else { return held.append(.bytes(bytes)) }
    take(bytes, context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard hasPassedOn else { return }
    hasPassedOn = false
    context.fireChannelReadComplete()
  }

  /// That the client has sent all it wants to send, or that the node is about to stop, counts behind what came
  /// before it.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard pending == nil else { return held.append(.event(event)) }
    context.fireUserInboundEventTriggered(event)
  }

  /// What cannot be read ends the connection, and not before what came in whole is answered.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard pending == nil else { return held.append(.error(error)) }
    context.fireErrorCaught(error)
  }

  private func take(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    // What the client does not take is not piled up here: the usual way waits for it.
    guard isBetweenRequests, let known, watch.isIdle, !isEnding, context.channel.isWritable,
      let (type, id) = known.record(bytes)
    else { return passOn(bytes, context) }
    if address == nil { address = context.remoteAddress?.ipAddress }
    let read = PlainRead(
      token: known.token, type: type, id: id, networkAddress: address,
      requestID: answers.requestIDs.next())
    connection.isAnswering()
    pending = (bytes, read, .now)
    reads.add(read, for: self)
  }

  /// Gives bytes to the parser, and looks whether they were one request that others can be known by.
  private func passOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    let isWhole = PlainHead.isOne(bytes)
    let (begun, ended) = (watch.begun, watch.ended)
    hasPassedOn = true
    context.fireChannelRead(wrapInboundOut(bytes))
    let head = watch.takeHead()
    guard isWhole, watch.begun == begun + 1, watch.ended == ended + 1 else {
      isBetweenRequests = false
      return
    }
    // Bytes that were left over from before would have been part of that request.
    if isBetweenRequests, let head {
      known = PlainHead(bytes, parsedAs: head) ?? known
    }
    isBetweenRequests = true
  }

  /// Answers the read that is pending, or passes it on where there is nothing to answer it with.
  func finish(_ resource: ReleasedResource?) {
    guard let (bytes, read, start) = pending, let context else { return }
    pending = nil
    if let resource {
      let answer = answers.answer(resource, to: read, since: start)
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
      connection.hasAnswered(context)
    } else {
      passOn(bytes, context)
    }
    resume(context)
  }

  private func resume(_ context: ChannelHandlerContext) {
    if !held.isEmpty {
      var rest = held[...]
      held = []
      while let next = rest.popFirst() {
        switch next {
        case .bytes(let bytes): take(bytes, context)
        case .event(let event): context.fireUserInboundEventTriggered(event)
        case .error(let error): context.fireErrorCaught(error)
        }
        guard pending == nil else {
          held = Array(rest)
          return
        }
      }
    }
    channelReadComplete(context: context)
    guard wantsMore else { return }
    wantsMore = false
    context.read()
  }

  func read(context: ChannelHandlerContext) {
    // A client that sends more while it is not answered is not read any further.
    guard pending == nil || held.isEmpty else {
      wantsMore = true
      return
    }
    context.read()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode != .input { isEnding = true }
    context.close(mode: mode, promise: promise)
  }
}
